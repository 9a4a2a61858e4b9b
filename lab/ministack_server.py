"""Runs MiniStack, in the environment that has it: `.venv-aws/bin/python lab/ministack_server.py [--tied]`.

With --tied it ends when its standard input closes, so that it never outlives what started it, however that ends.
"""

import contextvars
import copy
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
import time
import types
import uuid
import zipfile
from fnmatch import fnmatch
from pathlib import Path
from urllib.parse import urlsplit

from hypercorn.config import Config
from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict
from ministack.services import acm, apigateway, apigateway_v1, cloudwatch, cloudwatch_logs, ec2, lambda_svc
from ministack_alarms import replace_evaluation
from ministack_iam import replace_rights
from ministack_reach import replace_reach
from ministack_scaling import add_scaling
from ministack_stacks import obey_templates


def share_reserved_concurrency() -> None:
    """Make versions and aliases draw on the function's reserved concurrency.

    "Reserved concurrency applies to the entire function, including versions and aliases" (Lambda Developer Guide,
    Configuring reserved concurrency). MiniStack 1.5.33 looks for it in the record of the version, where it never is.
    """
    of_record = lambda_svc._reserved_concurrency

    def of_function(record, config):
        return of_record(lambda_svc._functions.get(config["FunctionName"]) or record, config)

    lambda_svc._reserved_concurrency = of_function


def take_arns_for_names_of_parameters() -> None:
    """Ask for the right to read an SSM parameter by its ARN, when it is named by its ARN.

    GetParameter takes both ("Name: the name or Amazon Resource Name (ARN) of the parameter", Systems Manager API
    Reference). With AUTH, MiniStack 1.5.33 then looks for a right to `parameter/arn:…`.
    """
    of_request = iam_actions.extract_resource_arn

    def of_parameter(*args, **kwargs):
        arn = of_request(*args, **kwargs)
        return arn.split(":parameter/", 1)[1] if ":parameter/arn:" in arn else arn

    iam_actions.extract_resource_arn = of_parameter


def answer_with_the_id_that_is_logged() -> None:
    """Give the answer to Invoke the request id that the invocation has in the log.

    On Lambda a caller finds an invocation's lines in the log by the "RequestId" of its answer. MiniStack 1.5.33 makes
    up another one, and leaves Lambda's report out of the tail of the log, so that its log group is the place to look.
    """
    execute, dispatch = lambda_svc._execute_function_dispatch, app._dispatch_service_request
    logged = contextvars.ContextVar("logged")

    def execute_and_tell(func, config, event, request_id, started):
        logged.get({})["x-amzn-requestid"] = request_id
        return execute(func, config, event, request_id, started)

    async def dispatch_and_tell(*args, **kwargs):
        logged.set({})
        status, headers, body = await dispatch(*args, **kwargs)
        return status, headers | logged.get(), body

    lambda_svc._execute_function_dispatch, app._dispatch_service_request = execute_and_tell, dispatch_and_tell


def answer_a_repeated_request_as_the_first_time() -> None:
    """Answer what an AWS SDK sends once more, since it got no answer, without doing it once more.

    Under load a connection sometimes breaks between a request and its answer, and a create that was done would fail as
    one of what exists already. All attempts of one call have the same `amz-sdk-invocation-id` (AWS SDKs and Tools
    Reference Guide, "Retry behavior"; smithy's retry headers).
    """
    dispatch = app._dispatch_service_request
    answered = {}

    async def dispatch_once(method, path, headers, *args, **kwargs):
        names = {name.lower(): value for name, value in headers.items()}
        call = names.get("amz-sdk-invocation-id")
        if call in answered and "attempt=1" not in names.get("amz-sdk-request", "attempt=1"):
            return answered[call]
        answer = await dispatch(method, path, headers, *args, **kwargs)
        if call and method != "GET" and answer[0] < 400:
            answered[call] = answer
            if len(answered) > 1000:
                del answered[next(iter(answered))]
        return answer

    app._dispatch_service_request = dispatch_once


def tell_functions_the_domain() -> None:
    """Give a request the domain by which it came, and the path that it had there, in its context.

    "domainName: the full domain name used to invoke the API. This should be the same as the incoming Host header" and
    "path: the request path", which has the stage of a REST API before the resource's own (API Gateway Developer Guide,
    context variables). MiniStack 1.5.33 tells an HTTP API's own domain and none of a REST API, and the stage of a REST
    API also where a custom domain leads to it.
    """
    of_event = lambda_svc._execute_function_with_config_scope

    def of_request(record, event, *args, **kwargs):
        context = event.get("requestContext") or {}
        host = (event.get("headers") or {}).get("host", "").split(":")[0]
        if context and apigateway_v1.find_domain_scope(host):
            context["domainName"] = host
            if "httpMethod" in event:
                context["path"] = event["path"]
        elif "httpMethod" in event and "apiId" in context:
            context["domainName"] = f"{context['apiId']}.execute-api.{lambda_svc.get_region()}.amazonaws.com"
        return of_event(record, event, *args, **kwargs)

    lambda_svc._execute_function_with_config_scope = of_request


def give_cookies_a_field_of_their_own() -> None:
    """Give a function behind an HTTP API the cookies in `cookies`, and in no header.

    "All cookie headers in the request are combined with commas and added to the cookies field" (API Gateway Developer
    Guide, "Create AWS Lambda proxy integrations for HTTP APIs"). MiniStack 1.5.33 leaves them in the headers.
    """
    of_event = lambda_svc._execute_function_with_config_scope

    def of_request(record, event, *args, **kwargs):
        headers = event.get("headers") or {}
        if event.get("version") == "2.0" and "cookie" in headers:
            event["cookies"] = headers.pop("cookie").split("; ")
        return of_event(record, event, *args, **kwargs)

    lambda_svc._execute_function_with_config_scope = of_request


def rename_headers_of_functions_behind_a_rest_api() -> None:
    """Rename a header of a function's answer that a REST API keeps for itself, as AWS does.

    "Remapped headers: Authorization, …, WWW-Authenticate" get the prefix x-amzn-Remapped- (API Gateway Developer Guide,
    "Amazon API Gateway important notes"). MiniStack 1.5.33 passes it on.
    """
    invoke = apigateway_v1._invoke_lambda_proxy_v1

    async def invoke_and_rename(*args, **kwargs):
        answer = await invoke(*args, **kwargs)
        if isinstance(answer, tuple):
            status, headers, body = answer
            kept = {"www-authenticate": "x-amzn-Remapped-WWW-Authenticate"}
            return status, {kept.get(name.lower(), name): value for name, value in headers.items()}, body
        return answer

    apigateway_v1._invoke_lambda_proxy_v1 = invoke_and_rename


def keep_the_method_of_a_mock_integration_empty() -> None:
    """Keep no method for a mock integration that was put without one, as it calls nobody.

    "httpMethod: … For the Type property, if you specify MOCK, this property is optional" (API Gateway API Reference,
    Integration). MiniStack 1.5.33 keeps POST, so that provider 5.100 replaces the integration at each plan.
    """
    put = apigateway_v1._put_integration

    def put_as_it_is(api_id, resource_id, http_method, data):
        given = {"httpMethod": None} | data if data["type"] == "MOCK" else data
        return put(api_id, resource_id, http_method, given)

    apigateway_v1._put_integration = put_as_it_is


def answer_a_stage_without_an_access_log_that_it_has_not() -> None:
    """Leave the settings of an access log out of a REST API's stage that was made without one, as AWS does.

    MiniStack 1.5.33 answers empty ones, which a plan would want to remove.
    """
    create = apigateway_v1._create_stage

    def create_as_asked(api_id, data):
        answer = create(api_id, data)
        if answer[0] == 201 and not data.get("accessLogSettings"):
            del apigateway_v1._stages_v1[api_id][data["stageName"]]["accessLogSettings"]
        return answer

    apigateway_v1._create_stage = create_as_asked


def keep_the_timeout_of_an_integration_a_number() -> None:
    """Keep milliseconds as a number where an integration is changed.

    "timeoutInMillis … Type: Integer" (API Gateway API Reference, Integration). MiniStack 1.5.33 keeps the text of the
    patch, so that the provider cannot read its answer.
    """
    update = apigateway_v1._update_integration

    def update_number(api_id, resource_id, http_method, data):
        for operation in data.get("patchOperations", []):
            if operation["path"] == "/timeoutInMillis":
                operation["value"] = int(operation["value"])
        return update(api_id, resource_id, http_method, data)

    apigateway_v1._update_integration = update_number


def fail_where_text_is_taken_for_binary_data() -> None:
    """Answer 500 by a mock integration whose templates a REST API takes for binary data, as AWS does.

    With */* among the binary media types, templates and answers count as text only with CONVERT_TO_TEXT (aws/chalice
    #1310; API Gateway Developer Guide, "Content type conversions in API Gateway"). MiniStack 1.5.33 answers anyway.
    """
    invoke, execute = apigateway_v1._invoke_mock_v1, apigateway_v1._execute_in_scope
    api_asked = contextvars.ContextVar("api_asked")

    async def execute_of_api(request, api_id, *args):
        api_asked.set(api_id)
        return await execute(request, api_id, *args)

    def invoke_as_text(integration):
        takes_binary = "*/*" in (apigateway_v1._rest_apis[api_asked.get()].get("binaryMediaTypes") or [])
        both = [integration, *integration["integrationResponses"].values()]
        if takes_binary and any(each.get("contentHandling") != "CONVERT_TO_TEXT" for each in both):
            return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        return invoke(integration)

    apigateway_v1._invoke_mock_v1, apigateway_v1._execute_in_scope = invoke_as_text, execute_of_api


def serve_what_is_deployed() -> None:
    """Serve the resources and methods of a REST API as they were when its stage's deployment was made, as AWS does.

    "Every time you update an API, you must redeploy the API to an existing stage or to a new stage" (API Gateway
    Developer Guide, "Deploy REST APIs"). MiniStack 1.5.33 keeps gateway responses alone, and serves all else as it is.
    """
    create, execute = apigateway_v1._create_deployment, apigateway_v1._handle_execute_in_scope
    authorization_of = apigateway_v1.method_authorization_type
    deployed, stage_asked = {}, contextvars.ContextVar("stage_asked")

    def create_and_keep(api_id, data):
        answer = create(api_id, data)
        if answer[0] == 201:
            deployed[json.loads(answer[2])["id"]] = copy.deepcopy(apigateway_v1._resources[api_id])
        return answer

    def of_deployment(match):
        def match_deployed(api_id, *args):
            now = apigateway_v1._resources[api_id]
            stage = apigateway_v1._stages_v1.get(api_id, {}).get(stage_asked.get(None), {})
            apigateway_v1._resources[api_id] = deployed.get(stage.get("deploymentId"), now)
            try:
                return match(api_id, *args)
            finally:
                apigateway_v1._resources[api_id] = now

        return match_deployed

    async def execute_of_stage(api_id, stage_name, *args, **kwargs):
        stage_asked.set(stage_name)
        return await execute(api_id, stage_name, *args, **kwargs)

    def authorization_of_stage(api_id, stage_name, *args):
        stage_asked.set(stage_name)
        return authorization_of(api_id, stage_name, *args)

    apigateway_v1._create_deployment = create_and_keep
    apigateway_v1._handle_execute_in_scope = execute_of_stage
    apigateway_v1.method_authorization_type = authorization_of_stage
    for name in ("_match_resource_tree", "_match_greedy_fallback"):
        setattr(apigateway_v1, name, of_deployment(getattr(apigateway_v1, name)))


def ask_for_the_role_that_writes_access_logs() -> None:
    """Refuse a stage of a REST API with an access log where the account has no role to write it, as AWS does.

    "BadRequestException: CloudWatch Logs role ARN must be set in account settings to enable logging"
    (anomalyco/sst#1556). MiniStack 1.5.33 takes it.
    """
    create = apigateway_v1._create_stage

    def create_logged(api_id, data):
        if data.get("accessLogSettings") and not apigateway_v1._account_settings.get("settings"):
            return without_role()
        return create(api_id, data)

    update = apigateway_v1._update_stage

    def update_logged(api_id, stage_name, data):
        paths = [operation.get("path", "") for operation in data.get("patchOperations", [])]
        if any("accessLogSettings" in path for path in paths) and not apigateway_v1._account_settings.get("settings"):
            return without_role()
        return update(api_id, stage_name, data)

    def without_role():
        words = "CloudWatch Logs role ARN must be set in account settings to enable logging"
        return apigateway_v1._v1_error("BadRequestException", words, 400)

    apigateway_v1._create_stage, apigateway_v1._update_stage = create_logged, update_logged


def change_keys_of_log_groups() -> None:
    """Give a log group that exists a KMS key, or take it away (CloudWatch Logs API Reference, AssociateKmsKey).

    MiniStack 1.5.33 knows no such actions.
    """
    handle = cloudwatch_logs.handle_request

    async def handle_or_change(method, path, headers, body, query_params):
        if headers.get("x-amz-target", "").endswith(("AssociateKmsKey", "DisassociateKmsKey")):
            request = json.loads(body)
            cloudwatch_logs._log_groups[request["logGroupName"]]["kmsKeyId"] = request.get("kmsKeyId")
            return cloudwatch_logs.json_response({})
        return await handle(method, path, headers, body, query_params)

    cloudwatch_logs.handle_request = handle_or_change


def answer_an_authorizer_without_what_is_of_other_types() -> None:
    """Leave out of an authorizer what it was made without, as AWS does.

    A JWT authorizer has no payload format version, and one that asks a function no JWT configuration (API Gateway V2
    API Reference, Authorizer). MiniStack 1.5.33 answers both with defaults, which a plan would want to remove.
    """
    create = apigateway._create_authorizer

    def create_as_asked(api_id, data):
        answer = create(api_id, data)
        if answer[0] == 201:
            made = apigateway._authorizers[api_id][json.loads(answer[2])["authorizerId"]]
            for field in ("authorizerPayloadFormatVersion", "jwtConfiguration"):
                if field not in data:
                    del made[field]
        return answer

    apigateway._create_authorizer = create_as_asked


def show_tags_of_a_live_api() -> None:
    """Have an API and a stage show the tags that TagResource and UntagResource leave (API Gateway V2 API Reference).

    MiniStack 1.5.33 shows those that they were made with.
    """
    for name in ("_tag_resource", "_untag_resource"):
        change = getattr(apigateway, name)

        def change_and_show(arn, change_of, change=change):
            answer = change(arn, change_of)
            api, _, stage = arn.partition("::/apis/")[2].partition("/stages/")
            record = apigateway._stages.get(api, {}).get(stage) if stage else apigateway._apis.get(api)
            if record is not None:
                record["tags"] = dict(apigateway._api_tags.get(arn, {}))
            return answer

        setattr(apigateway, name, change_and_show)


def keep_saved_queries() -> None:
    """Keep query definitions (CloudWatch Logs API Reference, PutQueryDefinition).

    MiniStack 1.5.33 knows no such actions.
    """
    handle, kept = cloudwatch_logs.handle_request, AccountRegionScopedDict()

    def put(data):
        identifier = data.get("queryDefinitionId") or str(uuid.uuid4())
        kept[identifier] = data | {"queryDefinitionId": identifier, "lastModified": int(time.time() * 1000)}
        return {"queryDefinitionId": identifier}

    def describe(data):
        prefix = data.get("queryDefinitionNamePrefix", "")
        return {"queryDefinitions": [query for query in kept.values() if query["name"].startswith(prefix)]}

    def delete(data):
        return {"success": kept.pop(data["queryDefinitionId"], None) is not None}

    actions = {"PutQueryDefinition": put, "DescribeQueryDefinitions": describe, "DeleteQueryDefinition": delete}

    async def handle_or_keep(method, path, headers, body, query_params):
        action = actions.get(headers.get("x-amz-target", "").partition(".")[2])
        if action:
            return cloudwatch_logs.json_response(action(json.loads(body)))
        return await handle(method, path, headers, body, query_params)

    cloudwatch_logs.handle_request = handle_or_keep


def have_dashboards_in_common_for_all_regions() -> None:
    """Let a dashboard of one region take the place of one with the same name in another, as in AWS.

    "All dashboards in your account are global, not region-specific" (CloudWatch API Reference, PutDashboard).
    MiniStack 1.5.33 has them by region.
    """
    cloudwatch._dashboards = AccountScopedDict()


def keep_the_code_signing_configuration_of_a_new_function() -> None:
    """Keep the code signing configuration that CreateFunction names (Lambda API Reference).

    MiniStack 1.5.33 takes one from PutFunctionCodeSigningConfig alone.
    """
    create = lambda_svc._create_function

    def create_signed(data):
        answer = create(data)
        if answer[0] < 400:
            configuration = data.get("CodeSigningConfigArn", "")
            lambda_svc._functions[data["FunctionName"]]["code_signing_config_arn"] = configuration
        return answer

    lambda_svc._create_function = create_signed


def refuse_large_direct_uploads() -> None:
    """Refuse code over 50 MB that does not come from S3.

    "Deployment package (.zip file archive) size: 50 MB (zipped, when uploaded through the Lambda API or SDKs). Upload
    larger files with Amazon S3." (Lambda Developer Guide, "Lambda quotas"). AWS says it of the request, whose base64 is
    a third longer. MiniStack 1.5.33 takes any size.
    """
    most = 70_167_211
    for action, operation in {"create_function": "CreateFunction", "update_code": "UpdateFunctionCode"}.items():
        handle = getattr(lambda_svc, f"_{action}")

        def handle_small(*args, handle=handle, operation=operation):
            data = args[-1]
            if len((data.get("Code") or data).get("ZipFile", "")) > most:
                words = f"Request must be smaller than {most} bytes for the {operation} operation"
                return lambda_svc.error_response_json("RequestEntityTooLargeException", words, 413)
            return handle(*args)

        setattr(lambda_svc, f"_{action}", handle_small)


def refuse_what_infrequent_access_lacks() -> None:
    """Refuse what a log group of the class INFREQUENT_ACCESS does not have.

    "The log group … is of log-group-class INFREQUENT_ACCESS. FilterLogEvents is not supported for this log class"
    (quoted in aws/karpenter-provider-aws#9567; CloudWatch Logs User Guide, "Log classes"). MiniStack 1.5.33 does all.
    """
    for action in ("put_metric_filter", "put_subscription_filter", "filter_log_events", "get_log_events"):
        handle = getattr(cloudwatch_logs, f"_{action}")
        name = action.title().replace("_", "")

        def handle_standard(data, handle=handle, name=name):
            group = cloudwatch_logs._log_groups.get(data.get("logGroupName"), {})
            if group.get("logGroupClass") == "INFREQUENT_ACCESS":
                words = f"The log group {data['logGroupName']} is of log-group-class INFREQUENT_ACCESS. {name} is not"
                return cloudwatch_logs.error_response_json(
                    "InvalidOperationException", f"{words} supported for this log class.", 400
                )
            return handle(data)

        setattr(cloudwatch_logs, f"_{action}", handle_standard)


def refuse_provisioned_environments_where_an_alias_shares_its_calls() -> None:
    """Refuse a number of provisioned environments for an alias with weights, and weights for one with environments.

    "Alias with weights can not be used with Provisioned Concurrency" (hashicorp/terraform#24957). An alias
    with environments has weights also while it moves from one version to another, until those of the new one are
    started. MiniStack 1.5.33 takes both, and moves at once; here that takes a minute.
    """
    update, put = lambda_svc._update_alias, lambda_svc._put_provisioned_concurrency
    seconds = 60

    def refused():
        words = "Alias with weights can not be used with Provisioned Concurrency"
        return lambda_svc.error_response_json("InvalidParameterValueException", words, 400)

    def update_and_move(func_name, alias_name, data):
        function = lambda_svc._functions.get(func_name, {})
        alias = function.get("aliases", {}).get(alias_name, {})
        before, environments = alias.get("FunctionVersion"), function.get("provisioned_concurrency", {}).get(alias_name)
        if environments and (data.get("RoutingConfig") or {}).get("AdditionalVersionWeights"):
            return refused()
        answer = update(func_name, alias_name, data)
        if environments and alias.get("FunctionVersion") != before:
            environments["moved"] = time.monotonic()
        return answer

    def put_unmoved(func_name, qualifier, data):
        function = lambda_svc._functions.get(func_name, {})
        moved = function.get("provisioned_concurrency", {}).get(qualifier, {}).get("moved")
        has_weights = "RoutingConfig" in function.get("aliases", {}).get(qualifier, {})
        if has_weights or (moved and time.monotonic() - moved < seconds):
            return refused()
        return put(func_name, qualifier, data)

    lambda_svc._update_alias, lambda_svc._put_provisioned_concurrency = update_and_move, put_unmoved


def refuse_to_delete_an_authorizer_in_use() -> None:
    """Answer 409 to DeleteAuthorizer as long as a route asks the authorizer, as AWS does.

    "ConflictException: Cannot delete authorizer 'abc123', is referenced in route: ANY /mcp"
    (hashicorp/terraform-provider-aws#14812). MiniStack 1.5.33 deletes it.
    """
    delete = apigateway._delete_authorizer

    def delete_unused(api_id, authorizer_id):
        for route in apigateway._routes.get(api_id, {}).values():
            if route.get("authorizerId") == authorizer_id:
                words = f"Cannot delete authorizer '{authorizer_id}', is referenced in route: {route['routeKey']}"
                return apigateway._apigw_error("ConflictException", words, 409)
        return delete(api_id, authorizer_id)

    apigateway._delete_authorizer = delete_unused


def ask_no_function_without_permission() -> None:
    """Answer 500 where an API may not invoke the function behind it, or that of its authorizer, as AWS does.

    An HTTP API without the right to invoke its function or its authorizer's answers "Internal Server Error" (AWS
    re:Post, "How do I resolve permissions errors from API Gateway HTTP APIs with a Lambda integration or Lambda
    authorizer?"), a REST API "Internal server error". MiniStack 1.5.33 looks at no permission.
    """
    ask, ask_v1 = apigateway._invoke_request_authorizer_lambda, apigateway_v1._invoke_authorizer_lambda
    invoke, invoke_v1 = apigateway._invoke_lambda_proxy, apigateway_v1._invoke_lambda_proxy_v1
    lambda_of = apigateway._extract_lambda_ref_from_integration_uri

    def is_allowed(uri, asker, account_id, region):
        reference = lambda_of(uri)
        unqualified = ":".join(reference.split(":")[:7])  # versions and aliases have their statements there
        function = lambda_svc._get_func_record_for_ref_in_scope(unqualified, account_id=account_id, region=region)[0]
        source = f"arn:aws:execute-api:{region}:{account_id}:{asker}"
        for statement in function["policy"]["Statement"] if function else []:
            sources = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn", "*")
            is_gateway = statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
            if is_gateway and statement["Resource"] == reference and fnmatch(source, sources):
                return True
        return False

    async def ask_allowed(authorizer, event, account_id, region):
        asker = f"{event['requestContext']['apiId']}/authorizers/{authorizer['authorizerId']}"
        if is_allowed(authorizer.get("authorizerUri", ""), asker, account_id, region):
            return await ask(authorizer, event, account_id, region)
        return None

    async def ask_allowed_v1(authorizer, event, account_id, region):
        asker = f"{event['methodArn'].split(':')[5].split('/')[0]}/authorizers/{authorizer['id']}"
        if is_allowed(authorizer.get("authorizerUri", ""), asker, account_id, region):
            return await ask_v1(authorizer, event, account_id, region)
        return None

    async def invoke_allowed(integration, api_id, stage, path, method, *args, owner_account_id, owner_region, **kwargs):
        if not is_allowed(
            integration.get("integrationUri", ""), f"{api_id}/{stage}/{method}{path}", owner_account_id, owner_region
        ):
            return 500, {"Content-Type": "application/json"}, b'{"message":"Internal Server Error"}'
        scope = {"owner_account_id": owner_account_id, "owner_region": owner_region}
        return await invoke(integration, api_id, stage, path, method, *args, **scope, **kwargs)

    async def invoke_allowed_v1(integration, api_id, stage, *args, owner_account_id, owner_region, **kwargs):
        asker = f"{api_id}/{stage}/{args[3]}{args[2]}"
        if not is_allowed(integration.get("uri", ""), asker, owner_account_id, owner_region):
            return apigateway_v1._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        scope = {"owner_account_id": owner_account_id, "owner_region": owner_region}
        return await invoke_v1(integration, api_id, stage, *args, **scope, **kwargs)

    apigateway._invoke_request_authorizer_lambda = ask_allowed
    apigateway_v1._invoke_authorizer_lambda = ask_allowed_v1
    apigateway._invoke_lambda_proxy, apigateway_v1._invoke_lambda_proxy_v1 = invoke_allowed, invoke_allowed_v1


def put_cors_headers_in_place_of_the_functions() -> None:
    """Leave a function's CORS headers out where an HTTP API has some of its own.

    "If you configure CORS for an API, API Gateway ignores CORS headers returned from your backend integration" (API
    Gateway Developer Guide, "Configure CORS for HTTP APIs"). MiniStack 1.5.33 sends both.
    """
    handle = apigateway._handle_execute_in_scope

    async def handle_and_ignore(api_id, *args, **kwargs):
        status, headers, body = await handle(api_id, *args, **kwargs)
        if apigateway._apis.get(api_id, {}).get("corsConfiguration"):  # whose own names begin with capitals
            headers = {name: headers[name] for name in headers if not name.startswith("access-control-")}
        return status, headers, body

    apigateway._handle_execute_in_scope = handle_and_ignore


def let_an_http_api_ask_another() -> None:
    """Answer within what an HTTP API passes on to another API, and change the answer as the integration says.

    "An HTTP proxy integration enables you to connect an API route to a publicly routable HTTP endpoint", and "you
    configure response parameters for each status code that your integration returns" (API Gateway Developer Guide,
    "Create HTTP proxy integrations for HTTP APIs", "Transform API requests and responses for HTTP APIs"). MiniStack
    1.5.33 looks for the other API in DNS, where its names are not, and changes no answer.
    """
    send = apigateway._invoke_http_proxy

    async def send_within(integration, path, method, headers, body, query):
        url = urlsplit(integration["integrationUri"])
        method = method if integration["integrationMethod"] == "ANY" else integration["integrationMethod"]
        if app._EXECUTE_API_RE.match(url.netloc):
            api_id = url.netloc.split(".")[0]
            answer = await apigateway.handle_execute(api_id, "$default", url.path or "/", method, headers, body, query)
        else:
            answer = await send(integration, path, method, headers, body, query)
        return changed(*answer, integration.get("responseParameters", {}).get(str(answer[0]), {}))

    def changed(status, headers, body, parameters):
        for key, value in parameters.items():
            change, _, place = key.partition(":")
            name = place.removeprefix("header.")
            if place == "statuscode":
                status = int(value)
            elif change == "remove":
                headers.pop(name, None)
            else:
                headers[name] = f"{headers[name]},{value}" if change == "append" and name in headers else value
        return status, headers, body

    apigateway._invoke_http_proxy = send_within


def refuse_to_change_reserved_headers() -> None:
    """Refuse an integration of an HTTP API that would change a reserved header, such as Authorization.

    "The following headers are reserved. You can't configure request or response mappings for these headers" (API
    Gateway Developer Guide, "Transform API requests and responses for HTTP APIs"). MiniStack 1.5.33 takes and ignores
    such a mapping.
    """
    for action in ("create", "update"):
        handle = getattr(apigateway, f"_{action}_integration")

        def handle_allowed(*args, handle=handle):
            mappings = [args[-1].get("requestParameters"), *(args[-1].get("responseParameters") or {}).values()]
            for place in [key.partition(":")[2] for mapping in mappings for key in mapping or {}]:
                if place.startswith("header.") and apigateway._is_reserved_header(place.removeprefix("header.")):
                    words = f"Operations on header {place.removeprefix('header.')} are restricted"
                    return apigateway._apigw_error("BadRequestException", words, 400)
            return handle(*args)

        setattr(apigateway, f"_{action}_integration", handle_allowed)


def refuse_a_domain_without_its_certificate() -> None:
    """Refuse a domain name whose certificate ACM does not have, as AWS does.

    "certificateArn: an AWS-managed certificate that will be used by the endpoint for this domain name" (API Gateway V2
    API Reference, DomainNameConfiguration). MiniStack 1.5.33 takes any ARN.
    """
    create = apigateway._create_domain_name

    def create_certified(data):
        for configuration in data.get("domainNameConfigurations", []):
            arn = configuration.get("certificateArn")
            if arn not in acm._certificates:
                return apigateway._apigw_error("BadRequestException", f"The certificate {arn} does not exist.", 400)
        return create(data)

    apigateway._create_domain_name = create_certified


def refuse_to_delete_a_security_group_in_use() -> None:
    """Refuse to delete a security group as long as a version of a function has it, as AWS does.

    "DependencyViolation: resource sg-… has a dependent object": the network interface stays as long as a published
    version has the configuration (Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon
    VPC"). MiniStack 1.5.33 deletes it.
    """
    delete = ec2._ACTION_MAP["DeleteSecurityGroup"]

    def delete_unused(parameters):
        group = ec2._p(parameters, "GroupId")
        for function in lambda_svc._functions.values():
            for record in [function, *function["versions"].values()]:
                if group in (record["config"].get("VpcConfig") or {}).get("SecurityGroupIds", []):
                    return ec2._error("DependencyViolation", f"resource {group} has a dependent object", 400)
        return delete(parameters)

    ec2._ACTION_MAP["DeleteSecurityGroup"] = delete_unused


def refuse_what_is_no_signature():
    """Refuse a request to a route with AWS_IAM whose Authorization header is no signature.

    "If IAM authorization is enabled for a route, clients must use Signature Version 4 to sign their requests" (API
    Gateway Developer Guide, Control access to HTTP APIs with IAM authorization). MiniStack 1.5.33 lets a bearer in.
    """
    enforce = app._enforce_execute_api

    def enforce_signature(api_id, stage, method, path, headers, query, *args, **kwargs):
        header = headers.get("authorization", "")
        is_foreign = header and not header.startswith("AWS4-HMAC-SHA256")
        if is_foreign and app._execute_api_authorization_type(api_id, stage, method, path) == "AWS_IAM":
            return 403, {"Content-Type": "application/json"}, b'{"message":"Forbidden"}'
        return enforce(api_id, stage, method, path, headers, query, *args, **kwargs)

    app._enforce_execute_api = enforce_signature


def refuse_a_policy_with_unclear_sids() -> None:
    """Refuse a policy in which two statements have the same Sid, or one has other characters than letters and digits.

    "The Sid value must be unique within a JSON policy", and "the Sid element supports ASCII uppercase letters (A-Z),
    lowercase letters (a-z), and numbers (0-9)" (IAM User Guide, "IAM JSON policy elements: Sid"). MiniStack 1.5.33
    takes both.
    """
    of_document = iam_evaluator.validate_policy_document

    def of_sids(document):
        error = of_document(document)
        if error:
            return error
        statements = (document if isinstance(document, dict) else json.loads(document))[
            "Statement"
        ]  # a stack's is read
        listed = statements if isinstance(statements, list) else [statements]
        sids = [statement["Sid"] for statement in listed if "Sid" in statement]
        if len(set(sids)) < len(sids):
            return "Statement IDs (SID) in a single policy must be unique."
        if any(not re.fullmatch("[A-Za-z0-9]*", sid) for sid in sids):
            return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression."
        return None

    iam_evaluator.validate_policy_document = of_sids


def keep_events_as_lambda_does() -> None:
    """Keep an event that nobody waits for until a function takes it, or its configuration says that it is too old.

    "If the function doesn't have enough concurrency available to process all events, additional requests are throttled.
    For throttling errors (429) and system errors (500-series), Lambda returns the event to the queue and attempts to
    run the function again for up to 6 hours by default" (Lambda Developer Guide, "Invoking a Lambda function
    asynchronously"); each version and alias has a configuration of its own (PutFunctionEventInvokeConfig), and an event
    has 1 MB at most ("Lambda quotas"). MiniStack 1.5.33 counts a throttled event as a failed one, goes by the
    configuration of $LATEST, and takes any size. Here the queue asks again within two seconds, not minutes.
    """
    invoke = lambda_svc._invoke

    async def invoke_within_limits(name, event, headers, *args, **kwargs):
        kind = {key.lower(): value for key, value in headers.items()}.get("x-amz-invocation-type")
        size = len(json.dumps(event, separators=(",", ":")))
        if kind == "Event" and size > 1024 * 1024:
            words = f"{size} byte payload is too large for the Event invocation type (limit 1048576 bytes)"
            return lambda_svc.error_response_json("RequestTooLargeException", words, 413)
        return await invoke(name, event, headers, *args, **kwargs)

    def deliver(func, event):
        config = func["config"]
        account, region = lambda_svc._account_region_from_function_config(config)
        lambda_svc._request_account_id.set(account)
        lambda_svc._request_region.set(region)
        function = lambda_svc._functions.get(config["FunctionName"]) or func
        qualifier = config["FunctionArn"].partition(":function:")[2].partition(":")[2]
        own = lambda_svc._event_invoke_config(function, qualifier) or {}
        end = time.monotonic() + own.get("MaximumEventAgeInSeconds", 21600)
        attempts, pause = 1 + own.get("MaximumRetryAttempts", 2), 0.1
        while attempts and time.monotonic() < end:
            result = lambda_svc._execute_function(func, event)
            if not result.get("error"):
                return
            attempts -= 0 if result.get("throttle") else 1
            time.sleep(pause)
            pause = min(2 * pause, 2)

    def deliver_later(func, event):
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(deliver, func, event), daemon=True).start()

    lambda_svc._invoke, lambda_svc.invoke_async_with_retry = invoke_within_limits, deliver_later


def unpack_each_zip_once() -> None:
    """Unpack a zip once, and give each environment of its functions a link to that: nobody writes to /var/task.

    MiniStack 1.5.33 unpacks it for each, which takes as long as a server's whole start.
    """
    unpacked, lock = {}, threading.Lock()

    class Unpacked(zipfile.ZipFile):
        def extractall(self, path):
            content = hashlib.sha256(Path(self.filename).read_bytes()).digest()
            with lock:
                if content not in unpacked:
                    code = tempfile.mkdtemp(prefix="ministack-code-")
                    super().extractall(code)
                    unpacked[content] = code
            os.rmdir(path)
            os.symlink(unpacked[content], path)

    lambda_runtime.zipfile = types.SimpleNamespace(**vars(zipfile) | {"ZipFile": Unpacked})


def close_each_connection() -> None:
    """Answer one request on a connection.

    Under load a kept connection sometimes breaks between a request and its answer. Terraform's provider then asks
    again, and a create that was done fails as one of what exists already.
    """
    Config.keep_alive_max_requests = 1


def end_with_standard_input() -> None:
    """Leave at the end of a pipe that nobody writes to: when its other end is closed, or its owner is dead."""

    def wait() -> None:
        os.read(0, 1)
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    share_reserved_concurrency()
    take_arns_for_names_of_parameters()
    answer_with_the_id_that_is_logged()
    answer_a_repeated_request_as_the_first_time()
    tell_functions_the_domain()
    give_cookies_a_field_of_their_own()
    rename_headers_of_functions_behind_a_rest_api()
    keep_the_method_of_a_mock_integration_empty()
    answer_a_stage_without_an_access_log_that_it_has_not()
    keep_the_timeout_of_an_integration_a_number()
    fail_where_text_is_taken_for_binary_data()
    serve_what_is_deployed()
    ask_for_the_role_that_writes_access_logs()
    change_keys_of_log_groups()
    answer_an_authorizer_without_what_is_of_other_types()
    show_tags_of_a_live_api()
    add_scaling()
    keep_saved_queries()
    have_dashboards_in_common_for_all_regions()
    keep_the_code_signing_configuration_of_a_new_function()
    refuse_large_direct_uploads()
    refuse_what_infrequent_access_lacks()
    refuse_provisioned_environments_where_an_alias_shares_its_calls()
    refuse_to_delete_an_authorizer_in_use()
    ask_no_function_without_permission()
    put_cors_headers_in_place_of_the_functions()
    let_an_http_api_ask_another()
    refuse_to_change_reserved_headers()
    refuse_a_domain_without_its_certificate()
    refuse_to_delete_a_security_group_in_use()
    refuse_a_policy_with_unclear_sids()
    keep_events_as_lambda_does()
    replace_evaluation()
    replace_rights()
    replace_reach()
    obey_templates()
    refuse_what_is_no_signature()
    unpack_each_zip_once()
    close_each_connection()
    if sys.argv[1:] == ["--tied"]:
        end_with_standard_input()
    sys.argv = ["ministack"]
    app.main()

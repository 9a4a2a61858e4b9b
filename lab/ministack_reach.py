"""From where an API may be called, as API Gateway has it, where MiniStack looks at less.

MiniStack 1.5.33 asks the resource policy of a REST API as it is, not as it was deployed, and never where an authorizer
function is asked. It has no private endpoints, and deletes APIs to which a domain leads. Imported by
ministack_server.py.
"""

import re
from contextvars import ContextVar

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.arn import execute_api_arn
from ministack.services import apigateway, apigateway_v1

THROUGH_ENDPOINT = re.compile(r"^(?P<api>[a-f0-9]{8})-(?P<endpoint>vpce-[0-9a-f]+)(?P<rest>[.]execute-api[.].+)$")
"""Matches the name of a private API at a VPC endpoint, which AWS has in its DNS."""

ENDPOINT_KEYS = ("aws:sourcevpce", "aws:vpcsourceip")

endpoint_used = ContextVar("endpoint_used", default=None)


def replace_reach() -> None:
    """Put the functions below in the place of MiniStack's."""
    keep_deployed_policies()
    ask_policies_beside_authorizers()
    have_vpc_endpoints()
    change_types_of_endpoints()
    refuse_to_delete_an_api_that_a_domain_leads_to()


def keep_deployed_policies() -> None:
    """Evaluate a REST API's resource policy as it was when its stage's deployment was made.

    "If you update the resource policy after the API is created, you'll need to deploy the API to propagate the changes"
    (API Gateway Developer Guide, "Create and attach an API Gateway resource policy to an API"). A private API without
    one cannot be deployed: "Private REST API doesn't have a resource policy attached to it"
    (hashicorp/terraform-provider-aws#14290).
    """
    create, policy_for_arn = apigateway_v1._create_deployment, apigateway_v1.rest_api_policy_for_arn
    deployed = {}

    def create_and_keep(api_id, data):
        api = apigateway_v1._rest_apis.get(api_id, {})
        if is_private(api) and not api.get("policy"):
            words = "Private REST API doesn't have a resource policy attached to it"
            return apigateway_v1._v1_error("BadRequestException", words, 400)
        answer = create(api_id, data)
        if answer[0] == 201:
            deployed[newest_deployment(api_id)] = api.get("policy")
        return answer

    def deployed_policy_for_arn(arn):
        _, _, _, region, account, place = arn.split(":", 5)
        api_id, stage, *_ = place.split("/")
        api = apigateway_v1._rest_apis.get_scoped(account, region, api_id)
        if api is None:
            return policy_for_arn(arn)
        now = api.get("policy")
        api["policy"] = deployed.get(apigateway_v1.stages_for_api(api_id).get(stage, {}).get("deploymentId"), now)
        try:
            return policy_for_arn(arn)
        finally:
            api["policy"] = now

    apigateway_v1._create_deployment = create_and_keep
    apigateway_v1.rest_api_policy_for_arn = deployed_policy_for_arn


def newest_deployment(api_id):
    """The identifier of the deployment that was made last."""
    return list(apigateway_v1._deployments_v1[api_id])[-1]


def is_private(api):
    """Whether a REST API has an endpoint of the type PRIVATE."""
    return api.get("endpointConfiguration", {}).get("types") == ["PRIVATE"]


def ask_policies_beside_authorizers() -> None:
    """Evaluate the resource policy before an authorizer is asked, and together with what it says.

    What the policy denies is refused unasked, and what it allows is allowed although the authorizer's policy is silent
    (API Gateway Developer Guide, "How API Gateway resource policies affect authorization workflow", table A).
    """
    authorize, evaluate = apigateway_v1._authorize_request_v1, apigateway_v1._evaluate_policy

    async def deny_or_authorize(api_id, stage_name, method_obj, method, path, *args):
        account, region = args[-2:]
        if method_obj.get("authorizationType") == "CUSTOM":
            arn = execute_api_arn(region, account, api_id, stage_name, method, path)
            if decision(arn) == "Deny":
                return apigateway_v1._deny_error(True), None
        return await authorize(api_id, stage_name, method_obj, method, path, *args)

    def evaluate_both(document, arn):
        said = evaluate(document, arn)
        return decision(arn) if said == "NoMatch" and decision(arn) == "Allow" else said

    apigateway_v1._authorize_request_v1, apigateway_v1._evaluate_policy = deny_or_authorize, evaluate_both


def decision(arn):
    """What the resource policy says of a request by anybody: Allow, Deny, or nothing; also nothing without a policy."""
    policy, _ = apigateway_v1.rest_api_policy_for_arn(arn) or ("", None)
    region = arn.split(":")[3]
    context = iam_evaluator.EvalContext("*", "Anonymous", "", "execute-api:Invoke", arn, region)
    return iam_evaluator.evaluate_resource_policy(policy, context).decision if policy else "ImplicitDeny"


def have_vpc_endpoints() -> None:
    """Take a request to API-ENDPOINT.execute-api.… for one through that VPC endpoint.

    "https://{rest-api-id}-{vpce-id}.execute-api.{region}.amazonaws.com/{stage}" (API Gateway Developer Guide, "Invoke a
    private API"); aws:SourceVpce and aws:VpcSourceIp take the place of aws:SourceIp then (IAM User Guide, "AWS global
    condition context keys").
    """
    handle, value_of = app._handle_execute_api_request, iam_evaluator._resolve_condition_key

    async def handle_through_endpoint(host, *args, **kwargs):
        matched = THROUGH_ENDPOINT.match(host)
        endpoint_used.set(matched["endpoint"] if matched else None)
        return await handle(f"{matched['api']}{matched['rest']}" if matched else host, *args, **kwargs)

    def value_through_endpoint(key, context):
        values = dict(zip(ENDPOINT_KEYS, (endpoint_used.get(), context.source_ip), strict=True))
        if endpoint_used.get() is None:
            return value_of(key, context)
        return None if key.lower() == "aws:sourceip" else values.get(key.lower()) or value_of(key, context)

    app._handle_execute_api_request = handle_through_endpoint
    iam_evaluator._resolve_condition_key = value_through_endpoint


def change_types_of_endpoints() -> None:
    """Change the type and the VPC endpoints of a REST API's endpoint, and close it.

    The paths are /endpointConfiguration/types/0, /endpointConfiguration/vpcEndpointIds and /disableExecuteApiEndpoint,
    whose value is a string (API Gateway API Reference, "Patch operations"). MiniStack puts objects and strings in their
    place.
    """
    update = apigateway_v1._update_rest_api

    def update_endpoint(api_id, data):
        configuration = dict(apigateway_v1._rest_apis.get(api_id, {}).get("endpointConfiguration") or {})
        others = []
        for operation in data.get("patchOperations", []):
            _, _, attribute = operation["path"].partition("/endpointConfiguration/")
            if attribute.startswith("types/"):
                configuration["types"] = [operation["value"]]
            elif attribute == "vpcEndpointIds":
                kept = [i for i in configuration.get("vpcEndpointIds", []) if i != operation["value"]]
                configuration["vpcEndpointIds"] = kept + [operation["value"]] * (operation["op"] == "add")
            elif attribute:
                configuration[attribute] = operation["value"]
            elif operation["path"] == "/disableExecuteApiEndpoint":
                others.append(operation | {"value": operation["value"] == "true"})
            else:
                others.append(operation)
        if api_id in apigateway_v1._rest_apis:
            apigateway_v1._rest_apis[api_id]["endpointConfiguration"] = configuration
        return update(api_id, data | {"patchOperations": others})

    apigateway_v1._update_rest_api = update_endpoint


def refuse_to_delete_an_api_that_a_domain_leads_to() -> None:
    """Refuse to delete an API as long as a domain's mapping leads to it.

    "BadRequestException: Deleting API … failed. Please remove all API mappings for the API from your custom domain
    names." (gruntwork-io/cloud-nuke#370; of a REST API: "all base path mappings").
    """
    for service, name, error in (
        (apigateway, "_delete_api", apigateway._apigw_error),
        (apigateway_v1, "_delete_rest_api", apigateway_v1._v1_error),
    ):
        delete = getattr(service, name)

        def delete_unmapped(api_id, delete=delete, error=error):
            for mappings in apigateway_v1._base_path_mappings.values():
                if any(mapping["restApiId"] == api_id for mapping in mappings.values()):
                    words = f"Deleting API {api_id} failed. Please remove all API mappings for the API from your custom"
                    return error("BadRequestException", f"{words} domain names.", 400)
            return delete(api_id)

        setattr(service, name, delete_unmapped)

"""The local AWS does what AWS does, where tests would otherwise fail or pass by accident."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ClientError

from lab.local_aws import LocalAWS, free_port, running

ROLE = {"RoleName": "repeated", "AssumeRolePolicyDocument": '{"Version": "2012-10-17", "Statement": []}'}


def test_what_it_writes_meanwhile_goes_when_it_ends(tmp_path: Path) -> None:
    with running(tmp_path / "ministack.log", port=free_port()):
        meanwhile = list(tmp_path.glob("temporary-*/ministack-*"))

    assert meanwhile != []
    assert [left.name for left in tmp_path.iterdir()] == ["ministack.log"]


def test_a_request_that_an_sdk_repeats_for_want_of_an_answer_is_done_once(aws: LocalAWS) -> None:
    iam = aws.client("iam")
    attempt = 1

    def as_attempt(request: AWSPreparedRequest, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = "one-call"
        request.headers["amz-sdk-request"] = f"attempt={attempt}; max=3"

    iam.meta.events.register("before-send.iam.*", as_attempt)
    first = iam.create_role(**ROLE)["Role"]
    attempt = 2
    assert iam.create_role(**ROLE)["Role"] == first

    attempt = 1
    with pytest.raises(ClientError, match="EntityAlreadyExists"):
        iam.create_role(**ROLE)


@pytest.mark.parametrize("sids", [["Read", "Read"], ["Read orders"]])
def test_a_policy_whose_sids_are_not_words_of_their_own_is_refused(aws: LocalAWS, sids: list[str]) -> None:
    iam = aws.client("iam")
    iam.create_user(UserName=f"sids{len(sids)}")
    statements = [{"Sid": sid, "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"} for sid in sids]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})

    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        iam.put_user_policy(UserName=f"sids{len(sids)}", PolicyName="read", PolicyDocument=policy)


def test_a_log_group_of_infrequent_access_makes_no_metrics(aws: LocalAWS) -> None:
    logs = aws.client("logs")
    group = {"logGroupName": "/infrequent"}
    logs.create_log_group(**group, logGroupClass="INFREQUENT_ACCESS")
    metric = {"metricName": "Refused", "metricNamespace": "MCP", "metricValue": "1"}

    with pytest.raises(ClientError, match="PutMetricFilter is not supported for this log class"):
        logs.put_metric_filter(**group, filterName="refused", filterPattern="{ }", metricTransformations=[metric])
    with pytest.raises(ClientError, match="FilterLogEvents is not supported for this log class"):
        logs.filter_log_events(**group)


FUNCTION = """
import json

def echo(event, context):
    told = {key: event["requestContext"].get(key) for key in ("domainName", "path")}
    return {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}, "body": json.dumps(told)}

def silent(event, context):
    return {"principalId": "anybody", "policyDocument": {"Version": "2012-10-17", "Statement": []}}
"""

Made = tuple[str, str]
"""The ids of a REST API and of its resource /{proxy+}."""


@pytest.fixture(scope="module")
def functions(aws: LocalAWS) -> dict[str, str]:
    """URIs of functions by which a gateway calls them, by the name of what they do."""
    role = aws.client("iam").create_role(RoleName="echo", AssumeRolePolicyDocument=ROLE["AssumeRolePolicyDocument"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", FUNCTION)
    arns = {
        name: aws.client("lambda").create_function(
            FunctionName=name,
            Runtime=aws.environ["TF_VAR_runtime"],
            Role=role["Role"]["Arn"],
            Handler=f"code.{name}",
            Code={"ZipFile": packed.getvalue()},
        )["FunctionArn"]
        for name in ("echo", "silent")
    }
    for name in arns:
        aws.client("lambda").add_permission(
            FunctionName=name,
            StatementId="gateway",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
    path = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions"
    return {name: f"{path}/{arn}/invocations" for name, arn in arns.items()}


@pytest.fixture
def make(aws: LocalAWS, functions: dict[str, str]) -> Callable[..., Made]:
    """Makes a REST API whose function answers GET at every path, with a stage `live`."""
    gateway = aws.client("apigateway")

    def rest_api(asked: str = "NONE", **options: Any) -> Made:
        api = gateway.create_rest_api(name="echo", **options)
        of_api = {"restApiId": api["id"]}
        proxy = gateway.create_resource(**of_api, parentId=api["rootResourceId"], pathPart="{proxy+}")["id"]
        method = {**of_api, "resourceId": proxy, "httpMethod": "GET"}
        authorizer = {"name": "silent", "type": "REQUEST", "authorizerUri": functions["silent"]}
        identity = gateway.create_authorizer(**of_api, **authorizer, authorizerResultTtlInSeconds=0)["id"]
        gateway.put_method(**method, authorizationType=asked, authorizerId=identity)
        gateway.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=functions["echo"])
        gateway.create_deployment(**of_api, stageName="live")
        return api["id"], proxy

    return rest_api


def get(aws: LocalAWS, api: str, path: str = "/there") -> requests.Response:
    return requests.get(aws.url(api, path, stage="live"), timeout=30)


def through(aws: LocalAWS, name: str, path: str) -> requests.Response:
    """The answer to a request that came by a name."""
    return requests.get(aws.endpoint + path, headers={"host": name}, timeout=30)


def resource_policy(effect: str, condition: dict[str, Any]) -> str:
    statement = {"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Condition": condition}]})


def lead(aws: LocalAWS, name: str, api: str) -> str:
    """Lead a domain to an API; the mapping's id."""
    gateway = aws.client("apigatewayv2")
    certificate = aws.client("acm").request_certificate(DomainName=name)["CertificateArn"]
    gateway.create_domain_name(DomainName=name, DomainNameConfigurations=[{"CertificateArn": certificate}])
    return str(gateway.create_api_mapping(DomainName=name, ApiId=api, Stage="live")["ApiMappingId"])


def test_a_function_is_told_the_name_that_its_caller_has_used(aws: LocalAWS, make: Callable[..., Made]) -> None:
    api, _ = make()
    lead(aws, "echo.example", api)

    generated = f"{api}.execute-api.us-east-1.amazonaws.com"
    assert get(aws, api).json() == {"domainName": generated, "path": "/live/there"}
    assert through(aws, "echo.example", "/there").json() == {"domainName": "echo.example", "path": "/there"}


def test_a_challenge_of_a_function_behind_a_rest_api_is_renamed(aws: LocalAWS, make: Callable[..., Made]) -> None:
    headers = get(aws, make()[0]).headers

    assert headers["x-amzn-remapped-www-authenticate"] == "Bearer"
    assert "www-authenticate" not in headers


def test_a_change_of_a_rest_api_counts_when_it_is_deployed(aws: LocalAWS, make: Callable[..., Made]) -> None:
    api, proxy = make()
    gateway, of_api = aws.client("apigateway"), {"restApiId": api}
    private = {"op": "replace", "path": "/authorizationType", "value": "AWS_IAM"}
    gateway.update_method(**of_api, resourceId=proxy, httpMethod="GET", patchOperations=[private])
    before = get(aws, api).status_code
    gateway.create_deployment(**of_api, stageName="live")

    assert (before, get(aws, api).status_code) == (401, 403)


@pytest.mark.parametrize(
    ("binary", "handling", "status"),
    [([], {}, 405), (["*/*"], {}, 500), (["*/*"], {"contentHandling": "CONVERT_TO_TEXT"}, 405)],
)
def test_a_mock_integration_of_a_rest_api_for_binary_data_has_to_answer_in_text(
    aws: LocalAWS, make: Callable[..., Made], binary: list[str], handling: dict[str, str], status: int
) -> None:
    api, proxy = make(binaryMediaTypes=binary)
    gateway = aws.client("apigateway")
    method = {"restApiId": api, "resourceId": proxy, "httpMethod": "GET"}
    template = {"application/json": json.dumps({"statusCode": 405})}
    gateway.put_integration(**method, type="MOCK", requestTemplates=template, **handling)
    gateway.put_integration_response(**method, statusCode="405", **handling)
    gateway.create_deployment(restApiId=api, stageName="live")

    assert get(aws, api).status_code == status
    assert "httpMethod" not in gateway.get_integration(**method)  # which nobody has given


def test_a_rest_api_needs_a_role_of_the_account_for_its_access_log(aws: LocalAWS) -> None:
    elsewhere = boto3.client(  # where no role is set
        "apigateway",
        endpoint_url=aws.endpoint,
        aws_access_key_id=aws.environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.environ["AWS_SECRET_ACCESS_KEY"],
        region_name="eu-west-1",
    )
    of_api = {"restApiId": elsewhere.create_rest_api(name="logged")["id"]}
    elsewhere.create_deployment(**of_api, stageName="live")
    target = {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": "arn:aws:logs:eu-west-1::x"}

    with pytest.raises(ClientError, match="CloudWatch Logs role ARN must be set in account settings"):
        elsewhere.update_stage(**of_api, stageName="live", patchOperations=[target])


def test_a_resource_policy_counts_when_it_is_deployed(aws: LocalAWS, make: Callable[..., Made]) -> None:
    api, _ = make(policy=resource_policy("Allow", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    gateway = aws.client("apigateway")
    allowed = resource_policy("Allow", {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}})
    gateway.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/policy", "value": allowed}])
    before = get(aws, api).status_code
    gateway.create_deployment(restApiId=api, stageName="live")

    assert (before, get(aws, api).status_code) == (403, 401)


@pytest.mark.parametrize(
    ("effect", "condition", "status"),
    [
        ("Allow", {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, 401),  # the function's own
        ("Allow", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, 403),
        ("Deny", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, 403),
    ],
)
def test_what_a_resource_policy_allows_is_allowed_where_an_authorizer_is_silent(
    aws: LocalAWS, make: Callable[..., Made], effect: str, condition: dict[str, Any], status: int
) -> None:
    api, _ = make("CUSTOM", policy=resource_policy(effect, condition))

    assert get(aws, api).status_code == status


def test_a_private_api_is_reached_through_a_vpc_endpoint(aws: LocalAWS, make: Callable[..., Made]) -> None:
    private = {"types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"]}
    policy = resource_policy("Allow", {"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    with pytest.raises(ClientError, match="doesn't have a resource policy attached to it"):
        make(endpointConfiguration=private)

    api, _ = make(endpointConfiguration=private, policy=policy)
    names = [f"{api}{endpoint}.execute-api.localhost" for endpoint in ("-vpce-1", "-vpce-2", "")]

    assert [through(aws, name, "/live/there").status_code for name in names] == [401, 403, 403]


def test_an_api_to_which_a_domain_leads_cannot_be_deleted(aws: LocalAWS, make: Callable[..., Made]) -> None:
    api, _ = make()
    mapping = lead(aws, "mapped.example", api)
    with pytest.raises(ClientError, match="Please remove all API mappings"):
        aws.client("apigateway").delete_rest_api(restApiId=api)

    aws.client("apigatewayv2").delete_api_mapping(DomainName="mapped.example", ApiMappingId=mapping)
    aws.client("apigateway").delete_rest_api(restApiId=api)


def test_an_http_api_can_make_another_answer_of_that_of_an_api_without_routes(aws: LocalAWS) -> None:
    gateway = aws.client("apigatewayv2")
    asked, empty = (gateway.create_api(Name=name, ProtocolType="HTTP") for name in ("asked", "empty"))
    changes = {"overwrite:statuscode": "405", "append:header.allow": "POST"}
    integration = {"ApiId": asked["ApiId"], "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY"}
    integration |= {"IntegrationUri": empty["ApiEndpoint"], "PayloadFormatVersion": "1.0"}
    made = {
        route: gateway.create_integration(**integration, ResponseParameters=parameters)["IntegrationId"]
        for route, parameters in {"GET /changed": {"404": changes}, "GET /other": {"403": changes}}.items()
    }
    for route, identifier in made.items():
        gateway.create_route(ApiId=asked["ApiId"], RouteKey=route, Target=f"integrations/{identifier}")
    gateway.create_stage(ApiId=asked["ApiId"], StageName="$default", AutoDeploy=True)

    answers = [requests.get(aws.url(asked["ApiId"], path), timeout=30) for path in ("/changed", "/other")]

    assert [(answer.status_code, answer.headers.get("allow")) for answer in answers] == [(405, "POST"), (404, None)]
    assert {answer.text for answer in answers} == {'{"message":"Not Found"}'}
    with pytest.raises(ClientError, match="Operations on header authorization are restricted"):
        gateway.create_integration(**integration, RequestParameters={"remove:header.authorization": "''"})

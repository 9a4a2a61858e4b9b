"""From where a stack can be reached, and by which front, changed while it is live on the local AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
import tftest
from botocore.exceptions import ClientError

from lab.events import message_in, modern, tool_call
from lab.local_aws import LocalAWS
from tests.integration.changes import REACH
from tests.integration.conftest import Deployment, Endpoint

DOMAIN = "reach.example.com"
URL = f"https://{DOMAIN}/mcp"
HERE = ["127.0.0.0/8"]

UNSEEN = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "reached"}

DeployStack = Callable[..., Endpoint]


@pytest.fixture(scope="module")
def domain(aws: LocalAWS) -> dict[str, Any]:
    """A value of `custom_domain`."""
    certificate = aws.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
    return {"domain_name": DOMAIN, "certificate_arn": certificate}


def call(aws: LocalAWS, host: str, path: str = "/mcp") -> requests.Response:
    """Call a tool by a name."""
    event = tool_call(modern, "add", a=1, b=2)
    headers = {name: value for name, value in event["headers"].items() if name != "host"} | {"host": host}
    return requests.post(aws.endpoint + path, data=event["body"], headers=headers, timeout=60)


def is_three(answer: requests.Response) -> bool:
    """Whether the tool has added 1 and 2."""
    return answer.ok and message_in(answer.text)["result"]["structuredContent"] == {"result": 3}


def callers(aws: LocalAWS, name: str) -> list[str]:
    """The APIs that may call a server, by id."""
    policy = aws.client("lambda").get_policy(FunctionName=name, Qualifier="live")["Policy"]
    return [statement["Sid"].removeprefix("api-") for statement in json.loads(policy)["Statement"]]


def firewalled(aws: LocalAWS, acl: str) -> list[str]:
    """The stages of REST APIs that a web ACL stands before, by ARN."""
    stages: list[str] = aws.client("wafv2").list_resources_for_web_acl(WebACLArn=acl)["ResourceArns"]
    return stages


def stage_arn(api: str) -> str:
    """The ARN of the stage of a REST API."""
    return f"arn:aws:apigateway:us-east-1::/restapis/{api}/stages/live"


def watched(aws: LocalAWS, name: str) -> dict[str, str]:
    """The dimensions by which an alarm looks at a server's API."""
    (alarm,) = aws.client("cloudwatch").describe_alarms(AlarmNames=[f"{name}-api-5xx-rate"])["MetricAlarms"]
    (metric,) = [query["MetricStat"]["Metric"] for query in alarm["Metrics"] if query["Id"] == "failures"]
    return {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}


def is_closed(aws: LocalAWS, name: str) -> bool | None:
    """Whether the endpoint with the generated name of a REST API is closed; None: there is no such API."""
    apis = aws.client("apigateway").get_rest_apis(limit=500)["items"]
    return next((bool(api["disableExecuteApiEndpoint"]) for api in apis if api["name"] == name), None)


def truststore(aws: LocalAWS, name: str) -> str | None:
    """Where the certificates are that a domain trusts."""
    mutual: dict[str, str] = (
        aws.client("apigatewayv2").get_domain_name(DomainName=name).get("MutualTlsAuthentication", {})
    )
    return mutual.get("TruststoreUri")


def has_access_log(aws: LocalAWS, api: str) -> bool:
    """Whether a REST API's stage writes a log."""
    return "accessLogSettings" in aws.client("apigateway").get_stage(restApiId=api, stageName="live")


def test_the_front_of_a_live_stack_is_changed_in_one_apply_and_back(
    deploy_stack: DeployStack, aws: LocalAWS, repository: Path, stack_package: Path, domain: dict[str, Any]
) -> None:
    http = deploy_stack("reach", custom_domain=domain)
    assert is_three(call(aws, DOMAIN))

    rest = deploy_stack("reach", custom_domain=domain, front="rest")
    assert is_three(call(aws, DOMAIN))
    assert (http.outputs["url"], rest.outputs["url"]) == (URL, URL)
    assert is_closed(aws, "reach") is True
    assert callers(aws, "reach") == [rest.outputs["api_id"]]
    assert watched(aws, "reach") == {"ApiName": "reach", "Stage": "live"}
    with pytest.raises(ClientError, match="NotFoundException"):
        aws.client("apigatewayv2").get_api(ApiId=http.outputs["api_id"])

    # As docs/fronts.md says it is done without a gap: both fronts are there until the domain leads to the new one.
    terraform = tftest.TerraformTest(str(repository / "tests/integration/reach"), env=aws.environ)
    values = {"name": "reach", "package_file": str(stack_package), "custom_domain": json.dumps(domain)}
    terraform.apply(tf_vars=values, targets=["module.mcp.module.http"])
    assert is_three(call(aws, DOMAIN))
    assert len(callers(aws, "reach")) == 2

    http = deploy_stack("reach", custom_domain=domain)
    assert is_three(call(aws, DOMAIN))
    assert callers(aws, "reach") == [http.outputs["api_id"]]
    assert watched(aws, "reach") == {"ApiId": http.outputs["api_id"]}
    assert is_closed(aws, "reach") is None


def test_a_front_that_cannot_be_made_leaves_the_other_one_as_it_is(deploy_stack: DeployStack, aws: LocalAWS) -> None:
    http = deploy_stack("stays")
    missing = "arn:aws:wafv2:us-east-1:000000000000:regional/webacl/missing/12345678-aaaa-bbbb-cccc-1234567890ab"
    with pytest.raises(tftest.TerraformTestError, match="WAFNonexistentItemException"):
        deploy_stack("stays", front="rest", web_acl_arn=missing)

    assert http.call(modern, "add", a=1, b=2)["result"]
    assert watched(aws, "stays") == {"ApiId": http.outputs["api_id"]}


def test_a_live_rest_api_is_reached_from_where_it_says_until_it_says_otherwise(
    deploy_stack: DeployStack, aws: LocalAWS, domain: dict[str, Any]
) -> None:
    stack = {"name": "reached", "front": REACH["front"]}
    acl = aws.client("wafv2").create_web_acl(
        Name="reached", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=UNSEEN
    )["Summary"]["ARN"]
    endpoint = deploy_stack(**stack, allowed_cidrs=HERE)
    names = {
        place: f"{endpoint.outputs['api_id']}{place}.execute-api.localhost" for place in ("", "-vpce-1", "-vpce-2")
    }

    def reached() -> dict[str, bool]:
        """From where a tool can be called: from the internet, and through two VPC endpoints."""
        return {place: is_three(call(aws, name, "/live/mcp")) for place, name in names.items()}

    assert reached()[""]

    assert has_access_log(aws, endpoint.outputs["api_id"])
    deploy_stack(
        **stack,
        access_log=False,
        allowed_cidrs=REACH["allowed_cidrs"],
        web_acl_arn=acl,
        gateway_timeout_quota_seconds=REACH["gateway_timeout_quota_seconds"],
    )
    assert firewalled(aws, acl) == [stage_arn(endpoint.outputs["api_id"])]
    assert not has_access_log(aws, endpoint.outputs["api_id"])
    refused = call(aws, names[""], "/live/mcp")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, 403)
    assert endpoint.send("GET", "/health").status_code == 403

    private = deploy_stack(**stack, vpc_endpoint_ids=REACH["vpc_endpoint_ids"])
    assert firewalled(aws, acl) == []
    assert has_access_log(aws, endpoint.outputs["api_id"])
    assert private.outputs["url"] == endpoint.outputs["url"]
    assert reached() == {"": False, "-vpce-1": True, "-vpce-2": False}

    kept = domain | {"domain_name": f"mutual.{DOMAIN}", "keep_generated": True}
    deploy_stack(**stack, custom_domain=kept)
    assert reached()[""]
    assert is_three(call(aws, kept["domain_name"]))
    assert is_closed(aws, "reached") is False

    mutual = kept | {"keep_generated": False, "mutual_tls": {"truststore_uri": "s3://acme-trust/mcp.pem"}}
    deploy_stack(**stack, custom_domain=mutual)
    assert truststore(aws, mutual["domain_name"]) == "s3://acme-trust/mcp.pem"
    assert is_closed(aws, "reached") is True

    deploy_stack(**stack, custom_domain=kept)
    assert not truststore(aws, mutual["domain_name"])
    assert is_closed(aws, "reached") is False


def at_live(endpoint: Endpoint) -> Endpoint:
    """An example behind a REST API, whose variables do not say so."""
    assert endpoint.aws
    return replace(endpoint, url=endpoint.aws.url(endpoint.outputs["api_id"], stage="live"))


LIMITS = {
    "of-an-address": ("IP", [], None),
    "of-a-caller": ("CUSTOM_KEYS", ["authorization"], None),
    "of-tool-calls": ("CUSTOM_KEYS", ["authorization"], ("mcp-method", b"tools/call")),
    "of-the-slow-one": ("CUSTOM_KEYS", ["authorization"], ("mcp-name", b"closest")),
}


def limit(rule: dict[str, Any]) -> tuple[str, list[str], tuple[str, bytes] | None]:
    """By what a rule counts: the kind, the headers, and the header that a request must have, with its value."""
    statement = rule["Statement"]["RateBasedStatement"]
    keys = [key["Header"]["Name"] for key in statement.get("CustomKeys", [])]
    narrowed = statement.get("ScopeDownStatement", {}).get("ByteMatchStatement")
    header = narrowed and (narrowed["FieldToMatch"]["SingleHeader"]["Name"], narrowed["SearchString"])
    return statement["AggregateKeyType"], keys, header


def test_a_firewall_of_the_same_stack_stands_before_the_stage_and_lets_bodies_of_tools_through(
    deploy: Callable[..., Deployment], aws: LocalAWS
) -> None:
    endpoint = at_live(deploy("examples/firewall")[1])
    stage = stage_arn(endpoint.outputs["api_id"])
    rules = {
        rule["Name"]: rule
        for rule in aws.client("wafv2").get_web_acl_for_resource(ResourceArn=stage)["WebACL"]["Rules"]
    }
    common = rules.pop("common")["Statement"]["ManagedRuleGroupStatement"]

    assert {name: limit(rule) for name, rule in rules.items()} == LIMITS
    assert {rule["Action"]["Block"]["CustomResponse"]["ResponseCode"] for rule in rules.values()} == {429}
    assert common["Name"] == "AWSManagedRulesCommonRuleSet"
    assert {override["Name"] for override in common["RuleActionOverrides"]} == {
        f"{rule}_BODY"
        for rule in ("CrossSiteScripting", "EC2MetaDataSSRF", "GenericLFI", "GenericRFI", "SizeRestrictions")
    }
    assert endpoint.send("GET", "/health").status_code == 200

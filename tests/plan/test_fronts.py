"""What follows from the inputs for the front: which requests it lets through, whom it asks, what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.local_aws import REPOSITORY
from lab.readme import front_output, hcl
from tests.plan.mocked import Planned, plan_each
from tests.plan.published import PUBLISHED

ACCOUNT = "eu-west-1:111122223333"
PARAMETER = f"arn:aws:ssm:{ACCOUNT}:parameter/mcp/keys"
OWN = f"arn:aws:lambda:{ACCOUNT}:function:company-door"
ELSEWHERE = "arn:aws-cn:lambda:cn-north-1:111122223333:function:company-door:live"
CERTIFICATE = f"arn:aws:acm:{ACCOUNT}:certificate/1234abcd"
DOMAIN = {"domain_name": "mcp.example.com", "certificate_arn": CERTIFICATE}
ISSUER = "https://login.example.com/"
PAGE = "https://app.example.com"
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"

INPUTS: dict[str, Any] = {
    "name": "orders",
    "package_file": "versions.tf",  # any file: the mocked provider uploads nothing
    "throttle": {"rate": 50, "burst": 100},
}
JWT = {"type": "jwt", "issuer": ISSUER, "audience": ["orders"], "scopes": ["orders/call"]}
ADVERTISED = ["api://shop/orders/call", "api://shop/other"]
KEYS = {"type": "token", "ssm_parameter": PARAMETER}

CASES: dict[str, dict[str, Any]] = {
    "none": {"auth": {"type": "none"}},
    "iam": {
        "auth": {"type": "iam"},
        "dashboard": True,
        "throttle": {},
        "cors_origins": [PAGE, "http://localhost:6274"],
    },
    "jwt": {"auth": JWT},
    "login": {
        "auth": JWT | {"login": {"client_id": "desk"}},
        "custom_domain": DOMAIN,
        "cors_origins": [PAGE],
    },
    "token": {
        "auth": KEYS,
        "provisioned_concurrency": {"environments": 1},
        "dashboard": True,
        "tasks": {"tools": {"report": "optional"}},
    },
    "header": {
        "auth": KEYS | {"header": "x-api-key", "ttl": 0},
        "access_log": False,
        "dashboard": True,
        "metrics": "none",
        "saved_queries": True,
    },
    "lambda": {"auth": {"type": "lambda", "function_arn": OWN}, "cors_origins": [PAGE, EXTENSION]},
    "alias": {
        "auth": {
            "type": "lambda",
            "function_arn": ELSEWHERE,
            "identity_sources": ["$request.header.X-Tenant", "$request.header.X-Key"],
            "ttl": 0,
        },
        "cors_origins": [PAGE],
    },
    "always": {
        "auth": {"type": "lambda", "function_arn": OWN, "identity_sources": [], "ttl": 0},
        "custom_domain": DOMAIN | {"keep_generated": "true"},
    },
    "mutual": {
        "auth": {"type": "none"},
        "custom_domain": DOMAIN
        | {
            "mutual_tls": {
                "truststore_uri": "s3://acme-trust/mcp.pem",
                "version": "3",
                "ownership_certificate_arn": f"{CERTIFICATE}-public",
            }
        },
        "throttle": {"rate": 5, "burst": 10},
    },
    "domain": {
        "auth": JWT | {"audience": ["https://mcp.example.com/mcp"], "advertised_scopes": ADVERTISED},
        "custom_domain": DOMAIN | {"zone_id": "Z0123456789"},
    },
}

ENDPOINTS = ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]
RANGES = ["203.0.113.0/24", "2001:db8::/32"]
ACL = f"arn:aws:wafv2:{ACCOUNT}:regional/webacl/mcp/1234abcd"

REST_CASES: dict[str, dict[str, Any]] = {
    "limited": {
        "auth": {"type": "iam"},
        "allowed_cidrs": RANGES,
        "web_acl_arn": ACL,
        "gateway_timeout_quota_seconds": 120,
        "timeout_seconds": 100,
    },
    "private": {"auth": JWT, "vpc_endpoint_ids": ENDPOINTS, "allowed_cidrs": RANGES},
}
"""What an HTTP API cannot do."""

WARNINGS = {f"rest_{case}": ["check.the_metadata_is_at_the_root"] for case in ("jwt", "private")}

METADATA = {"GET /.well-known/oauth-protected-resource", "GET /.well-known/oauth-protected-resource/mcp"}
LOGIN = {
    "GET /.well-known/oauth-authorization-server",
    "GET /oauth/authorize",
    "POST /oauth/authorize",
    "GET /oauth/callback",
    "POST /oauth/token",
    "POST /oauth/register",
    "POST /oauth/revoke",
}
PREFLIGHTS = {"OPTIONS /mcp", "OPTIONS /{proxy+}"}
ASKED_URI = "arn:{}:apigateway:{}:lambda:path/2015-03-31/functions/{}/invocations"


@pytest.fixture(scope="module")
def fronts(checkout: Path) -> dict[str, dict[str, Planned]]:
    """What there is, by the front and the case."""
    cases = {"http": CASES, "rest": CASES | REST_CASES}
    runs = {
        f"{front}_{case}": INPUTS | inputs | {"front": front}
        for front, all_inputs in cases.items()
        for case, inputs in all_inputs.items()
    }
    planned = plan_each(runs, checkout, warnings=WARNINGS)
    return {front: {case: planned[f"{front}_{case}"] for case in cases[front]} for front in cases}


@pytest.fixture
def http(fronts: dict[str, dict[str, Planned]]) -> dict[str, Planned]:
    return fronts["http"]


@pytest.fixture
def rest(fronts: dict[str, dict[str, Planned]]) -> dict[str, Planned]:
    return fronts["rest"]


@pytest.mark.parametrize("file", ["variables.tf", "versions.tf"])
def test_both_fronts_have_the_same_variables(file: str) -> None:
    http, rest = (REPOSITORY / "fronts" / front / file for front in ("http", "rest"))

    assert http.read_text() == rest.read_text()


def test_both_fronts_have_the_same_outputs() -> None:
    described = [
        {
            name: output["description"]
            for block in hcl(f"fronts/{front}/outputs.tf")["output"]
            for name, output in block.items()
        }
        for front in ("http", "rest")
    ]
    facts = [front_output(front, "facts") for front in ("http", "rest")]

    assert described[0] == described[1]
    assert facts[0].keys() == facts[1].keys()
    assert facts[0]["metrics"].keys() == facts[1]["metrics"].keys()


def test_both_fronts_write_the_same_access_log(http: dict[str, Planned], rest: dict[str, Planned]) -> None:
    stages = http["iam"].one("aws_apigatewayv2_stage.front"), rest["iam"].one("aws_api_gateway_stage.live")
    formats = [json.loads(stage["access_log_settings"][0]["format"]) for stage in stages]

    assert formats[0] == formats[1]


def methods(planned: Planned) -> dict[str, str]:
    """The type of authorization of each method of a REST API, by method and path."""
    return {key: method["authorization"] for key, method in planned.named("aws_api_gateway_method.front").items()}


UNSERVED = {"GET /mcp", "DELETE /mcp"}
GUARDED = {"ANY /", "ANY /mcp", "ANY /{proxy+}"} | UNSERVED


@pytest.mark.parametrize(
    ("case", "kind", "open_methods"),
    [
        ("iam", "AWS_IAM", PREFLIGHTS),
        ("jwt", "CUSTOM", METADATA),
        ("login", "CUSTOM", METADATA | LOGIN | PREFLIGHTS),
        ("token", "CUSTOM", set()),
        ("lambda", "CUSTOM", PREFLIGHTS),
    ],
)
def test_a_rest_api_guards_the_same(rest: dict[str, Planned], case: str, kind: str, open_methods: set[str]) -> None:
    expected = dict.fromkeys(GUARDED, kind) | dict.fromkeys({"GET /health"} | open_methods, "NONE")

    assert methods(rest[case]) == expected


def test_an_open_rest_api_asks_nobody(rest: dict[str, Planned]) -> None:
    assert methods(rest["none"]) == dict.fromkeys(GUARDED | {"GET /health"}, "NONE")
    assert not [address for address in rest["none"].resources if "authorizer" in address]


def test_every_method_of_a_rest_api_that_is_served_leads_to_the_alias(rest: dict[str, Planned]) -> None:
    integrations = rest["jwt"].named("aws_api_gateway_integration.live")

    assert integrations.keys() == methods(rest["jwt"]).keys() - UNSERVED
    for integration in integrations.values():
        assert (integration["type"], integration["integration_http_method"]) == ("AWS_PROXY", "POST")
        assert integration["uri"] == rest["jwt"].one("aws_lambda_alias.live")["invoke_arn"]


def test_a_rest_api_refuses_other_methods_than_post_without_a_function(rest: dict[str, Planned]) -> None:
    integrations = rest["iam"].named("aws_api_gateway_integration.unserved")
    answers = rest["iam"].named("aws_api_gateway_integration_response.unserved")
    promised = rest["iam"].named("aws_api_gateway_method_response.unserved")

    assert integrations.keys() == answers.keys() == promised.keys() == UNSERVED
    for key, integration in integrations.items():
        assert (integration["type"], integration["passthrough_behavior"]) == ("MOCK", "NEVER")
        assert json.loads(integration["request_templates"]["application/json"]) == {"statusCode": 405}
        assert answers[key]["response_parameters"] == {
            "method.response.header.Allow": "'POST'",
            "method.response.header.Access-Control-Allow-Origin": "'*'",
            "method.response.header.Access-Control-Expose-Headers": "'WWW-Authenticate'",
        }
        assert json.loads(answers[key]["response_templates"]["application/json"])["error"]["code"] == 405
        assert promised[key]["response_parameters"].keys() == answers[key]["response_parameters"].keys()
    without_pages = rest["jwt"].named("aws_api_gateway_integration_response.unserved")
    assert {name for each in without_pages.values() for name in each["response_parameters"]} == {
        "method.response.header.Allow"
    }
    assert rest["jwt"].named("aws_api_gateway_method_response.unserved")["GET /mcp"] == promised["GET /mcp"]


def test_a_path_of_a_rest_api_is_a_tree_of_its_parts(rest: dict[str, Planned]) -> None:
    tree = {
        level: {
            path: node["path_part"] for path, node in rest["jwt"].named(f"aws_api_gateway_resource.{level}").items()
        }
        for level in ("first", "second", "third")
    }

    assert tree == {
        "first": {"/mcp": "mcp", "/health": "health", "/.well-known": ".well-known", "/{proxy+}": "{proxy+}"},
        "second": {"/.well-known/oauth-protected-resource": "oauth-protected-resource"},
        "third": {"/.well-known/oauth-protected-resource/mcp": "mcp"},
    }


@pytest.mark.parametrize(
    ("case", "function", "headers", "ttl"),
    [
        ("token", f"arn:aws:lambda:{ACCOUNT}:function:orders-authorizer", "authorization", 60),
        ("header", f"arn:aws:lambda:{ACCOUNT}:function:orders-authorizer", "x-api-key", 0),
        ("jwt", f"arn:aws:lambda:{ACCOUNT}:function:orders-authorizer", "Authorization", 60),
        ("lambda", OWN, "Authorization", 300),
        ("alias", ELSEWHERE, "X-Tenant,X-Key", 0),
        ("always", OWN, "", 0),
    ],
)
def test_a_rest_api_asks_a_function_and_keeps_its_result_by_the_headers_that_it_looks_at(
    rest: dict[str, Planned], case: str, function: str, headers: str, ttl: int
) -> None:
    authorizer = rest[case].one("aws_api_gateway_authorizer.function")
    permission = rest[case].one("aws_lambda_permission.authorizer")
    _, partition, _, region, *_ = function.split(":")
    sources = [f"method.request.header.{header}" for header in headers.split(",") if header]

    assert (authorizer["type"], authorizer["authorizer_result_ttl_in_seconds"]) == ("REQUEST", ttl)
    assert authorizer["authorizer_uri"] == ASKED_URI.format(partition, region, function)
    if sources:
        assert authorizer["identity_source"] == ",".join(sources)
    assert permission["source_arn"] == f"arn:aws:execute-api:{ACCOUNT}:abc123/authorizers/*"
    assert permission["statement_id"] == "mcp-orders-rest-authorizer"
    assert ":".join(filter(None, [permission["function_name"], permission["qualifier"]])) == function


def test_the_function_that_checks_tokens_is_told_what_they_must_say_and_may_do_nothing_else(
    rest: dict[str, Planned],
) -> None:
    function = rest["jwt"].one("aws_lambda_function.authorizer")
    (environment,) = function["environment"]
    policy = json.loads(rest["jwt"].one("aws_iam_role_policy.authorizer")["policy"])

    assert function["handler"] == "authorizer.jwt_handler.handler"
    assert environment["variables"] == {
        "MCP_AUTHORIZER_ISSUER": ISSUER,
        "MCP_AUTHORIZER_AUDIENCE": '["orders"]',
        "MCP_AUTHORIZER_SCOPES": '["orders/call"]',
    }
    assert [statement["Sid"] for statement in policy["Statement"]] == ["WriteOwnLog"]
    assert rest["jwt"].outputs["authorizer_function_name"] == "orders-authorizer"


def test_an_http_api_checks_tokens_without_a_function(http: dict[str, Planned]) -> None:
    assert not http["jwt"].named("aws_lambda_function.authorizer")


def refusal(planned: Planned, kind: str) -> dict[str, Any]:
    """A gateway response: status, body and headers."""
    response = planned.named("aws_api_gateway_gateway_response.refusal")[kind]
    headers = {
        name.removeprefix("gatewayresponse.header."): value.strip("'")
        for name, value in (response["response_parameters"] or {}).items()
    }
    body = json.loads(response["response_templates"]["application/json"])
    return {"status": response["status_code"], "body": body, "headers": headers}


GENERATED = "https://abc123.execute-api.eu-west-1.amazonaws.com/live"


@pytest.mark.parametrize(
    ("case", "origin", "scopes"),
    [
        ("jwt", GENERATED, "orders/call"),
        ("domain", "https://mcp.example.com", "api://shop/orders/call"),  # as the provider takes it
    ],
)
def test_a_rest_api_challenges_with_the_place_of_the_metadata_and_the_endpoints_scopes(
    rest: dict[str, Planned], case: str, origin: str, scopes: str
) -> None:
    metadata = f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'

    unauthorized, denied = (refusal(rest[case], kind) for kind in ("UNAUTHORIZED", "ACCESS_DENIED"))

    assert unauthorized["headers"] == {"WWW-Authenticate": f'Bearer {metadata}, scope="{scopes}"'}
    assert denied["headers"] == {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scopes}", {metadata}'}
    assert (unauthorized["status"], denied["status"]) == ("401", "403")


@pytest.mark.parametrize("case", ["token", "alias", "none"])
def test_a_rest_api_without_an_issuer_names_none(rest: dict[str, Planned], case: str) -> None:
    for kind in ("UNAUTHORIZED", "ACCESS_DENIED"):
        assert "WWW-Authenticate" not in refusal(rest[case], kind)["headers"]


def test_every_refusal_of_a_rest_api_is_an_error_of_json_rpc(rest: dict[str, Planned]) -> None:
    for kind in rest["jwt"].named("aws_api_gateway_gateway_response.refusal"):
        answer = refusal(rest["jwt"], kind)
        error = answer["body"].pop("error")

        assert answer["body"] == {"jsonrpc": "2.0", "id": None}
        assert error.keys() == {"code", "message"}
        assert answer["status"] == str(error["code"]) or kind.startswith("DEFAULT_")


def test_a_path_that_is_not_there_is_404_unless_that_is_how_a_missing_signature_is_called(
    rest: dict[str, Planned],
) -> None:
    statuses = {case: refusal(rest[case], "MISSING_AUTHENTICATION_TOKEN")["status"] for case in ("jwt", "none", "iam")}

    assert statuses == {"jwt": "404", "none": "404", "iam": "403"}


def test_a_page_may_read_a_refusal_where_pages_may_call(rest: dict[str, Planned]) -> None:
    expected = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "WWW-Authenticate"}

    assert refusal(rest["iam"], "THROTTLED")["headers"] == expected


def policy(planned: Planned) -> dict[str, dict[str, Any]]:
    """The statements of a REST API's resource policy, by their Sid."""
    document = json.loads(planned.one("aws_api_gateway_rest_api_policy.front")["policy"])
    return {statement.pop("Sid"): statement for statement in document["Statement"]}


LIVE = f"arn:aws:execute-api:{ACCOUNT}:abc123/live"


@pytest.mark.parametrize(
    ("case", "paths"),
    [
        ("iam", {"GET/health", "OPTIONS/mcp", "OPTIONS/*"}),
        ("jwt", {"GET/health"} | {path.replace(" ", "") for path in METADATA}),
        ("token", {"GET/health"}),
        ("none", {"GET/health", "GET/mcp", "DELETE/mcp", "*/", "*/mcp", "*/*"}),
    ],
)
def test_a_resource_policy_allows_what_asks_nobody_and_leaves_the_rest_to_who_is_asked(
    rest: dict[str, Planned], case: str, paths: set[str]
) -> None:
    statements = policy(rest[case])
    allowed = statements.pop("AllowWhatAsksNobody")

    assert set(allowed.pop("Resource")) == {f"{LIVE}/{path}" for path in paths}
    assert allowed == {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}
    assert statements == {}


@pytest.mark.parametrize(("case", "key"), [("limited", "aws:SourceIp"), ("private", "aws:VpcSourceIp")])
def test_other_addresses_are_refused_for_every_method(rest: dict[str, Planned], case: str, key: str) -> None:
    assert policy(rest[case])["DenyOtherAddresses"] == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": [f"arn:aws:execute-api:{ACCOUNT}:abc123/*"],
        "Condition": {"NotIpAddress": {key: RANGES}},
    }


def test_a_private_api_is_to_be_had_through_its_vpc_endpoints_alone(rest: dict[str, Planned]) -> None:
    (endpoint,) = rest["private"].one("aws_api_gateway_rest_api.front")["endpoint_configuration"]
    denied = policy(rest["private"])["DenyOtherEndpoints"]

    assert (endpoint["types"], sorted(endpoint["vpc_endpoint_ids"])) == (["PRIVATE"], ENDPOINTS)
    assert endpoint["ip_address_type"] == "dualstack"
    assert denied["Resource"] == [f"arn:aws:execute-api:{ACCOUNT}:abc123/*"]
    assert denied["Condition"] == {"StringNotEquals": {"aws:SourceVpce": ENDPOINTS}}
    assert "DenyOtherEndpoints" not in policy(rest["limited"])


def test_a_web_acl_sees_the_requests_of_the_stage(rest: dict[str, Planned]) -> None:
    (association,) = rest["limited"].named("aws_wafv2_web_acl_association.live").values()

    assert association["web_acl_arn"] == ACL
    assert association["resource_arn"] == "arn:aws:apigateway:eu-west-1::/restapis/abc123/stages/live"
    assert not rest["iam"].named("aws_wafv2_web_acl_association.live")


@pytest.mark.parametrize(("case", "milliseconds"), [("iam", 29_000), ("limited", 120_000)])
def test_a_rest_api_waits_for_as_long_as_the_account_may(
    rest: dict[str, Planned], case: str, milliseconds: int
) -> None:
    integrations = rest[case].named("aws_api_gateway_integration.live").values()

    assert {integration["timeout_milliseconds"] for integration in integrations} == {milliseconds}


@pytest.mark.parametrize("front", ["http", "rest"])
def test_a_domain_can_ask_clients_for_a_certificate(fronts: dict[str, dict[str, Planned]], front: str) -> None:
    planned = fronts[front]["mutual"]
    domain = planned.one("aws_apigatewayv2_domain_name.front")
    api = planned.one({"http": "aws_apigatewayv2_api.front", "rest": "aws_api_gateway_rest_api.front"}[front])

    assert domain["mutual_tls_authentication"] == [
        {"truststore_uri": "s3://acme-trust/mcp.pem", "truststore_version": "3"}
    ]
    assert domain["domain_name_configuration"][0]["ownership_verification_certificate_arn"] == f"{CERTIFICATE}-public"
    assert api["disable_execute_api_endpoint"] is True
    assert fronts[front]["domain"].one("aws_apigatewayv2_domain_name.front")["mutual_tls_authentication"] == []


@pytest.mark.parametrize("case", ["jwt", "token", "lambda", "none", "domain", "header", "limited", "private"])
def test_a_rest_api_is_deployed_anew_when_what_it_answers_changes(rest: dict[str, Planned], case: str) -> None:
    deployed = {one: rest[one].one("aws_api_gateway_deployment.live")["triggers"]["definition"] for one in rest}

    assert [one for one, hashed in deployed.items() if hashed == deployed[case]] == [case]


def test_a_rest_api_lets_fifty_requests_a_second_through_unless_asked_for_otherwise(rest: dict[str, Planned]) -> None:
    (settings,) = rest["iam"].one("aws_api_gateway_method_settings.live")["settings"]

    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (50, 100)
    assert (settings["logging_level"], settings["data_trace_enabled"]) == ("OFF", False)


def test_a_rest_api_is_regional_and_its_stage_is_in_the_url_without_a_domain(rest: dict[str, Planned]) -> None:
    api = rest["jwt"].one("aws_api_gateway_rest_api.front")
    mapping = rest["domain"].one("aws_apigatewayv2_api_mapping.front")

    assert api["endpoint_configuration"][0]["types"] == ["REGIONAL"]
    assert rest["jwt"].outputs["url"] == f"{GENERATED}/mcp"
    assert rest["jwt"].outputs["resource_metadata_url"] == f"{GENERATED}/.well-known/oauth-protected-resource/mcp"
    assert rest["domain"].outputs["url"] == "https://mcp.example.com/mcp"
    assert (mapping["api_id"], mapping["stage"], mapping["api_mapping_key"]) == ("abc123", "live", None)
    assert rest["domain"].one("aws_api_gateway_rest_api.front")["disable_execute_api_endpoint"] is True
    assert rest["always"].one("aws_api_gateway_rest_api.front")["disable_execute_api_endpoint"] is False


def test_only_this_rest_api_may_call_the_function_and_only_by_the_alias(rest: dict[str, Planned]) -> None:
    permission = rest["iam"].one("aws_lambda_permission.front")

    assert permission["source_arn"] == f"arn:aws:execute-api:{ACCOUNT}:abc123/*/*"
    assert (permission["qualifier"], permission["statement_id"]) == ("live", "api-abc123")


@pytest.mark.parametrize(
    ("front", "dimensions", "failures"),
    [("http", {"ApiId": "abc123"}, "5xx"), ("rest", {"ApiName": "orders", "Stage": "live"}, "5XXError")],
)
def test_alarms_look_at_the_metrics_of_the_front(
    fronts: dict[str, dict[str, Planned]], front: str, dimensions: dict[str, str], failures: str
) -> None:
    alarm = fronts[front]["iam"].named("aws_cloudwatch_metric_alarm.server")["api_5xx_rate"]
    (metric,) = [query["metric"][0] for query in alarm["metric_query"] if query["id"] == "failures"]

    assert (metric["namespace"], metric["dimensions"]) == ("AWS/ApiGateway", dimensions)
    assert metric["metric_name"] == failures


@pytest.mark.parametrize("front", ["http", "rest"])
def test_every_alarm_and_widget_looks_at_a_metric_that_comes_with_its_dimensions(
    fronts: dict[str, dict[str, Planned]], front: str
) -> None:
    planned = fronts[front]["token"]
    alarms = planned.named("aws_cloudwatch_metric_alarm.server")
    looked_at = {(metric["namespace"], metric["metric_name"], *metric["dimensions"]) for metric in watched(alarms)}
    widgets = json.loads(planned.one("aws_cloudwatch_dashboard.server")["dashboard_body"])["widgets"]
    for metric in [metric[:-1] for widget in widgets for metric in widget["properties"].get("metrics", [])]:
        if metric:  # and no expression
            looked_at.add((metric[0], metric[1], *metric[2::2]))

    assert {"provisioned_spillover", "api_5xx_rate", "tool_error_rate"} <= alarms.keys()
    assert {where[0] for where in looked_at} == {namespace for namespace, _ in PUBLISHED}
    for namespace, name, *dimensions in looked_at:
        assert name in PUBLISHED[namespace, frozenset(dimensions)]


def watched(alarms: dict[str, Any]) -> list[dict[str, Any]]:
    """What alarms look at: their metric, or those of their expression."""
    single = [alarm | {"dimensions": alarm["dimensions"] or {}} for alarm in alarms.values() if alarm["metric_name"]]
    queries = [query["metric"] for alarm in alarms.values() for query in alarm["metric_query"] if query["metric"]]
    return single + [metric | {"dimensions": metric["dimensions"] or {}} for (metric,) in queries]


@pytest.mark.parametrize(
    ("front", "dimensions", "failures", "dollars"),
    [
        ("http", ["ApiId", "abc123"], "5xx", 1.00),
        ("rest", ["ApiName", "orders", "Stage", "live"], "5XXError", 3.50),
    ],
)
def test_the_dashboard_draws_the_metrics_of_the_front_and_its_price(
    fronts: dict[str, dict[str, Planned]], front: str, dimensions: list[str], failures: str, dollars: float
) -> None:
    body = json.loads(fronts[front]["iam"].one("aws_cloudwatch_dashboard.server")["dashboard_body"])
    drawn = [metric for widget in body["widgets"] for metric in widget["properties"].get("metrics", [])]
    of_api = {metric[1]: metric[2:-1] for metric in drawn if metric[0] == "AWS/ApiGateway"}
    costs = {metric[0]["label"]: metric[0]["expression"] for metric in drawn if "expression" in metric[0]}

    assert of_api == dict.fromkeys(["Count", failures, "Latency"], dimensions)
    assert float(costs["API"].removeprefix("requests * ")) == pytest.approx(dollars / 1e6)


def test_no_alarm_rings_at_wrong_keys_where_a_refusal_is_an_error_of_the_authorizer(
    http: dict[str, Planned], rest: dict[str, Planned]
) -> None:
    alarms = {
        front: planned["token"].named("aws_cloudwatch_metric_alarm.server")
        for front, planned in (("http", http), ("rest", rest))
    }

    assert "authorizer_errors" in alarms["http"]
    assert "authorizer_errors" not in alarms["rest"]


def test_what_people_log_in_by_leads_to_the_function_for_it(http: dict[str, Planned], rest: dict[str, Planned]) -> None:
    login = http["login"].one("aws_apigatewayv2_integration.login")
    methods_of_login = {
        key
        for key, integration in rest["login"].named("aws_api_gateway_integration.live").items()
        if integration["uri"] == rest["login"].one("aws_lambda_function.login")["invoke_arn"]
    }

    assert login["integration_uri"] == http["login"].one("aws_lambda_function.login")["invoke_arn"]
    assert methods_of_login == LOGIN
    for planned in (http, rest):
        permission = planned["login"].one("aws_lambda_permission.login")
        assert (permission["principal"], permission["qualifier"]) == ("apigateway.amazonaws.com", None)
        assert permission["source_arn"] == f"arn:aws:execute-api:{ACCOUNT}:abc123/*/*"


def routes(planned: Planned, kind: str) -> set[str]:
    """The routes of an HTTP API with a type of authorization."""
    found = planned.named("aws_apigatewayv2_route.front").values()
    return {route["route_key"] for route in found if route["authorization_type"] == kind}


@pytest.mark.parametrize(
    ("case", "kind", "open_routes"),
    [
        ("iam", "AWS_IAM", PREFLIGHTS),
        ("jwt", "JWT", METADATA),
        ("login", "JWT", METADATA | LOGIN | PREFLIGHTS),
        ("token", "CUSTOM", set()),
        ("lambda", "CUSTOM", PREFLIGHTS),
    ],
)
def test_everything_is_guarded_but_health_discovery_and_preflights(
    http: dict[str, Planned], case: str, kind: str, open_routes: set[str]
) -> None:
    assert routes(http[case], kind) == {"ANY /mcp", "$default"} | UNSERVED
    assert routes(http[case], "NONE") == {"GET /health"} | open_routes


def test_an_open_server_asks_nobody(http: dict[str, Planned]) -> None:
    assert routes(http["none"], "NONE") == {"ANY /mcp", "$default", "GET /health"} | UNSERVED
    assert not [address for address in http["none"].resources if "authorizer" in address]


def test_an_http_api_refuses_other_methods_than_post_by_an_api_that_serves_nothing(http: dict[str, Planned]) -> None:
    refusing = http["jwt"].one("aws_apigatewayv2_api.unserved")
    integration = http["jwt"].one("aws_apigatewayv2_integration.unserved")
    answers = {each["status_code"]: each["mappings"] for each in integration["response_parameters"]}
    mappings = {"overwrite:statuscode": "405", "append:header.allow": "POST"}

    assert (integration["integration_type"], integration["integration_uri"]) == ("HTTP_PROXY", refusing["api_endpoint"])
    assert answers == dict.fromkeys(("401", "403", "404", "429"), mappings)
    assert refusing["disable_execute_api_endpoint"] is True


def test_an_http_api_asks_the_same_caller_and_scope_for_every_method_of_the_endpoint(http: dict[str, Planned]) -> None:
    asked = {
        key: (route["authorization_type"], route["authorizer_id"], route["authorization_scopes"])
        for key, route in http["jwt"].named("aws_apigatewayv2_route.front").items()
    }

    assert [asked[key] for key in sorted(UNSERVED)] == [asked["ANY /mcp"]] * 2


def test_a_token_counts_in_its_header_alone_and_needs_the_endpoints_scope(http: dict[str, Planned]) -> None:
    (authorizer,) = http["jwt"].named("aws_apigatewayv2_authorizer.jwt").values()
    guarded = http["jwt"].named("aws_apigatewayv2_route.front")["ANY /mcp"]

    assert authorizer["identity_sources"] == ["$request.header.Authorization"]
    assert authorizer["jwt_configuration"] == [{"issuer": ISSUER, "audience": ["orders"]}]
    assert (guarded["authorizer_id"], guarded["authorization_scopes"]) == ("authorizer", ["orders/call"])


@pytest.mark.parametrize(
    ("case", "function", "headers", "ttl"),
    [
        ("token", f"arn:aws:lambda:{ACCOUNT}:function:orders-authorizer", ["authorization"], 60),
        ("header", f"arn:aws:lambda:{ACCOUNT}:function:orders-authorizer", ["x-api-key"], 0),
        ("lambda", OWN, ["Authorization"], 300),
        ("alias", ELSEWHERE, ["X-Key", "X-Tenant"], 0),
        ("always", OWN, [], 0),
    ],
)
def test_a_function_is_asked_and_its_result_kept_by_the_headers_that_it_looks_at(
    http: dict[str, Planned], case: str, function: str, headers: list[str], ttl: int
) -> None:
    authorizer = http[case].one("aws_apigatewayv2_authorizer.function")
    permission = http[case].one("aws_lambda_permission.authorizer")
    _, partition, _, region, *_ = function.split(":")

    assert authorizer["authorizer_uri"] == ASKED_URI.format(partition, region, function)
    assert sorted(authorizer["identity_sources"]) == [f"$request.header.{header}" for header in headers]
    assert authorizer["authorizer_result_ttl_in_seconds"] == ttl
    assert (authorizer["authorizer_payload_format_version"], authorizer["enable_simple_responses"]) == ("2.0", True)
    assert permission["source_arn"] == f"arn:aws:execute-api:{ACCOUNT}:abc123/authorizers/*"
    assert permission["statement_id"] == "mcp-orders-authorizer"
    named = [permission["function_name"], permission["qualifier"]]
    assert ":".join(filter(None, named)) == function


def test_only_this_api_may_call_the_function_and_only_by_the_alias(http: dict[str, Planned]) -> None:
    permission = http["iam"].one("aws_lambda_permission.front")

    assert permission["source_arn"] == f"arn:aws:execute-api:{ACCOUNT}:abc123/*/*"
    assert permission["qualifier"] == "live"


def test_fifty_requests_a_second_get_through_unless_asked_for_otherwise(http: dict[str, Planned]) -> None:
    (settings,) = http["iam"].one("aws_apigatewayv2_stage.front")["default_route_settings"]

    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (50, 100)


def test_the_access_log_has_a_status_that_the_filter_of_refusals_finds(http: dict[str, Planned]) -> None:
    (settings,) = http["iam"].one("aws_apigatewayv2_stage.front")["access_log_settings"]

    assert settings["destination_arn"] == http["iam"].one("aws_cloudwatch_log_group.access")["arn"]
    assert json.loads(settings["format"])["status"] == "$context.status"


@pytest.mark.parametrize(
    ("front", "stage", "refusals"),
    [("http", "aws_apigatewayv2_stage.front", "4xx"), ("rest", "aws_api_gateway_stage.live", "4XXError")],
)
def test_without_an_access_log_the_gateway_counts_refusals(
    fronts: dict[str, dict[str, Planned]], front: str, stage: str, refusals: str
) -> None:
    planned = fronts[front]["header"]
    alarm = planned.named("aws_cloudwatch_metric_alarm.server")["auth_refused"]

    assert planned.one(stage)["access_log_settings"] == []
    assert planned.named("aws_cloudwatch_log_group.access") == {}
    assert planned.named("aws_cloudwatch_log_metric_filter.auth_refused") == {}
    assert (alarm["namespace"], alarm["metric_name"]) == ("AWS/ApiGateway", refusals)
    assert "from 400 to 499" in alarm["alarm_description"]
    assert "access log: none (access_log is false)" in alarm["alarm_description"]
    assert f'"{refusals}"' in planned.one("aws_cloudwatch_dashboard.server")["dashboard_body"]
    assert set(planned.named("aws_cloudwatch_query_definition.server")) == {
        "slowest tools", "errors by tool", "cold starts",
    }  # fmt: skip


def test_exactly_the_origins_that_are_named_may_call_from_a_web_page(http: dict[str, Planned]) -> None:
    allowed = {
        case: [cors["allow_origins"] for cors in http[case].one("aws_apigatewayv2_api.front")["cors_configuration"]]
        for case in ("none", "iam", "lambda")
    }

    assert allowed == {
        "none": [],
        "iam": [["http://localhost:6274", PAGE]],
        "lambda": [["*"]],  # AWS documents only origins of web pages, and *: the host refuses the others
    }


def test_a_web_page_may_send_the_headers_that_an_authorizer_looks_at(http: dict[str, Planned]) -> None:
    (cors,) = http["alias"].one("aws_apigatewayv2_api.front")["cors_configuration"]

    assert set(cors["allow_headers"]) == {"*", "authorization"}  # which browsers take for no wildcard's


def test_without_a_domain_the_url_is_the_generated_one(http: dict[str, Planned]) -> None:
    origin = "https://abc123.execute-api.eu-west-1.amazonaws.com"

    assert http["jwt"].outputs["url"] == f"{origin}/mcp"
    assert http["jwt"].outputs["resource_metadata_url"] == f"{origin}/.well-known/oauth-protected-resource/mcp"
    assert http["iam"].outputs["resource_metadata_url"] is None
    assert http["iam"].one("aws_apigatewayv2_api.front")["disable_execute_api_endpoint"] is False
    assert http["iam"].outputs["domain_target"] is None


def test_a_domain_leads_to_the_root_of_the_api_whose_generated_endpoint_is_closed(http: dict[str, Planned]) -> None:
    planned = http["domain"]
    mapping = planned.one("aws_apigatewayv2_api_mapping.front")

    assert (mapping["api_id"], mapping["stage"], mapping["api_mapping_key"]) == ("abc123", "$default", None)
    assert planned.one("aws_apigatewayv2_api.front")["disable_execute_api_endpoint"] is True
    assert planned.outputs["url"] == "https://mcp.example.com/mcp"
    assert planned.outputs["resource_metadata_url"] == (
        "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"
    )


def test_the_generated_endpoint_can_be_kept_beside_a_domain(http: dict[str, Planned]) -> None:
    assert http["always"].one("aws_apigatewayv2_api.front")["disable_execute_api_endpoint"] is False

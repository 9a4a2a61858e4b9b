"""What follows from the inputs for the front: which requests it lets through, whom it asks, what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plan.applied import Applied, apply_each

ACCOUNT = "eu-west-1:111122223333"
PARAMETER = f"arn:aws:ssm:{ACCOUNT}:parameter/mcp/keys"
OWN = f"arn:aws:lambda:{ACCOUNT}:function:company-door"
ELSEWHERE = "arn:aws-cn:lambda:cn-north-1:111122223333:function:company-door:live"
CERTIFICATE = f"arn:aws:acm:{ACCOUNT}:certificate/1234abcd"
DOMAIN = {"domain_name": "mcp.example.com", "certificate_arn": CERTIFICATE}
ISSUER = "https://login.example.com/"
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"

INPUTS: dict[str, Any] = {
    "name": "orders",
    "package_file": "versions.tf",  # any file: the mocked provider uploads nothing
    "throttle": {"rate": 50, "burst": 100},
}
JWT = {"type": "jwt", "issuer": ISSUER, "audience": ["orders"], "scopes": ["orders/call"]}
KEYS = {"type": "token", "ssm_parameter": PARAMETER}

CASES: dict[str, dict[str, Any]] = {
    "none": {"auth": {"type": "none"}},
    "iam": {"auth": {"type": "iam"}, "throttle": {}},
    "jwt": {"auth": JWT},
    "token": {"auth": KEYS},
    "header": {"auth": KEYS | {"header": "x-api-key", "ttl": 0}},
    "lambda": {"auth": {"type": "lambda", "function_arn": OWN}},
    "alias": {
        "auth": {
            "type": "lambda",
            "function_arn": ELSEWHERE,
            "identity_sources": ["$request.header.X-Tenant", "$request.header.X-Key"],
            "ttl": 0,
        },
        "cors_origins": ["https://app.example.com"],
    },
    "always": {"auth": {"type": "lambda", "function_arn": OWN, "identity_sources": [], "ttl": 0}},
    "web": {"auth": {"type": "iam"}, "cors_origins": ["https://app.example.com", "http://localhost:6274"]},
    "desktop": {"auth": {"type": "iam"}, "cors_origins": ["https://app.example.com", EXTENSION]},
    "domain": {
        "auth": JWT | {"audience": ["https://mcp.example.com/mcp"]},
        "custom_domain": DOMAIN | {"zone_id": "Z0123456789"},
    },
    "kept": {"auth": {"type": "iam"}, "custom_domain": DOMAIN | {"keep_generated": "true"}},
}

METADATA = {"GET /.well-known/oauth-protected-resource", "GET /.well-known/oauth-protected-resource/mcp"}
ASKED_URI = "arn:{}:apigateway:{}:lambda:path/2015-03-31/functions/{}/invocations"


@pytest.fixture(scope="module")
def http(checkout: Path) -> dict[str, Applied]:
    """What there is behind an HTTP API, by the case."""
    return apply_each({case: INPUTS | inputs for case, inputs in CASES.items()}, checkout)


def routes(applied: Applied, kind: str) -> set[str]:
    """The routes of an HTTP API with a type of authorization."""
    found = applied.named("aws_apigatewayv2_route.front").values()
    return {route["route_key"] for route in found if route["authorization_type"] == kind}


@pytest.mark.parametrize(
    ("case", "kind", "open_routes"),
    [
        ("iam", "AWS_IAM", set()),
        ("jwt", "JWT", METADATA),
        ("token", "CUSTOM", set()),
        ("lambda", "CUSTOM", set()),
        ("web", "AWS_IAM", {"OPTIONS /mcp", "OPTIONS /{proxy+}"}),
    ],
)
def test_everything_is_guarded_but_health_discovery_and_preflights(
    http: dict[str, Applied], case: str, kind: str, open_routes: set[str]
) -> None:
    assert routes(http[case], kind) == {"ANY /mcp", "$default"}
    assert routes(http[case], "NONE") == {"GET /health"} | open_routes


def test_an_open_server_asks_nobody(http: dict[str, Applied]) -> None:
    assert routes(http["none"], "NONE") == {"ANY /mcp", "$default", "GET /health"}
    assert not [address for address in http["none"].resources if "authorizer" in address]


def test_a_token_counts_in_its_header_alone_and_needs_the_endpoints_scope(http: dict[str, Applied]) -> None:
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
    http: dict[str, Applied], case: str, function: str, headers: list[str], ttl: int
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


def test_only_this_api_may_call_the_function_and_only_by_the_alias(http: dict[str, Applied]) -> None:
    permission = http["iam"].one("aws_lambda_permission.front")

    assert permission["source_arn"] == f"arn:aws:execute-api:{ACCOUNT}:abc123/*/*"
    assert permission["qualifier"] == "live"


def test_fifty_requests_a_second_get_through_unless_asked_for_otherwise(http: dict[str, Applied]) -> None:
    (settings,) = http["iam"].one("aws_apigatewayv2_stage.front")["default_route_settings"]

    assert (settings["throttling_rate_limit"], settings["throttling_burst_limit"]) == (50, 100)


def test_the_access_log_has_a_status_that_the_filter_of_refusals_finds(http: dict[str, Applied]) -> None:
    (settings,) = http["iam"].one("aws_apigatewayv2_stage.front")["access_log_settings"]

    assert settings["destination_arn"] == http["iam"].one("aws_cloudwatch_log_group.access")["arn"]
    assert json.loads(settings["format"])["status"] == "$context.status"


def test_exactly_the_origins_that_are_named_may_call_from_a_web_page(http: dict[str, Applied]) -> None:
    allowed = {
        case: [cors["allow_origins"] for cors in http[case].one("aws_apigatewayv2_api.front")["cors_configuration"]]
        for case in ("none", "web", "desktop")
    }

    assert allowed == {
        "none": [],
        "web": [["http://localhost:6274", "https://app.example.com"]],
        "desktop": [["*"]],  # AWS documents only origins of web pages, and *: the host refuses the others
    }


def test_a_web_page_may_send_the_headers_that_an_authorizer_looks_at(http: dict[str, Applied]) -> None:
    (cors,) = http["alias"].one("aws_apigatewayv2_api.front")["cors_configuration"]

    assert {"x-tenant", "x-key", "authorization"} <= set(cors["allow_headers"])


def test_without_a_domain_the_url_is_the_generated_one(http: dict[str, Applied]) -> None:
    origin = "https://abc123.execute-api.eu-west-1.amazonaws.com"

    assert http["jwt"].outputs["url"] == f"{origin}/mcp"
    assert http["jwt"].outputs["resource_metadata_url"] == f"{origin}/.well-known/oauth-protected-resource/mcp"
    assert "resource_metadata_url" not in http["iam"].outputs  # null
    assert http["iam"].one("aws_apigatewayv2_api.front")["disable_execute_api_endpoint"] is False
    assert "domain_target" not in http["iam"].outputs


def test_a_domain_leads_to_the_root_of_the_api_whose_generated_endpoint_is_closed(http: dict[str, Applied]) -> None:
    applied = http["domain"]
    mapping = applied.one("aws_apigatewayv2_api_mapping.front")

    assert (mapping["api_id"], mapping["stage"], mapping["api_mapping_key"]) == ("abc123", "$default", None)
    assert applied.one("aws_apigatewayv2_api.front")["disable_execute_api_endpoint"] is True
    assert applied.outputs["url"] == "https://mcp.example.com/mcp"
    assert applied.outputs["resource_metadata_url"] == (
        "https://mcp.example.com/.well-known/oauth-protected-resource/mcp"
    )


def test_the_generated_endpoint_can_be_kept_beside_a_domain(http: dict[str, Applied]) -> None:
    assert http["kept"].one("aws_apigatewayv2_api.front")["disable_execute_api_endpoint"] is False

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.plan.offline import OVERRIDE, plan, stack

Attributes = dict[str, Any]

ENTRA = "https://login.microsoftonline.com"
SECRET = "arn:aws:ssm:eu-west-1:111122223333:parameter/client-secret"

# What an example wants to be told, since it is made elsewhere.
VARIABLES = {
    "login-entra": {"tenant_id": "11111111-2222", "client_id": "33333333-4444", "client_secret_arn": SECRET},
    "login-okta": {"okta_domain": "example.okta.com", "client_id": "0oa1", "client_secret_arn": SECRET},
}

# What must be in the plan, not all that is: attributes by address.
INVENTORIES: dict[str, dict[str, Attributes]] = {
    "basic": {
        "module.mcp.module.server.aws_lambda_function.server": {
            "function_name": "toolbox",
            "handler": "mcp_lambda_host.handler.handler",
            "runtime": "python3.13",
            "architectures": ["arm64"],
            "timeout": 29,
            "reserved_concurrent_executions": 5,
            "publish": True,
        },
        "module.mcp.aws_lambda_alias.live": {"name": "live", "function_name": "toolbox"},
        "module.mcp.module.http[0].aws_lambda_permission.front": {
            "qualifier": "live",
            "principal": "apigateway.amazonaws.com",
        },
        "module.mcp.module.http[0].aws_apigatewayv2_stage.front": {
            "name": "$default",
            "auto_deploy": True,
            "default_route_settings": [{"throttling_rate_limit": 20, "throttling_burst_limit": 40}],
        },
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "NONE"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["GET /health"]': {"authorization_type": "NONE"},
        "module.mcp.aws_cloudwatch_log_group.server": {"name": "/aws/lambda/toolbox", "retention_in_days": 30},
        "module.mcp.aws_cloudwatch_log_group.access[0]": {
            "name": "/aws/vendedlogs/apigateway/toolbox",
            "retention_in_days": 30,
        },
        'module.mcp.aws_cloudwatch_metric_alarm.server["function_errors"]': {"metric_name": "Errors"},
        'module.mcp.aws_cloudwatch_metric_alarm.server["throttles"]': {"metric_name": "Throttles"},
        'module.mcp.aws_cloudwatch_metric_alarm.server["p95_duration"]': {"threshold": 22800},
        'module.mcp.aws_cloudwatch_metric_alarm.server["concurrency"]': {"threshold": 4},
        'module.mcp.aws_cloudwatch_metric_alarm.server["api_5xx_rate"]': {"threshold": 5},
        "module.mcp.aws_ssm_parameter.request_state_keys": {"type": "SecureString"},
    },
    "jwt": {
        "module.mcp.module.http[0].aws_apigatewayv2_authorizer.jwt[0]": {"authorizer_type": "JWT"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "JWT"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["$default"]': {"authorization_type": "JWT"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["GET /.well-known/oauth-protected-resource/mcp"]': {
            "authorization_type": "NONE"
        },
        "aws_cognito_user_pool_client.machine": {
            "allowed_oauth_flows": ["client_credentials"],
            "generate_secret": True,
        },
        "aws_cognito_resource_server.mcp": {"identifier": "releases"},
    },
    "firewall": {
        "module.mcp.module.server.aws_lambda_function.server": {"function_name": "comparisons"},
        "module.mcp.module.rest[0].aws_wafv2_web_acl_association.live[0]": {},
        "aws_wafv2_web_acl.mcp": {"name": "comparisons", "scope": "REGIONAL", "default_action": [{"allow": [{}]}]},
    },
    "fastmcp": {"module.mcp.module.server.aws_lambda_function.server": {"function_name": "contrast"}},
    "typescript": {
        "module.mcp.module.server.aws_lambda_function.server": {
            "function_name": "calendar",
            "handler": "mcp_lambda_host/handler.handler",
            "runtime": "nodejs22.x",
        },
    },
    "fastapi-app": {"module.mcp.module.server.aws_lambda_function.server": {"function_name": "accounts"}},
    "github-actions": {
        "module.mcp.module.server.aws_lambda_function.server": {
            "function_name": "toolbox",
            "filename": "../github-actions/server.zip",
        },
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "AWS_IAM"},
    },
    "github-actions-role": {
        "aws_iam_openid_connect_provider.github": {
            "url": "https://token.actions.githubusercontent.com",
            "client_id_list": ["sts.amazonaws.com"],
        },
        "aws_iam_role.deploy": {"name": "deploy-toolbox"},
        "aws_iam_policy.boundary": {"name": "toolbox-boundary"},
    },
    "iam": {
        "aws_iam_policy.callers": {"name": "network-notes-callers"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "AWS_IAM"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["$default"]': {"authorization_type": "AWS_IAM"},
    },
    "token": {
        "aws_ssm_parameter.keys": {"type": "SecureString", "name": "/switches/keys"},
        "module.mcp.aws_lambda_function.authorizer[0]": {
            "function_name": "switches-authorizer",
            "handler": "authorizer.handler.handler",
            "runtime": "python3.13",
            "architectures": ["arm64"],
            "reserved_concurrent_executions": 10,
        },
        "module.mcp.module.http[0].aws_apigatewayv2_authorizer.function[0]": {
            "authorizer_type": "REQUEST",
            "identity_sources": ["$request.header.authorization"],
            "authorizer_result_ttl_in_seconds": 60,
        },
        "module.mcp.aws_cloudwatch_log_group.authorizer[0]": {"name": "/aws/lambda/switches-authorizer"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "CUSTOM"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["$default"]': {"authorization_type": "CUSTOM"},
        'module.mcp.aws_cloudwatch_metric_alarm.server["authorizer_errors"]': {"threshold": 1},
    },
    "login-cognito": {
        "aws_cognito_user_pool_client.login": {"allowed_oauth_flows": ["code"], "generate_secret": True},
        "module.mcp.aws_lambda_function.login[0]": {"function_name": "desk-login", "handler": "login.handler.handler"},
        "module.mcp.aws_ssm_parameter.login_keys[0]": {"type": "SecureString"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["GET /oauth/authorize"]': {
            "authorization_type": "NONE"
        },
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "JWT"},
    },
    "login-entra": {
        "module.mcp.aws_lambda_function.login[0]": {"function_name": "billing-login"},
        "module.mcp.module.http[0].aws_apigatewayv2_authorizer.jwt[0]": {
            "jwt_configuration": [{"audience": ["33333333-4444"], "issuer": f"{ENTRA}/11111111-2222/v2.0"}]
        },
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_scopes": ["call"]},
    },
    "login-okta": {
        "module.mcp.aws_lambda_function.login[0]": {"function_name": "stock-login"},
        "module.mcp.module.server.aws_lambda_function.server": {"runtime": "nodejs22.x"},
        "module.mcp.module.http[0].aws_apigatewayv2_authorizer.jwt[0]": {
            "jwt_configuration": [{"audience": ["api://default"], "issuer": "https://example.okta.com/oauth2/default"}]
        },
        'module.mcp.aws_cloudwatch_metric_alarm.server["login_errors"]': {"threshold": 1},
    },
    "existing-stack": {
        "aws_dynamodb_table.orders": {"name": "shop-orders"},
        "aws_sns_topic.on_call": {"name": "shop-on-call"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "AWS_IAM"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["$default"]': {"authorization_type": "AWS_IAM"},
        'module.mcp.aws_cloudwatch_metric_alarm.server["p95_duration"]': {"threshold": 2000, "tags": {"part": "mcp"}},
        "module.mcp.module.server.aws_lambda_function.server": {"tags_all": {"part": "mcp", "stack": "shop"}},
    },
    "long-tool": {
        "module.mcp.aws_dynamodb_table.tasks[0]": {"name": "shop-reports-tasks", "billing_mode": "PAY_PER_REQUEST"},
        "module.mcp.module.worker[0].aws_lambda_function.server": {
            "function_name": "shop-reports-tasks",
            "timeout": 600,
            "reserved_concurrent_executions": 2,
        },
        'module.mcp.aws_cloudwatch_metric_alarm.server["oldest_task"]': {"metric_name": "AsyncEventAge"},
    },
    "complete": {
        "aws_ssm_parameter.person_key": {"type": "SecureString", "value": None, "value_wo": None},
        "aws_secretsmanager_secret_version.seal_key": {"secret_string": None, "secret_string_wo": None},
        'aws_vpc_endpoint.secrets["ssm"]': {"service_name": "com.amazonaws.eu-west-1.ssm"},
        'aws_vpc_endpoint.secrets["secretsmanager"]': {"private_dns_enabled": True},
        "aws_kms_key.platform": {"enable_key_rotation": True},
        "aws_acm_certificate.front": {"domain_name": "consents.example.com", "validation_method": "DNS"},
        "module.mcp.module.server.aws_lambda_function.server": {
            "function_name": "consents",
            "reserved_concurrent_executions": 20,
            "timeout": 10,
            "tracing_config": [{"mode": "Active"}],
            "tags_all": {"part": "mcp", "team": "privacy"},
        },
        "module.mcp.aws_lambda_provisioned_concurrency_config.fixed[0]": {"provisioned_concurrent_executions": 2},
        "module.mcp.module.http[0].aws_apigatewayv2_api.front": {"disable_execute_api_endpoint": True},
        "module.mcp.aws_apigatewayv2_domain_name.front[0]": {"domain_name": "consents.example.com"},
        'module.mcp.module.http[0].aws_apigatewayv2_route.front["ANY /mcp"]': {"authorization_type": "JWT"},
        "module.mcp.aws_cloudwatch_log_group.server": {"retention_in_days": 365},
        "module.mcp.aws_cloudwatch_dashboard.server[0]": {},
        'module.mcp.aws_cloudwatch_query_definition.server["slowest tools"]': {"name": "mcp/consents/slowest tools"},
        'module.mcp.aws_cloudwatch_metric_alarm.server["provisioned_spillover"]': {"threshold": 1},
        'module.mcp.aws_cloudwatch_metric_alarm.server["p95_duration"]': {"threshold": 2000},
    },
}


@pytest.fixture(scope="module")
def planned(checkout: Path) -> dict[str, Attributes]:
    """What the examples create, as modules of one stack: a plan for each would start the provider anew for each."""
    everything = checkout / "examples" / "everything"
    everything.mkdir()
    for example in INVENTORIES:
        shutil.copy(OVERRIDE, everything.parent / example)
    calls = {example: {"source": f"../{example}"} | VARIABLES.get(example, {}) for example in INVENTORIES}
    (everything / "main.tf.json").write_text(json.dumps({"module": calls}))
    return plan(stack(everything))


@pytest.mark.parametrize("example", INVENTORIES)
def test_an_example_plans_without_account_and_network(example: str, planned: dict[str, Attributes]) -> None:
    for address, expected in INVENTORIES[example].items():
        attributes = planned[f"module.{example}.{address}"]
        assert part_of(expected, attributes) == expected, address


def test_every_example_has_an_inventory(checkout: Path) -> None:
    assert {path.parent.name for path in checkout.glob("examples/*/main.tf")} == INVENTORIES.keys()


def test_the_package_is_named_by_what_goes_into_it(checkout: Path) -> None:
    server = checkout / "examples" / "basic" / "server"
    basic = stack(server.parent)
    before = package(basic)

    (server / "__pycache__").mkdir()
    (server / "__pycache__" / "server.cpython-311.pyc").touch()
    (server / ".env").write_text("SECRET=1")
    (server / "venv").mkdir()
    (server / "venv" / "pyvenv.cfg").touch()
    assert package(basic) == before

    (server / "requirements.txt").write_text("six\n")
    assert package(basic) != before


def package(terraform: tftest.TerraformTest) -> Attributes:
    build = plan(terraform)['module.mcp.terraform_data.package["server"]']
    return {key: build[key] for key in ("input", "triggers_replace")}


def part_of(expected: Any, actual: Any) -> Any:
    """Cut `actual` down to what `expected` speaks of."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: part_of(value, actual.get(key)) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [part_of(*pair) for pair in zip(expected, actual, strict=True)]
    return actual

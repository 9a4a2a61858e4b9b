"""A state from before an address changed is still the state of the same resources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plan.offline import terraform
from tests.plan.test_refusals import write_stack

ACCOUNT = "eu-west-1:111122223333"
DOMAIN = "mcp.example.com"
ZONE = "Z0123456789"
CERTIFICATE = f"arn:aws:acm:{ACCOUNT}:certificate/1234abcd"
EXECUTION_ARN = f"arn:aws:execute-api:{ACCOUNT}:abc123"

INPUTS: dict[str, Any] = {
    "name": "orders",
    "package_file": "server.zip",
    "auth": {"type": "token", "ssm_parameter": f"arn:aws:ssm:{ACCOUNT}:parameter/orders/keys"},
    "custom_domain": {"domain_name": DOMAIN, "certificate_arn": CERTIFICATE, "zone_id": ZONE},
}

TARGET = {
    "certificate_arn": CERTIFICATE,
    "endpoint_type": "REGIONAL",
    "security_policy": "TLS_1_2",
    "target_domain_name": "d-abc123.example.com",
    "hosted_zone_id": "Z2ZONE",
}
PERMISSION = {
    "id": "api",
    "statement_id": "api",
    "action": "lambda:InvokeFunction",
    "function_name": "orders",
    "qualifier": "live",
    "principal": "apigateway.amazonaws.com",
    "source_arn": f"{EXECUTION_ARN}/*/*",
}

BEFORE: dict[str, dict[str | int | None, dict[str, Any]]] = {
    "aws_apigatewayv2_api": {
        None: {"id": "abc123", "name": "orders", "protocol_type": "HTTP", "execution_arn": EXECUTION_ARN}
    },
    "aws_apigatewayv2_stage": {None: {"id": "$default", "name": "$default", "api_id": "abc123"}},
    "aws_apigatewayv2_route": {
        key: {"id": key, "route_key": key, "api_id": "abc123"} for key in ("ANY /mcp", "$default", "GET /health")
    },
    "aws_apigatewayv2_domain_name": {0: {"id": DOMAIN, "domain_name": DOMAIN, "domain_name_configuration": [TARGET]}},
    "aws_apigatewayv2_api_mapping": {
        0: {"id": "mapping", "api_id": "abc123", "domain_name": DOMAIN, "stage": "$default"}
    },
    "aws_route53_record": {kind: {"id": kind, "zone_id": ZONE, "name": DOMAIN, "type": kind} for kind in ("A", "AAAA")},
    "aws_lambda_permission": {None: PERMISSION},
}
"""Attributes of what was named `door` and is named `front`, by kind and by the instance's key."""


ROLE = "arn:aws:iam::111122223333:role"
GROUP = "/aws/lambda/orders"

NAMED_BEFORE: dict[tuple[str, str, int | None], dict[str, Any]] = {
    ("aws_cloudwatch_log_group", "server", None): {
        "id": GROUP,
        "name": GROUP,
        "arn": f"arn:aws:logs:{ACCOUNT}:log-group:{GROUP}",
        "log_group_class": "STANDARD",
    },
    ("aws_iam_role", "server", None): {
        "id": "orders-lambda",
        "name": "orders-lambda",
        "path": "/",
        "arn": f"{ROLE}/orders-lambda",
    },
    ("aws_iam_role", "authorizer", 0): {
        "id": "orders-authorizer",
        "name": "orders-authorizer",
        "path": "/",
        "arn": f"{ROLE}/orders-authorizer",
    },
}
"""Attributes of what would get another name today, or could change its class, by kind, name and index."""


@pytest.fixture(scope="module")
def changes(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What would be changed in the stack whose state has the addresses of before, by present address."""
    directory = tmp_path_factory.mktemp("before")
    (directory / "server.zip").touch()
    write_stack({"mcp": INPUTS}, checkout, directory)
    (directory / "terraform.tfstate").write_text(json.dumps(state()))
    planned = terraform("plan", "-refresh=false", "-out=plan", directory=directory)
    assert planned.returncode == 0, planned.stderr
    shown = json.loads(terraform("show", "-json", "plan", directory=directory).stdout)
    return {change["address"]: change for change in shown["resource_changes"]}


def state() -> dict[str, Any]:
    """The state that Terraform would have kept."""
    resources = [resource(kind, "door", instances) for kind, instances in BEFORE.items()]
    resources += [resource(kind, name, {key: attributes}) for (kind, name, key), attributes in NAMED_BEFORE.items()]
    return {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "before", "resources": resources}


def resource(kind: str, name: str, instances: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    """A resource of the module as a state has it."""
    return {
        "module": "module.mcp",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [
            ({} if key is None else {"index_key": key}) | {"schema_version": 0, "attributes": attributes}
            for key, attributes in instances.items()
        ],
    }


@pytest.mark.parametrize("kind", BEFORE)
def test_a_resource_whose_address_changed_is_kept(kind: str, changes: dict[str, dict[str, Any]]) -> None:
    for key in BEFORE[kind]:
        index = "" if key is None else f"[{json.dumps(key)}]"
        change = changes[f"module.mcp.{kind}.front{index}"]

        assert change["previous_address"] == f"module.mcp.{kind}.door{index}"
        assert not {"create", "delete"} & set(change["change"]["actions"])


def test_nothing_of_before_is_deleted(changes: dict[str, dict[str, Any]]) -> None:
    assert [address for address, change in changes.items() if "delete" in change["change"]["actions"]] == []


@pytest.mark.parametrize(("kind", "name", "index"), NAMED_BEFORE)
def test_what_is_live_keeps_its_name(
    kind: str, name: str, index: int | None, changes: dict[str, dict[str, Any]]
) -> None:
    change = changes[f"module.mcp.{kind}.{name}" + ("" if index is None else f"[{index}]")]["change"]

    assert not {"create", "delete"} & set(change["actions"])
    assert change["after"]["name"] == change["before"]["name"]

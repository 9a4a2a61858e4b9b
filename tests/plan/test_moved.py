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
    "tasks": {"tools": {"report": "optional"}},
}
JWT = {"type": "jwt", "issuer": "https://login.example.com/", "audience": ["orders"]}
OWN = f"arn:aws:lambda:{ACCOUNT}:function:company-door"

CALLS: dict[str, dict[str, Any]] = {
    "mcp": {},
    "jwt": {"auth": JWT},
    "lambda": {"auth": {"type": "lambda", "function_arn": OWN}},
}
"""The module calls of the stack, with what differs in each."""

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
ASKING = PERMISSION | {
    "id": "mcp-orders-authorizer",
    "statement_id": "mcp-orders-authorizer",
    "function_name": OWN,
    "qualifier": None,
    "source_arn": f"{EXECUTION_ARN}/authorizers/*",
}

Instances = dict[str | int | None, dict[str, Any]]

FRONT: dict[str, Instances] = {
    "aws_apigatewayv2_api": {
        None: {"id": "abc123", "name": "orders", "protocol_type": "HTTP", "execution_arn": EXECUTION_ARN}
    },
    "aws_apigatewayv2_stage": {None: {"id": "$default", "name": "$default", "api_id": "abc123"}},
    "aws_apigatewayv2_route": {
        key: {"id": key, "route_key": key, "api_id": "abc123"} for key in ("ANY /mcp", "$default", "GET /health")
    },
    "aws_lambda_permission": {None: PERMISSION},
}
"""Attributes of what every HTTP API has, by kind and by the instance's key."""

ELSEWHERE: dict[str, Instances] = {
    "aws_apigatewayv2_domain_name": {0: {"id": DOMAIN, "domain_name": DOMAIN, "domain_name_configuration": [TARGET]}},
    "aws_apigatewayv2_api_mapping": {
        0: {"id": "mapping", "api_id": "abc123", "domain_name": DOMAIN, "stage": "$default"}
    },
    "aws_route53_record": {kind: {"id": kind, "zone_id": ZONE, "name": DOMAIN, "type": kind} for kind in ("A", "AAAA")},
}

IN_FOLDER = "module.http[0]."
PERMISSION_NOW = "aws_lambda_permission.front"
"""Has the name of its API now, so there is another one before that of before goes."""

BEFORE: dict[tuple[str, str], tuple[Instances, str]] = {
    **{("mcp", f"{kind}.door"): (instances, f"{IN_FOLDER}{kind}.front") for kind, instances in FRONT.items()},
    **{("mcp", f"{kind}.door"): (instances, f"{kind}.front") for kind, instances in ELSEWHERE.items()},
    **{
        (call, f"{kind}.front"): (instances, f"{IN_FOLDER}{kind}.front")
        for call in ("jwt", "lambda")
        for kind, instances in FRONT.items()
    },
    **{
        (call, address): ({0 if "authorizer" in address else None: attributes}, f"{IN_FOLDER}{address}")
        for call, address, attributes in (
            (
                "jwt",
                "aws_apigatewayv2_integration.live",
                {"id": "integration", "api_id": "abc123", "integration_type": "AWS_PROXY"},
            ),
            ("jwt", "aws_apigatewayv2_authorizer.jwt", {"id": "jwt", "api_id": "abc123", "authorizer_type": "JWT"}),
            (
                "lambda",
                "aws_apigatewayv2_authorizer.function",
                {"id": "own", "api_id": "abc123", "authorizer_type": "REQUEST"},
            ),
            ("lambda", "aws_lambda_permission.authorizer", ASKING),
        )
    },
}
"""The instances of a resource and its address now, by the module call and by its address before."""


LEFT = {"mcp": ("door", "/aws/apigateway/orders"), "jwt": ("front", "/aws/apigateway/orders")}
"""The access log's group of before, by the module call: its name in the stack, and in the account."""

ROLE = "arn:aws:iam::111122223333:role"
GROUP = "/aws/lambda/orders"

FUNCTION = f"arn:aws:lambda:{ACCOUNT}:function"

NAMED_BEFORE: dict[tuple[str, str, int | None], tuple[dict[str, Any], str]] = {
    ("aws_cloudwatch_log_group", "server", None): (
        {
            "id": GROUP,
            "name": GROUP,
            "arn": f"arn:aws:logs:{ACCOUNT}:log-group:{GROUP}",
            "log_group_class": "STANDARD",
        },
        "aws_cloudwatch_log_group.server",
    ),
    **{
        ("aws_iam_role", function, index): (
            {"id": f"orders-{role}", "name": f"orders-{role}", "path": "/", "arn": f"{ROLE}/orders-{role}"},
            f'aws_iam_role.function["{function}"]',
        )
        for function, index, role in (("server", None, "lambda"), ("authorizer", 0, "authorizer"))
    },
    **{
        ("aws_lambda_function", function, index): (
            {"id": name, "function_name": name, "arn": f"{FUNCTION}:{name}", "package_type": "Zip"},
            address,
        )
        for function, index, name, address in (
            ("server", None, "orders", "module.server.aws_lambda_function.server"),
            ("worker", 0, "orders-tasks", "module.worker[0].aws_lambda_function.server"),
        )
    },
}
"""Attributes by which AWS knows what would get another name or could change its class today, and its address now.

They are kept by their kind, name and index before.
"""


@pytest.fixture(scope="module")
def changes(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What would be changed in the stack whose state has the addresses of before, by present address."""
    directory = tmp_path_factory.mktemp("before")
    (directory / "server.zip").touch()
    write_stack({call: INPUTS | inputs for call, inputs in CALLS.items()}, checkout, directory)
    (directory / "terraform.tfstate").write_text(json.dumps(state()))
    planned = terraform("plan", "-refresh=false", "-out=plan", directory=directory)
    assert planned.returncode == 0, planned.stderr
    shown = json.loads(terraform("show", "-json", "plan", directory=directory).stdout)
    return {change["address"]: change for change in shown["resource_changes"]}


def state() -> dict[str, Any]:
    """The state that Terraform would have kept."""
    resources = [resource(call, address, instances) for (call, address), (instances, _) in BEFORE.items()]
    resources += [
        resource("mcp", f"{kind}.{name}", {key: attributes})
        for (kind, name, key), (attributes, _) in NAMED_BEFORE.items()
    ]
    resources += [
        resource(call, f"aws_cloudwatch_log_group.{name}", {None: {"id": group, "name": group}})
        for call, (name, group) in LEFT.items()
    ]
    return {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "before", "resources": resources}


def resource(call: str, address: str, instances: Instances) -> dict[str, Any]:
    """A resource of the module as a state has it."""
    return {
        "module": f"module.{call}",
        "mode": "managed",
        "type": address.split(".")[0],
        "name": address.split(".")[1],
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [
            ({} if key is None else {"index_key": key}) | {"schema_version": 0, "attributes": attributes}
            for key, attributes in instances.items()
        ],
    }


@pytest.mark.parametrize(("call", "address"), BEFORE)
def test_a_resource_whose_address_changed_is_kept(call: str, address: str, changes: dict[str, dict[str, Any]]) -> None:
    instances, now = BEFORE[call, address]
    for key in instances:
        index = "" if key is None else f"[{json.dumps(key)}]"
        change = changes[f"module.{call}.{now}{index}"]

        assert change["previous_address"] == f"module.{call}.{address}{index}"
        kept = [["create", "delete"]] if now.endswith(PERMISSION_NOW) else [["no-op"], ["update"]]
        assert change["change"]["actions"] in kept


def test_nothing_of_before_is_deleted(changes: dict[str, dict[str, Any]]) -> None:
    deleted = [address for address, change in changes.items() if "delete" in change["change"]["actions"]]
    assert [address for address in deleted if not address.endswith(PERMISSION_NOW)] == []


@pytest.mark.parametrize("call", LEFT)
def test_the_access_logs_old_group_leaves_the_stack_and_stays_in_the_account(
    call: str, changes: dict[str, dict[str, Any]]
) -> None:
    change = changes[f"module.{call}.aws_cloudwatch_log_group.{LEFT[call][0]}"]["change"]

    assert (change["actions"], change["before"]["name"]) == (["forget"], LEFT[call][1])


@pytest.mark.parametrize(
    ("attributes", "address"), NAMED_BEFORE.values(), ids=[address for _, address in NAMED_BEFORE.values()]
)
def test_what_is_live_stays_what_it_is(
    attributes: dict[str, Any], address: str, changes: dict[str, dict[str, Any]]
) -> None:
    change = changes[f"module.mcp.{address}"]["change"]

    assert not {"create", "delete"} & set(change["actions"])
    assert {name: change["after"][name] for name in attributes} == attributes

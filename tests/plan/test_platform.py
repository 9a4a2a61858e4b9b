"""What holds for every resource, whatever is added to the module: found in a plan with everything switched on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plan.offline import plan, stack
from tests.plan.test_refusals import write_stack

ACCOUNT = "eu-west-1:111122223333"
EVERYTHING: dict[str, Any] = {
    "name": "orders",
    "source_dir": "server",
    "auth": {"type": "token", "ssm_parameter": f"arn:aws:ssm:{ACCOUNT}:parameter/mcp/keys"},
    "tags": {"team": "shop"},
    "secrets": {"DB_PASSWORD": f"arn:aws:ssm:{ACCOUNT}:parameter/orders/db"},
    "custom_domain": {
        "domain_name": "mcp.example.com",
        "certificate_arn": f"arn:aws:acm:{ACCOUNT}:certificate/1234abcd",
        "zone_id": "Z0123456789",
    },
    "vpc": {"subnet_ids": ["subnet-00000001"], "security_group_ids": ["sg-00000001"]},
    "file_system": {
        "access_point_arn": f"arn:aws:elasticfilesystem:{ACCOUNT}:access-point/fsap-0123456789abcdef0",
        "mount_path": "/mnt/files",
    },
    "layers": [f"arn:aws:lambda:{ACCOUNT}:layer:tools:3"],
    "managed_policy_arns": {"own": "arn:aws:iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy"},
    "role_path": "/mcp/",
    "kms_key_arn": f"arn:aws:kms:{ACCOUNT}:key/1234abcd",
    "permissions_boundary_arn": "arn:aws:iam::111122223333:policy/boundary",
}


@pytest.fixture(scope="module")
def planned(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """All that is planned, attributes by address."""
    directory = tmp_path_factory.mktemp("everything")
    (directory / "server").mkdir()
    (directory / "server" / "server.py").touch()
    write_stack(
        {front: EVERYTHING | {"name": front, "front": front} for front in ("http", "rest")}, checkout, directory
    )
    return plan(stack(directory))


def test_tags_are_on_everything_that_can_carry_them(planned: dict[str, dict[str, Any]]) -> None:
    taggable = {address: attributes["tags"] for address, attributes in planned.items() if "tags" in attributes}

    assert len(taggable) > 10
    assert taggable == dict.fromkeys(taggable, EVERYTHING["tags"])


@pytest.mark.parametrize(
    ("kind", "attribute", "variable"),
    [
        ("aws_iam_role", "permissions_boundary", "permissions_boundary_arn"),
        ("aws_iam_role", "path", "role_path"),
        ("aws_lambda_function", "kms_key_arn", "kms_key_arn"),
        ("aws_cloudwatch_log_group", "kms_key_id", "kms_key_arn"),
        ("aws_ssm_parameter", "key_id", "kms_key_arn"),
    ],
)
def test_boundary_and_key_are_on_every_resource_of_a_kind(
    planned: dict[str, dict[str, Any]], kind: str, attribute: str, variable: str
) -> None:
    found = {address: attributes[attribute] for address, attributes in planned.items() if f".{kind}." in address}

    assert found
    assert found == dict.fromkeys(found, EVERYTHING[variable])


def test_arns_of_every_partition_are_taken(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server" / "server.py").touch()
    asked = {"type": "lambda", "function_arn": f"arn:aws:lambda:{ACCOUNT}:function:authorizer:live"}
    secret = f"arn:aws:secretsmanager:{ACCOUNT}:secret:orders-a1B2c3"
    more = {"alarm_actions": [f"arn:aws:sns:{ACCOUNT}:on-call"], "secrets": {"API_KEY": secret}}
    calls = {
        f"{name}-{partition}": json.loads(json.dumps(inputs).replace("arn:aws:", f"arn:{partition}:"))
        for partition in ("aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b")
        for name, inputs in {"token": EVERYTHING | more, "lambda": EVERYTHING | {"auth": asked}}.items()
    }
    write_stack(calls, checkout, tmp_path)

    planned = plan(stack(tmp_path))

    assert {f"module.{name}.module.server.aws_lambda_function.server" for name in calls} <= planned.keys()

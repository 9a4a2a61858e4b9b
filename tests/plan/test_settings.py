"""Terraform tells the host everything, and by the names that the host reads."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.readme import blocks
from mcp_lambda_host.contract import SETTINGS_VARIABLE
from mcp_lambda_host.settings import Settings, TaskSettings
from tests.plan.mocked import plan_each

ACCOUNT = "eu-west-1:111122223333"
SECRET = f"arn:aws:ssm:{ACCOUNT}:parameter/orders/db"

INPUTS: dict[str, Any] = {
    "name": "ledger",
    "auth": {
        "type": "jwt",
        "issuer": "https://login.example.com/",
        "audience": ["ledger"],
        "scopes": ["call", "read"],
        "scope_claims": ["roles"],
        "advertised_scopes": ["api://ledger/call"],
    },
    "front": "rest",
    "source_dir": "examples/basic/server",
    "entrypoint": "server:app",
    "runtime": "python3.12",
    "architecture": "x86_64",
    "memory_mb": 512,
    "timeout_seconds": 60,
    "gateway_timeout_quota_seconds": 120,
    "allowed_cidrs": ["203.0.113.0/24", "2001:db8::/32"],
    "web_acl_arn": f"arn:aws:wafv2:{ACCOUNT}:regional/webacl/mcp/1234abcd",
    "environment": {"TABLE": "ledger"},
    "required_scopes": {"tools/refund": ["write", "read"], "resources/orders://{id}": ["read"]},
    "cors_origins": ["https://app.example.com", "http://localhost:6274"],
    "alarms": {"throttles": 5},
    "alarm_actions": [f"arn:aws:sns:{ACCOUNT}:on-call"],
    "dashboard": True,
    "log_level": "WARN",
    "access_log": False,
    "system_log_level": "INFO",
    "log_retention_days": 14,
    "log_subject": "plain",
    "log_payloads": True,
    "saved_queries": True,
    "metrics": "tools",
    "tracing": True,
    "custom_domain": {
        "domain_name": "mcp.example.com",
        "certificate_arn": f"arn:aws:acm:{ACCOUNT}:certificate/1234abcd",
        "zone_id": "Z0123456789",
    },
    "vpc": {"subnet_ids": ["subnet-00000001"], "security_group_ids": ["sg-00000001"], "ipv6": True},
    "file_system": {
        "access_point_arn": f"arn:aws:elasticfilesystem:{ACCOUNT}:access-point/fsap-0123456789abcdef0",
        "mount_path": "/mnt/ledger",
    },
    "ephemeral_storage_mb": 1024,
    "layers": [f"arn:aws:lambda:{ACCOUNT}:layer:tools:3"],
    "managed_policy_arns": {"insights": "arn:aws:iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy"},
    "role_path": "/mcp/",
    "log_groups_kept": True,
    "secrets": {"DB_PASSWORD": SECRET},
    "policy_json": json.dumps({"Version": "2012-10-17", "Statement": []}),
    "kms_key_arn": f"arn:aws:kms:{ACCOUNT}:key/1234abcd",
    "permissions_boundary_arn": "arn:aws:iam::111122223333:policy/boundary",
    "tags": {"team": "shop"},
    "catalogue_seconds": 60,
    "request_state_keys": ["2026-12", "2026-11"],
    "reserved_concurrency": 20,
    "throttle": {"rate": 5, "burst": 10},
    "provisioned_concurrency": {"environments": 2},
    "rollback_to": 7,
    "versions_kept": 3,
    "private_keys": ["client.pem"],
    "sdk_1_compatibility": True,
    "trial_start": False,
    "package_bucket": {"name": "acme-packages", "prefix": "mcp/"},
    "tasks": {"tools": {"report": "required"}, "ttl_seconds": 3600, "result_bucket": "results"},
}
"""Each input but those below, with another value than its default."""

INSTEAD: dict[str, Any] = {
    "custom_domain": None,
    "vpc_endpoint_ids": ["vpce-0123456789abcdef0"],
    "source_dir": None,
    "private_keys": None,
    "sdk_1_compatibility": None,
    "trial_start": None,
    "package_file": "versions.tf",
    "code_signing_config_arn": f"arn:aws:lambda:{ACCOUNT}:code-signing-config:csc-0123456789abcdef0",
    "provisioned_concurrency": None,
    "file_system": None,
    "ephemeral_storage_mb": None,
    "snap_start": True,
    "metrics": "none",
    "log_group_class": "INFREQUENT_ACCESS",
    "log_sample_rate": 0.5,
    "rollback_to": None,
    "canary": {"stable_version": 7, "weight": 0.1},
}
"""Inputs that go with the others only where some of those are left out."""

EXPECTED = Settings(
    name="ledger",
    entrypoint="server:app",
    origins=frozenset({"https://app.example.com", "http://localhost:6274"}),
    auth_type="jwt",
    issuer="https://login.example.com/",
    scopes=frozenset({"call", "read"}),
    scope_claims=("roles",),
    advertised_scopes=frozenset({"api://ledger/call"}),
    required_scopes={
        "tools/refund": frozenset({"write", "read"}),
        "resources/orders://{id}": frozenset({"read"}),
    },
    catalogue_seconds=60,
    request_state_parameter=f"arn:aws:ssm:{ACCOUNT}:parameter/mcp-lambda/orders/request-state-keys",
    request_state_keys=("2026-12", "2026-11"),
    secrets={"DB_PASSWORD": SECRET},
    log_level="WARN",
    log_sample_rate=1,
    log_subject="plain",
    log_payloads=True,
    metrics="tools",
    tracing=True,
    tasks=TaskSettings(
        tools={"report": "required"},
        table=f"arn:aws:dynamodb:{ACCOUNT}:table/mocked",  # of tests/mocks, as the function
        worker=f"arn:aws:lambda:{ACCOUNT}:function:orders-authorizer:8",
        ttl_seconds=3600,
        queue_seconds=3600,
        withheld_headers=frozenset({"authorization"}),
        bucket="results",
    ),
)

RUNS = {"most": INPUTS, "the_others": INPUTS | INSTEAD}
WARNINGS = {"the_others": ["check.the_metadata_is_at_the_root"]}  # without a domain
EXPECTED_OF = {"most": EXPECTED, "the_others": replace(EXPECTED, metrics="none", log_sample_rate=0.5)}


@pytest.fixture(scope="module")
def planned(checkout: Path) -> dict[str, Settings]:
    """The settings that the function would get, by the name of the run."""
    return {
        run: Settings.from_json(
            plan.one("module.server.aws_lambda_function.server")["environment"][0]["variables"][SETTINGS_VARIABLE]
        )
        for run, plan in plan_each(RUNS, checkout, warnings=WARNINGS).items()
    }


def test_every_input_is_given_and_is_not_its_default() -> None:
    given = INPUTS | {name: value for name, value in INSTEAD.items() if value is not None}
    variables = blocks("variable")

    assert given.keys() == variables.keys()
    assert [name for name, value in given.items() if value == variables[name].get("default")] == []


@pytest.mark.parametrize("run", RUNS)
def test_the_host_finds_each_setting_as_it_was_given(planned: dict[str, Settings], run: str) -> None:
    assert planned[run] == EXPECTED_OF[run]

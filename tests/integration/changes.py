"""What is changed on a live stack, step by step: test_changes.py applies it, and docs/changing.md has it as a table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lab.readme import blocks

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Surroundings:
    """What inputs of the module name, and exists outside of it: ARNs, ids and paths."""

    package_file: str = "server.zip"
    source_dir: str = "server"
    runtime: str = "python3.13"
    architecture: str = "arm64"
    issuer: str = "https://login.example.com/"
    keys: str = "arn:…"
    authorizer: str = "arn:…"
    secret: str = "arn:…"
    key: str = "arn:…"
    policy: str = "arn:…"
    topic: str = "arn:…"
    layer: str = "arn:…"
    signing: str = "arn:…"
    certificate: str = "arn:…"
    zone: str = "Z…"
    subnet: str = "subnet-…"
    group: str = "sg-…"
    access_point: str = "arn:…"
    bucket: str = "packages"


TYPES = ("none", "iam", "jwt", "token", "lambda")

CIRCUITS = [[TYPES[stride * step % len(TYPES)] for step in range(len(TYPES) + 1)] for stride in range(1, len(TYPES))]
"""The type of authorization of each server in each step.

The servers go round the types with another stride each, so together they make every switch from one to another, once.
"""


def auths(around: Surroundings, *, with_login: bool = False) -> dict[str, Inputs]:
    """A value of `auth` for each type; people may log in at the one that takes tokens of an issuer."""
    login = {"login": {"client_id": "desk", "client_secret": around.secret, "keys": ["1"]}} if with_login else {}
    return {
        "none": {"type": "none"},
        "iam": {"type": "iam"},
        "jwt": {"type": "jwt", "issuer": around.issuer, "audience": ["https://mcp.example"], **login},
        "token": {"type": "token", "ssm_parameter": around.keys},
        "lambda": {"type": "lambda", "function_arn": around.authorizer},
    }


def others(around: Surroundings) -> list[list[Inputs]]:
    """The other inputs of each server in the steps between its first and last, where they are not as at the start.

    A step takes back what the one before has changed, so that each is one apply there and one back. Inputs stand
    together that need each other, or that end in different resources.
    """
    day = {"cron": "0 8 * * ? *", "environments": 2}
    other_processor = {"arm64": "x86_64", "x86_64": "arm64"}[around.architecture]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    return [
        [
            {
                "package_file": None,
                "source_dir": around.source_dir,
                "entrypoint": "main:app",
                "private_keys": ["client.pem"],
                "package_bucket": {"name": around.bucket},
                "sdk_1_compatibility": True,
                "trial_start": False,
            },
            {
                "memory_mb": 512,
                "timeout_seconds": 10,
                "ephemeral_storage_mb": 1024,
                "environment": {"TABLE": "orders"},
                "layers": [around.layer],
                "catalogue_seconds": 60,
                "required_scopes": {"tools/add": ["add"]},
                "cors_origins": ["https://app.example.com"],
                "throttle": {"rate": 500, "burst": 900},
            },
            {"runtime": "python3.12", "snap_start": True},
            {
                "architecture": other_processor,
                "log_retention_days": 14,
                "saved_queries": True,
                "tags": {"team": "shop"},
            },
        ],
        [
            {
                "vpc": {"subnet_ids": [around.subnet], "security_group_ids": [around.group], "ipv6": True},
                "file_system": {"access_point_arn": around.access_point, "mount_path": "/mnt/files"},
            },
            {
                "kms_key_arn": around.key,
                "secrets": {"DB_PASSWORD": around.secret},
                "request_state_keys": ["2", "1"],
            },
            {"log_group_class": "INFREQUENT_ACCESS", "metrics": "none"},
            {
                "log_level": "WARN",
                "log_sample_rate": 0.1,
                "system_log_level": "INFO",
                "log_subject": "plain",
                "log_payloads": True,
                "tracing": True,
                "policy_json": json.dumps({"Statement": [statement]}),
                "managed_policy_arns": {"own": around.policy},
                "permissions_boundary_arn": around.policy,
                "role_path": "/mcp/",
            },
        ],
        [
            {"name": "renamed"},
            {
                "custom_domain": {
                    "domain_name": "changes.example.com",
                    "certificate_arn": around.certificate,
                    "zone_id": around.zone,
                },
            },
            {"code_signing_config_arn": around.signing, "reserved_concurrency": None, "access_log": False},
            {"canary": {"stable_version": 1, "weight": 0.1}},
        ],
        [
            {"provisioned_concurrency": {"environments": 2}, "tasks": {"tools": {"wait": "optional"}}},
            {"provisioned_concurrency": {"environments": 1, "max": 3, "schedule": {"day": day}}},
            {
                "provisioned_concurrency": {"environments": 1, "max": 2},
                "alarms": {"throttles": 5, "concurrency": None},
                "alarm_actions": [around.topic],
                "dashboard": True,
            },
            {"rollback_to": 1, "versions_kept": 1, "log_groups_kept": True},
        ],
    ]


REACH: Inputs = {
    "front": "rest",
    "allowed_cidrs": ["203.0.113.0/24"],
    "web_acl_arn": "arn:…",
    "gateway_timeout_quota_seconds": 60,
    "vpc_endpoint_ids": ["vpce-1"],
}
"""What test_reach.py changes on a live stack and back."""


def start(around: Surroundings) -> Inputs:
    """The inputs of each server at the start and at the end, where they are not their defaults."""
    return {
        "name": "changed",
        "package_file": around.package_file,
        "runtime": around.runtime,
        "architecture": around.architecture,
        "auth": auths(around)["none"],
    }


def steps(around: Surroundings) -> list[list[Inputs]]:
    """All inputs of each server, step by step. People log in to the first of them, while it takes their tokens."""
    return [
        [
            start(around) | {"name": f"changed-{number}", "auth": auths(around, with_login=number == 0)[kind]} | further
            for kind, further in zip(circuit, [{}, *changed, {}], strict=True)
        ]
        for number, (circuit, changed) in enumerate(zip(CIRCUITS, others(around), strict=True))
    ]


def rows() -> list[list[str]]:
    """The table of changes: an input, and its value before and after."""
    defaults = {name: variable.get("default") for name, variable in blocks("variable").items()}
    before = defaults | start(Surroundings())
    table = [["auth", "each type", "each other type"]]
    for changed in [*others(Surroundings()), [REACH]]:
        values = before
        for inputs in changed:
            table += [[name, f"`{shown(values[name])}`", f"`{shown(value)}`"] for name, value in inputs.items()]
            values = before | inputs
    return [[f"`{name}`", *cells] for name, *cells in table]


def shown(value: Any) -> str:
    """A value as Terraform has it, on one line."""
    if isinstance(value, dict) and value:
        named = {key if key.isidentifier() else json.dumps(key): item for key, item in value.items()}
        return f"{{ {', '.join(f'{key} = {shown(item)}' for key, item in named.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return json.dumps(value, ensure_ascii=False)

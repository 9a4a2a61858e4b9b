"""Inputs whose values are secret, or known first at apply."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lab.local_aws import REPOSITORY
from tests.plan.offline import plan, stack, terraform
from tests.plan.refused import ACCESS_POINT, ACL, CERTIFICATE, FUNCTION, ISSUER, LAYER, PARAMETER, RIGHT
from tests.plan.test_refusals import write_stack

LATER = "${terraform_data.later.id}"
"""A value that is known first at apply."""

KNOWN_LATER: dict[str, dict[str, Any]] = {
    "token": {"auth": {"type": "token", "ssm_parameter": LATER, "ttl": "${length(terraform_data.later.id)}"}},
    "jwt": {
        "auth": {"type": "jwt", "issuer": LATER, "audience": [LATER], "scopes": "${[terraform_data.later.id]}"},
        "custom_domain": {"domain_name": "mcp.example.com", "certificate_arn": LATER, "zone_id": "Z1"},
    },
    "lambda": {"auth": {"type": "lambda", "function_arn": LATER, "identity_sources": [LATER]}},
    "vpc": {
        "vpc": {"subnet_ids": [LATER, LATER], "security_group_ids": [LATER]},
        "file_system": {"access_point_arn": LATER, "mount_path": "/mnt/files"},
    },
    "subnets": {"vpc": {"subnet_ids": "${[terraform_data.later.id]}", "security_group_ids": [LATER], "ipv6": True}},
    "layers": {"layers": [LATER], "managed_policy_arns": {"own": LATER}},
    "numbers": {
        "throttle": {"rate": "${length(terraform_data.later.id)}"},
        "provisioned_concurrency": {
            "environments": 2,
            "schedule": {"day": {"cron": LATER, "environments": "${length(terraform_data.later.id)}"}},
        },
    },
    "reserved": {"reserved_concurrency": "${length(terraform_data.later.id)}"},
    "alarms": {
        "reserved_concurrency": "${length(terraform_data.later.id)}",
        "alarms": {"p95_duration": "${length(terraform_data.later.id)}", "throttles": None},
    },
    "source": {"source_dir": LATER},
    "bucket": {"package_bucket": {"name": LATER}},
    "tasks": {
        "tasks": {
            "tools": {"report": "optional"},
            "ttl_seconds": "${1000 + length(terraform_data.later.id)}",
            "result_bucket": "${lower(terraform_data.later.id)}",
        },
        "kms_key_arn": LATER,
    },
    "zone": {
        "custom_domain": {
            "domain_name": LATER,
            "certificate_arn": LATER,
            "zone_id": LATER,
        }
    },
    "package": {"source_dir": None, "package_file": '${format("%s", terraform_data.later.output)}'},
    "origins": {"cors_origins": [LATER]},
    "rest": {
        "front": "rest",
        "auth": {"type": "jwt", "issuer": LATER, "audience": [LATER], "scopes": "${[terraform_data.later.id]}"},
        "cors_origins": [LATER],
        "custom_domain": {
            "domain_name": LATER,
            "certificate_arn": LATER,
            "mutual_tls": {"truststore_uri": LATER, "version": LATER},
        },
    },
    "private": {
        "front": "rest",
        "auth": {"type": "iam"},
        "vpc_endpoint_ids": [LATER],
        "web_acl_arn": '${format("%s", terraform_data.later.output)}',
        "gateway_timeout_quota_seconds": "${length(terraform_data.later.id)}",
    },
    "rest_lambda": {
        "front": "rest",
        "allowed_cidrs": "${[terraform_data.later.id]}",
        "auth": {"type": "lambda", "function_arn": LATER, "identity_sources": [LATER]},
        "throttle": {"rate": "${length(terraform_data.later.id)}"},
    },
    "canary": {"canary": {"stable_version": 7, "weight": "${length(terraform_data.later.id) / 1000}"}},
}

SECRET: dict[str, dict[str, Any]] = {
    "token": {"auth": f'${{sensitive({{ type = "token", ssm_parameter = "{PARAMETER}" }})}}'},
    "jwt": {"auth": f'${{sensitive({{ type = "jwt", issuer = "{ISSUER}", audience = ["a"] }})}}'},
    "lambda": {"auth": {"type": "lambda", "function_arn": f'${{sensitive("{FUNCTION}")}}'}},
    "domain": {
        "custom_domain": {
            "domain_name": "mcp.example.com",
            "certificate_arn": f'${{sensitive("{CERTIFICATE}")}}',
            "zone_id": '${sensitive("Z1")}',
        }
    },
    "whole_domain": {
        "custom_domain": '${sensitive({ domain_name = "mcp.example.com", '
        f'certificate_arn = "{CERTIFICATE}", zone_id = "Z1", '
        'mutual_tls = { truststore_uri = "s3://acme-trust/a" } })}'
    },
    "origins": {"cors_origins": '${sensitive(["https://app.example.com"])}'},
    "reserved": {"reserved_concurrency": "${sensitive(20)}"},
    "alarms": {"alarms": "${sensitive({ p95_duration = 100, throttles = null, concurrency = 5 })}"},
    "one_alarm": {"alarms": {"p95_duration": "${sensitive(100)}"}},
    "vpc": {
        "vpc": '${sensitive({ subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"], ipv6 = true })}',
        "file_system": f'${{sensitive({{ access_point_arn = "{ACCESS_POINT}", mount_path = "/mnt/files" }})}}',
    },
    "layers": {
        "layers": f'${{sensitive(["{LAYER}:3"])}}',
        "managed_policy_arns": '${sensitive({ own = "arn:aws:iam::111122223333:policy/own" })}',
    },
    "rest": {
        "front": "rest",
        "auth": f'${{sensitive({{ type = "jwt", issuer = "{ISSUER}", audience = ["a"], scopes = ["b"] }})}}',
        "cors_origins": '${sensitive(["https://app.example.com"])}',
        "throttle": "${sensitive({ rate = 5, burst = 10 })}",
        "allowed_cidrs": '${sensitive(["203.0.113.0/24"])}',
        "web_acl_arn": f'${{sensitive("{ACL}")}}',
    },
    "rest_lambda": {
        "front": "rest",
        "auth": {"type": "lambda", "function_arn": f'${{sensitive("{FUNCTION}")}}'},
        "vpc_endpoint_ids": '${sensitive(["vpce-1"])}',
    },
    "login": {
        "auth": '${sensitive({ type = "jwt", issuer = "https://login.example.com/", audience = ["a"], '
        'login = { client_id = "desk", keys = ["2", "1"] } })}'
    },
    "throttle": {"throttle": "${sensitive({ rate = 5, burst = 10 })}"},
    "tasks": {
        "tasks": '${sensitive({ tools = { report = "optional" }, reserved_concurrency = 3, ttl_seconds = 3600 })}'
    },
    "provisioned": {
        "provisioned_concurrency": "${sensitive({ environments = 1, max = 2, schedule = { day = "
        '{ cron = "0 8 * * ? *", environments = 2 } } })}'
    },
}


def test_values_may_be_known_at_apply_where_the_keys_are_known(checkout: Path, tmp_path: Path) -> None:
    planned = planned_with(KNOWN_LATER, checkout, tmp_path)

    assert {f"module.{name}.module.server.aws_lambda_function.server" for name in KNOWN_LATER} <= planned.keys()
    assert 'module.jwt.aws_route53_record.front["AAAA"]' in planned
    assert "module.private.module.rest[0].aws_wafv2_web_acl_association.live[0]" in planned
    assert "module.token.module.http[0].aws_apigatewayv2_authorizer.function[0]" in planned
    assert 'module.zone.aws_route53_record.front["A"]' in planned
    assert 'module.package.terraform_data.package["server"]' not in planned
    assert 'module.origins.module.http[0].aws_apigatewayv2_route.front["OPTIONS /mcp"]' in planned
    assert 'module.alarms.aws_cloudwatch_metric_alarm.server["p95_duration"]' in planned
    assert 'module.alarms.aws_cloudwatch_metric_alarm.server["throttles"]' not in planned
    assert 'module.reserved.aws_cloudwatch_metric_alarm.server["concurrency"]' in planned
    assert 'module.source.terraform_data.package["server"]' in planned
    assert "module.vpc.aws_iam_role_policy.file_system[0]" in planned
    assert 'module.layers.aws_iam_role_policy_attachment.managed["own"]' in planned
    assert 'module.numbers.aws_appautoscaling_scheduled_action.live["day"]' in planned


def test_values_may_be_secret(checkout: Path, tmp_path: Path) -> None:
    planned = planned_with(SECRET, checkout, tmp_path)

    assert {f"module.{name}.module.server.aws_lambda_function.server" for name in SECRET} <= planned.keys()
    assert 'module.domain.aws_route53_record.front["AAAA"]' in planned
    assert 'module.login.terraform_data.login_key["2"]' in planned
    assert "module.token.module.http[0].aws_apigatewayv2_authorizer.function[0]" in planned
    assert 'module.whole_domain.aws_route53_record.front["AAAA"]' in planned
    assert 'module.origins.module.http[0].aws_apigatewayv2_route.front["OPTIONS /mcp"]' in planned
    assert 'module.alarms.aws_cloudwatch_metric_alarm.server["p95_duration"]' in planned
    assert 'module.alarms.aws_cloudwatch_metric_alarm.server["throttles"]' not in planned
    assert 'module.reserved.aws_cloudwatch_metric_alarm.server["concurrency"]' in planned
    assert "module.vpc.aws_iam_role_policy.file_system[0]" in planned
    assert 'module.layers.aws_iam_role_policy_attachment.managed["own"]' in planned
    assert 'module.provisioned.aws_appautoscaling_scheduled_action.live["day"]' in planned
    assert "module.provisioned.aws_appautoscaling_policy.utilization[0]" in planned


def test_a_file_that_is_made_in_the_same_apply_is_packed_where_source_dir_waits_for_it(
    checkout: Path, tmp_path: Path
) -> None:
    page = (REPOSITORY / "docs/troubleshooting.md").read_text()
    shown = re.findall(r"^(?:Error: Provider produced.+|Call to function.+)$", page, re.MULTILINE)
    (made,) = re.findall(r'^resource "terraform_data" "made" \{\n.+?^\}\n', page, re.MULTILINE | re.DOTALL)
    (waits,) = re.findall(r"^  source_dir = (terraform_data.+)$", page, re.MULTILINE)

    early = apply_package(tmp_path / "early", made, "${path.module}/server", checkout)
    waiting = apply_package(tmp_path / "waiting", made, f"${{{waits}}}", checkout)

    assert any(message in early for message in shown)  # which of them depends on the version of Terraform
    assert not any(message in waiting for message in shown)
    assert "requirements.txt has '-e ../shared'" in waiting  # the build has begun, and this test needs no more of it


def apply_package(directory: Path, made: str, source_dir: str, module: Path) -> str:
    """Apply the package alone of a stack that makes a file of the server; give what Terraform says, on one line."""
    (directory / "server").mkdir(parents=True)
    (directory / "server" / "server.py").write_text("mcp = None\n")
    (directory / "server" / "requirements.txt").write_text("-e ../shared\n")
    (directory / "made.tf").write_text(made)
    write_stack({"mcp": RIGHT | {"source_dir": source_dir, "depends_on": ["terraform_data.made"]}}, module, directory)
    said = terraform("apply", "-auto-approve", "-target=module.mcp.terraform_data.package", directory=directory)
    return " ".join(re.sub(r"[│╷╵]", "", said.stdout + said.stderr).split())


def test_a_misspelt_key_of_a_secret_is_named_and_no_value_is_shown(checkout: Path, tmp_path: Path) -> None:
    auth = '${sensitive({ type = "jwt", issuer = var.secret, audience = ["a"], scops = [var.secret] })}'
    secret = {"secret": {"default": "hunter2", "sensitive": True}}
    (tmp_path / "secret.tf.json").write_text(json.dumps({"variable": secret}))
    write_stack({"mcp": RIGHT | {"auth": auth}}, checkout, tmp_path)

    said = terraform("plan", directory=tmp_path)

    assert "auth has scops." in said.stderr
    assert "hunter2" not in said.stdout + said.stderr


def planned_with(calls: dict[str, dict[str, Any]], module: Path, directory: Path) -> dict[str, dict[str, Any]]:
    """Plan a stack with these module calls, beside a resource whose id is known first at apply."""
    (directory / "server").mkdir()
    (directory / "server" / "server.py").write_text("mcp = None\n")
    (directory / "later.tf").write_text('resource "terraform_data" "later" {\n  input = "Z1"\n}\n')
    write_stack({name: RIGHT | inputs for name, inputs in calls.items()}, module, directory)
    return plan(stack(directory))

"""A stack with the module under `terraform test`, as docs/testing.md shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lab.local_aws import REPOSITORY
from tests.plan.offline import terraform

PAGE = (REPOSITORY / "docs/testing.md").read_text()
FILES = dict(re.findall(r"```hcl\n# (\S+)\n(.+?)```", PAGE, re.DOTALL))
"""What the page shows, by file."""

PLATFORM = """
module "platform" {
  source       = "../.."
  name         = "platform"
  package_file = "main.tf"
  auth         = { type = "token", ssm_parameter = aws_ssm_parameter.keys.arn }

  alarm_actions           = [aws_sns_topic.on_call.arn]
  code_signing_config_arn = aws_lambda_code_signing_config.own.arn
  custom_domain           = {
    domain_name     = "mcp.example.com"
    certificate_arn = aws_acm_certificate_validation.front.certificate_arn
    zone_id         = aws_route53_zone.main.zone_id
  }
  dashboard                = true
  file_system              = { access_point_arn = aws_efs_access_point.files.arn, mount_path = "/mnt/files" }
  kms_key_arn              = aws_kms_key.main.arn
  layers                   = [aws_lambda_layer_version.tools.arn]
  managed_policy_arns      = { own = aws_iam_policy.own.arn }
  permissions_boundary_arn = aws_iam_policy.own.arn
  policy_json              = data.aws_iam_policy_document.read.json
  secrets                  = { KEY = aws_secretsmanager_secret.key.arn }
  vpc                      = { subnet_ids = [aws_subnet.a.id], security_group_ids = [aws_security_group.server.id] }
}

module "jwt" {
  source       = "../.."
  name         = "jwt"
  package_file = "main.tf"
  auth         = {
    type = "jwt", issuer = "https://${aws_cognito_user_pool.people.endpoint}", audience = ["orders"]
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["dynamodb:GetItem"]
    resources = [aws_dynamodb_table.orders.arn]
  }
}

resource "aws_acm_certificate" "front" {
  domain_name       = "mcp.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "front" {
  certificate_arn = aws_acm_certificate.front.arn
}

resource "aws_cognito_user_pool" "people" {
  name = "people"
}

resource "aws_dynamodb_table" "orders" {
  name = "orders"
}

resource "aws_efs_access_point" "files" {
  file_system_id = "fs-01234567"
}

resource "aws_iam_policy" "own" {
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_kms_key" "main" {}

resource "aws_lambda_code_signing_config" "own" {
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:eu-west-1:111122223333:/signing-profiles/own/abcdef1234"]
  }
}

resource "aws_lambda_layer_version" "tools" {
  layer_name = "tools"
  filename   = "main.tf"
}

resource "aws_route53_zone" "main" {
  name = "example.com"
}

resource "aws_secretsmanager_secret" "key" {}

resource "aws_security_group" "server" {}

resource "aws_sns_topic" "on_call" {}

resource "aws_ssm_parameter" "keys" {
  name  = "/orders/keys"
  type  = "SecureString"
  value = "{}"
}

resource "aws_subnet" "a" {
  vpc_id = "vpc-01234567"
}
"""
"""A stack that gives the module what the mocks are for."""


def statuses(root: Path, files: dict[str, str]) -> dict[str, str]:
    """Test a stack of these files, and give what became of each run; Terraform's errors stand beside them."""
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    terraform("init", directory=root)
    events = map(json.loads, terraform("test", "-json", directory=root).stdout.splitlines())
    found = {}
    for event in events:
        if event["type"] == "test_run" and event["test_run"]["progress"] == "complete":
            found[f"{event['@testfile']}: {event['@testrun']}"] = event["test_run"]["status"]
        elif event.get("diagnostic", {}).get("severity") == "error":
            found[event["diagnostic"]["detail"]] = "error"
    return found


def test_what_the_page_shows_is_applied_without_a_build(checkout: Path) -> None:
    root = checkout / "stacks" / "orders"

    files = {file if file == "main.tf" else f"tests/{file}": text for file, text in FILES.items()}

    assert statuses(root, files | {"server/server.py": ""}) == {
        "tests/with_the_module.tftest.hcl: clients_find_the_url": "pass",
        "tests/without_the_module.tftest.hcl: clients_find_the_url": "pass",
    }
    assert not (root / ".terraform/mcp-lambda").exists()


def test_the_mocks_are_what_the_module_and_the_provider_take(checkout: Path) -> None:
    overridden = [
        {"target": f"module.{name}.terraform_data.upload", "values": {"output": "uploaded"}}
        for name in ("platform", "jwt")
    ]
    test = {
        "mock_provider": {"aws": {"source": "../../tests/mocks"}},
        "override_resource": overridden,
        "run": {"everything_is_applied": {"command": "apply"}},
    }
    files = {"main.tf": PLATFORM, "tests/all.tftest.json": json.dumps(test)}

    assert statuses(checkout / "stacks" / "platform", files) == {"tests/all.tftest.json: everything_is_applied": "pass"}

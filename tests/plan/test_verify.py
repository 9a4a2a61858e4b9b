"""The whole stack of scripts/verify-aws can be planned, of which the local AWS has a part."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import tftest

from lab.local_aws import REPOSITORY
from tests.plan.offline import plan, stack
from verify.__main__ import PARTS, settings_for
from verify.account import Account

ACCOUNT = Account("111122223333", None, "user/ada", "eu-west-1", is_local=False, can_reserve=True, can_log=True)

ZIPS = ("server.zip", "hooks.zip", "authorizer.zip")
UNASKED = 'provider "aws" {\n  allowed_account_ids = null\n}\n'
"""Nobody is asked which account it is."""


@pytest.fixture(scope="module")
def whole(checkout: Path) -> tftest.TerraformTest:
    """The stack, initialised."""
    shutil.copytree(
        REPOSITORY / "verify/stack", checkout / "verify/stack", ignore=shutil.ignore_patterns(".terraform*")
    )
    (checkout / "verify/stack/unasked_override.tf").write_text(UNASKED)
    for file in ZIPS:
        (checkout / "verify/stack" / file).touch()
    return stack(checkout / "verify/stack")


@pytest.mark.parametrize("changed", [False, True])
def test_the_whole_stack_is_planned_before_its_change_and_after_it(whole: tftest.TerraformTest, changed: bool) -> None:
    variables = settings_for(ACCOUNT, PARTS, {}) | {"name": "verify-aws-0a1b2c", "changed": changed}
    zips = dict(zip(("package_file", "hooks_file", "authorizer_file"), ZIPS, strict=True))
    (Path(whole.tfdir) / "terraform.tfvars.json").write_text(json.dumps(variables | zips))

    planned = plan(whole)

    functions = {
        key for key in planned if ".aws_lambda_function.server" in key or key.startswith("aws_lambda_function")
    }
    assert {key.split("[")[0] for key in functions} == {
        "module.open",
        "module.guarded",
        "module.keyed",
        "module.login",
        "module.restored",
        "module.provisioned",
        "module.rest",
        "module.own",
        "aws_lambda_function.authorizer",
        "aws_lambda_function.hooks",
    }
    assert planned['module.guarded[0].module.http[0].aws_apigatewayv2_route.front["$default"]'][
        "authorization_type"
    ] == ("AWS_IAM" if changed else "JWT")


def test_every_part_that_a_row_needs_is_an_output_of_the_stack() -> None:
    text = "".join(file.read_text() for file in (REPOSITORY / "verify/stack").glob("*.tf"))

    assert [part for part in sorted(PARTS) if f'output "{part}" {{' not in text] == []

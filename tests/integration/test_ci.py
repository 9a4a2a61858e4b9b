"""Deployment from CI: the workflow that is shown, and what becomes of a zip that is not there any more."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from lab import local_aws
from lab.local_aws import LocalAWS
from tests.github import REPOSITORY, client, in_account, sign_in
from tests.workflow import Environ, Workflow

EMPTY_ACCOUNTS = itertools.count(333333333333)
ACCOUNTS = {"dev": "111111111111", "prod": "222222222222"}
BUCKET = "state-of-{}"
PATH_STYLE = {"TF_CLI_ARGS_init": "-backend-config=use_path_style=true"}  # a bucket before localhost is no known name
LOCAL_STATE = 'terraform {\n  backend "local" {\n    path = "../../state"\n  }\n}\n'


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new machine for each job, with nothing on it but the checkout."""

    def new() -> Path:
        return local_aws.copy_of_repository(tmp_path_factory.mktemp("runner")) / "examples/github-actions"

    return new


@pytest.fixture(scope="module")
def roles(aws: LocalAWS, runner: Callable[[], Path]) -> dict[str, dict[str, str]]:
    """Outputs of each account's deploying role, applied as an administrator would, beside a bucket for the state."""
    outputs = {}
    for place in ACCOUNTS:
        administrator = in_account(aws, ACCOUNTS[place])
        bucket = BUCKET.format(place)
        client("s3", administrator).create_bucket(Bucket=bucket)
        terraform = local_aws.stack(runner().with_name("github-actions-role"), administrator)
        terraform.apply(tf_vars={"environment": place, "repository": REPOSITORY, "state_bucket": bucket})
        outputs[place] = {name: terraform.output()[name] for name in ("role_arn", "boundary_arn")}
    return outputs


@pytest.fixture(scope="module")
def workflow(
    aws: LocalAWS,
    roles: dict[str, dict[str, str]],
    runner: Callable[[], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Workflow:
    """The workflow, whose first job is done: there is a zip."""
    workflow = Workflow(
        file=runner() / "deploy.yml",
        sign_in=lambda inputs, place: sign_in(aws, inputs["role-to-assume"], f"repo:{REPOSITORY}:environment:{place}"),
        variables={
            place: {
                "DEPLOY_ROLE": role["role_arn"],
                "PERMISSIONS_BOUNDARY": role["boundary_arn"],
                "STATE_BUCKET": BUCKET.format(place),
                "AWS_REGION": aws.environ["AWS_REGION"],
            }
            for place, role in roles.items()
        },
        artifacts=tmp_path_factory.mktemp("artifacts"),
        environ={name: value for name, value in aws.environ.items() if "KEY" not in name} | PATH_STYLE,
    )
    workflow.run("build", runner())
    return workflow


def test_the_workflow_deploys_one_zip_to_both_accounts(
    aws: LocalAWS, workflow: Workflow, runner: Callable[[], Path]
) -> None:
    for job in ("dev", "prod"):
        workflow.run(job, runner())

    zipped = (workflow.artifacts / "server.zip").read_bytes()
    assert [deployed(in_account(aws, ACCOUNTS[place])) for place in ACCOUNTS] == [sha256(zipped)] * 2


def test_a_zip_that_was_exchanged_on_its_way_is_not_deployed(workflow: Workflow, runner: Callable[[], Path]) -> None:
    zipped = workflow.artifacts / "server.zip"
    good = zipped.read_bytes()
    zipped.write_bytes(good + b"x")

    with pytest.raises(AssertionError, match=r"server.zip: FAILED"):
        workflow.run("prod", runner())
    zipped.write_bytes(good)


@pytest.mark.parametrize(
    "subject",
    [
        f"repo:{REPOSITORY}:environment:prod",
        f"repo:{REPOSITORY}:ref:refs/heads/main",
        f"repo:{REPOSITORY}:pull_request",
        "repo:example/toolbox:environment:dev",
    ],
)
def test_only_the_environment_of_the_repository_gets_the_role(
    aws: LocalAWS, roles: dict[str, dict[str, str]], subject: str
) -> None:
    with pytest.raises(ClientError, match="Not authorized to perform sts:AssumeRoleWithWebIdentity"):
        sign_in(aws, roles["dev"]["role_arn"], subject)


@pytest.fixture
def account(aws: LocalAWS) -> Environ:
    """The variables of an administrator of an account in which nothing is."""
    return aws.environ | {"AWS_ACCESS_KEY_ID": str(next(EMPTY_ACCOUNTS))}


@pytest.fixture
def forbidden(account: Environ) -> Environ:
    """The variables of somebody who may do everything there but upload: an apply stops half-way."""
    iam = client("iam", account)
    iam.create_user(UserName="half")
    iam.put_user_policy(
        UserName="half",
        PolicyName="half",
        PolicyDocument=policy(
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["lambda:CreateFunction", "lambda:UpdateFunctionCode"], "Resource": "*"},
        ),
    )
    key = iam.create_access_key(UserName="half")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


class Runners:
    """One machine after the other that deploys a stack, each with a fresh checkout and the same state."""

    def __init__(self, environ: Environ, root: Path) -> None:
        self.environ = environ
        self.root = root

    def anew(self) -> None:
        """Change to a machine that has not deployed yet."""
        shutil.rmtree(self.root / ".terraform", ignore_errors=True)
        self.terraform("init")

    def terraform(self, command: str, *arguments: str, **environ: str) -> tuple[int, str]:
        """The exit code of a command, and what it says on one line."""
        ran = subprocess.run(
            ["terraform", command, "-input=false", "-no-color", *arguments],
            cwd=self.root,
            env=os.environ | self.environ | environ,
            capture_output=True,
            text=True,
            check=False,
        )
        return ran.returncode, " ".join(re.sub(r"[│╷╵]", "", ran.stdout + ran.stderr).split())

    def apply(self, *options: str, **environ: str) -> tuple[int, str]:
        return self.terraform("apply", "-auto-approve", *options, **environ)


def test_a_new_runner_needs_the_zip_of_a_source_dir_only_where_an_upload_failed(
    account: Environ, runner: Callable[[], Path], forbidden: Environ
) -> None:
    root = runner().with_name("basic")
    runners = Runners(account, root)
    main = root / "main.tf"
    runners.anew()

    # The first one builds and may not upload.
    assert runners.apply(**forbidden)[0] == 1
    runners.anew()
    code, said = runners.apply()
    assert code == 1
    page = (local_aws.REPOSITORY / "docs/troubleshooting.md").read_text()
    (shown,) = re.findall(r"^Error: reading ZIP.+$", page, re.MULTILINE)
    assert shown in re.sub(r"[\w-]+\.zip", "orders-0123456789ab.zip", said)
    (command,) = set(re.findall(r"terraform apply '(-replace=module\.mcp\.terraform_data[^']+)'", page))
    assert runners.apply(command)[0] == 0
    first = deployed(account)

    # All is well: another one changes the memory without a zip.
    runners.anew()
    main.write_text(main.read_text().replace('"toolbox"\n', '"toolbox"\n  memory_mb    = 512\n'))
    assert runners.apply()[0] == 0
    assert not (root / ".terraform/mcp-lambda").exists()

    # New code, built and not uploaded.
    (root / "server/server.py").write_text((root / "server/server.py").read_text() + "\n# new\n")
    assert runners.apply(**forbidden)[0] == 1
    runners.anew()
    code, said = runners.apply()
    assert code == 1
    assert "does not run the package that was last applied" in said
    assert deployed(account) == first
    assert runners.apply(advised(said))[0] == 0
    assert deployed(account) != first


def test_a_saved_plan_is_applied_elsewhere_with_the_same_zip(
    account: Environ, workflow: Workflow, runner: Callable[[], Path], forbidden: Environ
) -> None:
    root = runner()
    zipped = root / "server.zip"
    runners = Runners(account, root)
    (root / "override.tf").write_text(LOCAL_STATE)
    shutil.copy(workflow.artifacts / "server.zip", zipped)
    runners.anew()
    assert runners.terraform("plan", "-out=deploy.tfplan")[0] == 0

    # Another machine has the checkout, the lock file and the plan, but not the zip.
    runners.anew()
    zipped.rename(root / "left-behind.zip")
    code, said = runners.terraform("apply", "deploy.tfplan")
    assert code == 1
    assert 'package_file is "./server.zip", but there is no such file.' in said
    (root / "left-behind.zip").rename(zipped)
    assert "Saved plan is stale" in runners.terraform("apply", "deploy.tfplan")[1]  # part of it was done

    # One that has it, too.
    assert runners.terraform("plan", "-out=deploy.tfplan")[0] == 0
    runners.anew()
    assert runners.terraform("apply", "deploy.tfplan")[0] == 0
    assert deployed(account) == sha256(zipped.read_bytes())

    # Another zip, which is not uploaded.
    zipped.write_bytes(zipped.read_bytes() + b"\0")
    assert runners.apply(**forbidden)[0] == 1
    code, said = runners.apply()
    assert code == 1
    assert runners.apply(advised(said))[0] == 0
    assert deployed(account) == sha256(zipped.read_bytes())


def test_a_fix_in_the_console_is_named_by_each_plan_and_put_right_by_the_apply_it_names(
    account: Environ, workflow: Workflow, runner: Callable[[], Path]
) -> None:
    root = runner()
    runners = Runners(account, root)
    (root / "override.tf").write_text(LOCAL_STATE)
    shutil.copy(workflow.artifacts / "server.zip", root)
    runners.anew()
    assert runners.apply()[0] == 0
    ours = deployed(account)

    fix = (root / "server.zip").read_bytes() + b"\0"
    client("lambda", account).update_function_code(FunctionName="toolbox", ZipFile=fix, Publish=True)

    code, said = runners.terraform("plan")
    assert (code, "Somebody has changed code since Terraform uploaded it" in said) == (0, True)
    assert runners.apply()[0] == 0
    assert deployed(account) == sha256(fix)
    code, said = runners.apply(advised(said))
    assert (code, "Somebody has changed code" in said) == (0, False)
    assert deployed(account) == ours
    assert "Warning" not in runners.terraform("plan")[1]


def advised(said: str) -> str:
    """The option that an error message tells to use, for the examples' module."""
    found = re.search(r"terraform apply (-replace)='module\.NAME\.(.+?)'", said)
    assert found, said
    return f"{found[1]}=module.mcp.{found[2]}"


def deployed(environ: Environ) -> str:
    """Lambda's hash of the code that the example's function runs."""
    function = client("lambda", environ).get_function(FunctionName="toolbox", Qualifier="live")
    return str(function["Configuration"]["CodeSha256"])


def sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()

"""The workflows of the examples of SAM and CDK, run as they are shown, where their command is on PATH."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lab.events import modern, text_of, tool_call
from lab.local_aws import REPOSITORY, LocalAWS
from tests.authorization_server import AuthorizationServer
from tests.github import ISSUER, client, in_account, sign_in
from tests.github import REPOSITORY as REPOSITORY_NAME
from tests.integration.conftest import COMMANDS
from tests.workflow import Environ, Workflow

ACCOUNTS = {"sam": "444444444444", "cdk": "555555555555"}
SUBJECT = f"repo:{REPOSITORY_NAME}:ref:refs/heads/main"
AUDIENCE = "https://mcp.example/mcp"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(params=ACCOUNTS)
def tool(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if not shutil.which(name):
        pytest.skip(f"there is no {name} on PATH: install it, by pip (aws-sam-cli) or npm (aws-cdk)")
    return name


@pytest.fixture
def workspace(tool: str, repository: Path, tmp_path: Path) -> Path:
    """The checkout of a user's repository, with the builder where the workflow fetches it to."""
    root = shutil.copytree(REPOSITORY / "examples" / tool, tmp_path / "workspace")
    shutil.copytree(repository / "tests/integration/stack/server", root / "server")
    (root / ".mcp-lambda").symlink_to(repository)
    return root


@pytest.fixture
def administrator(aws: LocalAWS, tool: str, workspace: Path, tmp_path: Path) -> Environ:
    """Variables of who has prepared an account: with a role for the repository, and for CDK by `cdk bootstrap`."""
    environ = in_account(aws, ACCOUNTS[tool]) | {"AWS_DEFAULT_REGION": aws.environ["AWS_REGION"]}
    environ |= {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    if tool == "cdk":
        place = f"aws://{ACCOUNTS[tool]}/{aws.environ['AWS_REGION']}"
        subprocess.run(["cdk", "bootstrap", place], cwd=tmp_path, env=os.environ | environ, check=True)
    return environ


def make_role(tool: str, administrator: Environ) -> str:
    """Make the role that the page describes; its ARN."""
    (shown,) = re.findall(r"```json\n(.+?)```", (REPOSITORY / "docs/sam-and-cdk.md").read_text(), re.DOTALL)
    iam, issuer = client("iam", administrator), ISSUER.removeprefix("https://")
    provider = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com"])
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Condition": {"StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": SUBJECT}},
    }
    trusted = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn: str = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trusted)["Role"]["Arn"]
    rights = shown if tool == "cdk" else json.dumps(EVERYTHING)
    iam.put_role_policy(RoleName="deploy", PolicyName="deploy", PolicyDocument=rights)
    return arn


def test_the_workflow_of_an_example_deploys_a_server_that_answers(
    aws: LocalAWS, tool: str, workspace: Path, administrator: Environ, issuer: AuthorizationServer, tmp_path: Path
) -> None:
    target = {name.upper(): aws.environ[f"TF_VAR_{name}"] for name in ("runtime", "architecture")}
    known = {"AWS_REGION": aws.environ["AWS_REGION"], "ISSUER": issuer.issuer, "AUDIENCE": AUDIENCE}
    workflow = Workflow(
        file=workspace / "deploy.yml",
        sign_in=lambda inputs, place: sign_in(aws, inputs["role-to-assume"], SUBJECT),
        variables={"": known | {"DEPLOY_ROLE": make_role(tool, administrator)}},
        artifacts=tmp_path,
        environ={name: value for name, value in administrator.items() if "KEY" not in name} | target,
    )

    for _ in range(2):  # the second time there is nothing to do
        workflow.run("deploy", workspace)

    functions = client("lambda", administrator)
    invoked = functions.invoke(FunctionName="orders", Qualifier="live", Payload=json.dumps(tool_call(modern, "who")))
    answer = json.loads(invoked["Payload"].read())
    assert text_of(answer) == "nobody"  # as the event says, which no gateway has made
    (api,) = [api for api in client("apigatewayv2", administrator).get_apis()["Items"] if api["Name"] == "orders"]
    (authorizer,) = client("apigatewayv2", administrator).get_authorizers(ApiId=api["ApiId"])["Items"]
    assert authorizer["JwtConfiguration"] == {"Issuer": issuer.issuer, "Audience": [AUDIENCE]}

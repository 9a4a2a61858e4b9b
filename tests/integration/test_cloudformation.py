"""The examples of SAM and CDK, deployed by the CloudFormation of the local AWS, with the zip that Terraform deploys."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import WaiterError

from lab.events import Era, handshake, modern, tool_call
from lab.local_aws import REPOSITORY, LocalAWS
from mcp_lambda_host.contract import SETTINGS_VARIABLE
from tests.authorization_server import AuthorizationServer
from tests.integration.conftest import COMMANDS, Endpoint
from tests.integration.hundred import Answer, answers_of
from tests.integration.rounds import environments_of_a_booking

ENVIRONMENT = REPOSITORY / ".venv-cloudformation"
SAM, CDK = REPOSITORY / "examples/sam", REPOSITORY / "examples/cdk"
PAGE = REPOSITORY / "docs/sam-and-cdk.md"
AUDIENCE = "https://mcp.example/mcp"
ACCOUNT = "000000000000"

Execute = Callable[..., str]


@dataclass(frozen=True)
class Made:
    """What a tool hands to CloudFormation.

    Attributes:
        stack: Its name, which is the server's.
        template: A file.
        parameters: Of the stack.
        linted: What cfn-lint is given: the file, and a rule that it is not to look at.
    """

    stack: str
    template: Path
    parameters: dict[str, str]
    linted: tuple[Path | str, ...]


@pytest.fixture(scope="module")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Execute:
    """Run a command of the environment of SAM and CDK, with the newest Node.js here; what it prints."""
    if not ENVIRONMENT.exists():
        pytest.fail(f"there is no {ENVIRONMENT}: run scripts/setup --tests")
    own = {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path_factory.mktemp("home"))}

    def run(command: str, *arguments: str | Path, cwd: Path | None = None, **variables: str) -> str:
        line, environ = [ENVIRONMENT / "bin" / command, *arguments], os.environ | own | variables
        ran = subprocess.run(line, cwd=cwd, env=environ, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    return run


@pytest.fixture(scope="module")
def settings(aws: LocalAWS, issuer: AuthorizationServer) -> dict[str, str]:
    """What both examples take."""
    target = {"runtime": aws.environ["TF_VAR_runtime"], "architecture": aws.environ["TF_VAR_architecture"]}
    return {"issuer": issuer.issuer, "audience": AUDIENCE} | target


@pytest.fixture(scope="module")
def sam(aws: LocalAWS, stack_package: Path, settings: dict[str, str], tmp_path_factory: Any) -> Made:
    """What `sam deploy` does with the example: it uploads the zip, and has CloudFormation transform the template."""
    template = tmp_path_factory.mktemp("sam") / "template.yaml"
    upload(aws, "deployments", {"server.zip": stack_package})
    template.write_text(
        (SAM / "template.yaml").read_text().replace("CodeUri: server.zip", "CodeUri: s3://deployments/server.zip")
    )
    parameters = {name.capitalize(): value for name, value in settings.items()}
    return Made("orders-sam", template, parameters, (SAM / "template.yaml",))


@pytest.fixture(scope="module")
def cdk(aws: LocalAWS, stack_package: Path, settings: dict[str, str], execute: Execute, tmp_path_factory: Any) -> Made:
    """What `cdk deploy` does with the example: it runs the application, and uploads what that lists."""
    place, name = tmp_path_factory.mktemp("cdk"), "orders-cdk"
    shutil.copy(CDK / "app.py", place)
    shutil.copy(stack_package, place / "server.zip")
    out, context = place / "cdk.out", json.dumps(settings | {"name": name})
    execute("python", "app.py", cwd=place, CDK_OUTDIR=str(out), CDK_CONTEXT_JSON=context)
    files = json.loads((out / f"{name}.assets.json").read_text())["files"].values()
    keys = {next(iter(file["destinations"].values()))["objectKey"]: out / file["source"]["path"] for file in files}
    # The bucket and the parameter that `cdk bootstrap` makes, once in each account.
    upload(aws, f"cdk-hnb659fds-assets-{ACCOUNT}-{aws.environ['AWS_REGION']}", keys)
    aws.client("ssm").put_parameter(Name="/cdk-bootstrap/hnb659fds/version", Value="30", Type="String")
    template = out / f"{name}.template.json"
    implied = ("--ignore-checks", "W3005")  # CDK itself writes a dependency down that a reference implies
    return Made(name, template, {}, (template, *implied))


def upload(aws: LocalAWS, bucket: str, files: dict[str, Path]) -> None:
    storage = aws.client("s3")
    storage.create_bucket(Bucket=bucket)
    for key, file in files.items():
        storage.put_object(Bucket=bucket, Key=key, Body=file.read_bytes())


def wait_for(aws: LocalAWS, state: str, stack: str) -> None:
    stacks = aws.client("cloudformation")
    try:
        stacks.get_waiter(state).wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    except WaiterError:
        events = stacks.describe_stack_events(StackName=stack)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
        pytest.fail("\n".join(f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}" for event in failed))


@pytest.fixture(scope="module", params=["sam", "cdk"])
def made(request: pytest.FixtureRequest) -> Made:
    found: Made = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def stranger(aws: LocalAWS, made: Made) -> Endpoint:
    """The endpoint of a stack, for somebody without a token."""
    stacks = aws.client("cloudformation")
    stacks.create_stack(
        StackName=made.stack,
        TemplateBody=made.template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in made.parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    wait_for(aws, "stack_create_complete", made.stack)
    listed = stacks.describe_stacks(StackName=made.stack)["Stacks"][0]["Outputs"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in listed}
    return Endpoint(aws.url(outputs["ApiId"]), aws=aws, outputs=outputs)


@pytest.fixture(scope="module")
def token(issuer: AuthorizationServer) -> str:
    return issuer.token(aud=AUDIENCE, sub="ada")


@pytest.fixture(scope="module")
def ada(stranger: Endpoint, token: str) -> Endpoint:
    """The same for somebody with a token."""
    return replace(stranger, token=token)


@pytest.fixture(scope="module")
def refused(issuer: AuthorizationServer) -> dict[str, str]:
    """Tokens that nobody gets in with, by what is wrong."""
    return {
        "for another audience": issuer.token(aud="https://other.example/mcp"),
        "after its end": issuer.token(aud=AUDIENCE, exp=1),
        "of another issuer": issuer.token(aud=AUDIENCE, iss="https://other.example/"),
        "with a token that is none": "none",
    }


@pytest.fixture(scope="module")
def answers(ada: Endpoint, refused: dict[str, str]) -> dict[str, Answer]:
    """What a stack answers."""
    return answers_of(ada, refused)


@pytest.fixture(scope="module")
def of_all() -> dict[str, dict[str, Answer]]:
    """What all deployments have answered, by their names."""
    return {}


@pytest.fixture(scope="module")
def routes(ada: Endpoint) -> dict[str, str]:
    """Ids of the routes of a stack."""
    found = ada.client("apigatewayv2").get_routes(ApiId=ada.outputs["ApiId"])["Items"]
    return {route["RouteKey"]: route["RouteId"] for route in found}


@pytest.fixture(scope="module")
def moved(
    answers: dict[str, Answer],
    ada: Endpoint,
    routes: dict[str, str],
    made: Made,
    deploy_stack: Callable[..., Endpoint],
    repository: Path,
    issuer: AuthorizationServer,
) -> Endpoint:
    """The module, which has taken over the URL of a stack that has answered."""
    known = {"api_id": ada.outputs["ApiId"], "routes": routes}
    name = f"from-{made.stack}"
    root = repository / "tests/integration" / name
    root.mkdir()
    (root / "known.tf.json").write_text(json.dumps({"locals": known}))
    (root / "imports.tf").write_text(takeover()[1].replace("module.orders.", "module.mcp."))
    auth = {"type": "jwt", "issuer": issuer.issuer, "audience": [AUDIENCE]}
    return deploy_stack(name, auth=auth, cors_origins=[])


def takeover() -> tuple[str, str]:
    """The values and the import blocks on the page."""
    shown: tuple[str, str] = re.findall(r"```hcl\n(locals .+?\n}\n)(.+?)```", PAGE.read_text(), re.S)[0]
    return shown


def subject(endpoint: Endpoint, era: Era = modern) -> str:
    """Who calls, as a tool sees it."""
    caller = json.loads(endpoint.call(era, "who")["result"]["content"][0]["text"])
    return str(caller["subject"])


def test_a_call_without_a_token_is_refused_and_told_where_to_get_one(
    stranger: Endpoint, issuer: AuthorizationServer
) -> None:
    refused = stranger.post(tool_call(modern, "add", a=1, b=2))
    metadata = [stranger.send("GET", f"/.well-known/oauth-protected-resource{path}") for path in ("", "/mcp")]

    assert refused.status_code == 401
    assert [answer.json()["authorization_servers"] for answer in metadata] == [[issuer.issuer]] * 2


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_a_tool_sees_whose_token_it_is(ada: Endpoint, era: Era) -> None:
    assert subject(ada, era) == "ada"


def test_a_stream_is_refused_at_once(ada: Endpoint) -> None:
    assert ada.send("GET", timeout=5).status_code == 405


def test_rounds_over_environments_share_the_key_that_the_stack_has_made(ada: Endpoint, made: Made) -> None:
    function = ada.client("lambda").get_function_configuration(FunctionName=made.stack)
    secret = json.loads(function["Environment"]["Variables"][SETTINGS_VARIABLE])["request_state_parameter"]
    key = ada.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]

    assert (len(key), key.isalnum()) == (64, True)
    assert len(environments_of_a_booking(ada)) > 1


def test_alias_limits_log_and_alarms_are_there(stranger: Endpoint, made: Made) -> None:
    name, functions = made.stack, stranger.client("lambda")
    (stage,) = stranger.client("apigatewayv2").get_stages(ApiId=stranger.outputs["ApiId"])["Items"]
    (log,) = stranger.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    alarms = stranger.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{name}-")["MetricAlarms"]

    assert functions.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "1"
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 20
    assert (stage["StageName"], stage["DefaultRouteSettings"]["ThrottlingRateLimit"]) == ("$default", 50)
    assert log["retentionInDays"] == 30
    endings = {"function-errors", "throttles", "tool-error-rate"}
    assert {alarm["AlarmName"] for alarm in alarms} == {f"{name}-{ending}" for ending in endings}


def test_cfn_lint_finds_nothing(made: Made, execute: Execute) -> None:
    assert execute("cfn-lint", *made.linted) == ""


def test_sam_cdk_and_terraform_give_the_same_answers_to_the_same_hundred_requests(
    answers: dict[str, Answer],
    moved: Endpoint,
    ada: Endpoint,
    made: Made,
    refused: dict[str, str],
    of_all: dict[str, dict[str, Answer]],
) -> None:
    of_all[made.stack] = answers
    of_all[str(moved.outputs["url"])] = answers_of(ada, refused)

    assert len(answers) >= 100
    for other in of_all.values():
        assert other == answers


def test_the_module_takes_the_url_over_and_the_stack_can_go(
    moved: Endpoint, ada: Endpoint, aws: LocalAWS, made: Made, routes: dict[str, str]
) -> None:
    aws.client("cloudformation").delete_stack(StackName=made.stack)
    wait_for(aws, "stack_delete_complete", made.stack)

    shown = re.findall(r'"(\$default|GET .+?)" += "\w+"', takeover()[0])
    assert set(shown) == routes.keys()
    assert moved.outputs["api_id"] == ada.outputs["ApiId"]
    assert subject(ada) == "ada"
    with pytest.raises(aws.client("lambda").exceptions.ResourceNotFoundException):
        aws.client("lambda").get_function(FunctionName=made.stack)

"""function/prune.py against the versions and aliases of a function on the local AWS."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from lab.local_aws import REPOSITORY, LocalAWS

SCRIPT = str(REPOSITORY / "function" / "prune.py")


@pytest.fixture(scope="module")
def role(aws: LocalAWS) -> str:
    """The ARN of a role for the function, which needs one and none of its rights."""
    created = aws.client("iam").create_role(RoleName="pruned", AssumeRolePolicyDocument="{}")
    return str(created["Role"]["Arn"])


@pytest.fixture
def function(aws: LocalAWS, role: str) -> Iterator[str]:
    """The ARN of a function of which version 1 has no snapshot, 2 to 7 have one, 3 is live, and 4 gets a share."""
    functions = aws.client("lambda")
    name = {"FunctionName": "pruned"}
    code = {"ZipFile": package(b"def handler(event, context): return 1")}
    functions.create_function(**name, Runtime="python3.12", Role=role, Handler="code.handler", Code=code, Publish=True)
    functions.update_function_configuration(**name, SnapStart={"ApplyOn": "PublishedVersions"})
    for number in range(2, 8):
        functions.update_function_configuration(**name, Description=f"version {number}")
        functions.publish_version(**name)
    weights = {"AdditionalVersionWeights": {"4": 0.1}}
    functions.create_alias(**name, Name="live", FunctionVersion="3", RoutingConfig=weights)
    yield functions.get_function(**name)["Configuration"]["FunctionArn"]
    functions.delete_function(**name)


def package(source: bytes) -> bytes:
    """A zip with one module."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("code.py", source)
    return archive.getvalue()


def prune(aws: LocalAWS, *arguments: str, python: tuple[str, ...] = (), **environ: str) -> Any:
    """Run the script as Terraform does."""
    command = [sys.executable, *python, SCRIPT, *arguments]
    variables = os.environ | aws.environ | environ
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def versions(aws: LocalAWS) -> list[str]:
    """The versions that there are, without $LATEST."""
    listed = aws.client("lambda").list_versions_by_function(FunctionName="pruned")["Versions"]
    return [version["Version"] for version in listed][1:]


def test_versions_that_nobody_needs_go_and_what_is_called_or_new_stays(aws: LocalAWS, function: str) -> None:
    pruned = prune(aws, function)

    assert (pruned.returncode, pruned.stdout, pruned.stderr) == (0, "prune.py: deleted 1, 2, 5\n", "")
    assert versions(aws) == ["3", "4", "6", "7"]
    assert prune(aws, function).stdout == "prune.py: deleted no version\n"


def test_of_a_worker_the_versions_stay_that_the_servers_versions_call(aws: LocalAWS, function: str, role: str) -> None:
    functions, name = aws.client("lambda"), {"FunctionName": "calls-pruned"}
    code = {"ZipFile": package(b"def handler(event, context): return 1")}
    told = {"Variables": {"SETTINGS": f'{{"worker": "{function}:2"}}'}}
    made = functions.create_function(
        **name, Runtime="python3.12", Role=role, Handler="code.handler", Code=code, Environment=told, Publish=True
    )
    functions.update_function_configuration(**name, Environment={"Variables": {"SETTINGS": "none"}})

    pruned = prune(aws, function, "--called-by", made["FunctionArn"].removesuffix(":1"))
    functions.delete_function(**name)

    assert (pruned.returncode, pruned.stdout, pruned.stderr) == (0, "prune.py: deleted 1, 5, 6\n", "")
    assert versions(aws) == ["2", "3", "4", "7"]  # called by a version, by the alias, and the newest


@pytest.mark.skipif(not shutil.which("aws"), reason="the AWS CLI is not on PATH")
def test_the_command_line_of_aws_does_as_well(aws: LocalAWS, function: str) -> None:
    pruned = prune(aws, function, python=("-S",))  # without site-packages, so without boto3

    assert (pruned.returncode, pruned.stdout, pruned.stderr) == (0, "prune.py: deleted 1, 2, 5\n", "")
    assert versions(aws) == ["3", "4", "6", "7"]


@pytest.mark.parametrize(
    ("arguments", "environ", "words"),
    [
        (["pruned"], {}, ["'pruned'", "an ARN without version", "account and region"]),
        (["ARN:3"], {}, [":3'", "an ARN without version"]),
        (["ARN", "--keep", "0"], {}, ["--keep is 0", "1 or more"]),
        (["ARNless"], {}, ["ResourceNotFoundException"]),
        (["ARN"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, ["Could not connect"]),
        (["ARN"], {"PATH": "/nowhere"}, ["neither boto3 nor the AWS CLI", "install one"]),
    ],
    ids=["name", "version", "keep", "unknown", "no_aws", "no_tool"],
)
def test_what_cannot_be_done_is_said_in_one_line_and_deletes_nothing(
    aws: LocalAWS, function: str, arguments: list[str], environ: dict[str, str], words: list[str]
) -> None:
    python = ("-S",) if "PATH" in environ else ()
    pruned = prune(aws, *(a.replace("ARN", function) for a in arguments), python=python, **environ)

    assert pruned.returncode == 1
    assert pruned.stderr.startswith("prune.py: old versions stay, with what they cost and hold: ")
    assert pruned.stderr.count("\n") == 1
    assert [word for word in words if word not in pruned.stderr] == []
    assert len(versions(aws)) == 7

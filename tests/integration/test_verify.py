"""scripts/verify-aws against the local AWS, which shows all of its own logic and a third of its rows."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab import local_aws
from lab.local_aws import LocalAWS
from verify.__main__ import ROWS

NONSENSE = {"TF_CLI_ARGS_destroy": "-nonsense"}
SLOWLY = {"TF_CLI_ARGS_apply": "-parallelism=1"}  # so that there is time to interrupt it


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a .build of its own."""
    return local_aws.copy_of_repository(tmp_path_factory.mktemp("checkout"), "verify", "lab")


def start(checkout: Path, aws: LocalAWS, *words: str, **environ: str) -> subprocess.Popen[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "verify", *words],
        cwd=checkout,
        env=own | aws.environ | {"PYTHONPATH": "function"} | environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # a group of its own, to which a terminal would send Ctrl-C
    )


def verify(checkout: Path, aws: LocalAWS, *words: str, **environ: str) -> tuple[int, str]:
    process = start(checkout, aws, *words, **environ)
    said, _ = process.communicate(timeout=540)
    return process.returncode, said


def made(aws: LocalAWS) -> list[str]:
    """Functions and APIs that are there, by name."""
    functions = [each["FunctionName"] for each in aws.client("lambda").list_functions()["Functions"]]
    apis = [each["Name"] for each in aws.client("apigatewayv2").get_apis(MaxResults="500")["Items"]]
    return [name for name in functions + apis if name.startswith("verify-aws-")]


def test_every_row_that_can_be_looked_at_is_as_expected_and_nothing_is_left(checkout: Path, aws: LocalAWS) -> None:
    code, said = verify(checkout, aws, "--yes", "--report", "report.md")
    marks = {name: mark for mark, name in re.findall(r"^  ([✓✗?-]) ([\w-]+):", said, re.MULTILINE)}
    page = (checkout / "report.md").read_text()

    assert (code, marks) == (0, {name: "-" if row.not_emulated else "✓" for name, row in ROWS.items()}), said
    assert [name for name in ROWS if f"| {name} " not in page] == []
    assert not re.search(r"\d{12}|eyJ|verify-aws-[0-9a-f]{6}", page)
    assert made(aws) == []
    assert list((checkout / ".build").iterdir()) == []


def test_nothing_is_made_when_nobody_agrees(checkout: Path, aws: LocalAWS) -> None:
    code, said = verify(checkout, aws, "--only", "late-tool")

    assert code == 1
    assert said.splitlines()[-1] == "verify-aws: there is nobody to ask: give --yes to agree."
    assert "account  the local AWS\nregion   us-east-1\n" in said
    assert "parts    open\n" in said
    assert re.search(r"cost     at most \$0\.\d\d", said)
    assert made(aws) == []


def test_ctrl_c_destroys_what_was_made_and_says_what_could_not_be(checkout: Path, aws: LocalAWS) -> None:
    process = start(checkout, aws, "--only", "late-tool", "--yes", **NONSENSE, **SLOWLY)
    wait_for(checkout, "aws_lambda_function.server: Creation complete")
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=240)
    (log,) = [file.read_text(errors="replace") for file in checkout.glob(".build/*/log.txt")]
    refused = verify(checkout, aws, "--only", "late-tool", "--yes")

    assert process.returncode == 1
    assert "Interrupt received" in log
    assert "Two interrupts received" not in log  # with which Terraform forgets what it is just making
    assert "verify-aws: not everything could be destroyed: " in said
    assert "  module.open[0].module.server.aws_lambda_function.server\n" in said
    assert "Try again with scripts/verify-aws --destroy" in said
    assert refused == (
        1,
        "verify-aws: a run before could not destroy everything: scripts/verify-aws --destroy does.\n",
    )
    assert made(aws)

    code, said = verify(checkout, aws, "--destroy", "--yes")

    assert (code, said.splitlines()[-1]) == (0, "Nothing is left.")
    assert made(aws) == []
    assert list((checkout / ".build").iterdir()) == []


def wait_for(checkout: Path, words: str) -> None:
    """Wait until Terraform has said something."""
    end = time.monotonic() + 120
    while not any(words in log.read_text(errors="replace") for log in checkout.glob(".build/*/log.txt")):
        assert time.monotonic() < end, f"Terraform did not say {words!r}"
        time.sleep(0.1)

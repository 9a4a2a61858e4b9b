"""scripts/demo, as a newcomer runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
import requests

from lab.local_aws import REPOSITORY, LocalAWS

DEMO = REPOSITORY / "scripts/demo"
SHOWN = REPOSITORY / "docs/demo.svg"
ANSWERS = {
    "basic": "42.1648128",
    "jwt": '"version": "1.5.0"',
    "iam": "arn:aws:iam::000000000000:root",
    "token": '"turned_by": "demo"',
    "existing-stack": "shipped",
    "fastmcp": "4.54",
    "fastapi-app": '"valid": true',
}
"""An answer that each example shows, but for `complete` and `long-tool`: their tests apply these."""


@pytest.fixture
def newcomer(provider: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Terraform take the provider itself, as on any machine; a demonstration takes three times as long with it."""
    for name in provider:
        monkeypatch.delenv(name)


@pytest.mark.parametrize("example", ANSWERS)
def test_every_example_is_applied_called_in_both_eras_and_taken_away(
    aws: LocalAWS, example: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if example == "basic":
        request.getfixturevalue("newcomer")
    # The tests' own AWS may hold port 4566: the demonstration then takes another.
    picture = tmp_path / "picture.svg"
    ran = demo("--example", example, "--picture", str(picture), COLUMNS="300")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count(ANSWERS[example]) >= 2
    assert "terraform destroy" in ran.stdout
    assert not answers(endpoint_in(ran.stdout))
    assert not left_behind()
    assert example != "basic" or picture.read_text() == SHOWN.read_text(), f"run `scripts/demo --picture {SHOWN}`"


def test_a_failed_apply_is_one_line_and_leaves_nothing_behind(aws: LocalAWS) -> None:
    ran = demo(TF_CLI_ARGS_apply="-var=nonsense=1")

    assert ran.returncode == 1
    assert ran.stdout.strip().splitlines()[-1] == "demo: Error: Value for undeclared variable"
    assert not answers(endpoint_in(ran.stdout))
    assert not left_behind()


def test_without_terraform_the_first_line_says_so(aws: LocalAWS, tmp_path: Path) -> None:
    for tool in ("bash", "dirname", "basename", "env", "uname"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")

    ran = demo(PATH=str(tmp_path))

    assert ran.returncode == 1
    assert ran.stderr.startswith("setup: terraform is not on PATH: install 1.9 or newer")
    assert len(ran.stderr.splitlines()) == 1


def test_after_a_kill_nothing_runs_on_and_the_next_one_cleans_up(aws: LocalAWS) -> None:
    with subprocess.Popen([DEMO], stdout=subprocess.PIPE, text=True, start_new_session=True) as killed:
        assert killed.stdout
        started = killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
    assert left_behind()
    wait_until_silent(endpoint_in(started))

    refused = demo(TF_CLI_ARGS_init="-nonsense")

    assert refused.returncode == 1
    assert not left_behind()


def test_what_is_kept_answers_until_the_printed_command_ends_it(aws: LocalAWS) -> None:
    kept = demo("--keep", COLUMNS="300")
    url = re.search(r"--transport http basic (\S+)", kept.stdout)
    end = re.search(r"^  (kill .+)$", kept.stdout, re.MULTILINE)
    assert url, kept.stdout
    assert end, kept.stdout

    assert requests.get(url[1].removesuffix("/mcp") + "/health", timeout=30).json()["name"] == "toolbox"

    subprocess.run(end[1], shell=True, check=True)  # noqa: S602 - the very command a user would copy
    wait_until_silent(endpoint_in(kept.stdout))
    assert not left_behind()


def demo(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DEMO, *arguments], env=os.environ | environ, capture_output=True, text=True, timeout=180)


def endpoint_in(output: str) -> str:
    found = re.search(r"http://localhost:\d+", output)
    assert found, output
    return found[0]


def answers(endpoint: str) -> bool:
    try:
        return requests.get(f"{endpoint}/_ministack/ready", timeout=2).ok
    except requests.RequestException:
        return False


def wait_until_silent(endpoint: str) -> None:
    end = time.monotonic() + 20
    while answers(endpoint):
        assert time.monotonic() < end, f"{endpoint} still answers"


def left_behind() -> list[Path]:
    return list((REPOSITORY / ".build").glob("demo-*"))

"""Right-sizing a deployed function: real calls, and its memory as it was at the end."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from lab.local_aws import REPOSITORY
from tests.integration.conftest import Endpoint

SECONDS = 60


@pytest.fixture(scope="module")
def toolbox(deploy_stack: Callable[..., Endpoint]) -> Endpoint:
    return deploy_stack("toolbox")


def started(endpoint: Endpoint, *words: str) -> subprocess.Popen[str]:
    assert endpoint.aws
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.memory", *words],
        cwd=REPOSITORY,
        env=os.environ | endpoint.aws.environ | {"AWS_DEFAULT_REGION": endpoint.aws.environ["AWS_REGION"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(command: subprocess.Popen[str]) -> tuple[int, str, str]:
    output, error = command.communicate(timeout=SECONDS)
    return command.returncode, output, error


def configuration(endpoint: Endpoint, qualifier: str = "$LATEST") -> dict[str, Any]:
    found: dict[str, Any] = endpoint.client("lambda").get_function_configuration(
        FunctionName="toolbox", Qualifier=qualifier
    )
    del found["ResponseMetadata"]
    return found


def shape(text: str) -> list[str]:
    """A table without its numbers and the width of its columns."""
    return [re.sub(r"[ -]+", " ", re.sub(r"\d[\d,.]*", "0", line)) for line in text.strip().splitlines()]


def test_the_sizes_are_compared_as_the_page_shows_and_the_memory_is_put_back(toolbox: Endpoint) -> None:
    page = (REPOSITORY / "docs/cost.md").read_text()
    ((words, shown),) = re.findall(r"\$ python -m benchmarks\.memory ([^\n]+)\n(.+?)```", page, re.DOTALL)
    before, live = configuration(toolbox), configuration(toolbox, "live")

    status, output, error = finished(started(toolbox, *shlex.split(words)))

    assert (status, error) == (0, "")
    assert shape(output) == shape(shown)
    after = configuration(toolbox)
    kept = ("MemorySize", "LoggingConfig")
    assert [after[key] for key in kept] == [before[key] for key in kept]
    assert configuration(toolbox, "live") == live


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_the_memory_is_put_back_when_the_command_is_ended_half_way(toolbox: Endpoint, number: signal.Signals) -> None:
    before = configuration(toolbox)["MemorySize"]
    command = started(toolbox, "toolbox", "add", '{"a": 1, "b": 2}', "--warm", "90")
    end = time.monotonic() + SECONDS
    while configuration(toolbox)["MemorySize"] == before and time.monotonic() < end:
        assert command.poll() is None

    command.send_signal(number)
    status, _, error = finished(command)

    assert (status, error) == (130, "memory: interrupted; the memory is what it was before\n")
    assert configuration(toolbox)["MemorySize"] == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["toolbox", "fail", '{"reason": "no stock"}'],
            "fail of toolbox answered with an error: Error executing tool fail",
        ),
        (["toolbox", "wait", '{"seconds": 5}'], "wait of toolbox answered with an error: .*2.5 s"),
        (["elsewhere", "add"], "AWS: .*elsewhere"),
    ],
)
def test_what_cannot_be_measured_ends_with_a_sentence_and_the_memory_as_it_was(
    toolbox: Endpoint, words: list[str], says: str
) -> None:
    before = configuration(toolbox)["MemorySize"]

    status, _, error = finished(started(toolbox, *words, "--rounds", "1", "--warm", "1"))

    assert status == 1
    assert re.fullmatch(f"memory: {says}.*\n", error)
    assert configuration(toolbox)["MemorySize"] == before

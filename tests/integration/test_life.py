"""The life of a deployment on the local AWS: applied again, redeployed, alarmed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lab.events import handshake, message_in, modern, tool_call
from tests.integration.conformance.suite import Node
from tests.integration.conftest import Deployment, Endpoint
from tests.integration.on_call import listen, tick

Deploy = Callable[..., Deployment]

SERVER = """
from mcp.server.mcpserver import MCPServer
mcp = MCPServer("anywhere")

@mcp.tool()
def greet() -> str:
    return "{greeting}"
"""


@pytest.fixture(scope="module", params=["http", "rest"])
def front(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory: pytest.TempPathFactory, front: str) -> Path:
    """A directory outside of the repository with one file: a plain MCPServer."""
    directory = tmp_path_factory.mktemp(front)
    (directory / "server.py").write_text(SERVER.format(greeting="hello"))
    return directory


@pytest.fixture(scope="module")
def deployed(deploy: Deploy, repository: Path, anywhere: Path, front: str) -> Deployment:
    """The server above, applied."""
    root = repository / f"tests/integration/anywhere-{front}"
    root.mkdir()
    shutil.copy(repository / "tests/integration/stack/main.tf", root)
    return deploy(f"tests/integration/{root.name}", name=root.name, front=front, module_source_dir=str(anywhere))


def test_a_client_of_the_handshake_era_starts_one_environment(deployed: Deployment, node: Node, front: str) -> None:
    """It asks for its stream while it goes on, so whoever answers that is busy."""
    _, endpoint = deployed
    options = ["--transport", "http", "--protocol-era", "legacy", "--method", "tools/list"]

    listed = json.loads(node("mcp-inspector", "--cli", endpoint.url, *options).stdout)

    assert [tool["name"] for tool in listed["tools"]] == ["greet"]
    lines = request_lines(endpoint, f"anywhere-{front}", until="tools/list")
    assert sum("coldStart" in line for line in lines) == 1


def request_lines(endpoint: Endpoint, function: str, until: str) -> list[dict[str, Any]]:
    """The request lines of a function, as soon as there is one of a method."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = endpoint.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
        lines = [json.loads(event["message"]) for event in found if '"outcome"' in event["message"]]
        if until in {line.get("method") for line in lines}:
            return lines
    raise AssertionError(f"no request line of {until} within 20 s")


def test_a_server_from_anywhere_answers_a_thousand_mixed_calls(deployed: Deployment) -> None:
    _, endpoint = deployed
    calls = [
        tool_call(modern, "greet"),
        tool_call(handshake, "greet"),
        modern("tools/list"),
        handshake("tools/list"),
        modern("server/discover"),
    ]

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(endpoint.post, calls * 200))

    assert {answer.status_code for answer in answers} == {200}
    assert all("result" in message_in(answer.text) for answer in answers)
    assert len({answer.text for answer in answers}) == len(calls)


def test_a_changed_tool_answers_at_the_same_url_and_a_second_apply_changes_nothing(
    deployed: Deployment, anywhere: Path, front: str
) -> None:
    terraform, endpoint = deployed
    variables = {"module_source_dir": str(anywhere), "name": f"anywhere-{front}", "front": front}
    assert endpoint.call(modern, "greet")["result"]["structuredContent"] == {"result": "hello"}

    (anywhere / "server.py").write_text(SERVER.format(greeting="good evening"))
    terraform.apply(tf_vars=variables)
    assert terraform.output()["url"] == endpoint.outputs["url"]
    assert endpoint.call(modern, "greet")["result"]["structuredContent"] == {"result": "good evening"}

    plan = terraform.plan(output=True, tf_vars=variables)
    actions = {address: change["change"]["actions"] for address, change in plan.resource_changes.items()}
    assert {address for address, action in actions.items() if action != ["no-op"]} == set()

    terraform.destroy(tf_vars=variables)
    left = endpoint.client("lambda").list_functions()["Functions"]
    assert variables["name"] not in {function["FunctionName"] for function in left}


def test_throttled_calls_ring_the_alarm_and_notify_its_topic(endpoint: Endpoint) -> None:
    cloudwatch, messages = endpoint.client("cloudwatch"), listen(endpoint)
    name = endpoint.outputs["alarm_arns"]["throttles"].rsplit(":", 1)[1]

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: endpoint.post(tool_call(modern, "sleep", seconds=1.5)), range(10)))
    assert 429 in {answer.status_code for answer in answers}
    tick(endpoint)

    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    message = _alarm_message(messages, name)
    assert message["NewStateValue"] == "ALARM"


def _alarm_message(messages: Iterator[list[dict[str, Any]]], alarm: str) -> dict[str, Any]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for message in next(messages):
            if message["AlarmName"] == alarm:
                return message
    raise AssertionError(f"no notification of {alarm} within 20 s")

"""The life of a deployment on the local AWS: applied again, redeployed, alarmed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from events import handshake, message_in, modern, tool_call
from integration.conftest import Deployment, Endpoint

Deploy = Callable[..., Deployment]

SERVER = """
from mcp.server.mcpserver import MCPServer
mcp = MCPServer("anywhere")

@mcp.tool()
def greet() -> str:
    return "{greeting}"
"""


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory outside of the repository with one file: a plain MCPServer."""
    directory = tmp_path_factory.mktemp("anywhere")
    (directory / "server.py").write_text(SERVER.format(greeting="hello"))
    return directory


@pytest.fixture(scope="module")
def deployed(deploy: Deploy, repository: Path, anywhere: Path) -> Deployment:
    """That server, applied."""
    root = repository / "tests/integration/anywhere"
    root.mkdir()
    shutil.copy(repository / "tests/integration/stack/main.tf", root)
    return deploy("tests/integration/anywhere", name="anywhere", module_source_dir=str(anywhere))


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
    deployed: Deployment, anywhere: Path
) -> None:
    terraform, endpoint = deployed
    variables = {"module_source_dir": str(anywhere), "name": "anywhere"}
    assert endpoint.call(modern, "greet")["result"]["structuredContent"] == {"result": "hello"}

    (anywhere / "server.py").write_text(SERVER.format(greeting="good evening"))
    terraform.apply(tf_vars=variables)
    assert terraform.output()["url"] == endpoint.outputs["url"]
    assert endpoint.call(modern, "greet")["result"]["structuredContent"] == {"result": "good evening"}

    plan = terraform.plan(output=True, tf_vars=variables)
    actions = {change["type"]: change["change"]["actions"] for change in plan.resource_changes.values()}
    changed = {kind for kind, action in actions.items() if action != ["no-op"]}
    # The emulator leaves fields out of DescribeAlarms, so that provider 5 sees a change there at every plan.
    assert changed <= {"aws_cloudwatch_metric_alarm"}

    terraform.destroy(tf_vars=variables)
    left = endpoint.client("lambda").list_functions()["Functions"]
    assert "anywhere" not in {function["FunctionName"] for function in left}


def test_throttled_calls_ring_the_alarm_and_notify_its_topic(endpoint: Endpoint) -> None:
    cloudwatch, queue = endpoint.client("cloudwatch"), endpoint.client("sqs")
    name = endpoint.outputs["alarm_arns"]["throttles"].rsplit(":", 1)[1]
    url = queue.create_queue(QueueName="alarms")["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns = {"Service": "sns.amazonaws.com"}
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn, "Principal": sns}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    queue.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    endpoint.client("sns").subscribe(TopicArn=endpoint.outputs["topic_arn"], Protocol="sqs", Endpoint=arn)

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: endpoint.post(tool_call(modern, "sleep", seconds=1.5)), range(10)))
    assert 429 in {answer.status_code for answer in answers}
    # The emulator evaluates its alarms only when a metric is put; AWS does so by itself.
    cloudwatch.put_metric_data(Namespace="Tests", MetricData=[{"MetricName": "Tick", "Value": 1}])

    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    message = _alarm_message(queue, url, name)
    assert message["NewStateValue"] == "ALARM"


def _alarm_message(queue: Any, url: str, alarm: str) -> dict[str, Any]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for received in queue.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", []):
            message: dict[str, Any] = json.loads(json.loads(received["Body"])["Message"])
            if message["AlarmName"] == alarm:
                return message
    raise AssertionError(f"no notification of {alarm} within 20 s")

"""The life of a deployment on the local AWS: applied again, redeployed, alarmed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from events import modern, tool_call

from integration.conftest import Deployment, Endpoint

Deploy = Callable[..., Deployment]

SERVER = """
from mcp.server.mcpserver import MCPServer
mcp = MCPServer("changing")

@mcp.tool()
def greet() -> str:
    return "{greeting}"
"""


def test_a_changed_tool_answers_at_the_same_url_and_a_second_apply_changes_nothing(
    deploy: Deploy, repository: Path, tmp_path: Path
) -> None:
    root = repository / "tests/integration/changing"
    root.mkdir()
    shutil.copy(repository / "tests/integration/stack/main.tf", root)
    variables = {"module_source_dir": str(tmp_path), "name": "changing"}

    (tmp_path / "server.py").write_text(SERVER.format(greeting="hello"))
    terraform, endpoint = deploy("tests/integration/changing", **variables)
    assert endpoint.call(modern, "greet")["result"]["structuredContent"] == {"result": "hello"}

    (tmp_path / "server.py").write_text(SERVER.format(greeting="good evening"))
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
    assert "changing" not in {function["FunctionName"] for function in left}


def test_throttled_calls_ring_the_alarm_and_notify_its_topic(endpoint: Endpoint) -> None:
    cloudwatch, queue = endpoint.client("cloudwatch"), endpoint.client("sqs")
    name = endpoint.outputs["alarm_arns"]["throttles"].rsplit(":", 1)[1]
    url = queue.create_queue(QueueName="alarms")["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
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

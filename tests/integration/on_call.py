"""Has alarms of the local AWS evaluated, and hears what their topic says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.integration.conftest import Endpoint


def put(endpoint: Endpoint, points: list[dict[str, Any]]) -> None:
    """Put points, each into its namespace; evaluates all alarms."""
    for data in points:
        datum = {key: value for key, value in data.items() if key != "Namespace"}
        endpoint.client("cloudwatch").put_metric_data(Namespace=data["Namespace"], MetricData=[datum])


def tick(endpoint: Endpoint) -> None:
    """Have the alarms evaluated: AWS does so by itself, the emulator when a metric is put."""
    put(endpoint, [{"Namespace": "Tests", "MetricName": "Tick", "Value": 1}])


def listen(endpoint: Endpoint) -> Iterator[list[dict[str, Any]]]:
    """What the stack's topic says, as a queue that is subscribed to it receives it, within a second each time."""
    queue = endpoint.client("sqs")
    topic = endpoint.outputs["topic_arn"]
    url = queue.create_queue(QueueName=topic.rsplit(":", 1)[1])["QueueUrl"]
    arn = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns = {"Service": "sns.amazonaws.com"}
    allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn, "Principal": sns}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    queue.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    endpoint.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def receive() -> Iterator[list[dict[str, Any]]]:
        while True:
            received = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in (messages := received.get("Messages", [])):
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            yield [json.loads(json.loads(message["Body"])["Message"]) for message in messages]

    return receive()

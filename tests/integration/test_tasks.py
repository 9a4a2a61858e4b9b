"""Tasks on the local AWS: a table, a queue and workers of their own behind an endpoint that gives up after 3 s."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lab.callers import SigV4
from lab.events import modern
from lab.local_aws import LocalAWS
from tests.integration.conftest import Deployment, Endpoint
from tests.task_client import TaskClient

WORKERS, TASKS = 10, 100


@pytest.fixture(scope="module")
def tasked(deploy_stack: Callable[..., Endpoint]) -> Endpoint:
    """The tests' own stack, whose `wait` may be a task."""
    tasks = {"tools": {"wait": "optional"}, "timeout_seconds": 30, "reserved_concurrency": WORKERS}
    return deploy_stack("tasks", tasks=tasks)


def test_a_tool_outlasts_the_endpoint_as_a_task_and_only_as_one(tasked: Endpoint) -> None:
    client = TaskClient(tasked)

    late = tasked.call(modern, "wait", seconds=6)
    *_, done = client.steps(client.call("wait", seconds=6))

    assert late["error"]["code"] == 504
    assert (done["status"], done["result"]["isError"]) == ("completed", False)


def test_of_a_hundred_tasks_at_once_ten_workers_complete_each_once(tasked: Endpoint) -> None:
    client = TaskClient(tasked)

    with ThreadPoolExecutor(4) as callers:
        tasks = list(callers.map(lambda _: client.call("wait", seconds=0.2), range(TASKS)))
    ends = [client.steps(task)[-1] for task in tasks]

    assert Counter(end["status"] for end in ends) == {"completed": TASKS}
    assert len({end["result"]["content"][0]["text"] for end in ends}) <= WORKERS
    logged = [json.loads(line) for line in messages(tasked, "/aws/lambda/tasks-tasks") if '"taskStep"' in line]
    completed = Counter(line["task"] for line in logged if line["taskStep"] == "completed")
    assert {completed[task["taskId"][:12]] for task in tasks} == {1}


def messages(endpoint: Endpoint, log_group: str) -> list[str]:
    """All lines of a log."""
    pages = endpoint.client("logs").get_paginator("filter_log_events").paginate(logGroupName=log_group)
    return [event["message"] for page in pages for event in page["events"]]


def test_the_example_answers_the_official_client_and_makes_a_task_for_one_that_polls(
    deploy: Callable[..., Deployment], aws: LocalAWS
) -> None:
    endpoint = replace(deploy("examples/long-tool")[1], signer=SigV4(aws.environ))
    expected = {"months": 6, "euros": 7450, "best_month": "2026-05"}

    async def ask() -> object:
        async with endpoint.connect("auto") as client:
            return (await client.call_tool("sales_report", {})).structured_content

    assert asyncio.run(ask()) == expected
    client = TaskClient(endpoint)
    steps = client.steps(client.call("sales_report"))
    assert steps[-1]["result"]["structuredContent"] == expected
    assert any("months read" in step.get("statusMessage", "") for step in steps)

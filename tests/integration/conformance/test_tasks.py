"""The suite's scenarios for the tasks extension, against the module's URL on the local AWS."""

from __future__ import annotations

import pytest

from tests.integration.conftest import Endpoint
from tests.task_client import TaskClient

from .suite import Node, Scenario, judge

SCENARIOS = (
    "tasks-capability-negotiation",
    "tasks-dispatch-and-envelope",
    "tasks-lifecycle",
    "tasks-mrtr-composition",
    "tasks-mrtr-input",
    "tasks-request-headers",
    "tasks-request-state-removal",
    "tasks-required-task-error",
    "tasks-status-notifications",
    "tasks-wire-fields",
)
WORKERS = 3  # reserved in main.tf


@pytest.fixture(scope="module")
def scenarios(judged: Endpoint, node: Node, tmp_path_factory: pytest.TempPathFactory) -> list[Scenario]:
    """What the suite found, once all workers had started: its own limits are shorter than a start may be."""
    client, directory = TaskClient(judged), tmp_path_factory.mktemp("tasks")
    for task in [client.call("slow_compute", seconds=2) for _ in range(WORKERS)]:
        client.steps(task)
    return judge(node, judged.url, [("2026-07-28", name) for name in SCENARIOS], directory)


def test_every_check_of_the_tasks_extension_passes(scenarios: list[Scenario]) -> None:
    failed = {scenario.name: scenario.failures + scenario.warnings for scenario in scenarios}
    statuses = [check["status"] for scenario in scenarios for check in scenario.checks]

    assert {name: why for name, why in failed.items() if why} == {}
    assert statuses.count("SUCCESS") == 44


def test_the_one_check_that_the_suite_skips_is_of_a_stream_that_no_function_holds(scenarios: list[Scenario]) -> None:
    skipped = [check["id"] for scenario in scenarios for check in scenario.checks if check["status"] == "SKIPPED"]

    assert skipped == ["tasks-status-notifications"]

"""What the log and the metrics say of tasks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.events import tasks_request
from tests.filters import is_counted
from tests.tasks.conftest import TTL_SECONDS, Serve
from tests.tasks.test_life import running, until
from tests.unit.test_log import lines_of

Line = dict[str, Any]


def counted(line: Line) -> dict[str, float]:
    """What CloudWatch counts of a line, without dimensions."""
    directives = line.get("_aws", {"CloudWatchMetrics": [{"Metrics": []}]})["CloudWatchMetrics"]
    return {metric["Name"]: line[metric["Name"]] for metric in directives[0]["Metrics"]}


def test_each_step_of_a_task_is_a_line_that_names_it_and_not_its_whole_id(
    serve: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve(metrics="server")
    task = server.call("report")
    server.work()
    server.get(task)

    made, ran, asked = lines = lines_of(capsys)

    assert {line["task"] for line in lines} == {task["taskId"][:12]}
    assert task["taskId"] not in json.dumps(lines)
    assert [line.get("taskStep") for line in lines] == ["started", "completed", None]
    assert (made["tool"], ran["tool"], asked["method"]) == ("report", "report", "tasks/get")
    assert counted(made).keys() == {"ColdStarts", "TasksStarted"}
    assert counted(ran).keys() == {"TasksCompleted", "TaskDuration", "TaskAge"}
    assert counted(asked).keys() == set()
    assert (is_counted(made), is_counted(ran, "worker"), is_counted(asked)) == (False, True, False)
    assert ran["TaskAge"] == ran["taskAgeMs"] >= ran["TaskDuration"] > 0
    units = {metric["Name"]: metric["Unit"] for metric in ran["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
    assert units["TaskAge"] == units["TaskDuration"] == "Milliseconds"


def test_each_end_is_counted_once(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(metrics="server")
    failed, cancelled, expired, lost = (server.call(tool) for tool in ("refuse", "report", "report", "report"))
    server.cancel(cancelled)
    server.turn_back(expired, TTL_SECONDS + 1, "expires")
    server.turn_back(lost, TTL_SECONDS, "queued")
    server.get(lost)
    server.work()
    for task in (failed, cancelled, expired, lost):
        server.get(task)

    found = [counted(line) for line in lines_of(capsys) if "_aws" in line]
    sums = {name: sum(line.get(name, 0) for line in found) for name in set().union(*found)}
    assert (sums["TasksStarted"], sums["TasksFailed"], sums["TasksCancelled"], sums["TasksExpired"]) == (4, 2, 1, 1)


def test_a_second_delivery_is_a_line_that_counts_nothing(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(metrics="tools")
    task = server.call("report")
    (_, event) = server.relay.invoked[0]
    server.work()
    lines_of(capsys)

    server.worker(event)

    (line,) = lines_of(capsys)
    assert (line["level"], line["outcome"], line["task"]) == ("INFO", "duplicate", task["taskId"][:12])
    assert "_aws" not in line
    assert not is_counted(line, "worker")


def test_a_tool_that_was_cancelled_is_no_failure(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(metrics="server")
    task = server.call("wait", seconds=9)
    with running(server):
        until(lambda: "lease" in server.item(task))
        server.cancel(task)

    ran = lines_of(capsys)[-1]

    assert (ran["level"], ran["outcome"], ran["taskStep"]) == ("INFO", "cancelled", "given up")
    assert "_aws" not in ran
    assert not is_counted(ran, "worker")


def test_an_id_that_a_client_has_invented_is_not_logged(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    server = serve(metrics="server")

    server.ask(tasks_request("tasks/get", {"taskId": "password123"}))

    (line,) = lines_of(capsys)
    assert "password123" not in json.dumps(line)
    assert (line["method"], line["errorCode"]) == ("tasks/get", -32602)

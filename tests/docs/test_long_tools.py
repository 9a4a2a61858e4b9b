"""docs/long-tools.md names the modes and costs that there are."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from lab.local_aws import REPOSITORY
from mcp_lambda_host.contract import TASK_MODES
from mcp_lambda_host.tasks.extension import poll_seconds
from mcp_lambda_host.tasks.worker import BEAT_SECONDS
from pricing import prices

PAGE = (REPOSITORY / "docs/long-tools.md").read_text()
SECONDS, TASKS = 60, 1000


def polls() -> int:
    """How often a client asks that waits each time for as long as it was told."""
    age, asked = 0.0, 0
    while age < SECONDS:
        age += poll_seconds(age)
        asked += 1
    return asked


def test_the_costs_are_those_of_the_price_lists() -> None:
    requests = 1 + polls()
    writes = 1 + 1 + SECONDS / BEAT_SECONDS + 1  # stored, claimed, alive, ended
    amounts = {
        "worker, GB-seconds": (SECONDS, prices.COMPUTE["arm64"].dollars),
        "the call and its polls, 100 ms each, GB-seconds": (requests * 0.1, prices.COMPUTE["arm64"].dollars),
        "requests to the API": (requests, prices.REQUESTS["http"].dollars / 1e6),
        "requests to Lambda": (requests + 1, prices.INVOCATIONS.dollars / 1e6),
        "writes to the table": (writes, prices.TABLE_WRITES.dollars / 1e6),
        "reads of the table": (polls(), prices.TABLE_READS.dollars / 1e6),
    }
    rows = [
        f"| {what} | {number * TASKS:,.0f} | {number * TASKS * dollars:.2f} |"
        for what, (number, dollars) in amounts.items()
    ]

    (table,) = re.findall(r"^\| what \| how many \| dollars \|\n\|[ -|]+\n((?:\|.+\n)+)", PAGE, re.MULTILINE)
    assert table.splitlines() == rows


def test_every_mode_has_a_row() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(TASK_MODES)


def test_the_pair_of_tools_starts_a_job_and_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    machine, job = "arn:aws:states:eu-west-1:111122223333:stateMachine:reports", "arn:aws:states:…:reports:1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("REPORTS", machine)
    (source,) = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)
    shown: dict[str, Any] = {}
    exec(source, shown)  # noqa: S102 (what the page shows)

    now, about = datetime.now(UTC), {"executionArn": job, "stateMachineArn": machine}
    with Stubber(shown["jobs"]) as aws:
        expected = {"stateMachineArn": machine, "input": json.dumps({"month": "2026-05"})}
        aws.add_response("start_execution", {"executionArn": job, "startDate": now}, expected)
        aws.add_response("describe_execution", {**about, "status": "RUNNING", "startDate": now}, {"executionArn": job})

        assert shown["report_status"](shown["start_report"]("2026-05")) == {"status": "RUNNING", "output": ""}

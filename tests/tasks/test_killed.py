"""A worker is killed at each moment of its work: its task fails, or is completed once."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from lab.local_aws import LocalAWS
from lab.settings import settings_variable
from tests.tasks.aws import BROKEN, LOST, Asked, Fault, Relay
from tests.tasks.conftest import Serve
from tests.tasks.killed import SERVER, run_worker

STEPS = 6
WRITES: dict[str, tuple[str, Fault]] = {
    "before its claim": (":new_worker", BROKEN),
    "after its claim": (":new_worker", LOST),
    "before its end": (":new_outcome", BROKEN),
    "after its end": (":new_outcome", LOST),
}
"""A value of the write at which the worker is killed, and whether that write comes through."""

TOOLS = {"count": "optional"}


@pytest.fixture
def environ(relay: Relay, local: LocalAWS, table: str) -> dict[str, str]:
    """Environment variables of a worker in a process of its own."""
    tasks: dict[str, Any] = {
        "tools": TOOLS,
        "table": table,
        "worker": None,
        "ttl_seconds": 3600,
        "queue_seconds": 1800,
        "withheld_headers": [],
        "bucket": None,
    }
    return local.environ | settings_variable(tasks=tasks) | {"AWS_ENDPOINT_URL": relay.url, "DIES": "1"}


@pytest.mark.parametrize("moment", [*WRITES, *range(STEPS)])
def test_a_worker_that_is_killed_leaves_a_task_that_failed_or_was_completed_once(
    serve: Serve, environ: dict[str, str], tmp_path: Path, moment: str | int
) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    done = tmp_path / "done"
    done.touch()
    server = serve(SERVER, tasks={"tools": TOOLS})
    task = server.call("count", file=str(done), steps=STEPS, last=moment if isinstance(moment, int) else -1)
    (_, event) = server.relay.invoked.pop()
    process: Future[int] = Future()

    def kill(asked: Asked) -> Fault | None:
        value, fault = WRITES.get(str(moment), ("never", LOST))
        if value not in json.dumps(asked.arguments):
            return None
        os.kill(process.result(10), signal.SIGKILL)
        return fault

    server.relay.fails = kill
    assert run_worker(tmp_path, environ, event, process.set_result) == -signal.SIGKILL
    server.relay.fails = lambda asked: None
    assert run_worker(tmp_path, environ | {"DIES": "0"}, event) == 0  # Lambda may deliver an event again
    if "lease" in server.item(task):
        server.turn_back(task, 61, "lease")

    status = server.get(task)["status"]
    steps = done.read_text().split()
    assert status == ("completed" if moment in ("before its claim", "after its end") else "failed")
    assert len(set(steps)) == len(steps)
    assert status == "failed" or len(steps) == STEPS

"""What an operator finds in CloudWatch Logs after a call."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from lab.events import MODERN, Era, handshake, modern
from tests.integration.conftest import Endpoint

LOG = "/aws/lambda/integration"
SECONDS = 20


def lines_since(begun: float, stack: Endpoint) -> list[dict[str, Any]]:
    """The JSON lines of the one call since a time, as soon as that of its request is there."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        found = stack.client("logs").filter_log_events(logGroupName=LOG, startTime=int(begun * 1000))["events"]
        lines = [json.loads(event["message"]) for event in found if event["message"].startswith("{")]
        if any("outcome" in line for line in lines):
            return lines
        time.sleep(0.1)
    raise AssertionError(f"{LOG} has no line of the call after {SECONDS} s")


@pytest.mark.parametrize(("era", "name"), [(modern, MODERN), (handshake, "handshake")], ids=["modern", "old"])
def test_a_failed_call_is_a_line_that_counts_it_and_a_trace_without_its_reason(
    stack: Endpoint, era: Era, name: str
) -> None:
    begun, reason = time.time(), uuid.uuid4().hex
    stack.call(era, "fail", reason=reason)

    raised, told = lines_since(begun, stack)

    assert (told["tool"], told["era"], told["outcome"]) == ("fail", name, "tool_error")
    assert told["traceId"].startswith("1-")
    assert told["_aws"]["CloudWatchMetrics"][1]["Dimensions"] == [["Tool"]]
    assert (told["Tool"], told["ToolErrors"]) == ("fail", 1)
    assert (raised["errorType"], raised["requestId"]) == ("ValueError", told["requestId"])
    assert "server.py" in raised["stackTrace"][-1]
    assert reason not in json.dumps([raised, told])


def test_a_refused_state_is_counted(stack: Endpoint) -> None:
    begun = time.time()
    call = {"name": "book", "arguments": {"room": 7}, "inputResponses": {}, "requestState": "forged"}
    stack.post(modern("tools/call", call))

    *_, told = lines_since(begun, stack)

    assert (told["tool"], told["errorCode"], told["RequestStateRefused"]) == ("book", -32602, 1)

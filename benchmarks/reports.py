"""What Lambda reports of an invocation in its log: how long it took, and how much of that is billed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT = re.compile(r"REPORT RequestId: (\S+)\s+Duration: ([\d.]+) ms\s+Billed Duration: (\d+) ms")
INIT = re.compile(r"\bInit Duration: ([\d.]+) ms")


@dataclass(frozen=True)
class Report:
    """Milliseconds of one invocation; `init` is 0 in a warm environment. `billed` includes it (from August 2025)."""

    duration: float
    billed: int
    init: float = 0.0

    @property
    def latency(self) -> float:
        """What a caller waits for inside Lambda."""
        return self.init + self.duration


def in_tail(answer: Mapping[str, Any]) -> Report | None:
    """The report in the answer to Invoke with `LogType="Tail"`: its LogResult is the last 4 KB of the log."""
    tail = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    return find(tail, answer["ResponseMetadata"]["RequestId"])


def find(log: str, request_id: str) -> Report | None:
    """The report of a request in a log, in either of its forms; None if it is not there.

    The forms are those of the Lambda Developer Guide: "REPORT RequestId: …" with tabs ("Log format: plain text"), and
    JSON lines of the type `platform.report` ("Telemetry API Event schema reference"). A tail of 4 KB may begin in the
    middle of a line, and tools print lines of their own, so a line that is neither is passed over.
    """
    reports = (_of_text(line, request_id) or _of_json(line, request_id) for line in log.splitlines())
    return next(filter(None, reports), None)


def _of_text(line: str, request_id: str) -> Report | None:
    found = TEXT.match(line)
    if not found or found[1] != request_id:
        return None
    init = INIT.search(line)
    return Report(float(found[2]), int(found[3]), float(init[1]) if init else 0.0)


def _of_json(line: str, request_id: str) -> Report | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or event.get("type") != "platform.report":
        return None
    if event["record"]["requestId"] != request_id:
        return None
    metrics = event["record"]["metrics"]
    return Report(metrics["durationMs"], metrics["billedDurationMs"], metrics.get("initDurationMs", 0.0))

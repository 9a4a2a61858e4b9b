"""Measures the bytes that a request logs, for `function/cost.py`. Run this file to write them anew.

The request line is the host's own, of a call that an environment in this process answers. API Gateway fills the format
of its access log in, and Lambda writes lines of its own: these are made here as both document them.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, cast

from mangum.types import LambdaContext
from mcp.server.mcpserver import MCPServer

from lab.events import Context, Event, modern, tool_call
from lab.local_aws import REPOSITORY
from lab.readme import hcl
from lab.settings import settings
from mcp_lambda_host import own_log
from mcp_lambda_host.environment import Environment

FILE = REPOSITORY / "function/pricing/log_bytes.json"

TOOL = "search_orders"
"""A name as long as names of tools are."""

CALLER = {"authorizer": {"jwt": {"claims": {"sub": "ada@example.com"}}}}

TIMES = {"timestamp": "2026-11-28T12:00:00.123Z", "durationMs": 100.1, "initDurationMs": 1000.1}
"""Values that differ from call to call."""

IDS = {"http": "JKJaXmPLvHcESHA=", "rest": "8f507cfc-0000-4697-b07a-ac58fc914c95"}
"""Ids of requests, as each front makes them."""

PATHS = {"http": "/mcp", "rest": "/live/mcp"}

PLATFORM = (
    {
        "time": "2026-11-28T12:00:00.123Z",
        "type": "platform.start",
        "record": {"requestId": IDS["rest"], "version": "12"},
    },
    {
        "time": "2026-11-28T12:00:00.223Z",
        "type": "platform.report",
        "record": {
            "requestId": IDS["rest"],
            "metrics": {"durationMs": 100.123, "billedDurationMs": 101, "memorySizeMB": 1024, "maxMemoryUsedMB": 110},
            "status": "success",
        },
    },
)
"""Lambda's lines of level INFO (Lambda Developer Guide, "System log level event mapping"; Telemetry API schema)."""


class Lines(logging.Handler):
    """Keeps the request lines."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the finished line of a record."""
        if hasattr(record, "line"):
            self.lines.append(str(record.line))


def measure() -> dict[str, dict[str, int]]:
    """The bytes of each line that a successful call makes, by what it depends on."""
    cold, _, called, named = (len(with_usual_times(line)) for line in request_lines())
    return {
        "request_line": {"call": called, "subject": named - called, "cold_start": cold - called},
        "access_log": {front: len(access_line(front)) for front in IDS},
        "system_log": {
            "WARN": 0,
            "INFO": sum(len(json.dumps(line, separators=(",", ":"))) for line in PLATFORM),
        },
    }


def request_lines() -> list[str]:
    """The lines of four calls: one that starts the environment, two more, and one of a caller that is known."""
    server = MCPServer("shop")
    server.add_tool(lambda: "found", name=TOOL, description="Search.")
    environment = Environment(settings(metrics="server"), {})
    environment._target = server
    kept = Lines()
    before, own_log.logger.handlers = own_log.logger.handlers, [kept]
    try:
        event = tool_call(modern, TOOL)
        for asked in (event, modern("tools/list"), event, with_caller(event)):
            environment.answer(asked, cast(LambdaContext, Context()))
    finally:
        own_log.logger.handlers = before
    return kept.lines


def with_caller(event: Event) -> Event:
    """The event as the gateway sends it on for a caller with a token."""
    return event | {"requestContext": event["requestContext"] | CALLER}


def with_usual_times(line: str) -> str:
    """A line with usual times, and with the memory that its environment's first line alone tells."""
    told: dict[str, Any] = json.loads(line)
    if "coldStart" in told:
        told |= {"initDurationMs": 0, "memoryMB": 110}
    else:
        told.pop("memoryMB", None)
    told |= {name: value for name, value in TIMES.items() if name in told}
    return json.dumps(told, separators=(",", ":"))


def access_line(front: str) -> str:
    """The line of the access log, as a front fills its format in."""
    values = {
        "requestId": IDS[front],
        "identity.sourceIp": "203.0.113.10",
        "httpMethod": "POST",
        "path": PATHS[front],
        "status": "200",
    }
    text = json.dumps(hcl("front.tf")["locals"][0]["access_log"], separators=(",", ":"))
    return re.sub(r"\$context\.([\w.]+)", lambda found: values.get(found[1], "-"), text)


if __name__ == "__main__":
    FILE.write_text(json.dumps(measure(), indent=2) + "\n")

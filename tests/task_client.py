"""A client that knows the tasks extension, and asks for its tasks as often as it is told to."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.events import META, Event, http_event, message_in

if TYPE_CHECKING:
    from tests.integration.conftest import Endpoint

IDENTIFIER = "io.modelcontextprotocol/tasks"

Task = dict[str, Any]


def declared(method: str, params: dict[str, Any], *, caller: str | None = None, **headers: str) -> Event:
    """A request of a client that knows tasks, and, if somebody is named, one whom the gateway has verified."""
    capabilities: dict[str, Any] = {"extensions": {IDENTIFIER: {}}, "elicitation": {}}
    meta = {**META, "io.modelcontextprotocol/clientCapabilities": capabilities}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    sent = {
        "mcp_protocol_version": "2026-07-28",
        "mcp_method": method,
        "mcp_name": params.get("name") or params.get("taskId", ""),
        **headers,
    }
    event = http_event("POST", "/mcp", json.dumps(message), **sent)
    if caller:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": caller, "iss": "https://login.example.com"}}}
    return event


@dataclass(frozen=True)
class TaskClient:
    """Calls an endpoint.

    Attributes:
        endpoint: Where.
        seconds: How long it waits for a task to end.
    """

    endpoint: Endpoint
    seconds: float = 120.0

    def ask(self, method: str, **params: Any) -> Task:
        """The result of a request."""
        answer = message_in(self.endpoint.post(declared(method, params)).text)
        assert "result" in answer, answer
        found: Task = answer["result"]
        return found

    def call(self, tool: str, **arguments: Any) -> Task:
        """The task that a call becomes."""
        return self.ask("tools/call", name=tool, arguments=arguments)

    def get(self, task: Task) -> Task:
        """The task as it is now."""
        return self.ask("tasks/get", taskId=task["taskId"])

    def steps(self, task: Task) -> list[Task]:
        """The task as it was each time that it was asked for, until it ended."""
        end, seen = time.monotonic() + self.seconds, [task]
        while seen[-1]["status"] == "working":
            assert time.monotonic() < end, seen[-1]
            time.sleep(seen[-1]["pollIntervalMs"] / 1000)
            seen.append(self.get(task))
        return seen

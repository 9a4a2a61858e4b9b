"""A client that knows the tasks extension, and asks for its tasks as often as it is told to."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.events import message_in, tasks_request

if TYPE_CHECKING:
    from tests.integration.conftest import Endpoint

Task = dict[str, Any]


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
        answer = message_in(self.endpoint.post(tasks_request(method, params)).text)
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

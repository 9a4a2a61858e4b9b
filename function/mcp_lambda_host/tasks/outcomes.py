"""What came of a task: a JSON-RPC result or error, in the table or in a bucket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .store import Task

Outcome = Mapping[str, Any]
"""One member of a JSON-RPC response: `result` or `error`."""


def failure(code: int, message: str, **data: object) -> Outcome:
    """An error of the host's own; see `messages.json_rpc_error` for its codes."""
    return {"error": {"code": code, "message": message, **({"data": data} if data else {})}}


def outcome_of(response: Mapping[str, Any]) -> Outcome:
    """The outcome in a JSON-RPC response; an error where it has none."""
    if "result" in response:
        return {"result": response["result"]}
    return {"error": response.get("error") or failure(500, "The server gave no answer.")["error"]}


def read_outcome(task: Task, bucket: str | None, variables: Mapping[str, str]) -> Outcome:
    """What came of a task, wherever it is kept; empty where nothing has yet."""
    return task.outcome or {}


def keep_outcome(task: Task, outcome: Outcome, bucket: str | None, variables: Mapping[str, str]) -> str | None:
    """Keep an outcome that no item holds in the bucket; its place there, or None: there is no bucket."""
    return None

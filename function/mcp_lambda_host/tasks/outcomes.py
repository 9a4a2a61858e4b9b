"""What came of a task: a JSON-RPC result or error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

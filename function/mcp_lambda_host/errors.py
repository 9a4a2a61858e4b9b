"""The host's own refusals, in a form that their reader understands."""

from __future__ import annotations

import json
from typing import Any


class StartError(Exception):
    """The author's server cannot be started; the message is one line for the log."""


def json_rpc_error(code: int, message: str, *, request_id: str | int | None = None, data: Any = None) -> str:
    """A JSON-RPC 2.0 error response.

    The host's own codes are the HTTP status that says the same: JSON-RPC reserves -32768 to -32000, all of which MCP's
    specification of 2026-07-28 has given meanings of its own.
    """
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "error": error})


def json_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in `text`; empty where there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def request_id_of(body: bytes) -> str | int | None:
    """The id of the JSON-RPC request in `body`; None where there is none to answer to."""
    request_id = json_object(body).get("id")
    return request_id if isinstance(request_id, str | int) and not isinstance(request_id, bool) else None

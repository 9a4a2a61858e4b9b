"""JSON-RPC messages: read as far as they can be read, and the host's own refusals."""

from __future__ import annotations

import json
from typing import Any

from .contract import MCP_PATH


def is_endpoint(path: str) -> bool:
    """Whether a path is the MCP endpoint's, which the whole host goes by: with or without a slash at its end."""
    return path.removesuffix("/") == MCP_PATH


def json_rpc_error(code: int, message: str, *, request_id: str | int | None = None, data: Any = None) -> str:
    """A JSON-RPC 2.0 error response.

    The host's own codes are the HTTP status that says the same: JSON-RPC reserves -32768 to -32000, all of which MCP's
    specification of 2026-07-28 has given meanings of its own.
    """
    error: dict[str, Any] = {"code": code, "message": message}
    if data is not None:
        error["data"] = data
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "error": error})


def parse_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object in `text`; empty where there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def parse_response(body: str) -> dict[str, Any]:
    """The JSON-RPC response in a body; in an event stream it is the last event."""
    events = [line for line in body.split("\n") if line.startswith("data:")]
    return parse_object(events[-1].removeprefix("data:") if events else body)


def parse_request_id(body: bytes) -> str | int | None:
    """The id of the JSON-RPC request in `body`; None where there is none to answer to."""
    request_id = parse_object(body).get("id")
    return request_id if isinstance(request_id, str | int) and not isinstance(request_id, bool) else None

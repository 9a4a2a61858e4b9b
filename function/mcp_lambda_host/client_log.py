"""Writes to the function's log, too, what a tool tells its client by `ctx.info` and the like."""

from __future__ import annotations

import json
import logging
from typing import Any

from mcp.server.session import ServerSession

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "notice": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
    "alert": logging.CRITICAL,
    "emergency": logging.CRITICAL,
}
"""Python's for MCP's (specification, Logging, Log Levels, after RFC 5424)."""

_send: Any = ServerSession.send_log_message.__wrapped__  # type: ignore[attr-defined] # without its warning, which the SDK's callers give


async def log_and_send(
    self: ServerSession, level: str, data: Any, logger: str | None = None, related_request_id: Any = None
) -> None:
    """In place of `ServerSession.send_log_message`: what the client has not asked for is logged all the same."""
    text = data if isinstance(data, str) else json.dumps(data, default=str)
    logging.getLogger(logger or "ctx").log(LEVELS.get(level, logging.INFO), "%s", text)
    await _send(self, level, data, logger, related_request_id)


def keep() -> None:
    """Begin."""
    ServerSession.send_log_message = log_and_send  # type: ignore[method-assign]

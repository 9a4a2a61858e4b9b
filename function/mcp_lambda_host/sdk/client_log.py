"""Writes what a tool tells its client (`ctx.info` and the like) to the function's log, too."""

from __future__ import annotations

import inspect
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
"""Python's level for each of MCP's (specification, Logging, Log Levels, after RFC 5424)."""

# Without the wrapper that warns of its deprecation: the SDK's own callers of it have warned already.
_send: Any = inspect.unwrap(ServerSession.send_log_message)


async def log_and_send(
    self: ServerSession, level: str, data: Any, logger: str | None = None, related_request_id: Any = None
) -> None:
    """Log a message and send it; the SDK itself sends only what the client has asked for."""
    text = data if isinstance(data, str) else json.dumps(data, default=str)
    logging.getLogger(logger or "ctx").log(LEVELS.get(level, logging.INFO), "%s", text)
    await _send(self, level, data, logger, related_request_id)


def log_client_messages() -> None:
    """Have every session log what it sends to its client as a log message."""
    ServerSession.send_log_message = log_and_send  # type: ignore[method-assign]

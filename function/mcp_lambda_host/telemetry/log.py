"""Makes every log record one line of JSON, which names its request and says nothing that a client sent.

On Lambda the runtime's own handler writes the records of `logging`: timestamp, level, message, logger, requestId
(Developer Guide, "Log and monitor Python Lambda functions"). Elsewhere a handler that writes the same takes its place.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

LIBRARIES = ("mcp", "mangum", "sse_starlette", "asyncio")
"""Packages that quote the messages of clients and tools in what they log."""

WITHHELD = Exception("(withheld; log_payloads shows it)")
"""Stands for an exception whose text may hold what a client or a tool said."""

REQUEST: ContextVar[str | None] = ContextVar("REQUEST", default=None)
"""Id of the request that is being answered. It follows the request into its tasks and threads, and stays with those
that run on after their deadline, when the runtime's own id, one for the whole process, is the next request's."""


def install(level: str, *, payloads: bool) -> None:
    """Set up `logging` for this process.

    Args:
        level: Lowest level that is written, one of Lambda's.
        payloads: Whether libraries may log what clients and tools say.
    """
    root = logging.getLogger()
    if not root.handlers:
        own = logging.StreamHandler(sys.stdout)
        own.setFormatter(JsonLines())
        root.addHandler(own)
    root.setLevel({"TRACE": "DEBUG"}.get(level, level))
    logging.captureWarnings(True)
    for handler in root.handlers:
        handler.addFilter(with_request)
    if payloads:
        return
    withhold_payloads()
    for library in LIBRARIES:  # below WARNING they repeat what the request line says
        logging.getLogger(library).setLevel(max(root.level, logging.WARNING))


def with_request(record: logging.LogRecord) -> bool:
    """Give a record the id of the request it belongs to, under the name that the runtime reads it by."""
    record.aws_request_id = REQUEST.get() or getattr(record, "aws_request_id", None)
    return True


def withhold_payloads() -> None:
    """Have records made without what clients and tools said, whatever handlers the author sets up later."""
    make = logging.getLogRecordFactory()

    def make_without(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        without_payloads(record)
        return record

    logging.setLogRecordFactory(make_without)
    # The lines after the first quote values. Python remembers the texts of warnings, and its memory of them would grow.
    warnings.filterwarnings("always", message="Pydantic serializer warnings")


def without_payloads(record: logging.LogRecord) -> None:
    """Take out of a library's record what clients and tools said; what happened and where stays."""
    if record.name == "py.warnings":
        record.msg, record.args = record.getMessage().partition("\n")[0], None
    if record.name.partition(".")[0] not in LIBRARIES:
        return
    # The SDK writes %r for what came from outside; asyncio puts exceptions behind the first line.
    record.msg = str(record.msg).partition("\n")[0].replace("%r", "%.0s…")
    error = record.exc_info[1] if record.exc_info else None
    if error and error is not WITHHELD:
        if type(error).__module__.startswith("mcp."):  # the SDK's wrapping around what a tool has raised
            error = error.__cause__ or error
        record.exc_info = (type(error), WITHHELD, error.__traceback__)


def as_line(members: Mapping[str, object]) -> str:
    """One line of the log, without spaces, since each byte is paid for; members that are None are left out."""
    present = {name: value for name, value in members.items() if value is not None}
    return json.dumps(present, separators=(",", ":")) + "\n"


def timestamp(seconds: float) -> str:
    """The time as RFC 3339 has it, in UTC; with any other form Lambda overrules the level of the line.

    Developer Guide, "Log-level filtering".
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """Writes a record as Lambda's runtime does in its JSON format."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, without its end."""
        kind, error, trace = record.exc_info or (None, None, None)
        members = {
            "timestamp": timestamp(record.created),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": getattr(record, "aws_request_id", None),
            "errorType": kind.__name__ if kind else None,
            "errorMessage": str(error) if error else None,
            "stackTrace": traceback.format_tb(trace) if trace else None,
        }
        return as_line(members).rstrip("\n")

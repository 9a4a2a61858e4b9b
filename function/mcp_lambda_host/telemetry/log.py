"""Makes every log record one line of JSON, which names its request and says nothing that a client sent.

On Lambda the runtime's own handler writes the records of `logging`: timestamp, level, message, logger, requestId
(Developer Guide, "Log and monitor Python Lambda functions"). Elsewhere a handler that writes the same takes its place.
"""

from __future__ import annotations

import copy
import json
import logging
import re
import traceback
import warnings
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePath
from types import TracebackType

from ..contract import AUTHOR
from ..own_log import LEVELS, Line, logger
from ..sdk.hooks import change_records, is_constant, leave_out_tasks, own_stdout, show_warnings

LIBRARIES = ("mcp", "mangum", "sse_starlette", "asyncio")
"""Packages that quote the messages of clients and tools in what they log."""

WITHHELD = Exception("(withheld; log_payloads shows it)")
"""Stands for an exception whose text may hold what a client or a tool said."""

LONGEST_FOREIGN = 1000
"""The length, in characters, at which the message of a library's record is cut."""

MOST_FRAMES = 20
"""Innermost frames of the traceback in a library's record."""

CONVERSION = re.compile(r"%(\(\w+\))?[-#0 +]*(\*|\d+)?(\.(\*|\d+))?[hlL]?[a-zA-Z]")
"""Matches where an argument stands in a message."""

PLAIN = {*vars(logging.LogRecord("", 0, "", 0, "", None, None)), "taskName"}
"""What every record has; all else comes from the caller's `extra`."""

# The names that the code goes by, which are Lambda's in bytecode that was made elsewhere.
ROOT = f"{PurePath((lambda: None).__code__.co_filename).parents[2]}/"
HOST = f"{ROOT}mcp_lambda_"
PYTHON = f"{PurePath(logging.__file__).parents[1]}/"

ENCODER = json.JSONEncoder(separators=(",", ":"))

REQUEST: ContextVar[str | None] = ContextVar("REQUEST", default=None)
"""Id of the request that is being answered. It follows the request into its tasks and threads, and stays with those
that run on after their deadline, when the runtime's own id, one for the whole process, is the next request's."""


def install(level: str, *, payloads: bool) -> None:
    """Set up `logging` for this process, before the author's code can.

    Args:
        level: Lowest level that is written, one of Lambda's.
        payloads: Whether libraries may log what clients and tools say.
    """
    root = logging.getLogger()
    logger.addHandler(own_handler(root))
    root.handlers = root.handlers or list(logger.handlers)
    for each in (root, logger):
        each.setLevel(LEVELS[level])
    leave_out_tasks()
    warnings.filterwarnings("ignore", message="The logging capability is deprecated")  # ctx.info writes to this log
    for handler in {*root.handlers, *logger.handlers}:
        handler.addFilter(with_request)
    if payloads:
        change_records(with_cause)
        logging.captureWarnings(True)
        return
    change_records(without_payloads)
    show_warnings(log_warning)
    # Python remembers the texts of warnings, and its memory of these, which quote values, would grow.
    warnings.filterwarnings("always", message="Pydantic serializer warnings")
    for library in LIBRARIES:  # below WARNING they repeat what the request line says
        logging.getLogger(library).setLevel(max(root.level, logging.WARNING))


def own_handler(root: logging.Logger) -> logging.Handler:
    """The handler through which the host writes, whatever becomes of the root logger and of `sys.stdout`.

    Lambda's own handler frames each record, so that nothing written to standard output in the meantime can tear it.
    Without such frames it is one on the process's standard output, to which from now on whole lines are written.
    """
    for handler in root.handlers:
        if hasattr(getattr(handler, "log_sink", None), "fd"):
            framed = copy.copy(handler)  # its own formatter and filters, the same frames
            framed.filters = [*handler.filters]
            framed.setFormatter(ReadyLines(handler.formatter or logging.Formatter()))
            return framed
    own = logging.StreamHandler(own_stdout())
    own.setFormatter(JsonLines())
    return own


class ReadyLines(logging.Formatter):
    """Passes a finished line on as it is, in the frame of its level; Lambda's own formatter formats other records."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._formatter = formatter
        self._frames: dict[int, dict[str, object]] = {}

    def format(self, record: logging.LogRecord) -> str:
        """The record's finished line, or else what Lambda's formatter makes of it."""
        if not isinstance(record, Line):
            return self._formatter.format(record)
        if record.levelno not in self._frames:
            self._frames[record.levelno] = self._frame(record)
        vars(record).update(self._frames[record.levelno])
        return f"{record.line}\n"

    def _frame(self, line: Line) -> dict[str, object]:
        """What Lambda's formatter adds to a record of the line's level, by which its handler knows the frame."""
        record = logging.LogRecord("", line.levelno, "", 0, "", None, None)
        vars(record).update(vars(line))
        before = set(vars(record))
        self._formatter.format(record)
        return {name: value for name, value in vars(record).items() if name not in before}


def with_request(record: logging.LogRecord) -> bool:
    """Give a record the id of the request it belongs to, under the name that the runtime reads it by."""
    record.aws_request_id = REQUEST.get() or getattr(record, "aws_request_id", None)
    return True


@cache
def is_foreign(path: str) -> bool:
    """Whether a file is neither the host's nor the author's."""
    if path.startswith(HOST):
        return False
    if AUTHOR is None:
        return path.startswith(PYTHON) or "site-packages" in path or "dist-packages" in path
    return not path.startswith(ROOT) or path.removeprefix(ROOT).split("/")[0] not in AUTHOR.files


def without_payloads(record: logging.LogRecord) -> None:
    """Take out of a library's record what clients and tools may have said; what happened and where stays, in short."""
    if not is_foreign(record.pathname):
        return
    if is_constant(record.msg):
        text = CONVERSION.sub("…", record.msg).replace("%%", "%") if record.args else record.msg
    else:
        text = f"{WITHHELD} {record.filename} line {record.lineno}"
    record.msg, record.args, record.stack_info = text[:LONGEST_FOREIGN], None, None
    for name in vars(record).keys() - PLAIN:
        delattr(record, name)
    with_cause(record)
    error = record.exc_info[1] if record.exc_info else None
    if error and error is not WITHHELD:
        record.exc_info = (type(error), WITHHELD, last_frames(error.__traceback__))


def with_cause(record: logging.LogRecord) -> None:
    """Put what a tool has raised into a record in place of the SDK's wrapping around it."""
    error = record.exc_info[1] if record.exc_info else None
    if error and error.__cause__ and type(error).__module__.startswith("mcp."):
        record.exc_info = (type(error.__cause__), error.__cause__, error.__cause__.__traceback__)


def last_frames(trace: TracebackType | None) -> TracebackType | None:
    """The innermost frames of a traceback."""
    for _ in range(len(list(traceback.walk_tb(trace))) - MOST_FRAMES):
        trace = trace and trace.tb_next
    return trace


def log_warning(place: str, text: str) -> None:
    """Log a warning, with its text if that is a part of the program."""
    logging.getLogger("py.warnings").warning("%s: %s", place, text if is_constant(text) else WITHHELD)


def as_line(members: Mapping[str, object]) -> str:
    """One line of the log, without spaces, since each byte is paid for, and without members that are None."""
    present = {name: value for name, value in members.items() if value is not None}
    return ENCODER.encode(present)


def timestamp(seconds: float) -> str:
    """The time as RFC 3339 has it, in UTC; with any other form Lambda overrules the level of the line.

    Developer Guide, "Log-level filtering".
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class JsonLines(logging.Formatter):
    """Writes a record as Lambda's runtime does in its JSON format."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, without its end."""
        if isinstance(record, Line):
            return record.line
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
        return as_line(members)

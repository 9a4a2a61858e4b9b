"""What `serve` and `check` print: the log of the environments as it is, or short and coloured on a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

RED, GREEN, YELLOW, DIM = 31, 32, 33, 2
COLOURS = {"ok": GREEN, "error": RED, "start_failed": RED, "deadline": RED}
"""Colour of an outcome; of any other it is yellow."""

LEVELS = {"DEBUG": DIM, "INFO": DIM, "WARN": YELLOW, "WARNING": YELLOW, "ERROR": RED, "CRITICAL": RED, "FATAL": RED}


REPEATING = ("mangum", "mcp", "sse_starlette")
"""Packages whose records below WARNING repeat what the request line says."""


class Terminal:
    """Prints lines from several threads.

    Args:
        output: Where the log goes; what is said besides goes to standard error.
        is_short: Whether the log is for people, wherever it goes; else only where it goes to a terminal.
    """

    def __init__(self, output: TextIO, *, is_short: bool = False) -> None:
        self._output = output
        self._is_short = is_short or output.isatty()
        self._has_colours = output.isatty() and not os.environ.get("NO_COLOR")  # https://no-color.org
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print a line that is not of the log."""
        self._print(text, sys.stderr)

    def log(self, line: str, packages: Path | None = None) -> None:
        """Print a line of the log: a request line or a record of `logging` in JSON, or anything that was printed.

        Args:
            line: Without its end.
            packages: A folder whose files are no part of a short traceback.
        """
        try:
            record = json.loads(line)
            if record.get("logger", "").split(".")[0] in REPEATING and record.get("level") in ("DEBUG", "INFO"):
                return
            short = self._short(record, f"{packages}/")
        except (ValueError, LookupError, TypeError, AttributeError):  # printed by the author, and no record
            short = line
        self._print(short if self._is_short else line, self._output)

    def access(self, method: str, path: str, status: int, milliseconds: float) -> None:
        """Print a request that has no line in the function's log, as the API's own log would have it."""
        outcome = "ok" if status < 400 else "error" if status >= 500 else "refused"
        record = {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "message": f"{method} {path} {status}",
            "logger": "access",
            "outcome": outcome,
            "durationMs": round(milliseconds, 1),
        }
        self.log(json.dumps(record))

    def _print(self, text: str, output: TextIO) -> None:
        with self._lock:
            print(text, file=output, flush=True)

    def _short(self, record: Mapping[str, Any], packages: str) -> str:
        time = datetime.fromisoformat(record["timestamp"]).astimezone().strftime("%H:%M:%S")
        text = self._request(record) if "durationMs" in record else self._record(record, packages)
        return f"{self._in(DIM, time)} {text}"

    def _request(self, record: Mapping[str, Any]) -> str:
        outcome = record["outcome"]
        method = record.get("method", "tools/call")  # the line of a tool's call does without it
        what = record.get("message") or " ".join(filter(None, (method, record.get("tool"), record.get("name"))))
        cold = "cold start" if record.get("coldStart") else ""
        told = [self._in(COLOURS.get(outcome, YELLOW), outcome), f"{record['durationMs']:.0f} ms", self._in(DIM, cold)]
        return "  ".join(filter(None, [what, *told]))

    def _record(self, record: Mapping[str, Any], packages: str) -> str:
        text = self._in(LEVELS.get(record["level"], YELLOW), record["level"]) + f" {record['message']}"
        frames = record.get("stackTrace") or []
        trace = "".join([frame for frame in frames if packages not in frame] or frames[-1:]).rstrip()
        error = ": ".join(filter(None, (record.get("errorType"), record.get("errorMessage"))))
        return "\n".join(filter(None, (text, trace, error)))

    def _in(self, colour: int, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._has_colours and text else text


def with_own_paths(line: str, folder: Path, files: Mapping[str, Path]) -> str:
    """A line of the log with the author's own paths in place of those in a folder that holds copies of the files."""

    def own(found: re.Match[str]) -> str:
        return str(files.get(found[1], found[0]))

    return re.sub(rf"{re.escape(str(folder))}/([^\s\"':,;)\\]+)", own, line)

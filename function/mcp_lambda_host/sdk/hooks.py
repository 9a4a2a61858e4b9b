"""What of Python's own output and logging is replaced for the whole process."""

from __future__ import annotations

import atexit
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TextIO

LONGEST_BEGUN = 100_000
"""Characters of a line without an end that are kept in memory."""

FRAMES = 8
"""Callers that are looked at: between a library's function and its record lie some of `logging`."""


class WholeLines:
    """Passes on what each thread writes in whole lines only: `print` writes a text and its end apart."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.RLock()
        self._begun: dict[int, str] = {}  # by thread the line that it has begun
        atexit.register(self._finish)

    def write(self, text: str) -> int:
        """Write the lines that this completes."""
        thread = threading.get_ident()
        with self._lock:
            whole, end, begun = (self._begun.pop(thread, "") + text).rpartition("\n")
            if len(begun) > LONGEST_BEGUN:
                whole, end, begun = whole + end + begun, "\n", ""
            if begun:
                self._begun[thread] = begun
            if end:
                self._stream.write(whole + end)
                self._stream.flush()
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Write one text after the other."""
        self.write("".join(texts))

    def flush(self) -> None:
        """Write what this thread has begun, as a line."""
        if threading.get_ident() in self._begun:
            self.write("\n")

    def _finish(self) -> None:
        with self._lock, suppress(ValueError):  # the stream is closed
            self._stream.write("".join(f"{begun}\n" for begun in self._begun.values()))
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def own_stdout() -> WholeLines:
    """Standard output, to which from now on only whole lines are written."""
    whole = sys.stdout if isinstance(sys.stdout, WholeLines) else WholeLines(sys.stdout)
    sys.stdout = whole
    return whole


def change_records(change: Callable[[logging.LogRecord], None]) -> None:
    """Have each record changed before any handler sees it, whatever handlers and factories are set up later."""
    make = logging.Logger.makeRecord

    def make_changed(self: logging.Logger, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(self, *args, **kwargs)
        change(record)
        return record

    logging.Logger.makeRecord = make_changed  # type: ignore[method-assign]


def show_warnings(show: Callable[[str, str], None]) -> None:
    """Have warnings shown by a function of place and text."""

    def shown(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: object = None,
        line: object = None,
    ) -> None:
        show(f"{filename}:{lineno}: {category.__name__}", str(message))

    warnings.showwarning = shown


def leave_out_tasks() -> None:
    """Have records not say in which task they were made: Lambda's formatter would write it into each."""
    if sys.version_info >= (3, 12):
        logging.logAsyncioTasks = False


def is_constant(text: object) -> bool:
    """Whether a text is a constant in the code of one of the callers, and so was not sent by anybody."""
    frame = sys._getframe(1)
    for _ in range(FRAMES):
        if any(type(constant) is str and constant == text for constant in frame.f_code.co_consts):
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False

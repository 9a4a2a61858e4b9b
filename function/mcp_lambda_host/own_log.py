"""The host's own log, which nothing that the author's code does to `logging` or to `sys.stdout` can silence."""

from __future__ import annotations

import logging

logger = logging.Logger(__name__.partition(".")[0])
"""Logger of every module of the host. Python's registry does not know it, so `dictConfig` cannot disable it."""

logger.manager = logging.Manager(logger)  # type: ignore[arg-type] # one of its own, which logging.disable() does not reach

LEVELS = {
    "TRACE": logging.DEBUG,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
}
"""Python's level for each of Lambda's."""


class Line(logging.LogRecord):
    """A record that is a line already, and has none of what others say of the place and time that they come from."""

    def __init__(self, level: int, line: str) -> None:
        self.levelno, self.line = level, line


def write_line(level: str, line: str) -> None:
    """Write a line as it is, whatever level the logger has.

    Args:
        level: One of Lambda's.
        line: Without its end.
    """
    record = Line(LEVELS[level], line)
    for handler in logger.handlers:
        handler.handle(record)

"""The exceptions that end a start."""

from __future__ import annotations


class StartError(Exception):
    """The author's server cannot be started; the message is one line for the log."""


class LateStartError(StartError):
    """The author's server was not started in the time it had."""

"""The exception that ends a start."""

from __future__ import annotations


class StartError(Exception):
    """The author's server cannot be started; the message is one line for the log."""

"""What ends the command."""

from __future__ import annotations


class VerifyError(Exception):
    """One sentence on what is wrong and what to do."""

"""What was seen, row by row: as it is looked at, and as a file that can be shown to anybody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pricing.table import table

from .rows import Group, Result, Verdict

MARKS = {Verdict.HOLDS: "✓", Verdict.DIFFERS: "✗", Verdict.NOT_EMULATED: "-", Verdict.UNSEEN: "?"}

SECRET = {
    r"eyJ[\w-]+\.[\w-]+\.[\w-]*": "TOKEN",
    r"\b(?:AKIA|ASIA|AROA|AIDA)\w{12,}": "KEY_ID",
    r"\b[a-z0-9]{10}(?=\.execute-api\.|/\$default)|(?<=/apis/)\w+": "API_ID",
    r"\b(?:[a-z]{2}(?:-[a-z]+)+-\d)_\w{9,}": "POOL_ID",
    r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b": "UUID",
    r"\b\d{12}\b": "ACCOUNT",
}
"""What names an account or opens something, and what stands in its place."""


def redacted(text: str) -> str:
    """A text without what names an account or opens something."""
    for pattern, name in SECRET.items():
        text = re.sub(pattern, name, text)
    return text


def lines_of(result: Result) -> str:
    """A row as it is printed."""
    row, verdict, text = result
    head = f"  {MARKS[verdict]} {row.name}: {row.sentence}"
    if verdict in (Verdict.NOT_EMULATED, Verdict.UNSEEN):
        return f"{head}\n      {verdict.value}: {text}"
    return f"{head}\n      expected  {row.expected}\n      seen      {text}"


def totals(results: Sequence[Result]) -> str:
    """How many rows came out how."""
    counted = Counter(result.verdict for result in results)
    return ", ".join(f"{counted[verdict]} {verdict.value}" for verdict in Verdict if counted[verdict])


def page(head: Sequence[str], groups: Sequence[Group], results: Sequence[Result]) -> str:
    """The report as Markdown.

    Args:
        head: What it was run with, a line each.
        groups: The groups in their order.
        results: What came of their rows.
    """
    parts = ["# What AWS shows", "\n".join(f"- {line}" for line in head), f"{totals(results)}."]
    for group in groups:
        rows = [_cells(result) for result in results if result.row in group.rows]
        if rows:
            parts += [f"## {group.name}", table(["", "row", "sentence", "expected", "seen"], rows)]
    return "\n\n".join(parts) + "\n"


def _cells(result: Result) -> list[str]:
    row, verdict, text = result
    seen = f"{verdict.value}: {text}" if verdict in (Verdict.NOT_EMULATED, Verdict.UNSEEN) else text
    words = [MARKS[verdict], row.name, row.sentence, row.expected, seen]
    return [word.replace("|", "\\|").replace("\n", " ") for word in words]

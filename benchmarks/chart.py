"""The chart in docs/benchmarks.md: for each zip its cold start, its size and its memory, as bars beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from lab.figures import OURS

NAMES, COLUMN, BAR, ROW, TOP = 230, 180, 110, 28, 44
"""Pixels: width of the names, of a column and of its longest bar; height of a row and of the headings."""

COLUMNS: dict[str, Callable[[dict[str, Any]], float]] = {
    "cold start, tutorial = 1": lambda zip_: zip_["ratio"],
    "zip, MB": lambda zip_: zip_["zipped_bytes"] / 2**20,
    "memory, MB": lambda zip_: zip_["peak_kb"] / 2**10,
}

# Greys and a blue that can be read on white and on black: an image does not learn which of them GitHub shows.
STYLE = "text{font:14px system-ui,sans-serif;fill:#7a828c}.ours{fill:#3b82d6;font-weight:600}.other{fill:#8b949e}"


def draw(cold: dict[str, Any]) -> str:
    """The chart of the results of the part `cold`, as SVG."""
    width, height = NAMES + COLUMN * len(COLUMNS), TOP + ROW * len(cold)
    parts = [_names(cold)]
    for number, (title, figure) in enumerate(COLUMNS.items()):
        figures = {name: figure(zip_) for name, zip_ in cold.items()}
        parts.append(_column(NAMES + number * COLUMN, title, figures))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img"><title>Cold start, size and memory of each zip</title><style>{STYLE}</style>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _names(cold: dict[str, Any]) -> str:
    return "\n".join(_text(0, row, name, "ours" if name == OURS else "") for row, name in enumerate(cold))


def _column(left: int, title: str, figures: dict[str, float]) -> str:
    longest = max(figures.values())
    lines = [f'<text x="{left}" y="20">{escape(title)}</text>']
    for row, (name, figure) in enumerate(figures.items()):
        length = round(BAR * figure / longest, 1)
        kind = "ours" if name == OURS else "other"
        y = TOP + row * ROW + 4
        lines.append(f'<rect x="{left}" y="{y}" width="{length}" height="{ROW - 10}" rx="2" class="{kind}"/>')
        label = f"{figure:.2f}" if longest < 10 else f"{figure:.0f}"
        lines.append(_text(left + length + 6, row, label, "ours" if name == OURS else ""))
    return "\n".join(lines)


def _text(x: float, row: int, text: str, kind: str) -> str:
    return f'<text x="{x}" y="{TOP + row * ROW + 18}" class="{kind}">{escape(text)}</text>'

"""A chart of curves over time as SVG, with its legend below, in the manner of CloudWatch's dashboards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple
from xml.sax.saxutils import escape

COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"]
GREY, LIGHT = "#545b64", "#e9ebed"
LINE, LETTER, AXIS = 15, 5.6, 42
"""Pixels: height of a line of the legend, about the width of a letter in it, and width of the figures of the axis."""

Values = Sequence[float | None]


class Box(NamedTuple):
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float


def draw(curves: dict[str, Values], limits: dict[str, float], box: Box) -> list[str]:
    """The elements of a chart.

    Args:
        curves: Values at equal distances by label; None: there is none.
        limits: Values of dashed lines, by label.
        box: Where it is drawn, legend included.
    """
    colours = {label: COLOURS[number % len(COLOURS)] for number, label in enumerate(curves)}
    legend = [(label, colours.get(label, COLOURS[3]), label in limits) for label in (*curves, *limits)]
    rows = list(_rows(legend, box.width))
    plot = Box(box.x + AXIS, box.y, box.width - AXIS, box.height - LINE * len(rows) - 10)
    top = scale(max([value for values in curves.values() for value in values if value] + [*limits.values(), 0]))
    lines = list(_axis(plot, top))
    for label, values in curves.items():
        lines += _curve(values, plot, top, colours[label])
    for value in limits.values():
        y = _y(value, plot, top)
        lines.append(
            f'<path d="M{plot.x:g} {y:g}h{plot.width:g}" stroke="{COLOURS[3]}" stroke-dasharray="5 4" fill="none"/>'
        )
    return lines + list(_legend(rows, Box(box.x, plot.y + plot.height + 18, box.width, 0)))


def scale(highest: float) -> float:
    """The top of an axis that a highest value fits below: 1, 2 or 5 times a power of ten."""
    step = 1.0
    while step < highest:
        step *= 10
    return next(step * share for share in (0.2, 0.5, 1) if step * share >= highest) if highest > 1 else 1.0


def _axis(plot: Box, top: float) -> Iterator[str]:
    for share in (0, 0.5, 1):
        y = plot.y + plot.height * (1 - share)
        yield f'<path d="M{plot.x:g} {y:g}h{plot.width:g}" stroke="{LIGHT}"/>'
        yield (
            f'<text x="{plot.x - 5:g}" y="{y + 4:g}" font-size="11" fill="{GREY}" text-anchor="end">'
            f"{top * share:,.10g}</text>"
        )


def _curve(values: Values, plot: Box, top: float, colour: str) -> Iterator[str]:
    """The stretches of a curve without a gap; a value between two gaps is a dot."""
    places = [
        (plot.x + plot.width * (number + 0.5) / len(values), value if value is None else _y(value, plot, top))
        for number, value in enumerate(values)
    ]
    for has_value, found in groupby(places, key=lambda place: place[1] is not None):
        stretch = list(found)
        if has_value and len(stretch) == 1:
            yield f'<circle cx="{stretch[0][0]:.1f}" cy="{stretch[0][1]:.1f}" r="2.5" fill="{colour}"/>'
        elif has_value:
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in stretch)
            yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>'


def _y(value: float, plot: Box, top: float) -> float:
    return round(plot.y + plot.height * (1 - value / top), 1)


Entry = tuple[str, str, bool]
"""A label of the legend, its colour, and whether it is a limit's."""


def _rows(legend: list[Entry], width: float) -> Iterator[list[tuple[float, Entry]]]:
    """The labels with their places from the left, in rows that fit."""
    row: list[tuple[float, Entry]] = []
    at = 0.0
    for entry in legend:
        needed = 24 + LETTER * len(entry[0])
        if row and at + needed > width:
            yield row
            row, at = [], 0.0
        row.append((at, entry))
        at += needed
    if row:
        yield row


def _legend(rows: list[list[tuple[float, Entry]]], at: Box) -> Iterator[str]:
    for number, row in enumerate(rows):
        y = at.y + LINE * number
        for left, (label, colour, is_limit) in row:
            x = at.x + left
            if is_limit:
                yield f'<path d="M{x:g} {y - 4:g}h12" stroke="{colour}" stroke-dasharray="4 2"/>'
            else:
                yield f'<rect x="{x:g}" y="{y - 9:g}" width="9" height="9" fill="{colour}"/>'
            yield f'<text x="{x + 14:g}" y="{y:g}" font-size="11" fill="{GREY}">{escape(label)}</text>'

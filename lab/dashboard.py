"""The layout of the dashboard, as docs/dashboard.svg shows it. Run this file to draw the picture anew."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

REPOSITORY = Path(__file__).parents[1]
PICTURE = REPOSITORY / "docs" / "dashboard.svg"
TEST = "tests/plan/derived_dashboard.tftest.hcl"

UNIT = 40
"""Pixels of a column of the grid, and of one of its rows."""
COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b"]

Widget = dict[str, Any]


def read(checkout: Path) -> dict[str, Any]:
    """The body of the dashboard that the last run of the Terraform test makes, in an initialised checkout.

    Raises:
        RuntimeError: The test has failed; with all that Terraform said.
    """
    command = ["terraform", "test", "-json", "-verbose", "-test-directory=tests/plan", f"-filter={TEST}"]
    tested = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    if tested.returncode:
        raise RuntimeError(tested.stdout + tested.stderr)
    messages = map(json.loads, tested.stdout.splitlines())
    *_, state = (message["test_state"] for message in messages if message["type"] == "test_state")
    resources = state["root_module"]["resources"]
    (dashboard,) = (resource["values"] for resource in resources if resource["type"] == "aws_cloudwatch_dashboard")
    body: dict[str, Any] = json.loads(dashboard["dashboard_body"])
    return body


def draw(body: dict[str, Any]) -> str:
    """The layout as SVG: each widget with its title and what it shows."""
    widgets = body["widgets"]
    width = UNIT * max(widget["x"] + widget["width"] for widget in widgets)
    height = UNIT * max(widget["y"] + widget["height"] for widget in widgets)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
            f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>',
            *(line for widget in widgets for line in _drawn(widget)),
            "</svg>\n",
        ]
    )


def shown(widget: Widget) -> list[str]:
    """What a widget shows, line by line; a limit in a chart is a line of dashes."""
    properties = widget["properties"]
    if widget["type"] == "alarm":
        return [f"{len(properties['alarms'])} alarms and their states"]
    if widget["type"] == "log":
        return str(properties["query"]).split("\n| ")[1:]
    options = [metric[-1] for metric in properties["metrics"]]
    limits = properties.get("annotations", {}).get("horizontal", [])
    lines = [option["label"] for option in options if option.get("visible", True)]
    return lines + [f"- - {limit['label']}" for limit in limits]


def _drawn(widget: Widget) -> list[str]:
    x, y, width, height = (UNIT * widget[key] for key in ("x", "y", "width", "height"))
    title = escape(widget["properties"]["title"])
    lines = [
        f'<rect x="{x + 5}" y="{y + 5}" width="{width - 10}" height="{height - 10}" fill="#fff" stroke="#aab7b8"/>',
        f'<text x="{x + 20}" y="{y + 34}" font-size="16" font-weight="bold">{title}</text>',
    ]
    for number, text in enumerate(shown(widget)):
        at = y + 66 + 26 * number
        colour = COLOURS[number % len(COLOURS)] if widget["type"] == "metric" else "#545b64"
        lines.append(f'<rect x="{x + 20}" y="{at - 9}" width="9" height="9" fill="{colour}"/>')
        lines.append(f'<text x="{x + 36}" y="{at}" font-size="12">{escape(_fitting(text, width - 52))}</text>')
    return lines


def _fitting(text: str, width: int) -> str:
    """The beginning of a text that fits into a line, at about 6 pixels a letter."""
    return text if len(text) * 6 <= width else text[: width // 6 - 1] + "…"


if __name__ == "__main__":
    PICTURE.write_text(draw(read(REPOSITORY)))

"""The dashboard with what a run on the local AWS has shown, as docs/dashboard.svg has it.

Run this file to draw the picture anew, after lab/dashboard_run.py if the curves are to be new, too.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from lab import charts
from lab.charts import Box

REPOSITORY = Path(__file__).parents[1]
PICTURE = REPOSITORY / "docs" / "dashboard.svg"
RUN = Path(__file__).with_name("dashboard_run.json")
TEST = "tests/plan/derived_dashboard.tftest.hcl"

UNIT = 40
"""Pixels of a column of the grid, and of one of its rows."""

Widget = dict[str, Any]
Run = dict[str, Any]


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


def recorded() -> Run:
    """What the last run has told: points of curves by label, rows of the tools, and totals by the costs' names."""
    run: Run = json.loads(RUN.read_text())
    return run


def draw(body: dict[str, Any], run: Run) -> str:
    """The dashboard as SVG: each widget with its title and what it would show of a run."""
    widgets = body["widgets"]
    width = UNIT * max(widget["x"] + widget["width"] for widget in widgets)
    height = UNIT * max(widget["y"] + widget["height"] for widget in widgets)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
            f'<rect width="{width}" height="{height}" fill="#f2f3f3"/>',
            *(line for widget in widgets for line in _drawn(widget, run)),
            "</svg>\n",
        ]
    )


def costs(widget: Widget, run: Run) -> dict[str, float]:
    """The dollars of a run by label, without those of the table, whose units the local AWS does not count."""
    expressions = {
        m[-1]["label"]: m[-1]["expression"] for m in widget["properties"]["metrics"] if "expression" in m[-1]
    }
    counted = {label: text for label, text in expressions.items() if "writes" not in text}
    return {label: eval(text, {"__builtins__": {}}, run["totals"]) for label, text in counted.items()}  # noqa: S307  (our own)


def _drawn(widget: Widget, run: Run) -> list[str]:
    x, y, width, height = (UNIT * widget[key] for key in ("x", "y", "width", "height"))
    title = escape(widget["properties"]["title"])
    return [
        f'<rect x="{x + 5}" y="{y + 5}" width="{width - 10}" height="{height - 10}" fill="#fff" stroke="#aab7b8"/>',
        f'<text x="{x + 20}" y="{y + 30}" font-size="15" font-weight="bold">{title}</text>',
        *_content(widget, run, Box(x + 15, y + 48, width - 35, height - 63)),
    ]


def _content(widget: Widget, run: Run, box: Box) -> list[str]:
    properties = widget["properties"]
    if widget["type"] == "alarm":
        return _table([[f"{len(properties['alarms'])} alarms and their states"]], box)
    if widget["type"] == "log":
        return _table(run["tools"], box)
    if any("expression" in metric[-1] for metric in properties["metrics"]):
        return _table(
            [["of this run", ""], *([label, f"{cost:.7f}"] for label, cost in costs(widget, run).items())], box
        )
    limits = properties.get("annotations", {}).get("horizontal", [])
    labels = [metric[-1]["label"] for metric in properties["metrics"]]
    curves = {label: run["curves"][label] for label in labels}
    return charts.draw(curves, {limit["label"]: limit["value"] for limit in limits}, box)


def _table(rows: list[list[str]], box: Box) -> list[str]:
    """Rows of text, the first cell of each wider than the others, which stand at their right."""
    narrow = (box.width - 120) / max(1, len(rows[0]) - 1)
    return [
        f'<text x="{box.x + 5:g}" y="{box.y + 18 + 22 * number:g}" font-size="12">{escape(cell)}</text>'
        if column == 0
        else f'<text x="{box.x + 120 + narrow * column:g}" y="{box.y + 18 + 22 * number:g}" font-size="12"'
        f' text-anchor="end">{escape(cell)}</text>'
        for number, row in enumerate(rows)
        for column, cell in enumerate(row)
    ]


if __name__ == "__main__":
    PICTURE.write_text(draw(read(REPOSITORY), recorded()))

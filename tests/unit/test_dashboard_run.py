"""What the picture of the dashboard makes of the log lines of a run, and of the numbers in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab import charts, dashboard_run
from lab.charts import Box
from lab.dashboard_run import Answer, Line

BEGUN = 1_000.0
WIDGETS = [
    ("server: ToolErrors", "ToolErrors", "Sum"),
    ("function: Duration p50", "Duration", "p50"),
    ("function: Throttles", "Throttles", "Sum"),
    ("function: ConcurrentExecutions", "ConcurrentExecutions", "Maximum"),
    ("api: Count", "Count", "Sum"),
    ("server: AuthRefused", "AuthRefused", "Sum"),
]
BODY = {
    "widgets": [
        {"properties": {"metrics": [["namespace", name, {"label": label, "stat": stat}]]}}
        for label, name, stat in WIDGETS
    ]
}


def request_line(at: float, outcome: str = "ok", **metrics: int) -> Line:
    """A line of the host in the embedded metric format."""
    directives = [{"Metrics": [{"Name": name} for name in metrics]}] * 2  # with and without a dimension
    counted: dict[str, Any] = {"_aws": {"Timestamp": at * 1000, "CloudWatchMetrics": directives}, **metrics}
    return Line(at, json.dumps({"tool": "price", "outcome": outcome, "durationMs": 40, **counted}))


def report(end: float, milliseconds: int) -> Line:
    """What Lambda writes at the end of an invocation."""
    return Line(end, f"REPORT RequestId: 1-2\tDuration: {milliseconds} ms\tBilled Duration: {milliseconds} ms")


@pytest.fixture
def told() -> dict[str, Any]:
    function = [
        request_line(1001, Calls=1),
        request_line(1011, "tool_error", Calls=1, ToolErrors=1),
        request_line(1012, "tool_error", Calls=1, ToolErrors=1),
        report(1001, 40),
        report(1011, 3000),
        report(1012, 2500),
        Line(1012, "no JSON"),
    ]
    answers = [Answer(1001, 200, 45), Answer(1012, 429, 5), Answer(1013, 403, 5)]
    return dashboard_run.told({"function": function, "worker": []}, answers, BEGUN, BODY)


def test_each_metric_is_counted_once_in_the_step_of_its_time(told: dict[str, Any]) -> None:
    first = {label: values[:3] for label, values in told["curves"].items()}

    assert first == {
        "server: ToolErrors": [None, None, 2],
        "function: Duration p50": [40, None, 2750],
        "function: Throttles": [0, None, 1],
        "function: ConcurrentExecutions": [1, 2, None],
        "api: Count": [1, None, 2],
        "server: AuthRefused": [None, None, 1],
    }


def test_the_tools_and_the_totals_are_those_of_the_log(told: dict[str, Any]) -> None:
    assert told["tools"] == [
        ["tool", "calls", "failed", "p50", "p95", "slowest"],
        ["price", "3", "2", "40", "40", "40"],
    ]
    assert (told["totals"]["requests"], told["totals"]["invocations"]) == (3, 3)
    assert told["totals"]["milliseconds"] == 5540


def test_a_curve_has_gaps_where_there_is_no_value() -> None:
    drawn = "".join(charts.draw({"a": [1, 2, None, 4, None]}, {"limit": 8}, Box(0, 0, 200, 100)))

    assert (drawn.count("<polyline"), drawn.count("<circle"), drawn.count("stroke-dasharray")) == (1, 1, 2)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (0.4, 1), (1, 1), (1.5, 2), (3, 5), (7, 10), (10, 10), (11, 20), (29_000, 50_000)]
)
def test_an_axis_ends_at_a_round_figure(highest: float, top: float) -> None:
    assert charts.scale(highest) == top

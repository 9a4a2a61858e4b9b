"""The dashboard against AWS's "Dashboard Body Structure and Syntax" (CloudWatch User Guide)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from lab import dashboard
from lab.readme import front_output, hcl
from pricing import prices
from tests.plan.offline import terraform
from tests.plan.published import PUBLISHED

REQUEST_LINE = {
    "requestId", "traceId", "era", "method", "tool", "name", "outcome", "errorCode", "durationMs", "coldStart",
    "initDurationMs", "memoryMB", "weight", "subject", "task", "taskStep", "taskAgeMs",
}  # fmt: skip
"""Keys of the line that the host writes for each request."""

Widget = dict[str, Any]


@pytest.fixture(scope="module")
def body(checkout: Path) -> dict[str, Any]:
    terraform("init", directory=checkout)
    return dashboard.read(checkout)


@pytest.fixture(scope="module")
def widgets(body: dict[str, Any]) -> list[Widget]:
    found: list[Widget] = body["widgets"]
    return found


@pytest.fixture(scope="module")
def metrics(widgets: list[Widget]) -> list[list[Any]]:
    return [metric for widget in widgets for metric in widget["properties"].get("metrics", [])]


def test_the_widgets_fill_the_grid_of_24_columns_and_none_lies_on_another(widgets: list[Widget]) -> None:
    cells = [
        cell
        for widget in widgets
        for cell in itertools.product(
            range(widget["x"], widget["x"] + widget["width"]), range(widget["y"], widget["y"] + widget["height"])
        )
    ]
    bottom = max(y for _, y in cells) + 1

    assert sorted(cells) == list(itertools.product(range(24), range(bottom)))


def test_every_widget_has_what_its_type_needs(widgets: list[Widget]) -> None:
    needed = {"metric": {"metrics", "region"}, "log": {"query", "region"}, "alarm": {"alarms"}}

    assert {widget["type"] for widget in widgets} == needed.keys()
    for widget in widgets:
        assert widget["properties"].keys() >= needed[widget["type"]] | {"title"}
        assert widget["properties"].get("region", "eu-west-1") == "eu-west-1"


def test_every_metric_exists_and_its_dimensions_come_in_pairs(metrics: list[list[Any]]) -> None:
    for metric in metrics:
        *path, options = metric
        if path:
            namespace, name, *dimensions = path
            assert name in PUBLISHED[namespace, frozenset(dimensions[::2])]
            assert dict(zip(dimensions[::2], dimensions[1::2], strict=True)) in (
                {}, {"ApiId": "abc123"}, {"FunctionName": "orders"}, {"LogGroupName": "/aws/lambda/orders"},
                {"FunctionName": "orders-tasks"}, {"TableName": "orders-tasks"},
            )  # fmt: skip
        assert options.keys() <= {"stat", "label", "id", "visible", "expression"}


def test_everything_is_shown_that_an_operator_asks_for(widgets: list[Widget], metrics: list[list[Any]]) -> None:
    wanted = {
        "Count",
        "Invocations",
        "Errors",
        "5xx",
        "ToolErrors",
        "ColdStarts",
        "ConcurrentExecutions",
        "AuthRefused",
    }
    statistics = {metric[-1]["stat"] for metric in metrics if metric[1:2] == ["Duration"]}

    assert {metric[1] for metric in metrics if len(metric) > 1} >= wanted
    assert statistics >= {"p50", "p95", "p99"}
    limits = [limit["value"] for w in widgets for limit in w["properties"].get("annotations", {}).get("horizontal", [])]
    assert limits == [29000, 10, 10]


def test_the_tools_are_ranked_from_keys_of_the_request_line(widgets: list[Widget]) -> None:
    (query,) = [widget["properties"]["query"] for widget in widgets if widget["type"] == "log"]
    (stats,) = re.findall(r"stats (.+)", query)
    fields = set(re.findall(r"\((?:1 - strcontains\()?(\w+)", stats)) | {stats.rsplit(" by ", 1)[1]}

    assert query.startswith("SOURCE '/aws/lambda/orders'")
    assert fields <= REQUEST_LINE
    assert fields >= {"tool", "outcome", "durationMs"}


def test_a_day_of_a_thousand_calls_costs_what_the_price_lists_say(metrics: list[list[Any]]) -> None:
    day = {"requests": 1000, "invocations": 900, "milliseconds": 90_000, "bytes": 2_000_000}
    day |= {"task_milliseconds": 600_000, "writes": 5000, "reads": 2000}
    costs = {
        metric[-1]["label"]: eval(metric[-1]["expression"], {"__builtins__": {}}, day)  # noqa: S307  (our own text)
        for metric in metrics
        if "expression" in metric[-1]
    }

    assert {metric[-1]["id"] for metric in metrics if "id" in metric[-1]} == day.keys()
    assert costs == pytest.approx(
        {
            "API": 1000 * 1.00 / 1e6,
            "Lambda": 900 * 0.20 / 1e6 + 90 * 1 * 0.0000133334,
            "log": 0.002 * 0.50,
            "workers": 600 * 1 * 0.0000133334,
            "table": 5000 * 0.625 / 1e6 + 2000 * 0.125 / 1e6,
        }
    )


def test_the_prices_are_those_of_the_cost_command() -> None:
    shown = hcl("dashboard.tf")["locals"][0]["prices"]

    assert shown["log_gb"]["STANDARD"] == prices.LOGS_WRITTEN.dollars
    assert str(prices.INVOCATIONS.dollars) in shown["invocations"]
    for price in prices.COMPUTE.values():
        assert f"{price.dollars:g}" in shown["gb_seconds"]
    assert str(prices.TABLE_WRITES.dollars) in shown["writes"]
    assert str(prices.TABLE_READS.dollars) in shown["reads"]
    assert front_output("http", "facts")["dollars_per_million"] == prices.REQUESTS["http"].dollars


def test_the_picture_in_the_docs_is_current(body: dict[str, Any]) -> None:
    drawn = dashboard.draw(body, dashboard.recorded())

    assert drawn == dashboard.PICTURE.read_text(), "draw it anew: .venv/bin/python -m lab.dashboard"


@pytest.mark.parametrize(
    "label",
    ["server: ToolErrors", "server: DeadlineHits", "server: ColdStarts", "server: AuthRefused", "function: Throttles"],
)
def test_the_picture_shows_what_an_operator_has_to_expect(label: str) -> None:
    assert any(dashboard.recorded()["curves"][label])

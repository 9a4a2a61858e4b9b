"""What the tables of the benchmarks say of the state before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab import figures

NOW: dict[str, Any] = {
    "warm": {"calls": {"tools/list": {"ratio": 1.2}, "tools/call": {"ratio": 1.52}, "new": {"ratio": 1}}},
    "load": {"1": {"calls_per_second": 10}, "4": {"calls_per_second": 20}},
    "first_use": {"http": {"Python": {"ratio": 1.5, "environments": 2}}},
}
BEFORE: dict[str, Any] = {
    "revision": "42339ed",
    "warm": {"calls": {"tools/list": {"ratio": 1.3}, "tools/call": {"ratio": 1.5}}},
    "load": {"1": {"calls_per_second": 10}, "4": {"calls_per_second": 30}},
    "first_use": {"http": {"Python": {"ratio": 1.6, "environments": 1}}},
}


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "results.json"
    file.write_text(json.dumps({**NOW, "before": BEFORE}))
    monkeypatch.setattr(figures, "RESULTS", file)


@pytest.mark.usefixtures("measured")
def test_a_row_shows_what_was_before_if_it_was_measured() -> None:
    assert figures.rows("warm calls, growth and load") == [
        ["tools/list", "the SDK alone", "1.20", "1.30"],
        ["tools/call", "the SDK alone", "1.52", "1.50"],
        ["new", "the SDK alone", "1.00", "not measured"],
        ["calls a second, 4 clients", "one", "2.00", "3.00"],
    ]
    assert figures.rows("first use by a client") == [["Python, HTTP API", "one call", "1.50", "1.60", "2", "1"]]


@pytest.mark.usefixtures("measured")
def test_what_is_worse_than_before_is_said_if_it_is_more_than_noise() -> None:
    assert figures.rows("worse than before") == [
        ["calls a second, 4 clients, beside one", "2.00", "3.00"],
        ["environments for Python, HTTP API", "2", "1"],
    ]

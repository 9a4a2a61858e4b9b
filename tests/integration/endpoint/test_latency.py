"""How long a client waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from lab.events import Era, modern
from tests.integration.conftest import Endpoint, Exchange

REQUESTS = 40
CALLS = 10
SMALL = 10_000
"""Larger bodies take their time on the way."""

Record = Callable[[str, object], None]


def measured(endpoint: Endpoint, event: dict[str, Any], times: int, **options: Any) -> list[float]:
    """Seconds of requests one after the other."""
    for _ in range(times):
        assert endpoint.post(event, **options).status_code == 200
    return [exchange.seconds for exchange in endpoint.exchanges[-times:]]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A connection that is kept, as clients keep it; a list that meets its end may be asked for again."""
    with requests.Session() as kept:
        again = HTTPAdapter(max_retries=Retry(total=2, allowed_methods=None))
        kept.mount("http://", again)
        kept.mount("https://", again)
        yield kept


def percentiles(seconds: list[float]) -> str:
    """What a client is told of its waiting, in milliseconds."""
    cut = quantiles(seconds, n=100, method="inclusive")
    parts = [f"{share} % within {cut[share - 1] * 1000:.0f} ms" for share in (50, 90, 95, 99)]
    return f"{', '.join(parts)}, all within {max(seconds) * 1000:.0f} ms"


def cold_starts(exchanges: list[Exchange]) -> list[float]:
    """Seconds of the answers that waited for an environment: a client knows them by their time alone.

    They took three times as long as the median, and a quarter of a second longer.
    """
    seconds = [exchange.seconds for exchange in exchanges if exchange.sent_bytes < SMALL]
    usual = median(seconds)
    return [each for each in seconds if each > max(3 * usual, usual + 0.25)]


def test_nine_of_ten_answers_come_within_a_second(
    caller: Endpoint, era: Era, session: requests.Session, record_property: Record
) -> None:
    seconds = measured(caller, era("tools/list"), REQUESTS, session=session)
    record_property(f"{REQUESTS} times tools/list over one connection", percentiles(seconds))

    assert quantiles(seconds, n=10)[-1] < 1


def test_nine_of_ten_calls_of_the_tool_that_was_named_come_within_a_second(
    current: Endpoint, tool: dict[str, Any], record_property: Record
) -> None:
    seconds = measured(current, modern("tools/call", tool), CALLS)
    record_property(f"{CALLS} times {tool['name']}, each over a connection of its own", percentiles(seconds))

    assert quantiles(seconds, n=10)[-1] < 1


def test_no_small_request_waited_for_half_a_minute(caller: Endpoint, record_property: Record) -> None:
    small = [exchange.seconds for exchange in caller.exchanges if exchange.sent_bytes < SMALL]
    started = cold_starts(caller.exchanges)
    took = f", which took {', '.join(f'{each:.1f} s' for each in sorted(started))}" if started else ""
    record_property("cold starts seen, judged by their time", f"{len(started)}{took}")
    record_property("requests", len(caller.exchanges))

    assert max(small) < 30  # where an HTTP API gives up

"""What docs/benchmarks.md shows of the results of the benchmarks, now and before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

RESULTS = Path(__file__).parents[1] / "benchmarks" / "results.json"
SDK = "the SDK alone"
OURS = "this module"
NOTHING = "not measured"

SLOWER = 1.05
"""From this ratio on, a figure counts as worse than before: less comes from one run to the next."""

TABLES = {
    "cold starts": ["zip", "cold start", "zipped", "unpacked", "memory", "modules imported"],
    "node.js": ["zip", "cold start", "zipped", "unpacked", "memory"],
    "warm calls, growth and load": ["measured", "beside", "ratio", "before"],
    "first use by a client": ["client and front", "beside", "ratio", "before", "environments", "before"],
    "memory": ["measured", "now", "before"],
    "worse than before": ["measured", "now", "before"],
}

Results = dict[str, Any]


class Figure(NamedTuple):
    """A figure of a table.

    Attributes:
        measured: What was measured.
        value: What came of it.
        beside: What it is a ratio to; None: it is a count or a size.
        unit: Follows it.
        more_is_better: Whether a higher value is the better one.
    """

    measured: str
    value: float
    beside: str | None = None
    unit: str = ""
    more_is_better: bool = False

    @property
    def text(self) -> str:
        """The value as it is shown."""
        return f"{self.value:.2f}" if self.beside else f"{self.value:.0f}{self.unit}"

    def is_worse_than(self, other: Figure) -> bool:
        """Whether it is worse by more than what differs from one run to the next."""
        low, high = sorted((self.value, other.value))
        return high > SLOWER * low and (self.value < other.value) is self.more_is_better


def results() -> Results:
    """What scripts/benchmark measured last, by part; under `before` the same of an earlier revision."""
    read: Results = json.loads(RESULTS.read_text())
    return read


def zips() -> Results:
    """The results of the cold starts by name of the zip, the module's own before among them."""
    found = results()
    earlier = found.get("before", {})
    was = {f"{OURS} at {earlier['revision']}": earlier["cold"][OURS]} if "cold" in earlier else {}
    return {OURS: found["cold"][OURS], **was, **found["cold"]}


def rows(table: str) -> list[list[str]]:
    """The cells of a table, row by row."""
    return MAKERS[table]()


def _cold_starts() -> list[list[str]]:
    return [[*_zip(name, figures), str(figures["modules"])] for name, figures in zips().items()]


def _node() -> list[list[str]]:
    return [_zip(name, figures) for name, figures in results()["node"]["cold"].items()]


def _zip(name: str, figures: dict[str, Any]) -> list[str]:
    return [
        name,
        f"{figures['ratio']:.2f}",
        *(f"{figures[size] / 2**20:.1f} MB" for size in ("zipped_bytes", "unpacked_bytes")),
        f"{figures['peak_kb'] / 2**10:.0f} MB",
    ]


def _ratios() -> list[list[str]]:
    before = _before(ratios)
    return [[each.measured, each.beside or "", each.text, before(each)] for each in ratios(results())]


def _first_use() -> list[list[str]]:
    times, counts = (_before(kind) for kind in (first_use, environments))
    return [
        [each.measured, each.beside or "", each.text, times(each), count.text, counts(count)]
        for each, count in zip(first_use(results()), environments(results()), strict=True)
    ]


def _memory() -> list[list[str]]:
    before = _before(memory)
    return [[each.measured, each.text, before(each)] for each in memory(results())]


def _worse() -> list[list[str]]:
    found = [row for kind in KINDS for row in _worse_of(kind)]
    return found or [["nothing", "", ""]]


def _worse_of(kind: Kind) -> Iterator[list[str]]:
    before = {each.measured: each for each in kind(results().get("before", {}))}
    for each in kind(results()):
        was = before.get(each.measured)
        if was and each.is_worse_than(was):
            beside = f", beside {each.beside}" if each.beside else ""
            yield [f"{each.measured}{beside}", each.text, was.text]


def _before(kind: Kind) -> Callable[[Figure], str]:
    """Finds what a figure was before."""
    before = {each.measured: each.text for each in kind(results().get("before", {}))}
    return lambda figure: before.get(figure.measured, NOTHING)


def cold_start(found: Results) -> list[Figure]:
    """The cold start of the module's own zips."""
    node = found.get("node", {}).get("cold", {}).get(OURS)
    return [
        *([Figure("cold start", found["cold"][OURS]["ratio"], "the tutorial's zip")] if "cold" in found else []),
        *([Figure("cold start, Node.js", node["ratio"], SDK)] if node else []),
    ]


def ratios(found: Results) -> list[Figure]:
    """The figures that are ratios within the host, or to the SDK without it, as far as they were measured."""
    warm, growth, load = (found.get(part, {}) for part in ("warm", "growth", "load"))
    calls, tools, answers = warm.get("calls", {}), growth.get("tools", {}), growth.get("answers", {})
    peaks, node = growth.get("peaks", {}), found.get("node", {}).get("calls", {})
    return [
        *(Figure(name, each["ratio"], SDK) for name, each in calls.items()),
        *(Figure(f"{name}, Node.js", each["ratio"], SDK) for name, each in node.items()),
        *(Figure(f"answer of {size}", each["ratio"], SDK) for size, each in answers.items()),
        *(
            Figure(f"peak memory of an answer of {peaks['of']}, {era}", each["bytes"] / each["sdk_bytes"], SDK)
            for era, each in peaks.get("eras", {}).items()
        ),
        *(Figure(f"cold start with {n} tools", tools[n]["ratio"], "with one") for n in list(tools)[1:]),
        *(
            Figure(f"calls a second, {n} clients", _rate(load, n) / _rate(load, "1"), "one", more_is_better=True)
            for n in list(load)[1:]
        ),
    ]


def first_use(found: Results) -> list[Figure]:
    """The time of a client's first use."""
    return [
        Figure(f"{client}, {front.upper()} API", each["ratio"], "one call")
        for front, clients in found.get("first_use", {}).items()
        for client, each in clients.items()
    ]


def environments(found: Results) -> list[Figure]:
    """How many execution environments were started for it."""
    return [
        Figure(f"environments for {client}, {front.upper()} API", each["environments"])
        for front, clients in found.get("first_use", {}).items()
        for client, each in clients.items()
    ]


def memory(found: Results) -> list[Figure]:
    """The memory of the process, by number of tools and calls."""
    warm, growth = found.get("warm", {}), found.get("growth", {})
    first = {"3 tools": found.get("cold", {}).get(OURS), "500 tools": growth.get("tools", {}).get("500")}
    many = {"3 tools": warm.get("memory"), "500 tools": growth.get("memory")}
    return [
        *(
            Figure(f"{tools}, at the first call", _mb(each["peak_kb"]), unit=" MB")
            for tools, each in first.items()
            if each
        ),
        *(
            Figure(f"{tools}, after {each['calls']:,} calls", _mb(each["looks"][-1]["rss_kb"]), unit=" MB")
            for tools, each in many.items()
            if each
        ),
    ]


def _rate(load: Results, clients: str) -> float:
    rate: float = load[clients]["calls_per_second"]
    return rate


def _mb(kilobytes: float) -> float:
    return kilobytes / 2**10


Kind = Callable[[Results], list[Figure]]
KINDS: list[Kind] = [cold_start, ratios, first_use, environments, memory]
MAKERS: dict[str, Callable[[], list[list[str]]]] = dict(
    zip(TABLES, (_cold_starts, _node, _ratios, _first_use, _memory, _worse), strict=True)
)

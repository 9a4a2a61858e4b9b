"""Warm calls through `handler(event, context)`, beside the SDK's session manager without any host around it."""

from __future__ import annotations

from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.checkouts import Checkout, Checkouts
from benchmarks.cold import ARGUMENTS, TOOL
from benchmarks.processes import probe
from benchmarks.zips import OFFICIAL, TOOLS, Zip, ours
from lab.events import Event, handshake, modern, tool_call

ERAS = {"2026-07-28": modern, "handshake": handshake}
EVENTS = {f"tools/list, {name}": era("tools/list") for name, era in ERAS.items()} | {
    f"tools/call, {name}": tool_call(era, TOOL, **ARGUMENTS) for name, era in ERAS.items()
}


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, Any]:
    """`tools/list` and `tools/call` in both eras, and the memory over 10,000 calls of all four."""
    return {name: measured(work / name, checkout, rounds) for name, checkout in checkouts.items()}


def measured(work: Path, checkout: Checkout, rounds: int) -> dict[str, Any]:
    """The results of a checkout; calls are short, so there are more turns of them than rounds of other things."""
    function = ours(work, [OFFICIAL, TOOLS], checkout)
    calls = beside_sdk(function, EVENTS, calls=20, turns=4 * rounds)
    return {"calls": calls, "memory": memory(function, list(EVENTS.values()))}


def beside_sdk(function: Zip, events: dict[str, Event], *, calls: int, turns: int, **job: str) -> dict[str, Any]:
    """Ratio of our time to that of the SDK's own application, and the milliseconds of both, by name of the event.

    Both take turns of some calls. `ratio` is the median of the turns' ratios of their medians, `cpu_ratio` the same of
    the processor's time, which other work on the machine disturbs least.
    """
    taken = probe("warm", function, events=events, calls=calls, turns=turns, **job)
    return {name: _figures(turns) for name, turns in taken.items()}


def memory(function: Zip, events: list[Event], calls: int = 10_000, every: int = 1_000) -> dict[str, Any]:
    """What stays in memory from the first thousand calls on, in all and by the thousand; the events take turns."""
    looks = probe("memory", function, events=events, calls=calls, every=every)
    first, last = looks[0], looks[-1]
    return {
        "calls": last["calls"],
        "rss_ratio": round(last["rss_kb"] / first["rss_kb"], 3),
        "objects_a_call": round((last["objects"] - first["objects"]) / (last["calls"] - first["calls"]), 3),
        "looks": looks,
    }


def _figures(turns: list[list[dict[str, Any]]]) -> dict[str, float]:
    ours, sdk = ([milliseconds for pair in turns for milliseconds in pair[side]["ms"]] for side in (0, 1))
    return {
        "ratio": round(median(median(a["ms"]) / median(b["ms"]) for a, b in turns), 3),
        "cpu_ratio": round(median(a["cpu_ms"] / b["cpu_ms"] for a, b in turns), 3),
        "p50_ms": round(median(ours), 3),
        "p99_ms": round(quantiles(ours, n=100)[-1], 3),
        "sdk_p50_ms": round(median(sdk), 3),
        "sdk_p99_ms": round(quantiles(sdk, n=100)[-1], 3),
    }

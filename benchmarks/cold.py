"""Cold starts: from a fresh process to the answer to its first `tools/call`, through `handler(event, context)`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.checkouts import NOW, Checkouts
from benchmarks.processes import first_call
from benchmarks.zips import OFFICIAL, TOOLS, TUTORIAL, Zip, all_zips, ours
from lab.events import Event, modern, tool_call
from lab.figures import OURS

TOOL, ARGUMENTS = "days_between", {"start": "2026-12-01", "end": "2026-12-25"}


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, Any]:
    """Ours and what one would otherwise deploy, beside the tutorial's zip."""
    earlier = {name: ours(work / name, [OFFICIAL, TOOLS], past) for name, past in checkouts.items() if name != NOW}
    zips = all_zips(work) | earlier
    event = tool_call(modern, TOOL, **ARGUMENTS)
    found = compare(zips, bases=dict.fromkeys(zips, TUTORIAL), event=event, rounds=rounds)
    before = {name: {OURS: found.pop(name)} for name in earlier}
    return {NOW: found, **before}


def compare(zips: Mapping[str, Zip], *, bases: Mapping[str, str], event: Event, rounds: int) -> dict[str, Any]:
    """The median cold start in ms, its ratio to that of its base, and what else it takes, by name of the zip.

    The zips take turns, and a ratio is the median of those within a round: what disturbs the machine for a while
    disturbs both. A round before the first brings all files into the machine's cache.
    """
    taken: dict[str, list[float]] = {name: [] for name in zips}
    for _ in range(rounds + 1):
        for name, function in zips.items():
            begun = time.monotonic()
            taken[name].append(first_call(function, event)["answered"] - begun)
    return {
        name: {
            "ratio": round(median(a / b for a, b in list(zip(taken[name], taken[bases[name]], strict=True))[1:]), 3),
            "median_ms": round(median(taken[name][1:]) * 1000),
            **needs(function, event),
        }
        for name, function in zips.items()
    }


def needs(function: Zip, event: Event) -> dict[str, int]:
    """What does not depend on the machine's speed: sizes, modules imported, the most memory that was resident."""
    called = first_call(function, event)
    return {
        "zipped_bytes": function.zipped_bytes,
        "unpacked_bytes": function.unpacked_bytes,
        "modules": len(called["modules"]),
        "peak_kb": called["peak_kb"],
    }

"""Measures, writes benchmarks/results.json, benchmarks/chart.svg and the tables of docs/benchmarks.md; prints these.

Parts that are not asked for keep the figures that they have.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import cold, first_use, growth, load, node, warm
from benchmarks.chart import draw
from benchmarks.checkouts import BEFORE, NOW, PRESENT, Part, check_out
from benchmarks.zips import ARCHITECTURE, HERE, RUNTIME, make_writable
from lab import figures, readme

PARTS: dict[str, Part] = {
    "cold": cold.part,
    "warm": warm.part,
    "node": node.part,
    "growth": growth.part,
    "load": load.part,
    "first_use": first_use.part,
}
CHART = HERE / "chart.svg"


def main() -> None:
    """Measure part after part."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure (all)")
    parser.add_argument("--before", metavar="REVISION", help="measure the module of this git revision, too")
    parser.add_argument("--rounds", type=int, default=12, metavar="N", help="how often all take turns (%(default)s)")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error(f"--rounds is {arguments.rounds}, but without a round there is no figure.")
    for name in arguments.only:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        keep(name, measure(PARTS[name], arguments.before, arguments.rounds), arguments.before)
        print(f"measured {name} in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    CHART.write_text(draw(figures.zips()))
    readme.write_tables()
    for name in figures.TABLES:
        print("", *readme.table(name), sep="\n")


def measure(part: Part, before: str | None, rounds: int) -> dict[str, Any]:
    """The results of a part by checkout, which leaves nothing else behind."""
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-benchmark-") as directory:
        work = Path(directory)
        try:
            place = work / "part"
            place.mkdir()
            past = {BEFORE: check_out(before, work / "checkout")} if before else {}
            return part(place, {NOW: PRESENT, **past}, rounds)
        finally:
            make_writable(work)


def keep(name: str, results: dict[str, Any], before: str | None) -> None:
    """Write the results of a part at once: a run that is interrupted can go on with `--only` the next ones."""
    kept = figures.results()
    kept["machine"] = {"runtime": RUNTIME, "architecture": ARCHITECTURE, "processors": os.cpu_count()}
    past = kept.pop(BEFORE, {"revision": before})
    past.pop(name, None)  # what was measured in another run is no comparison
    kept[name] = results[NOW]
    if before and BEFORE in results:
        kept[BEFORE] = {**(past if past["revision"] == before else {"revision": before}), name: results[BEFORE]}
    elif len(past) > 1:
        kept[BEFORE] = past
    figures.RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()

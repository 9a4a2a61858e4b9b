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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import cold, growth, load, node, warm
from benchmarks.chart import draw
from benchmarks.zips import ARCHITECTURE, HERE, RUNTIME, make_writable
from lab import readme

PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "cold": cold.part,
    "warm": warm.part,
    "node": node.part,
    "growth": growth.part,
    "load": load.part,
}
CHART = HERE / "chart.svg"


def main() -> None:
    """Measure part after part."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure (all)")
    for name in parser.parse_args().only:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        keep(name, measure(PARTS[name]))
        print(f"measured {name} in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    CHART.write_text(draw(readme.results()["cold"]))
    readme.write_tables()
    for name in readme.FIGURES:
        print("", *readme.table(name), sep="\n")


def measure(part: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """The results of a part, which leaves nothing else behind."""
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-benchmark-") as work:
        try:
            return part(Path(work))
        finally:
            make_writable(Path(work))


def keep(name: str, results: dict[str, Any]) -> None:
    """Write the results of a part at once: a run that is interrupted can go on with `--only` the next ones."""
    kept = readme.results()
    kept["machine"] = {"runtime": RUNTIME, "architecture": ARCHITECTURE, "processors": os.cpu_count()}
    kept[name] = results
    readme.RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()

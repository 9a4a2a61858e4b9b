"""Measures, prints, and writes benchmarks/results.json, benchmarks/chart.svg and the tables of README.md."""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import cold
from benchmarks.zips import HERE, TARGET, make_writable

PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {"cold": cold.part}
RESULTS = HERE / "results.json"


def main() -> None:
    """Measure the parts that are asked for; those that are not keep the figures that they have."""
    parser = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts to measure (%(default)s)")
    for name in parser.parse_args().only:
        begun = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="mcp-lambda-benchmark-") as work:
            try:
                results = PARTS[name](Path(work))
            finally:
                make_writable(Path(work))
        keep(name, results)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
        print(json.dumps(results, indent=2))


def keep(name: str, results: dict[str, Any]) -> None:
    """Write a part's results to the file at once, so that a run that is interrupted can go on with the next part."""
    kept = {}
    with suppress(FileNotFoundError):
        kept = json.loads(RESULTS.read_text())
    kept["machine"] = {"runtime": TARGET.runtime, "architecture": TARGET.architecture, "system": platform.system()}
    kept[name] = results
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""Measures what of a cold start is init and what is the first request, in each era: `python -m benchmarks.phases`.

Each is measured once more with a zip that the build could not start, and that so lacks what a trial start gives it.

Lambda gives the init a full processor, and a request its share of one.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from statistics import median

from benchmarks.__main__ import measure
from benchmarks.checkouts import NOW, Checkout, Checkouts
from benchmarks.cold import ARGUMENTS, TOOL
from benchmarks.processes import probe
from benchmarks.zips import OFFICIAL, TOOLS, ours
from lab.events import handshake, message_of, modern, tool_call

ROUNDS = 12
CALLS = 20
ERAS = {"2026-07-28": modern, "handshake": handshake}
UNTRIED = " without a trial start"


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, dict[str, dict[str, float]]]:
    """The median milliseconds of the processor for init, first `tools/call` and a later one, by era in turns."""
    return {name: measured(work / name, checkout, rounds) for name, checkout in checkouts.items()}


def measured(work: Path, checkout: Checkout, rounds: int) -> dict[str, dict[str, float]]:
    """The results of a checkout, and of a build that cannot start the zip, as for arm64 on x86_64."""
    builds = {"": (), UNTRIED: ("--no-trial-start",)}
    zips = {name: ours(work / f"zip{name}", [OFFICIAL, TOOLS], checkout, *options) for name, options in builds.items()}
    taken: dict[str, list[tuple[float, float, float]]] = {}
    for _ in range(rounds + 1):  # the first brings all files into the machine's cache
        for era, name in product(ERAS, zips):
            found = probe("phases", zips[name], event=tool_call(ERAS[era], TOOL, **ARGUMENTS), calls=CALLS)
            if "content" not in message_of(found["answer"]).get("result", {}):
                raise RuntimeError(found["answer"])
            first, *later = found["calls"]
            taken.setdefault(era + name, []).append((found["init"], first, median(later)))
    names = ("init", "first request", "later request")
    return {
        row: {name: round(median(phase), 1) for name, phase in zip(names, zip(*found[1:], strict=True), strict=True)}
        for row, found in taken.items()
    }


if __name__ == "__main__":
    for era, phases in measure(part, None, ROUNDS)[NOW].items():
        print(era, *(f"{name} {ms} ms" for name, ms in phases.items()), sep=", ")

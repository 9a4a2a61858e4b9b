"""Measures what of a cold start is init and what is the first request, in each era: `python -m benchmarks.phases`.

Lambda gives the init a full processor, and a request its share of one.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from benchmarks.__main__ import measure
from benchmarks.cold import ARGUMENTS, TOOL
from benchmarks.processes import probe
from benchmarks.zips import OFFICIAL, TOOLS, ours
from lab.events import handshake, message_of, modern, tool_call

ROUNDS = 12
CALLS = 20
ERAS = {"2026-07-28": modern, "handshake": handshake}


def part(work: Path) -> dict[str, dict[str, float]]:
    """The median milliseconds of the processor for init, first `tools/call` and a later one, by era in turns."""
    function = ours(work / "zip", [OFFICIAL, TOOLS])
    taken: dict[str, list[tuple[float, float, float]]] = {era: [] for era in ERAS}
    for _ in range(ROUNDS + 1):  # the first brings all files into the machine's cache
        for era, event in ERAS.items():
            found = probe("phases", function, event=tool_call(event, TOOL, **ARGUMENTS), calls=CALLS)
            if "content" not in message_of(found["answer"]).get("result", {}):
                raise RuntimeError(found["answer"])
            first, *later = found["calls"]
            taken[era].append((found["init"], first, median(later)))
    names = ("init", "first request", "later request")
    return {
        era: {name: round(median(phase), 1) for name, phase in zip(names, zip(*rounds[1:], strict=True), strict=True)}
        for era, rounds in taken.items()
    }


if __name__ == "__main__":
    for era, phases in measure(part).items():
        print(era, *(f"{name} {ms} ms" for name, ms in phases.items()), sep=", ")

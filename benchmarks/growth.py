"""What happens with many tools and with large answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.checkouts import Checkout, Checkouts
from benchmarks.cold import compare
from benchmarks.processes import probe
from benchmarks.warm import ERAS, beside_sdk, memory
from benchmarks.zips import SERVERS, Zip, ours
from lab.events import Event, handshake, modern, tool_call

COUNTS = (1, 10, 100, 500)
SIZES = {"1 KB": 1_000, "10 KB": 10_000, "100 KB": 100_000, "1 MB": 1_000_000, "5 MB": 5_000_000}

HEAD = """\
from typing import Literal

from mcp.server import MCPServer

mcp = MCPServer("toolbox")
"""
TOOL = '''

@mcp.tool()
def order_{number}(customer: str, quantity: int, unit: Literal["piece", "box"] = "piece") -> dict[str, int]:
    """Order article {number} for a customer."""
    return {{"article": {number}, "pieces": quantity * (1 if unit == "piece" else 12)}}
'''


ORDER: dict[str, Any] = {"customer": "C-1", "quantity": 2}


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, Any]:
    """The cold start and the memory by the number of tools, and the warm call by the size of its answer."""
    zips = {
        name: {str(count): with_tools(work / name / str(count), count, checkout) for count in COUNTS}
        for name, checkout in checkouts.items()
    }
    tools = cold_starts(zips, rounds)
    return {
        name: {
            "tools": tools[name],
            "memory": memory(zips[name][str(COUNTS[-1])], mostly_calls()),
            **answers(work / name / "answers", checkout, rounds),
        }
        for name, checkout in checkouts.items()
    }


def cold_starts(zips: dict[str, dict[str, Zip]], rounds: int) -> dict[str, Any]:
    """The cold start by the number of tools, beside that with one, by checkout; all take turns."""
    every = {f"{name} {count}": function for name, counts in zips.items() for count, function in counts.items()}
    bases = {f"{name} {count}": f"{name} {COUNTS[0]}" for name in zips for count in COUNTS}
    call = tool_call(modern, "order_0", **ORDER)
    found = compare(every, bases=bases, event=call, rounds=rounds)
    return {name: {count: found[f"{name} {count}"] for count in counts} for name, counts in zips.items()}


def mostly_calls() -> list[Event]:
    """Calls of a tool in both eras, and now and then the list, which takes as long as dozens of calls."""
    calls = [tool_call(era, "order_0", **ORDER) for era in (modern, handshake)]
    return calls * 50 + [modern("tools/list"), handshake("tools/list")]


def answers(work: Path, checkout: Checkout, rounds: int) -> dict[str, Any]:
    """The time of a call by the size of its answer, and the most memory that it takes, both beside the SDK alone."""
    function = ours(work, [SERVERS / "answers" / "server.py"], checkout)
    events = {name: tool_call(modern, "text", size=size) for name, size in SIZES.items()}
    largest = list(SIZES)[-1]
    eras = {name: tool_call(era, "text", size=SIZES[largest]) for name, era in ERAS.items()}
    return {
        "answers": beside_sdk(function, events, calls=4, turns=2 * rounds),
        "peaks": {"of": largest, "eras": probe("peaks", function, events=eras)},
    }


def with_tools(work: Path, count: int, checkout: Checkout) -> Zip:
    """A server with this many tools, each written out as authors do."""
    work.mkdir(parents=True)
    source = work / "server.py"
    source.write_text(HEAD + "".join(TOOL.format(number=number) for number in range(count)))
    return ours(work / "zip", [source], checkout)

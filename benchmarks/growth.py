"""What happens with many tools and with large answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.cold import compare
from benchmarks.warm import beside_sdk
from benchmarks.zips import SERVERS, Zip, ours
from lab.events import modern, tool_call

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


def part(work: Path) -> dict[str, Any]:
    """The cold start by the number of tools, beside that with one; the warm call by the size of its answer."""
    zips = {str(count): with_tools(work / str(count), count) for count in COUNTS}
    call = tool_call(modern, "order_0", customer="C-1", quantity=2)
    answers = ours(work / "answers", [SERVERS / "answers" / "server.py"])
    events = {name: tool_call(modern, "text", size=size) for name, size in SIZES.items()}
    return {
        "tools": compare(zips, base=str(COUNTS[0]), event=call, rounds=8),
        "answers": beside_sdk(answers, events, calls=4, turns=10),
    }


def with_tools(work: Path, count: int) -> Zip:
    """A server with this many tools, each written out as authors do."""
    work.mkdir()
    source = work / "server.py"
    source.write_text(HEAD + "".join(TOOL.format(number=number) for number in range(count)))
    return ours(work / "zip", [source])

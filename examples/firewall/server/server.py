"""Compares texts, which a model does slowly and not the same way twice."""

from difflib import SequenceMatcher, get_close_matches, unified_diff
from typing import Annotated

from mcp.server import MCPServer
from pydantic import Field

mcp = MCPServer("comparisons")

Text = Annotated[str, Field(max_length=20_000)]


@mcp.tool()
def changes(before: Text, after: Text) -> str:
    """Show what changed between two texts, as a unified diff."""
    return "\n".join(unified_diff(before.splitlines(), after.splitlines(), "before", "after", lineterm=""))


@mcp.tool()
def likeness(one: Text, other: Text) -> float:
    """Say how much of two texts is the same: 1 for all of it, 0 for nothing."""
    return round(SequenceMatcher(None, one, other).ratio(), 3)


@mcp.tool()
def closest(word: Text, candidates: Annotated[list[Text], Field(max_length=1000)]) -> list[str]:
    """Name the candidates that are most like a word, at most five."""
    return get_close_matches(word, candidates, n=5, cutoff=0.5)

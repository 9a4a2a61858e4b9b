"""A shop whose warehouse is slow at times."""

import asyncio

from mcp.server import MCPServer

PRICES = {"A-1": 12.5, "B-2": 8.0, "C-3": 140.0}

mcp = MCPServer("orders")


@mcp.tool()
async def price(article: str) -> float:
    """The price of an article."""
    await asyncio.sleep(0.02)
    return PRICES[article]


@mcp.tool()
async def stock(article: str, seconds: float) -> int:
    """How many there are, which the warehouse takes its time to say."""
    await asyncio.sleep(seconds)
    return len(article)


@mcp.tool()
async def report(months: int) -> str:
    """Sums up sales; it runs as a task."""
    await asyncio.sleep(months)
    return f"{months} months"

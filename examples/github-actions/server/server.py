"""A toolbox of one tool."""

from datetime import date

from mcp.server import MCPServer

mcp = MCPServer("toolbox")


@mcp.tool()
def days_between(start: date, end: date) -> int:
    """Count the days from start to end."""
    return (end - start).days

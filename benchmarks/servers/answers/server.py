"""Answers as large as asked for."""

from mcp.server import MCPServer

mcp = MCPServer("answers")


@mcp.tool(structured_output=False)  # which would hold the text a second time
def text(size: int) -> str:
    """A text of so many bytes."""
    return "x" * size

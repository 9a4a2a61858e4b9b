"""A server of the official SDK: what the module deploys, and what a tutorial wraps."""

from mcp.server import MCPServer
from tools import TOOLS

mcp = MCPServer("toolbox")
for tool in TOOLS:
    mcp.add_tool(tool)

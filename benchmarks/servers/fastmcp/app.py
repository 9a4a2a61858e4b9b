"""How one puts a FastMCP server on Lambda."""

from fastmcp import FastMCP
from mangum import Mangum
from tools import TOOLS

mcp = FastMCP("toolbox")
for tool in TOOLS:
    mcp.tool(tool)

handler = Mangum(mcp.http_app(stateless_http=True, json_response=True))

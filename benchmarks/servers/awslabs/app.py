"""A server of awslabs-mcp-lambda-handler, which has its own small implementation of the protocol of 2024-11-05."""

from awslabs.mcp_lambda_handler import MCPLambdaHandler
from tools import TOOLS

mcp = MCPLambdaHandler("toolbox")
for tool in TOOLS:
    mcp.tool()(tool)

handler = mcp.handle_request

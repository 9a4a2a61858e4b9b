"""Invoices of a company: people see their own cost centre's, and approve small ones."""

from typing import Annotated

from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

mcp = MCPServer("billing")

LIMIT = 500


@mcp.tool()
def who_am_i() -> str:
    """Say who calls, by the subject of the token."""
    caller = get_access_token()
    if caller is None or caller.subject is None:
        raise ToolError("the call carried no verified person")
    return caller.subject


@mcp.tool()
def needs_a_second_approval(euros: Annotated[float, Field(gt=0)]) -> bool:
    """Whether an invoice is too large for one person to approve."""
    return euros > LIMIT

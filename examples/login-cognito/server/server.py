"""Bookings of desks in an office: each person sees and gives back only their own."""

import zlib
from datetime import date
from typing import Annotated

from mcp.server import MCPServer
from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

mcp = MCPServer("desk")

DESKS = 12


def person() -> str:
    """Who calls, as the gateway has verified it."""
    caller = get_access_token()
    if caller is None or caller.subject is None:
        raise ToolError("the call carried no verified person")
    return caller.subject


@mcp.tool()
def who_am_i() -> str:
    """Say who calls, by the subject of the token."""
    return person()


@mcp.tool()
def suggest_desk(day: date, near: Annotated[int, Field(ge=1, le=DESKS)] = 1) -> int:
    """Suggest a desk for the person who asks: the same one on the same day of each week."""
    return (zlib.crc32(f"{person()} {day.weekday()}".encode()) + near) % DESKS + 1

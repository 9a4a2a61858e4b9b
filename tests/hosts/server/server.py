import asyncio

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

mcp = MCPServer("shop", version="1.2.0")


@mcp.tool(structured_output=False)
def add(a: int, b: int) -> str:
    return str(a + b)


@mcp.tool(structured_output=False)
async def count(to: int, ctx: Context) -> str:
    for step in range(to):
        await ctx.report_progress(step + 1, to)
    return "done"


@mcp.tool(structured_output=False)
def fail(reason: str) -> str:
    raise ValueError(reason)


@mcp.tool(structured_output=False)
async def wait(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "done"


@mcp.tool(structured_output=False)
def text(length: int, letter: str = "x") -> str:
    return letter * length


@mcp.tool(structured_output=False)
def whoami() -> str:
    token = get_access_token()
    return f"{token.subject} by {token.client_id} with {' '.join(token.scopes)}" if token else "nobody"


@mcp.tool(structured_output=False)
def book(room: int, ctx: Context) -> str | InputRequiredResult:
    if ctx.request_state is None:
        form = ElicitRequestFormParams(message="Sure?", requested_schema={"type": "object", "properties": {}})
        return InputRequiredResult(input_requests={"sure": ElicitRequest(params=form)}, request_state=f"room {room}")
    return f"{ctx.request_state} is booked"


@mcp.prompt()
def greet(who: str) -> str:
    return f"Greet {who}."


@mcp.resource("note://static")
def static() -> str:
    return "static"


@mcp.resource("note://by/{id}")
def note(id: str) -> str:
    return id

"""A plain MCPServer, written as if Lambda did not exist, whose tools misbehave when asked to."""

import asyncio
import os
import time
import uuid
from importlib import import_module

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import Completion, CompletionArgument, ElicitRequest, ElicitRequestFormParams, InputRequiredResult

ENVIRONMENT = uuid.uuid4().hex
"""Another one in each execution environment."""

mcp = MCPServer("integration", version="1.0.0")


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add two integers."""
    return a + b


@mcp.tool()
def who() -> str:
    """Say who calls."""
    token = get_access_token()
    return token.model_dump_json() if token else "nobody"


@mcp.tool()
def variable(key: str) -> str:
    """Say what an environment variable holds."""
    return os.environ.get(key, "nothing")


@mcp.tool()
def constant(module: str, attribute: str) -> str:
    """Say what an attribute of a module is."""
    return str(getattr(import_module(module), attribute))


@mcp.tool()
def sleep(seconds: float) -> str:
    """Sleep in a thread, then name the environment."""
    time.sleep(seconds)
    return ENVIRONMENT


@mcp.tool()
async def wait(seconds: float) -> str:
    """Wait as a coroutine."""
    await asyncio.sleep(seconds)
    return ENVIRONMENT


@mcp.tool()
async def block(seconds: float) -> str:
    """Block the event loop."""
    time.sleep(seconds)
    return ENVIRONMENT


@mcp.tool()
def fail(reason: str) -> str:
    """Raise."""
    raise ValueError(reason)


@mcp.tool()
def book(room: int, ctx: Context) -> str | InputRequiredResult:
    """Book a room in two rounds; the answer names the environments of both."""
    if ctx.request_state is None:
        form = ElicitRequestFormParams(
            message=f"Book room {room}?", requested_schema={"type": "object", "properties": {}}
        )
        return InputRequiredResult(
            input_requests={"sure": ElicitRequest(params=form)}, request_state=f"room {room} asked in {ENVIRONMENT}"
        )
    return f"{ctx.request_state}, booked in {ENVIRONMENT}"


@mcp.resource("note://{name}")
def note(name: str) -> str:
    """A note by its name."""
    return f"the note {name}"


@mcp.prompt()
def greet(who: str) -> str:
    """Greet somebody."""
    return f"Greet {who}."


@mcp.completion()  # type: ignore[no-untyped-call, untyped-decorator]  # the SDK has no types for it
async def complete(ref: object, argument: CompletionArgument, context: object) -> Completion:
    """Complete the name of somebody."""
    return Completion(values=[name for name in ("Ada", "Alan", "Grace") if name.startswith(argument.value)])

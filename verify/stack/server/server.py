"""A server whose tools do what a row wants to look at."""

import asyncio
import ctypes
import os
import random
import uuid

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult
from starlette.requests import Request
from starlette.responses import Response

mcp = MCPServer("verify", version="1.0.0")


@mcp.tool()
def environment() -> str:
    """Name the execution environment, the version and a number drawn at random."""
    return f"{os.environ['AWS_LAMBDA_LOG_STREAM_NAME']} {version()} {random.getrandbits(64)}"


@mcp.tool()
def version() -> str:
    """Say which version of the function answers."""
    return os.environ["AWS_LAMBDA_FUNCTION_VERSION"]


@mcp.tool()
def variable(key: str) -> str:
    """Say what an environment variable holds."""
    return os.environ.get(key, "nothing")


@mcp.tool()
def who() -> str:
    """Say who calls."""
    token = get_access_token()
    return token.model_dump_json() if token else "{}"


@mcp.tool()
def refund() -> str:
    """Need a scope, where the stack says so."""
    return "refunded"


@mcp.tool()
async def wait(seconds: float) -> str:
    """Wait as a coroutine."""
    await asyncio.sleep(seconds)
    return "waited"


@mcp.tool()
def block(seconds: int) -> str:
    """Hold Python's lock, so that nothing else in the process goes on."""
    ctypes.PyDLL(None).sleep(seconds)
    return "blocked"


@mcp.tool()
def fail() -> str:
    """Raise."""
    raise ValueError("as it should")


@mcp.tool()
def end() -> str:
    """End the process."""
    os._exit(1)


@mcp.tool()
def long_text(characters: int) -> str:
    """Answer with so many characters."""
    return "x" * characters


@mcp.tool()
def ask(ctx: Context) -> str | InputRequiredResult:
    """Ask once, and tell what was asked."""
    if ctx.request_state is None:
        form = ElicitRequestFormParams(message="Sure?", requested_schema={"type": "object", "properties": {}})
        return InputRequiredResult(
            input_requests={"sure": ElicitRequest(params=form)}, request_state=f"asked {uuid.uuid4()}"
        )
    return ctx.request_state


@mcp.custom_route("/latin-1", methods=["GET"])  # type: ignore[untyped-decorator]  # the SDK has no types for it
async def latin_1(request: Request) -> Response:
    """Answer with a header that is not ASCII."""
    return Response("named", headers={"x-name": "Zoë"})

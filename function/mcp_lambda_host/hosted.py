"""Turns what the entrypoint names into one ASGI application that is safe in many short-lived copies."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field

from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from starlette.types import ASGIApp

from .errors import StartError
from .names import Names
from .stateless import stateless


@dataclass(frozen=True)
class Hosted:
    """The author's server as an application, with what it says of itself (version None: it does not say)."""

    app: ASGIApp
    name: str
    version: str | None
    names: Names = field(default_factory=lambda: Names(None))
    is_of_sdk: bool = False


def host(target: object, *, entrypoint: str, name: str, catalogue_seconds: int) -> Hosted:
    """Make an ASGI application of the author's object, serving MCP at `POST /mcp`.

    Args:
        target: What the entrypoint names: an `MCPServer`, a low-level `Server`, or any ASGI application.
        entrypoint: Its name, for the message.
        name: Stands in for the server's name where the application has none.
        catalogue_seconds: See `stateless`; an application of the author's own says this itself.

    Raises:
        StartError: It is none of these.
    """
    if isinstance(target, MCPServer | Server):
        app = stateless(target, catalogue_seconds=catalogue_seconds)
        return Hosted(app, target.name, target.version or None, Names(target), is_of_sdk=True)
    fastapi = sys.modules.get("fastapi")  # not imported for the question: who has made one has imported it
    if fastapi and isinstance(target, fastapi.FastAPI):
        return Hosted(target, target.title, target.version)
    if _is_asgi(target):
        return Hosted(target, name, None)  # type: ignore[arg-type]
    hint = " Name its ASGI application instead: `app = mcp.http_app(stateless_http=True)`."
    raise StartError(
        f"The entrypoint {entrypoint!r} is of type {type(target).__name__}; it must be an MCPServer of the `mcp` "
        f"package or an ASGI application.{hint if hasattr(target, 'http_app') else ''}"
    )


def _is_asgi(target: object) -> bool:
    """Whether the object is called as `app(scope, receive, send)`, and not a class that would have to be made first."""
    if not callable(target) or inspect.isclass(target):
        return False
    call = target if inspect.isroutine(target) else target.__call__
    return inspect.iscoroutinefunction(call) and len(inspect.signature(call).parameters) == 3

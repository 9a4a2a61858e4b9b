"""Turns what the entrypoint names into one ASGI application that is safe in many short-lived copies."""

from __future__ import annotations

import inspect
from dataclasses import dataclass

from fastapi import FastAPI
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from .errors import StartError

MCP_PATH = "/mcp"


@dataclass(frozen=True)
class Hosted:
    """The author's server as an application, with what it says of itself (version None: it does not say)."""

    app: ASGIApp
    name: str
    version: str | None


def host(target: object, *, entrypoint: str, name: str) -> Hosted:
    """Make an ASGI application of the author's object, serving MCP at `POST /mcp`.

    Args:
        target: What the entrypoint names: an `MCPServer`, a low-level `Server`, or any ASGI application.
        entrypoint: Its name, for the message.
        name: Stands in for the server's name where the application has none.

    Raises:
        StartError: It is none of these.
    """
    if isinstance(target, MCPServer | Server):
        return Hosted(_stateless(target), target.name, target.version or None)
    if isinstance(target, FastAPI):
        return Hosted(target, target.title, target.version)
    if _is_asgi(target):
        return Hosted(target, name, None)  # type: ignore[arg-type]
    hint = " Name its ASGI application instead: `app = mcp.http_app(stateless_http=True)`."
    raise StartError(
        f"The entrypoint {entrypoint!r} is of type {type(target).__name__}; it must be an MCPServer of the `mcp` "
        f"package or an ASGI application.{hint if hasattr(target, 'http_app') else ''}"
    )


def _stateless(server: MCPServer | Server) -> ASGIApp:
    app = server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        stateless_http=True,
        # The door has checked Host and Origin: the SDK's own list is exact and knows only localhost, so behind a
        # gateway it answers every request with 421.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    # A listen stream ends only with the client, so a function would hold it until its timeout. Without the handler the
    # SDK answers "method not found" and advertises no subscriptions.
    server.session_manager.app._request_handlers.pop("subscriptions/listen", None)
    return app


def _is_asgi(target: object) -> bool:
    """Whether the object is called as `app(scope, receive, send)`, and not a class that would have to be made first."""
    if not callable(target) or inspect.isclass(target):
        return False
    call = target if inspect.isroutine(target) else target.__call__
    return inspect.iscoroutinefunction(call) and len(inspect.signature(call).parameters) == 3

"""Makes a server of the SDK answer as one of many short-lived copies that remember nothing."""

from __future__ import annotations

from typing import Any

from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.types import ASGIApp

MCP_PATH = "/mcp"

CATALOGUE = ("server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list")
"""What a client asks for before it does anything, and what changes only with a deployment."""

COURTESIES = ("logging/setLevel", "resources/subscribe", "resources/unsubscribe")
"""Requests of the handshake era that set up what a session would remember."""


def stateless(server: MCPServer | Server, *, catalogue_seconds: int) -> ASGIApp:
    """The application that serves `POST /mcp` of an SDK server, each request for itself.

    Args:
        server: The author's, as if it had been written for a process that lives for ever.
        catalogue_seconds: How long a client may go by the lists it has; each one not asked for saves an invocation.
    """
    app = server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        stateless_http=True,
        # The door has checked Host and Origin: the SDK's own list is exact and knows only localhost, so behind a
        # gateway it answers every request with 421.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    lowlevel = server.session_manager.app
    # A listen stream ends only with the client, so a function would hold it until its timeout. Without the handler the
    # SDK answers "method not found" and advertises no subscriptions.
    lowlevel._request_handlers.pop("subscriptions/listen", None)
    for method in CATALOGUE:
        lowlevel.cache_hints.setdefault(method, CacheHint(ttl_ms=catalogue_seconds * 1000, scope="public"))
    add_middleware(lowlevel, Courtesy(lowlevel))
    if isinstance(server, MCPServer):
        add_middleware(lowlevel, UnknownTool(server))
    return app


def add_middleware(server: MCPServer | Server, middleware: Any) -> None:
    """Put a middleware before all others, once: a server is made stateless anew when its event loop is replaced."""
    if not any(isinstance(present, type(middleware)) for present in server.middleware):
        server.middleware.insert(0, middleware)


class Courtesy:
    """Answers set-up requests of the handshake era that no environment will remember, unless the author does.

    Clients send them unasked, and take an error for a broken server. They are answered and not advertised.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer one message."""
        asked = ctx.method in COURTESIES and ctx.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS
        return {} if asked and not self._server.get_request_handler(ctx.method) else await call_next(ctx)


class UnknownTool:
    """Answers a call of no tool with -32602 (specification, Tools, Error Handling), not as the failure of a tool."""

    def __init__(self, server: MCPServer) -> None:
        self._server = server

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer one message."""
        name = (ctx.params or {}).get("name")
        if ctx.method == "tools/call" and isinstance(name, str) and not self._server._tool_manager.get_tool(name):
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {name}")
        return await call_next(ctx)

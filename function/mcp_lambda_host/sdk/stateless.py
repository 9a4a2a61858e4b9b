"""Makes a server of the SDK answer as one of many short-lived copies that remember nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any

from mcp.server.caching import CacheHint
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, METHOD_NOT_FOUND, EmptyResult, SetLevelRequestParams
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ..contract import MCP_PATH
from ..messages import is_endpoint
from .names import has_tool

CATALOGUE = ("server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list")
"""Methods that a client asks for first; their answers change only with a deployment."""

POST: Scope = {"type": "http", "method": "POST", "path": MCP_PATH, "root_path": "", "headers": []}

COURTESIES = ("resources/subscribe", "resources/unsubscribe")
"""Methods of the handshake era that set up what a session would remember."""


def stateless(server: MCPServer | Server, *, catalogue_seconds: int, is_open: bool) -> ASGIApp:
    """The application that serves `POST /mcp` of an SDK server, each request for itself.

    Args:
        server: The author's, as if it had been written for a process that lives for ever.
        catalogue_seconds: How long a client may go by the lists it has; each one not asked for saves an invocation.
        is_open: Whether everybody may call. Else an author's list may depend on the caller, and a shared cache would
            give one caller's to the next.
    """
    app = server.streamable_http_app(
        streamable_http_path=MCP_PATH,
        stateless_http=True,
        # The host check has seen Host and Origin: the SDK's own list is exact and knows only localhost, so behind a
        # gateway it answers every request with 421.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    lowlevel = server.session_manager.app
    # A listen stream ends only with the client, so a function would hold it until its timeout. Without the handler the
    # SDK answers "method not found" and advertises no subscriptions. It has no public way to take a handler away.
    lowlevel._request_handlers.pop("subscriptions/listen", None)
    hint = CacheHint(ttl_ms=catalogue_seconds * 1000, scope="public" if is_open else "private")
    for method in CATALOGUE:
        lowlevel.cache_hints.setdefault(method, hint)
    # With a handler the SDK advertises `logging`, as servers that send log messages MUST (specification, Logging).
    if lowlevel.get_request_handler("logging/setLevel") is None:
        lowlevel.add_request_handler("logging/setLevel", SetLevelRequestParams, _any_level)
    add_middleware(lowlevel, Courtesy())
    add_middleware(lowlevel, NoExit())
    if isinstance(server, MCPServer):
        add_middleware(lowlevel, UnknownName(server))

    endpoint = direct(app)

    def at_its_path(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and is_endpoint(scope["path"]):
            return endpoint({**scope, "path": MCP_PATH}, receive, send)
        return app(scope, receive, send)

    return at_its_path


def direct(app: ASGIApp) -> ASGIApp:
    """The MCP endpoint in the SDK's application, without the router and the error handlers that it lies behind.

    What an author has added stays before it, and the SDK's own check of tokens, which is middleware, too.
    """
    if type(app) is not Starlette or app.user_middleware or app.exception_handlers or app.debug:
        return app
    route = next((route for route in app.routes if route.matches(POST)[0] is not Match.NONE), None)
    if not isinstance(route, Route):
        return app
    around = {"app": app, "router": app.router, "endpoint": route.endpoint, "path_params": {}}

    def routed(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        return route.app({**scope, **around}, receive, send)

    return routed


def add_middleware(server: MCPServer | Server, middleware: Any, *, first: bool = False) -> None:
    """Add a middleware, once: a server is made stateless anew when its event loop is replaced.

    Args:
        first: Before all others, the author's included; else behind them, next to the handlers.
    """
    if not any(isinstance(present, type(middleware)) for present in server.middleware):
        server.middleware.insert(0 if first else len(server.middleware), middleware)


class Courtesy:
    """Accepts a set-up request of the handshake era that no environment will remember, unless the author does.

    Clients send them unasked, and take an error for a broken server. The SDK still refuses bad parameters.
    """

    def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> Awaitable[HandlerResult]:
        """Answer one message."""
        is_old = ctx.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS
        return self._accept(ctx, call_next) if is_old and ctx.method in COURTESIES else call_next(ctx)

    async def _accept(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        try:
            return await call_next(ctx)
        except MCPError as error:
            if error.code == METHOD_NOT_FOUND:
                return {}
            raise


class NoExit:
    """Makes a tool's `sys.exit()` the failure of its call; asyncio lets it end the event loop, and so the server."""

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer one message."""
        try:
            return await call_next(ctx)
        except SystemExit as error:
            ended = RuntimeError(f"{ctx.method} called sys.exit({error.code!r})")
            raise ended.with_traceback(error.__traceback__) from error  # the log ends with the author's own line


class UnknownName:
    """Answers a request for an unknown tool or prompt, or for a prompt without its arguments, with -32602.

    The specification of 2026-07-28 asks for that (InvalidParamsError); SDK 2.3 reports the failure of a tool, or of the
    server.
    """

    def __init__(self, server: MCPServer[Any]) -> None:
        self._server = server

    def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> Awaitable[HandlerResult]:
        """Answer one message."""
        return self._check(ctx, call_next) if ctx.method in ("tools/call", "prompts/get") else call_next(ctx)

    async def _check(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        params = ctx.params or {}
        name = params.get("name")
        if ctx.method == "tools/call" and isinstance(name, str) and not has_tool(self._server, name):
            raise MCPError(INVALID_PARAMS, f"Unknown tool: {name}")
        if ctx.method == "prompts/get" and isinstance(name, str):
            arguments = params.get("arguments")
            await self._check_prompt(name, arguments if isinstance(arguments, Mapping) else {})
        return await call_next(ctx)

    async def _check_prompt(self, name: str, arguments: Mapping[str, Any]) -> None:
        # The SDK's own list: a subclass may hide from its list what it gives whoever knows the name.
        prompts = await MCPServer.list_prompts(self._server)
        prompt = next((prompt for prompt in prompts if prompt.name == name), None)
        if prompt is None:
            raise MCPError(INVALID_PARAMS, f"Unknown prompt: {name}")
        missing = [a.name for a in prompt.arguments or () if a.required and a.name not in arguments]
        if missing:
            raise MCPError(INVALID_PARAMS, f"The prompt {name} needs: {', '.join(missing)}")


async def _any_level(ctx: ServerRequestContext[Any, Any], params: SetLevelRequestParams) -> EmptyResult:
    """Accept a level and forget it: all levels are sent."""
    return EmptyResult()

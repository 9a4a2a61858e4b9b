"""The application around the author's server, in the order in which a request passes its parts.

A part that only decides who goes on returns what that one returns: each `async` part would be entered again whenever
something that it waits for goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable
from functools import cached_property

from starlette.types import ASGIApp, Receive, Scope, Send

from ..messages import is_endpoint
from ..sdk.deferred import deferred_models
from ..settings import Settings
from .answers import PlainJson, refusal
from .challenge import Challenge
from .host_check import HostCheck
from .identity import GatewayIdentity


def build_application(server: ASGIApp, settings: Settings, *, name: str, version: str | None) -> ASGIApp:
    """The application that serves every request: `POST /mcp`, and by FastAPI all other paths.

    Args:
        server: The author's server.
        settings: Who may ask for what.
        name: The server's name.
        version: Its version; None: it does not say.
    """
    guarded = Challenge(server, settings) if settings.required_scopes else server
    endpoint = PostOnly(PlainJson(guarded))
    paths = Paths(endpoint, server, settings, name=name, version=version)
    return HostCheck(GatewayIdentity(paths, settings.scope_claims), origins=settings.origins)


class Paths:
    """Leads to the MCP endpoint past FastAPI's router and middleware, which cost a fifth of a call (benchmarks/).

    The FastAPI application for the other paths is made when one is asked for, so that no cold start waits for it.
    """

    def __init__(
        self, endpoint: ASGIApp, server: ASGIApp, settings: Settings, *, name: str, version: str | None
    ) -> None:
        self.endpoint = endpoint
        self._server = server
        self._settings = settings
        self._name = name
        self._version = version

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve a request."""
        return (self.endpoint if is_endpoint(scope["path"]) else self._others)(scope, receive, send)

    @cached_property
    def _others(self) -> ASGIApp:
        with deferred_models():
            from .routes import build_routes

        return build_routes(self._server, self._settings, name=self._name, version=self._version)


class PostOnly:
    """Answers other methods than POST with 405.

    Clients of the handshake era open `GET /mcp` as a stream that would hold the function until its timeout, and take
    405 for "no such stream" (specification 2025-11-25, Streamable HTTP, Listening for Messages from the Server).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass a POST on, or refuse it."""
        if scope["method"] == "POST":
            return self.app(scope, receive, send)
        refused = refusal(405, f"{scope['method']} is not served here, only POST.", {"allow": "POST"})
        return refused(scope, receive, send)

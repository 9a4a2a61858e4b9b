"""The application around the author's server."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import cached_property

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from . import client_log, entrypoint, lean
from .answers import PlainJson
from .contract import MCP_PATH, METADATA_PATH
from .door import Door, PostOnly
from .hosted import Hosted, host
from .identity import GatewayIdentity
from .request_state import share_keys
from .scopes import Challenge, guard
from .settings import Settings


def load(settings: Settings, variables: MutableMapping[str, str]) -> object:
    """Import what the entrypoint names, with the author's secrets in place.

    Raises:
        StartError: A secret cannot be read, or the server cannot be imported.
    """
    offer_secrets(settings, variables)
    share_keys(settings.request_state_parameter, variables, audience=settings.name)
    client_log.keep()
    return entrypoint.load(settings.entrypoint)


def offer_secrets(settings: Settings, variables: MutableMapping[str, str]) -> None:
    """Put what the author's secrets hold now into the process's environment variables.

    Raises:
        StartError: One cannot be read.
    """
    if settings.secrets:
        from .author_secrets import offer  # not imported where there are none

        offer(settings.secrets, variables)


def hosted_server(target: object, settings: Settings) -> Hosted:
    """The author's server as an application.

    Raises:
        StartError: It is nothing that can be hosted.
    """
    if settings.required_scopes:
        guard(target, settings.required_scopes)
    return host(
        target, entrypoint=settings.entrypoint, name=settings.name, catalogue_seconds=settings.catalogue_seconds
    )


def build(hosted: Hosted, settings: Settings) -> ASGIApp:
    """The application that serves every request: `POST /mcp`, and by FastAPI all other paths."""
    mcp = Challenge(hosted.app, metadata_path=METADATA_PATH + MCP_PATH) if settings.required_scopes else hosted.app
    endpoint = PostOnly(PlainJson(mcp))
    with_token = AuthContextMiddleware(Paths(endpoint, hosted, settings))  # `get_access_token()` of the SDK
    return Door(AuthenticationMiddleware(with_token, backend=GatewayIdentity()), origins=settings.origins)


class Paths:
    """Leads to the MCP endpoint past FastAPI's router and middleware, which cost a fifth of a call (benchmarks/).

    So the FastAPI application for the other paths is made when one is asked for, and no cold start waits for it.
    """

    def __init__(self, endpoint: ASGIApp, hosted: Hosted, settings: Settings) -> None:
        self.endpoint = endpoint
        self._hosted = hosted
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        await (self.endpoint if scope["path"] == MCP_PATH else self._others)(scope, receive, send)

    @cached_property
    def _others(self) -> ASGIApp:
        with lean.deferred_schemas():
            from .routes import application

        return application(self.endpoint, self._hosted, self._settings)

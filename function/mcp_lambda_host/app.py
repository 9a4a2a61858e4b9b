"""The FastAPI application around the author's server."""

from __future__ import annotations

from fastapi import FastAPI
from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from . import __version__, client_log, entrypoint, metadata
from .answers import PlainJson
from .door import Door, PostOnly
from .hosted import Hosted, host
from .identity import GatewayIdentity
from .metadata import METADATA_PATH
from .request_state import share_keys
from .scopes import Challenge, guard
from .settings import Settings
from .stateless import MCP_PATH


def load(settings: Settings) -> object:
    """Import what the entrypoint names, with the author's secrets in place.

    Raises:
        StartError: A secret cannot be read, or the server cannot be imported.
    """
    offer_secrets(settings)
    share_keys(settings.request_state_parameter, audience=settings.name)
    client_log.keep()
    return entrypoint.load(settings.entrypoint)


def offer_secrets(settings: Settings) -> None:
    """Put what the author's secrets hold now into the environment.

    Raises:
        StartError: One cannot be read.
    """
    if settings.secrets:
        from .author_secrets import offer  # not imported where there are none

        offer(settings.secrets)


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
    """The application that serves every request: `/health`, `POST /mcp`, and the author's own routes behind them."""
    app = FastAPI(title=hosted.name, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    async def health() -> dict[str, str | None]:
        return {"status": "ok", "name": hosted.name, "version": hosted.version, "host": __version__}

    if settings.issuer:
        needed = settings.scopes.union(*settings.required_scopes.values())
        app.include_router(metadata.routes(settings.issuer, needed))
    mcp = Challenge(hosted.app, metadata_path=METADATA_PATH + MCP_PATH) if settings.required_scopes else hosted.app
    endpoint = PostOnly(PlainJson(mcp))
    app.router.routes.append(Route(MCP_PATH, endpoint))
    app.router.routes.append(Mount("/", hosted.app))
    with_token = AuthContextMiddleware(Shortcut(endpoint, app))  # `get_access_token()` of the SDK
    return Door(AuthenticationMiddleware(with_token, backend=GatewayIdentity()), origins=settings.origins)


class Shortcut:
    """Leads to the MCP endpoint past FastAPI's router and middleware, which cost a fifth of a call (benchmarks/)."""

    def __init__(self, endpoint: ASGIApp, app: ASGIApp) -> None:
        self.endpoint = endpoint
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        await (self.endpoint if scope["path"] == MCP_PATH else self.app)(scope, receive, send)

"""The FastAPI application around the author's server."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Mount, Route

from . import __version__, entrypoint
from .door import Door, PostOnly
from .hosted import MCP_PATH, Hosted, host
from .request_state import share_keys
from .settings import Settings


def hosted_server(settings: Settings) -> Hosted:
    """Load the author's server.

    Raises:
        StartError: It cannot be loaded or is nothing that can be hosted.
    """
    if settings.request_state_parameter:
        share_keys(settings.request_state_parameter, audience=settings.name)
    target = entrypoint.load(settings.entrypoint)
    return host(target, entrypoint=settings.entrypoint, name=settings.name)


def build(hosted: Hosted, origins: frozenset[str]) -> FastAPI:
    """The application that serves every request: `/health`, `POST /mcp`, and the author's own routes behind them."""
    app = FastAPI(title=hosted.name, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Door, origins=origins)

    @app.get("/health")
    async def health() -> dict[str, str | None]:
        return {"status": "ok", "name": hosted.name, "version": hosted.version, "host": __version__}

    app.router.routes.append(Route(MCP_PATH, PostOnly(hosted.app)))
    app.router.routes.append(Mount("/", hosted.app))
    return app

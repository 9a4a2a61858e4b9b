"""The FastAPI application for all paths beside the MCP endpoint's."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from . import __version__, metadata
from .contract import HEALTH_PATH, MCP_PATH
from .hosted import Hosted
from .settings import Settings


def application(endpoint: ASGIApp, hosted: Hosted, settings: Settings) -> FastAPI:
    """`/health`, the OAuth metadata, and the author's own routes.

    Args:
        endpoint: What serves MCP, for a path that only a router takes for the endpoint's.
        hosted: The author's server.
        settings: Who may ask for what.
    """
    app = FastAPI(title=hosted.name, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get(HEALTH_PATH)
    async def health() -> dict[str, str | None]:
        return {"status": "ok", "name": hosted.name, "version": hosted.version, "host": __version__}

    if settings.issuer:
        needed = settings.scopes.union(*settings.required_scopes.values())
        app.include_router(metadata.routes(settings.issuer, needed))
    app.router.routes.append(Route(MCP_PATH, endpoint))
    app.router.routes.append(Mount("/", hosted.app))
    return app

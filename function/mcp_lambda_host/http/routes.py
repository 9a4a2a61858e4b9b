"""The FastAPI application for all paths beside the MCP endpoint's."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Mount
from starlette.types import ASGIApp

from .. import __version__
from ..contract import HEALTH_PATH
from ..settings import Settings
from .metadata import metadata_routes


def build_routes(server: ASGIApp, settings: Settings, *, name: str, version: str | None) -> FastAPI:
    """The health check, the OAuth metadata, and the author's own routes.

    Args:
        server: The author's server.
        settings: Who may ask for what.
        name: The server's name.
        version: Its version; None: it does not say.
    """
    app = FastAPI(title=name, docs_url=None, redoc_url=None, openapi_url=None)

    @app.api_route(HEALTH_PATH, methods=["GET", "HEAD"])
    async def health() -> dict[str, str | None]:
        return {"status": "ok", "name": name, "version": version, "host": __version__}

    if settings.issuer:
        needed = settings.scopes.union(*settings.required_scopes.values())
        app.include_router(metadata_routes(settings.issuer, settings.advertised_scopes or needed))
    app.router.routes.append(Mount("/", server))
    return app

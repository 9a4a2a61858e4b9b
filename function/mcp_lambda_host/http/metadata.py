"""OAuth protected-resource metadata (RFC 9728), by which a client learns where to get a token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from ..contract import MCP_PATH, METADATA_PATH
from .host_check import public_origin


def metadata_routes(issuer: str, scopes: Iterable[str]) -> APIRouter:
    """The document at both places where clients look: with the endpoint's path (RFC 9728 section 3.1) and without.

    Args:
        issuer: The authorization server.
        scopes: All that a client may have to ask for.
    """
    router = APIRouter()
    scopes_supported = sorted(set(scopes))

    @router.api_route(METADATA_PATH, methods=["GET", "HEAD"])
    @router.api_route(METADATA_PATH + MCP_PATH, methods=["GET", "HEAD"])
    async def metadata(request: Request) -> JSONResponse:
        document: dict[str, Any] = {
            "resource": public_origin(request.scope) + MCP_PATH,
            "authorization_servers": [issuer],
            "bearer_methods_supported": ["header"],
        }
        if scopes_supported:
            document["scopes_supported"] = scopes_supported
        return JSONResponse(document, headers={"cache-control": "public, max-age=3600"})

    return router

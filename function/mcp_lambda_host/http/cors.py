"""Headers by which a browser hands an answer to a web page (Fetch standard, "CORS protocol").

An HTTP API puts its own in their place, a REST API adds none.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Set

from starlette.datastructures import Headers
from starlette.types import Scope

METHODS = "DELETE, GET, OPTIONS, POST"
READABLE = "mcp-protocol-version, mcp-session-id, www-authenticate, x-amzn-remapped-www-authenticate"
"""Headers that a page may read; a REST API gives a function's www-authenticate the last of these names."""

SECONDS = "3600"
"""How long a browser may keep the answer to a preflight."""


def is_allowed(origin: str, origins: Set[str]) -> bool:
    """Whether pages of an origin may call."""
    return origin in origins or "*" in origins


def preflight_headers(asked: Headers) -> dict[str, str]:
    """What a page of an allowed origin may send: whatever it asks for, since it may call and the caller is checked."""
    headers = asked.get("access-control-request-headers")
    return {"access-control-allow-methods": METHODS, "access-control-max-age": SECONDS} | (
        {"access-control-allow-headers": headers} if headers else {}
    )


def name_origin(headers: MutableMapping[str, str], scope: Scope, origins: Set[str]) -> None:
    """Add the headers to those of an answer, unless the author's application has added its own."""
    origin = Headers(scope=scope).get("origin") if origins else None
    if origin is None or not is_allowed(origin, origins) or "access-control-allow-origin" in headers:
        return
    varied = [headers["vary"], "Origin"] if "vary" in headers else ["Origin"]
    headers.update(
        {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": READABLE,
            "vary": ", ".join(varied),
        }
    )

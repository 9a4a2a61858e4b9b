"""The host check: which Host and Origin headers a request may carry."""

from __future__ import annotations

import re
from collections.abc import Awaitable

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import refusal
from .cors import is_allowed, preflight_headers

# No request that names a loopback host can come through AWS's gateway, which routes by Host; the local AWS needs them.
# RFC 6761 section 6.3 makes every name under .localhost loopback.
LOOPBACK = re.compile(r"(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1")
PORT = re.compile(r":\d{1,5}$", re.ASCII)


class HostCheck:
    """Refuses a foreign Host with 421 and a foreign Origin with 403, against DNS rebinding.

    With origins allowed it answers every OPTIONS itself.

    Specification 2026-07-28, Streamable HTTP, Security: servers MUST validate Origin and answer 403.
    """

    def __init__(self, app: ASGIApp, *, origins: frozenset[str]) -> None:
        self.app = app
        self.origins = origins

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on, or answer it here."""
        return (self._answer(scope) or self.app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = _host(headers)
        if not host or (host != _own_domain(scope) and not LOOPBACK.fullmatch(host)):
            return refusal(421, f"This server does not answer for the host {host!r}.")
        origin = headers.get("origin")
        if origin is not None and not is_allowed(origin, self.origins):
            return refusal(403, f"The origin {origin!r} is not among this server's allowed origins.")
        if self.origins and scope["method"] == "OPTIONS":
            # Such a request comes past the authorizer, as a preflight carries no credentials: none, whether a preflight
            # or not, may reach the author's application.
            return Response(status_code=204, headers=preflight_headers(headers))
        return None


def public_origin(scope: Scope) -> str:
    """The URL below which the server's paths lie, built from what the gateway says and never from a client's Host.

    Behind a REST API without a domain of its own the stage follows the host: there the path of the request context has
    it (payload format 1.0), and the event's has not.
    """
    headers, event = Headers(scope=scope), scope["aws.event"]
    host = f"http://{headers['host']}" if LOOPBACK.fullmatch(_host(headers)) else f"https://{_own_domain(scope)}"
    whole, path = event["requestContext"].get("path") or "", event.get("path") or ""
    return host + whole.removesuffix(path) if whole.endswith(path) else host


def _host(headers: Headers) -> str:
    return PORT.sub("", headers.get("host", "")).lower()


def _own_domain(scope: Scope) -> str:
    """The name the gateway itself answered on; it writes this into the event, the client cannot."""
    domain: str = scope["aws.event"]["requestContext"].get("domainName") or ""
    return domain.lower()

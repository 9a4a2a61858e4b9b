"""The answer to a caller that lacks a scope: which ones it needs, and where to get a token with them."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..contract import MCP_PATH, METADATA_PATH
from ..sdk.scopes import REFUSED, Refused, missing_scopes
from .answers import collect, refusal
from .host_check import public_origin


class Challenge:
    """Answers what the scope guard refused with 403 and a challenge (RFC 6750 section 3.1, RFC 9728 section 5.1).

    The answer is held back until it is complete, as Lambda does anyway: in the handshake era the SDK sends the status
    before it looks at the message.
    """

    def __init__(self, app: ASGIApp, *, has_metadata: bool) -> None:
        self.app = app
        self.has_metadata = has_metadata

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer or the challenge back."""
        refused = Refused()
        answer = await collect(self.app, {**scope, REFUSED: refused}, receive)
        if refused.scopes:
            await self._challenge(scope, refused.scopes)(scope, receive, send)
            return
        for message in answer:
            await send(message)

    def _challenge(self, scope: Scope, needed: frozenset[str]) -> Response:
        challenge = f'Bearer error="insufficient_scope", scope="{" ".join(sorted(needed))}"'
        if self.has_metadata:
            challenge += f', resource_metadata="{public_origin(scope)}{METADATA_PATH}{MCP_PATH}"'
        return refusal(403, missing_scopes(needed), {"www-authenticate": challenge})

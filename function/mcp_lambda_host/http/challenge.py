"""The answer to a caller that lacks a scope: which ones it needs, and where to get a token with them."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..contract import MCP_PATH, METADATA_PATH
from ..sdk.scopes import REFUSED, Refused, missing_scopes
from ..settings import Settings
from .answers import collect, refusal
from .host_check import public_origin


class Challenge:
    """Answers what the scope guard refused with 403 and a challenge (RFC 6750 section 3.1, RFC 9728 section 5.1).

    The answer is held back until it is complete, as Lambda does anyway: in the handshake era the SDK sends the status
    before it looks at the message.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._advertised = settings.advertised_scopes
        self._has_metadata = bool(settings.issuer)

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
        challenge = ['error="insufficient_scope"']
        if asked := advertise(needed, self._advertised):
            challenge.append(f'scope="{" ".join(sorted(asked))}"')
        if self._has_metadata:
            challenge.append(f'resource_metadata="{public_origin(scope)}{METADATA_PATH}{MCP_PATH}"')
        return refusal(403, missing_scopes(needed), {"www-authenticate": f"Bearer {', '.join(challenge)}"})


def advertise(needed: frozenset[str], advertised: frozenset[str]) -> frozenset[str]:
    """The scopes that a client has to ask for to get those that are needed.

    Entra ID is asked for `api://APP/read` and writes `read` into the token; a role cannot be asked for at all.

    Args:
        needed: As the caller's token has to name them.
        advertised: As the authorization server is asked for them; empty: by the same names.
    """
    if not advertised:
        return needed
    return frozenset(asked for asked in advertised for one in needed if asked == one or asked.endswith(f"/{one}"))

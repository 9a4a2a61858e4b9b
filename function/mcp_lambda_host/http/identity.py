"""Who calls, as the gateway has verified it."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from starlette.authentication import AuthCredentials, UnauthenticatedUser
from starlette.types import ASGIApp, Receive, Scope, Send

from ..messages import parse_object


class GatewayIdentity:
    """Takes the caller from the event's request context, which only the gateway can write.

    Headers, query and body are the client's and say nothing about who it is: an event without an authorizer's result is
    anonymous.
    """

    def __init__(self, app: ASGIApp, scope_claims: Sequence[str] = ()) -> None:
        self.app = app
        self._with_token = AuthContextMiddleware(app)  # for the SDK's `get_access_token()`
        self._scope_claims = scope_claims

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on with its caller, Starlette's `request.user` and `request.auth`."""
        token = caller(scope["aws.event"]["requestContext"], self._scope_claims)
        if token is None:
            scope["user"], scope["auth"] = UnauthenticatedUser(), AuthCredentials()
            return self.app(scope, receive, send)
        scope["user"], scope["auth"] = AuthenticatedUser(token), AuthCredentials(token.scopes)
        return self._with_token(scope, receive, send)


def caller(context: Mapping[str, Any], scope_claims: Sequence[str] = ()) -> AccessToken | None:
    """The access token that stands for the caller in a request context; None: anonymous.

    The context may be of payload format 2.0 or 1.0 (API Gateway Developer Guide: Working with AWS Lambda proxy
    integrations for HTTP APIs; Input format of a Lambda function for proxy integration). The `token` itself is empty:
    what was presented has done its duty at the gateway, and is never passed on.

    Args:
        context: What the gateway says of the request.
        scope_claims: Claims of a JWT whose values count as scopes beside those of `scope` or `scp`.
    """
    authorizer: Mapping[str, Any] = context.get("authorizer") or {}
    role = (authorizer.get("iam") or context.get("identity") or {}).get("userArn")
    jwt = authorizer.get("jwt") or authorizer
    claims = jwt.get("claims")
    if isinstance(claims, str):  # of the module's own authorizer: behind a REST API a context has nothing but text
        claims = parse_object(claims)
    if claims:
        return _parse_claims(claims, scope_claims)
    if role:
        return AccessToken(token="", client_id=role, subject=role, scopes=[])
    return _parse_claims(authorizer.get("lambda") or authorizer) if authorizer else None


def _parse_claims(claims: Mapping[str, Any], scope_claims: Sequence[str] = ()) -> AccessToken | None:
    """The token for a JWT's claims, or for the context that a Lambda authorizer answered with, which names them alike.

    The client is `client_id` (RFC 8693 section 4.3), or what providers call it: `azp`, `cid`, REST's `principalId`.
    """
    subject = claims.get("sub")
    client = next((claims[name] for name in ("client_id", "azp", "cid", "principalId") if claims.get(name)), subject)
    if not client:
        return None
    granted = [claims.get("scope") or claims.get("scp"), *map(claims.get, scope_claims)]
    expires = str(claims.get("exp", ""))
    return AccessToken(
        token="",
        client_id=str(client),
        subject=str(subject) if subject else None,
        scopes=[scope for claim in granted if claim for scope in _parse_scopes(claim)],
        expires_at=int(expires) if expires.isdecimal() else None,
        claims=dict(claims),
    )


def _parse_scopes(claim: object) -> list[str]:
    """The scopes in `a b` (RFC 6749 section 3.3), in a list, or in `[a b]`, as format 2.0 writes a list."""
    text = " ".join(map(str, claim)) if isinstance(claim, list) else str(claim)
    return text.strip("[] ").split()

"""Keys for MCP's `requestState` that all execution environments of one module share.

A multi-round call may land on another environment each time. The SDK's default key is random per process, so the second
environment would refuse what the first one sealed; under SnapStart the key would even be frozen into the snapshot.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from typing import Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.context import ServerRequestContext
from mcp.server.request_state import (
    AESGCMRequestStateCodec,
    InvalidRequestState,
    RequestStateSecurity,
    authenticated_principal,
)

from ..contract import LOCAL_KEY_VARIABLE

VOLATILE = frozenset({"exp", "iat", "nbf", "jti", "auth_time", "integrationLatency"})
"""What differs between two tokens, or two decisions, for one caller (RFC 7519 section 4.1; REST's own measurement)."""


class SharedKeys:
    """A `RequestStateCodec` over a key ring, which each execution environment fetches when it first needs it."""

    def __init__(self, fetch: Callable[[], Sequence[str]]) -> None:
        self._fetch = fetch

    def seal(self, payload: bytes) -> str:
        """Seal under the first key of the ring."""
        return self._codec.seal(payload)

    def unseal(self, token: str) -> bytes:
        """Open a token sealed under any key of the ring, or raise the SDK's `InvalidRequestState`."""
        if not find_spec("cryptography"):  # build.py leaves it out of a server that seals nothing
            raise InvalidRequestState("this server seals no state, so this is none of its own")
        return self._codec.unseal(token)

    def forget(self) -> None:
        """Have the ring fetched again when it is next needed."""
        vars(self).pop("_codec", None)

    @cached_property
    def _codec(self) -> AESGCMRequestStateCodec:
        return AESGCMRequestStateCodec(self._fetch())


SHARED: list[SharedKeys] = []
"""All key rings that were handed out."""


def forget_keys() -> None:
    """Have the keys fetched again, which may have been rotated while the environment was a snapshot."""
    for keys in SHARED:
        keys.forget()


class UnnamedCallerError(Exception):
    """The gateway let a caller in of whom it says nothing: whoever it is, the state would open for everybody else too.

    The SDK logs it and answers "Internal error".
    """


def bind_caller(ctx: ServerRequestContext[Any, Any]) -> str:
    """The caller to whom state is bound where the gateway checks callers: the subject, or else all that was verified.

    An authorizer may name the client alone, which many people use, or nobody at all, and tell callers apart by another
    member of its context. The SDK's own binding would let these open each other's state.

    Raises:
        UnnamedCallerError: The context is empty.
    """
    token = get_access_token()
    named = authenticated_principal(ctx)
    if token and token.subject and named:
        return named
    authorizer = (ctx.request and ctx.request.scope["aws.event"]["requestContext"].get("authorizer")) or {}
    jwt = authorizer.get("jwt") or authorizer
    verified = jwt.get("claims") or authorizer.get("lambda", authorizer) or {}
    lasting = {name: value for name, value in verified.items() if value is not None and name not in VOLATILE}
    if not lasting:
        raise UnnamedCallerError(
            "The authorizer let a caller in without saying who it is, so no state can be bound to it: have it return a "
            "context with sub"
        )
    return json.dumps([named, lasting], sort_keys=True, default=str)


def share_keys(parameter: str | None, variables: Mapping[str, str], *, audience: str, is_open: bool) -> None:
    """Make the key ring in `parameter` what a server gets that names no `RequestStateSecurity` of its own.

    `RequestStateSecurity.ephemeral()` is what the SDK documents as that default. It is replaced before the author's
    module is imported, and leaves every explicit choice of an author alone.

    Args:
        parameter: ARN of a SecureString, or of a secret of Secrets Manager, with a JSON list of keys of at least 32
            bytes, of which the first seals and all open; or with one such key, as CloudFormation can make it. None:
            the key in the variable `LOCAL_KEY_VARIABLE`, or else one of this process alone.
        variables: The process's environment variables, with the credentials to read the parameter with.
        audience: Bound into each token, so that another module's state is refused even under the same keys.
        is_open: Whether the gateway lets everybody in: then there is no caller to bind state to.
    """
    codec = SharedKeys(lambda: _fetch_keys(parameter, variables) if parameter else [_own_key(variables)])
    SHARED.append(codec)

    def shared(*, ttl: float = 600.0, audience: str | None = audience) -> RequestStateSecurity:
        bind = authenticated_principal if is_open else bind_caller
        return RequestStateSecurity(codec=codec, ttl=ttl, audience=audience, bind_principal=bind)

    RequestStateSecurity.ephemeral = shared  # type: ignore[method-assign]


def _own_key(variables: Mapping[str, str]) -> str:
    return variables.get(LOCAL_KEY_VARIABLE) or secrets.token_urlsafe(32)


def _fetch_keys(parameter: str, variables: Mapping[str, str]) -> list[str]:
    from mcp_lambda_aws.values import get_value  # only multi-round calls need it

    value = get_value(parameter, variables)
    keys: list[str] = json.loads(value) if value.startswith("[") else [value]
    return keys

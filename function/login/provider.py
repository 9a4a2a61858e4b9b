"""The identity provider where people log in, and whose tokens clients get."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import quote_plus, urlencode

from authorizer.clocks import CLOCKS, Clock, Moment
from authorizer.issuer import LARGEST, Document, Fetch, UnreachableError, discover, fetch_document
from mcp_lambda_aws.transport import json_object, send

from .errors import OAuthError

logger = logging.getLogger(__name__)

LIFETIME = 3_600.0
"""How long the provider's metadata is used before it is fetched anew; when it cannot be, it is used on."""

SECONDS = 8.0
"""How long the provider may take to make tokens: some run code of their owner's first."""

Send = Callable[..., tuple[int, bytes]]


class RefusedError(OAuthError):
    """The provider gives no token.

    Attributes:
        status: HTTP's, for the client.
    """

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code, f"the identity provider refuses: {code}")
        self.status = status


PASSED_ON = {"invalid_grant", "invalid_scope", "access_denied"}
"""Reasons that concern the client. All others are between this function and the provider, and in its log."""


class Provider:
    """Asks the provider as the one client that is registered there.

    Args:
        issuer: Exactly as its metadata names it.
        client_id: Of the client that is registered there.
        secret: Gives that client's secret; None: it has none.
        callback: Where the provider sends browsers back to.
        fetch: Gets a JSON object by its URL.
        send: Sends a request.
        clocks: All of them say how old the metadata is.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: Callable[[], str | None],
        callback: str,
        fetch: Fetch = fetch_document,
        send: Send = send,
        clocks: Sequence[Clock] = CLOCKS,
    ) -> None:
        self.issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._callback = callback
        self._fetch = fetch
        self._send = send
        self._clocks = clocks
        self._metadata: Document = {}
        self._fetched: Moment | None = None

    def metadata(self) -> Document:
        """The provider's metadata.

        Raises:
            UnreachableError: It is not known.
        """
        if not (self._fetched and self._fetched.is_within(LIFETIME)):
            try:
                self._metadata = discover(self.issuer, self._fetch)
            except UnreachableError as error:
                if not self._metadata:
                    raise
                logger.warning("The metadata that is known is used on: %s", error)
            self._fetched = Moment(self._clocks)
        return self._metadata

    def login_url(self, scope: str, state: str, challenge: str) -> str:
        """Where a person logs in.

        What this server is for (`resource`) is not passed on: Entra ID refuses it beside scopes (AADSTS9010010), and
        the client that is registered there is for this server alone.
        """
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._callback,
            "scope": scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        place = self._endpoint("authorization_endpoint")
        given = {name: value for name, value in asked.items() if value}
        return f"{place}{'&' if '?' in place else '?'}{urlencode(given)}"

    def redeem(self, code: str, verifier: str) -> Document:
        """The tokens for a code, which the provider gives once."""
        return self._tokens(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._callback,
                "code_verifier": verifier,
            }
        )

    def refresh(self, token: str) -> Document:
        """New tokens for a refresh token."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": token})

    def can_revoke(self) -> bool:
        """Whether the provider takes a refresh token back."""
        return "revocation_endpoint" in self.metadata()

    def revoke(self, token: str) -> None:
        """Take a refresh token back; one that the provider does not know is none any more (RFC 7009 section 2.2)."""
        self._ask(self._endpoint("revocation_endpoint"), {"token": token, "token_type_hint": "refresh_token"})

    def _tokens(self, form: Mapping[str, str]) -> Document:
        status, answer = self._ask(self._endpoint("token_endpoint"), form)
        token = answer.get("access_token")
        if status == 200 and isinstance(token, str) and str(answer.get("token_type", "")).lower() == "bearer":
            return answer
        # Descriptions may quote what was sent. Entra ID's numbers (AADSTS…) say what is wrong, and nothing else.
        code, numbers = str(answer.get("error", ""))[:40], answer.get("error_codes", "")
        logger.warning("The identity provider gave no token: %s %r %s", status, code, str(numbers)[:80])
        raise RefusedError(code) if code in PASSED_ON else RefusedError("server_error", 502)

    def _ask(self, url: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        headers, given = self._authenticated(form)
        headers |= {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        try:
            status, body = self._send("POST", url, headers, urlencode(given).encode(), limit=LARGEST, seconds=SECONDS)
        except (OSError, HTTPException) as error:
            raise UnreachableError(f"{url} does not answer: {type(error).__name__}") from None
        return status, json_object(body) or {}

    def _authenticated(self, form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and form with who asks: by HTTP Basic, which each server must take (RFC 6749 section 2.3.1)."""
        secret = self._secret()
        if secret is None:
            return {}, {**form, "client_id": self._client_id}
        methods = self.metadata().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" not in methods:
            return {}, {**form, "client_id": self._client_id, "client_secret": secret}
        pair = f"{quote_plus(self._client_id)}:{quote_plus(secret)}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}, dict(form)

    def _endpoint(self, name: str) -> str:
        place = self.metadata().get(name)
        if not isinstance(place, str) or not place.startswith("https://"):
            raise UnreachableError(f"the metadata of {self.issuer} has no {name} that begins with https://")
        return place

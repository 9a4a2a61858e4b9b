"""What an issuer publishes: its metadata and its public keys."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from mcp_lambda_aws.transport import json_object, send

from .clocks import CLOCKS, Clock, Moment

logger = logging.getLogger(__name__)

BETWEEN_FETCHES = 300.0
"""Fewest seconds between two fetches: a flood of tokens with unknown keys makes no more of them."""

BETWEEN_ATTEMPTS = 10.0
"""Fewest seconds between two attempts as long as no keys are known at all, for then nobody is let in."""

LIFETIME = 3_600.0
"""How long keys are used before they are fetched anew: one that the issuer withdraws is believed for no longer. When
they cannot be fetched, they are used on: the issuer has not withdrawn what nobody can read."""

LARGEST = 512 * 1024
"""Most bytes of a document of the issuer's."""

Document = dict[str, Any]
Fetch = Callable[[str], Document]


class UnreachableError(Exception):
    """The issuer gives no keys or no metadata; the message is one line and says why."""


class Issuer:
    """Keeps the keys of an issuer for as long as the execution environment lives.

    Args:
        url: The issuer, exactly as its tokens name it.
        fetch: Gets a JSON object by its URL.
        clocks: All of them say how old the keys are.
    """

    def __init__(self, url: str, fetch: Fetch | None = None, clocks: Sequence[Clock] = CLOCKS) -> None:
        self._url = url
        self._fetch = fetch or fetch_document
        self._clocks = clocks
        self._keys: dict[str, Document] = {}
        self._fetched: Moment | None = None
        self._tried: Moment | None = None
        self._problem = ""

    def key(self, key_id: str) -> Document | None:
        """The key with an id; None: the issuer has none, or has made it less than five minutes ago.

        Raises:
            UnreachableError: No keys are known at all.
        """
        if key_id not in self._keys or not (self._fetched and self._fetched.is_within(LIFETIME)):
            self._refresh()
        if not self._keys:
            raise UnreachableError(self._problem)
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        pause = BETWEEN_FETCHES if self._keys else BETWEEN_ATTEMPTS
        if self._tried and self._tried.is_within(pause):
            return
        self._tried = Moment(self._clocks)
        try:
            self._keys = self._fetch_keys()
            self._fetched = self._tried
        except UnreachableError as error:
            self._problem = str(error)
            if self._keys:
                logger.warning("The keys that are known are used on: %s", error)

    def _fetch_keys(self) -> dict[str, Document]:
        place = discover(self._url, self._fetch).get("jwks_uri")
        if not isinstance(place, str) or not place.startswith("https://"):
            raise UnreachableError(f"the metadata of {self._url} has no jwks_uri that begins with https://")
        keys = self._fetch(place).get("keys")
        usable = {
            key["kid"]: key
            for key in (keys if isinstance(keys, list) else [])
            if isinstance(key, dict) and isinstance(key.get("kid"), str) and key.get("use", "sig") == "sig"
        }
        if not usable:
            raise UnreachableError(f"{place} has no keys with an id for signatures")
        return usable


def discover(issuer: str, fetch: Fetch) -> Document:
    """An issuer's metadata, by OpenID Connect Discovery or RFC 8414, which put different paths together.

    Raises:
        UnreachableError: There is none.
    """
    scheme, host, path, *_ = urlsplit(issuer)
    base = path.removesuffix("/")
    places = [f"{base}/.well-known/openid-configuration", f"/.well-known/oauth-authorization-server{base}"]
    problems = []
    for place in places:
        try:
            document = fetch(urlunsplit((scheme, host, place, "", "")))
        except UnreachableError as error:
            problems.append(str(error))
            continue
        if document.get("issuer") == issuer:  # RFC 8414 section 3.3
            return document
        problems.append(f"{host}{place} is the metadata of another issuer than {issuer}")
    raise UnreachableError("; ".join(problems))


def fetch_document(url: str) -> Document:
    """The JSON object at a URL; no redirect is followed.

    Raises:
        UnreachableError: There is none.
    """
    try:
        status, body = send("GET", url, {"accept": "application/json"}, limit=LARGEST + 1)
    except (OSError, HTTPException) as error:
        raise UnreachableError(f"{url} does not answer: {error or type(error).__name__}") from None
    if status != 200:
        raise UnreachableError(f"{url} answers {status}")
    document = json_object(body) if len(body) <= LARGEST else None
    if document is None:
        raise UnreachableError(f"{url} is no JSON object of at most {LARGEST:,} bytes")
    return document

"""The clients that may ask people to log in: known by a document, by registration, or by the provider's own id."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .documents import NoDocumentError
from .errors import OAuthError
from .redirects import Redirect, is_listed, parse
from .sealed import NotSealedError, Seals

PURPOSE = "client"
LIFETIME = 365 * 86_400
"""How long a registration is good for, in seconds. Clients register again when it has ended."""

MOST_REDIRECTS = 10
LARGEST_REGISTRATION = 2_048
"""Most characters of the redirect URIs of a registration: its client id holds them, and travels in URLs."""

LONGEST_NAME = 60


class UnknownClientError(Exception):
    """Nobody may log in by this client; the message says why and quotes nothing secret."""


class RegistrationError(OAuthError):
    """A client cannot be registered so (RFC 7591 section 3.2.2)."""


@dataclass(frozen=True)
class Client:
    """A client and where its codes may go.

    Attributes:
        id: Its client_id.
        name: What it calls itself, for people to read; anybody may take any name.
        redirects: Its redirect URIs.
        origin: Host that its document came from, which is the one thing about it that was checked; None: there is none.
    """

    id: str
    name: str
    redirects: tuple[Redirect, ...]
    origin: str | None = None


class Clients:
    """Finds a client by its id.

    Args:
        seals: Registrations are sealed with.
        document: Gets a client's document by its URL.
        provider_client_id: The id at the identity provider: people may give it to a client that asks for an id. Nothing
            is known of such a client, so its codes go to loopback, or where `allowed` says.
        allowed: URLs of documents, hosts of redirects and schemes that are let in; None: all.
    """

    def __init__(
        self,
        seals: Seals,
        document: Callable[[str], Mapping[str, Any]],
        provider_client_id: str,
        allowed: Sequence[str] | None,
    ) -> None:
        self._seals = seals
        self._document = document
        self._fixed = provider_client_id
        self._allowed = allowed

    def find(self, client_id: str, redirect_uri: str) -> tuple[Client, Redirect]:
        """The client with an id, and a redirect URI that it may use.

        Raises:
            UnknownClientError: There is no such client, or it may not.
        """
        redirect = parse(redirect_uri)
        if not redirect:
            raise UnknownClientError("The redirect_uri is missing, or no address that a program may be sent to.")
        if not self.may_use(client_id, redirect):
            raise UnknownClientError("This client is not among those that this server allows.")
        client = self._client(client_id, redirect)
        if not any(registered.is_same(redirect) for registered in client.redirects):
            raise UnknownClientError("The redirect_uri is not one that this client has registered.")
        return client, redirect

    def may_use(self, client_id: str, redirect: Redirect) -> bool:
        """Whether allowed_clients lets a client in that is sent there; asked again whenever a token is."""
        listed = is_listed(redirect, self._allowed or ())
        if client_id == self._fixed:
            return redirect.kind == "loopback" if self._allowed is None else listed
        return self._allowed is None or client_id in self._allowed or listed

    def register(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Register a client; its metadata, of which the client_id is the sealed form (RFC 7591 section 3.2.1).

        Raises:
            RegistrationError: What it asks for there is not.
        """
        uris = asked.get("redirect_uris")
        if not isinstance(uris, list) or not 0 < len(uris) <= MOST_REDIRECTS:
            raise RegistrationError("invalid_redirect_uri", f"redirect_uris must have 1 to {MOST_REDIRECTS} entries.")
        redirects = [parse(uri) for uri in uris]
        if None in redirects or sum(map(len, uris)) > LARGEST_REGISTRATION:
            raise RegistrationError(
                "invalid_redirect_uri",
                "Each of redirect_uris must be https, http on loopback, or of a private scheme, without a fragment.",
            )
        # The client_id is not known yet, and is no URL.
        if not any(redirect and self.may_use("", redirect) for redirect in redirects):
            raise RegistrationError("invalid_redirect_uri", "This server allows no client with these redirect_uris.")
        check_grants(asked)
        name = shown_name(asked.get("client_name"))
        client_id = self._seals.seal(PURPOSE, {"name": name, "redirect_uris": uris}, LIFETIME)
        return {
            "client_id": client_id,
            "client_id_issued_at": int(time.time()),
            "client_name": name,
            "redirect_uris": uris,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            # Whatever was asked for: a secret that is sealed into the client_id would prove nothing more than that.
            "token_endpoint_auth_method": "none",
        }

    def _client(self, client_id: str, redirect: Redirect) -> Client:
        if client_id == self._fixed:
            return Client(client_id, "", (redirect,))
        if client_id.startswith("https://"):
            return self._documented(client_id)
        try:
            registered = self._seals.open(PURPOSE, client_id)
        except NotSealedError:
            raise UnknownClientError("The client_id is not known here: the client has to register again.") from None
        return Client(client_id, registered["name"], _redirects(registered["redirect_uris"]))

    def _documented(self, url: str) -> Client:
        try:
            document = self._document(url)
            check_grants(document)
        except (NoDocumentError, RegistrationError) as error:
            raise UnknownClientError(f"The client cannot be used: {error}") from None
        # A client that wants to prove itself (private_key_jwt) must not be taken for whoever knows its public id.
        if document.get("token_endpoint_auth_method", "none") != "none":
            raise UnknownClientError("The client's document asks for a token_endpoint_auth_method other than none.")
        host = urlsplit(url).hostname
        return Client(url, shown_name(document.get("client_name")), _redirects(document.get("redirect_uris")), host)


def check_grants(asked: Mapping[str, Any]) -> None:
    """Refuse a client that does not use the one flow that there is."""
    grants, types = asked.get("grant_types", ["authorization_code"]), asked.get("response_types", ["code"])
    if not isinstance(grants, list) or "authorization_code" not in grants:
        raise RegistrationError("invalid_client_metadata", "grant_types must have authorization_code.")
    if not isinstance(types, list) or "code" not in types:
        raise RegistrationError("invalid_client_metadata", "response_types must have code.")


def shown_name(name: object) -> str:
    """A name as a page may show it: short, and without characters that turn round or hide others."""
    text = name if isinstance(name, str) else ""
    return "".join(character for character in text if character.isprintable())[:LONGEST_NAME].strip()


def _redirects(uris: object) -> tuple[Redirect, ...]:
    parsed = map(parse, uris[:MOST_REDIRECTS] if isinstance(uris, list) else [])
    return tuple(redirect for redirect in parsed if redirect)

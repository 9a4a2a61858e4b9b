"""The authorization server that MCP clients see."""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authorizer.issuer import UnreachableError

from .clients import Clients, RegistrationError, UnknownClientError
from .errors import OAuthError
from .gateway import MalformedError, Request, Response, json_answer
from .pages import consent_page, error_page, refusal_page
from .provider import Provider, RefusedError
from .redirects import Redirect, parse
from .sealed import Content, NotSealedError, Seals, digest, random_text

logger = logging.getLogger(__name__)

CONSENT, STATE, CODE, REFRESH = "consent", "state", "code", "refresh"
"""Purposes of what is sealed: a text for one is none for another."""

SECONDS_TO_DECIDE = 600
SECONDS_TO_LOG_IN = 900
SECONDS_TO_REDEEM = 120
"""How long a code is good for. The provider's own, which is in it, is used once: that guards against a second use."""

REFRESH_LIFETIME = 400 * 86_400
"""Longest time in seconds that a refresh token is good for; the provider's ends when the provider says."""

# Prefixed so that no other host of the domain can set it, and no other path or plain http read it.
COOKIE = "__Host-mcp-login"

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
BROWSER = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_STATE = 1_024
LONGEST_CODE = 4_096


@dataclass(frozen=True)
class Settings:
    """What Terraform says of the server.

    Attributes:
        name: The MCP server's.
        origin: Where this server is, which is its issuer.
        resources: URLs of the MCP endpoint.
        paths: Method and path of each route, by its name.
        scopes: Scopes that clients may ask for.
        further_scopes: Scopes that the provider is asked for besides, always.
        cors_origins: Origins of web pages that may ask for tokens.
    """

    name: str
    origin: str
    resources: tuple[str, ...]
    paths: Mapping[str, str]
    scopes: tuple[str, ...]
    further_scopes: tuple[str, ...]
    cors_origins: frozenset[str]

    def url(self, route: str) -> str:
        """Where a route is."""
        return self.origin + self.paths[route].split()[1]


class RedirectedError(OAuthError):
    """The client is told by its redirect URI: it and the URI are known to be good."""


class TokenError(OAuthError):
    """The client is told in the answer (RFC 6749 section 5.2)."""


class AuthorizationServer:
    """Answers the routes of the authorization server."""

    def __init__(self, settings: Settings, seals: Seals, clients: Clients, provider: Provider) -> None:
        self._settings = settings
        self._seals = seals
        self._clients = clients
        self._provider = provider
        # Errors of the first are for people, of the second for programs.
        pages = {"authorize": self._authorize, "decide": self._decide, "callback": self._callback}
        calls = {"token": self._token, "register": self._register, "revoke": self._revoke, "metadata": self._metadata}
        self._pages = {settings.paths[name]: answer for name, answer in pages.items()}
        self._calls = {settings.paths[name]: answer for name, answer in calls.items()}

    def answer(self, request: Request) -> Response:
        """The answer to a request."""
        if request.route in self._pages:
            return self._as_page(self._pages[request.route], request)
        if request.route in self._calls:
            return self._readable(request, self._as_call(self._calls[request.route], request))
        return json_answer({"error": "not_found"}, 404)

    def _as_page(self, answer: Callable[[Request], Response], request: Request) -> Response:
        try:
            return answer(request)
        except (MalformedError, UnknownClientError) as error:
            logger.info("Refused %s: %s", request.route, error)
            return error_page(str(error))
        except NotSealedError as error:
            logger.info("Refused %s: what came back was refused, %s.", request.route, error)
            return error_page("This login has expired, or was begun in another browser.")
        except UnreachableError as error:
            logger.error("Nobody can log in: %s", error)
            return error_page("The identity provider cannot be reached. Try again in a minute.", 503)

    def _as_call(self, answer: Callable[[Request], Response], request: Request) -> Response:
        try:
            return answer(request)
        except MalformedError as error:
            refused, status = {"error": "invalid_request", "error_description": str(error)}, 400
        except (TokenError, RegistrationError) as error:
            refused, status = {"error": error.code, "error_description": str(error)}, 400
        except RefusedError as error:
            refused, status = {"error": error.code}, error.status
        except UnreachableError as error:
            logger.error("Nobody gets a token: %s", error)
            refused, status = {"error": "temporarily_unavailable"}, 503
        logger.info("Refused %s: %s", request.route, refused["error"])
        return json_answer(refused, status)

    def _readable(self, request: Request, response: Response) -> Response:
        """The answer, for the pages that may read it. A REST API adds no such headers; an HTTP API puts its own."""
        origin = request.headers.get("origin", "")
        if origin and self._settings.cors_origins & {origin, "*"}:
            response.headers.update({"access-control-allow-origin": origin, "vary": "Origin"})
        return response

    def _metadata(self, _: Request) -> Response:
        """RFC 8414's document."""
        url = self._settings.url
        document: dict[str, Any] = {
            "issuer": self._settings.origin,
            "authorization_endpoint": url("authorize"),
            "token_endpoint": url("token"),
            "registration_endpoint": url("register"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
            "client_id_metadata_document_supported": True,
        }
        if self._settings.scopes:
            document["scopes_supported"] = list(self._settings.scopes)
        if self._provider.can_revoke():
            document["revocation_endpoint"] = url("revoke")
            document["revocation_endpoint_auth_methods_supported"] = ["none"]
        return json_answer(document, cache="public, max-age=300")

    def _register(self, request: Request) -> Response:
        return json_answer(self._clients.register(request.document()), 201)

    def _authorize(self, request: Request) -> Response:
        """Check what a client asks for, and show who it is."""
        asked = request.asked()
        # Until both are known to be good, nobody is redirected: this would be an open redirector.
        client, redirect = self._clients.find(asked.get("client_id", ""), asked.get("redirect_uri", ""))
        state = asked.get("state", "")
        if len(state) > LONGEST_STATE:
            raise MalformedError(f"The state has more than {LONGEST_STATE:,} characters.")
        try:
            content = {
                "client": digest(client.id),
                "redirect_uri": redirect.uri,
                "state": state,
                "challenge": self._challenge(asked),
                "scope": self._scope(asked.get("scope", "")),
            }
        except RedirectedError as error:
            logger.info("Refused a client that is sent to %s: %s", redirect.host, error)
            place = self._place(redirect, state, {"error": error.code, "error_description": str(error)})
            # What listens on this computer was there before; nobody is led to a page that way.
            return _redirect(place) if redirect.kind == "loopback" else refusal_page(str(error), redirect, place)
        browser = request.cookies.get(COOKIE, "")
        if not BROWSER.fullmatch(browser):
            browser = random_text()
        sealed = self._seals.seal(CONSENT, content | {"browser": digest(browser)}, SECONDS_TO_DECIDE)
        # Lax: it comes with the provider's redirect, which another site makes, and with no other site's POST.
        cookie = f"{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={SECONDS_TO_LOG_IN * 2}"
        host, path = urlsplit(self._settings.origin).netloc, self._settings.paths["decide"].split()[1]
        return consent_page(self._settings.name, host, client, redirect, sealed, path, cookie)

    def _challenge(self, asked: Mapping[str, str]) -> str:
        if asked.get("response_type") != "code":
            raise RedirectedError("unsupported_response_type", "response_type must be code.")
        # Without a method, RFC 7636 means "plain", which whoever reads the request can answer.
        challenge = asked.get("code_challenge", "")
        if asked.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(challenge):
            raise RedirectedError("invalid_request", "A code_challenge with code_challenge_method S256 is needed.")
        self._check_resource(asked, RedirectedError)
        return challenge

    def _check_resource(self, asked: Mapping[str, str], error: type[RedirectedError | TokenError]) -> None:
        """Refuse a request for tokens for another server (RFC 8707); without `resource`, there is this one alone."""
        if asked.get("resource", self._settings.resources[0]) not in self._settings.resources:
            raise error("invalid_target", f"resource must be {self._settings.resources[0]}.")

    def _scope(self, asked: str) -> str:
        """What the provider is asked for: what the client asks for of what there is, or all (RFC 6749 section 3.3)."""
        wanted = [scope for scope in self._settings.scopes if scope in asked.split()] or self._settings.scopes
        return " ".join(dict.fromkeys([*wanted, *self._settings.further_scopes]))

    def _decide(self, request: Request) -> Response:
        """Send a browser whose person has consented to the provider, any other one back to the client."""
        form = request.form()
        content = self._seals.open(CONSENT, form.get("request", ""))
        self._check_browser(request, content)
        if form.get("decision") != "continue":
            return self._end(content, {"error": "access_denied", "error_description": "The person has cancelled."})
        verifier = random_text()
        state = self._seals.seal(STATE, content | {"verifier": verifier}, SECONDS_TO_LOG_IN)
        place = self._provider.login_url(content["scope"], state, digest(verifier))
        return _redirect(place)

    def _callback(self, request: Request) -> Response:
        """Hand the provider's code to the client, sealed."""
        asked = request.asked()
        content = self._seals.open(STATE, asked.get("state", ""))
        self._check_browser(request, content)
        # A provider that names itself must be the one that was asked ("mix-up", RFC 9207).
        if asked.get("iss", self._provider.issuer) != self._provider.issuer:
            return self._end(content, {"error": "server_error"})
        code = asked.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE:
            logger.warning("The identity provider gave no code: %r", asked.get("error", "")[:40])
            known = asked.get("error") in ("access_denied", "temporarily_unavailable", "invalid_scope")
            return self._end(content, {"error": asked["error"] if known else "server_error"})
        kept = ("client", "redirect_uri", "challenge", "scope", "verifier")
        sealed = self._seals.seal(CODE, {name: content[name] for name in kept} | {"code": code}, SECONDS_TO_REDEEM)
        return self._end(content, {"code": sealed})

    def _check_browser(self, request: Request, content: Content) -> None:
        """Refuse what another browser has begun.

        The attacker who has consented himself could otherwise have a victim's browser go on, and would get the victim's
        code, or give the victim his own.
        """
        browser = digest(request.cookies.get(COOKIE, ""))
        if not hmac.compare_digest(browser, content["browser"]):
            raise NotSealedError("it was for another browser")

    def _token(self, request: Request) -> Response:
        form = request.form()
        self._check_resource(form, TokenError)
        grants = {"authorization_code": self._redeem, "refresh_token": self._refresh}
        grant = grants.get(form.get("grant_type", ""))
        if not grant:
            raise TokenError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token.")
        return grant(form)

    def _redeem(self, form: Mapping[str, str]) -> Response:
        content = self._open(CODE, form, "code")
        if form.get("redirect_uri", content["redirect_uri"]) != content["redirect_uri"]:
            raise TokenError("invalid_grant", "The redirect_uri is not that of the authorization request.")
        # The client redeems the code before the provider's is touched: a thief's attempt does not use it up.
        verifier = form.get("code_verifier", "")
        if not VERIFIER.fullmatch(verifier) or not hmac.compare_digest(digest(verifier), content["challenge"]):
            raise TokenError("invalid_grant", "The code_verifier is not that of the code_challenge.")
        tokens = self._provider.redeem(content["code"], content["verifier"])
        return self._answer(tokens, content, None)

    def _refresh(self, form: Mapping[str, str]) -> Response:
        content = self._open(REFRESH, form, "refresh_token")
        return self._answer(self._provider.refresh(content["token"]), content, content["token"])

    def _open(self, purpose: str, form: Mapping[str, str], name: str) -> Content:
        """What a client presents, if it is its own, and the client is still one that is let in."""
        client_id = form.get("client_id", "")
        if not client_id:
            raise TokenError("invalid_client", "The client_id is missing.")
        try:
            content = self._seals.open(purpose, form.get(name, ""))
        except NotSealedError as error:
            raise TokenError("invalid_grant", f"The {name} is not valid: {error}.") from None
        redirect = parse(content["redirect_uri"])
        if not hmac.compare_digest(digest(client_id), content["client"]):
            raise TokenError("invalid_grant", f"The {name} is another client's.")
        if not redirect or not self._clients.may_use(client_id, redirect):
            raise TokenError("invalid_client", "This client is not among those that this server allows.")
        return content

    def _answer(self, tokens: Mapping[str, Any], content: Content, old: str | None) -> Response:
        """The provider's tokens for a client. An ID token is about the person, and for nobody but this function."""
        named = ("access_token", "token_type", "expires_in", "scope")
        answer = {name: tokens[name] for name in named if name in tokens}
        refresh = tokens.get("refresh_token", old)
        if isinstance(refresh, str):
            kept = {name: content[name] for name in ("client", "redirect_uri")}
            answer["refresh_token"] = self._seals.seal(REFRESH, kept | {"token": refresh}, REFRESH_LIFETIME)
        return json_answer(answer)

    def _revoke(self, request: Request) -> Response:
        """Take a refresh token back. Any other one is none of this server's, which RFC 7009 answers with 200, too."""
        form = request.form()
        try:
            content = self._open(REFRESH, form, "token")
        except TokenError as error:
            if error.code == "invalid_client":
                raise
            return Response(200)
        if self._provider.can_revoke():
            self._provider.revoke(content["token"])
        return Response(200)

    def _end(self, content: Content, parameters: dict[str, str]) -> Response:
        redirect = parse(content["redirect_uri"])
        if not redirect:  # the rules have become stricter since it was sealed
            raise UnknownClientError("The redirect_uri is no address that a program may be sent to.")
        return _redirect(self._place(redirect, content["state"], parameters))

    def _place(self, redirect: Redirect, state: str, parameters: dict[str, str]) -> str:
        """Where a browser is sent back to a client. `iss` says which server answers (RFC 9207)."""
        given = {**parameters, "state": state, "iss": self._settings.origin}
        return redirect.with_parameters({name: value for name, value in given.items() if value})


def _redirect(place: str) -> Response:
    headers = {"location": place, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(303, "", headers)

"""An OAuth authorization server on loopback, with a certificate of its own, that signs whatever a test asks for.

People log in at once, and always as Ada."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID = "test"


class AuthorizationServer:
    """Issues RS256 tokens, and shows their public key where OIDC discovery finds it.

    Attributes:
        issuer: Its https URL.
        certificate_file: What a client has to trust.
        authority: Has certified it, and certifies others for the same clients.
        key: Signs the tokens.
        published: The public keys that it shows.
        metadata: Changes to its metadata.
        asked: All paths that were asked for, in their order.
        codes: What was asked for with each code that has not been redeemed yet.
        refresh_tokens: Those that are good.
        trouble: Answers instead of the server; None: nothing is wrong with it.
    """

    def __init__(self, issuer: str, certificate_file: Path, authority: trustme.CA) -> None:
        self.issuer = issuer
        self.certificate_file = certificate_file
        self.authority = authority
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        self.published: list[dict[str, Any]] = [public | {"kid": KEY_ID, "alg": "RS256", "use": "sig"}]
        self.metadata: dict[str, Any] = {}
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.refresh_tokens: set[str] = set()
        self.trouble: Callable[[BaseHTTPRequestHandler], None] | None = None

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Claims of a good token; None leaves one out."""
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "ada", "client_id": "desk", "exp": now + 300, "iat": now}
        return {name: value for name, value in (claims | changed).items() if value is not None}

    def token(self, **claims: Any) -> str:
        """A token with these claims, well signed."""
        return jwt.encode(self.claims(**claims), self.key, "RS256", headers={"kid": KEY_ID})

    @property
    def public_pem(self) -> bytes:
        """The public key, as a careless verifier might take it for an HMAC secret."""
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def answer(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        """The document or token at a path; None: there is none."""
        if path.startswith(("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")):
            return {
                "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint": f"{self.issuer}/token",
                "authorization_endpoint": f"{self.issuer}/authorize",
                "revocation_endpoint": f"{self.issuer}/revoke",
                "response_types_supported": ["code"],
                "grant_types_supported": ["client_credentials"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            } | self.metadata
        if path == "/keys":
            return {"keys": self.published}
        if path == "/revoke":
            self.refresh_tokens.discard(form["token"])
            return {}
        if path == "/token" and form.get("grant_type") in ("authorization_code", "refresh_token"):
            return self._answer_person(form)
        if path == "/token" and form.get("client_secret") == "secret":
            # RFC 8707: the audience is the resource that the client asked for.
            token = self.token(aud=form.get("resource"), client_id=form["client_id"], scope=form.get("scope"))
            return {"access_token": token, "token_type": "Bearer", "expires_in": 300, "scope": form.get("scope", "")}
        return None

    def log_in(self, query: str) -> str:
        """Where a browser is sent that comes with a query to `/authorize`: back, with a code."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def claims_of_person(self, asked: dict[str, str]) -> dict[str, Any]:
        """Claims of a token for what a client has asked for, which providers name each in their own way."""
        return {"aud": asked["client_id"], "client_id": asked["client_id"], "scope": asked.get("scope")}

    def _answer_person(self, form: dict[str, str]) -> dict[str, Any] | None:
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], {})
            verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
            good = (asked.get("redirect_uri"), asked.get("code_challenge")) == (form["redirect_uri"], challenge)
        else:
            good = form["refresh_token"] in self.refresh_tokens
            asked = {"client_id": form["client_id"], "scope": "call"}
            self.refresh_tokens.discard(form["refresh_token"])
        if not good or form.get("client_secret") != "secret" or form["client_id"] != asked["client_id"]:
            return None
        refresh = secrets.token_urlsafe()
        self.refresh_tokens.add(refresh)
        return {
            "access_token": self.token(**self.claims_of_person(asked)),
            "refresh_token": refresh,
            "id_token": self.token(aud=asked["client_id"], nonce="id"),
            "token_type": "Bearer",
            "expires_in": 300,
        }


def read_form(body: str, authorization: str) -> dict[str, str]:
    """The fields of a form, with the client's id and secret wherever it has put them."""
    form = {name: values[0] for name, values in parse_qs(body).items()}
    basic = authorization.removeprefix("Basic ")
    if basic:
        client, secret = base64.b64decode(basic).decode().split(":")
        form |= {"client_id": client, "client_secret": secret}
    return form


@contextmanager
def running(directory: Path) -> Iterator[AuthorizationServer]:
    """One that answers until the block ends; its certificate is written into `directory`."""
    authority = trustme.CA()
    certificate = directory / "authority.pem"
    authority.cert_pem.write_to_path(str(certificate))
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(tls)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            if place.path == "/authorize":
                self.send_response(302)
                self.send_header("location", server.log_in(place.query))
                self.send_header("content-length", "0")
                self.end_headers()
            else:
                self.respond({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self.respond(read_form(body, self.headers.get("authorization", "")))

        def respond(self, form: dict[str, str]) -> None:
            server.asked.append(self.path)
            if server.trouble:
                server.trouble(self)
                return
            document = server.answer(self.path, form)
            body = json.dumps({"error": "invalid_grant"} if document is None else document).encode()
            self.send_response(400 if document is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
        server = AuthorizationServer(f"https://localhost:{http.server_port}", certificate, authority)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield server
        http.shutdown()

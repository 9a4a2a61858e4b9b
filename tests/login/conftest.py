from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import trustme

from lab.local_aws import REPOSITORY
from login.clients import Clients
from login.documents import Documents
from login.gateway import Request
from login.provider import Provider
from login.sealed import Seals, digest
from login.server import AuthorizationServer, Settings
from mcp_lambda_aws.transport import certificates
from tests import authorization_server
from tests.authorization_server import AuthorizationServer as IdentityProvider
from tests.token_authorizer.conftest import Clock

ORIGIN = "https://mcp.example.com"
RESOURCE = f"{ORIGIN}/mcp"
PATHS = json.loads((REPOSITORY / "function/mcp_lambda_host/contract.json").read_text())["login_routes"]
LOOPBACK = "http://127.0.0.1:33418/callback"
WEB = "https://claude.example/api/callback"
DOCUMENT_URL = "https://desk.example/oauth/client.json"
DOCUMENT = {"client_id": DOCUMENT_URL, "client_name": "Desk", "redirect_uris": [WEB, LOOPBACK]}
VERIFIER = "v" * 43
FIXED = "registered-at-the-provider"


class Web:
    """A host with a certificate that answers whatever a test says, under any address that its name resolves to.

    Attributes:
        addresses: What the name resolves to.
        connected: Addresses that were connected to.
        waited: How many seconds the last connection was given.
        asked: The bytes of the last request.
        answer: The bytes of the answer, or what is done with the connection.
    """

    def __init__(self, directory: Path) -> None:
        authority = trustme.CA()
        self.certificate_file = directory / "web.pem"
        authority.cert_pem.write_to_path(str(self.certificate_file))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("desk.example").configure_cert(self._tls)
        self.reset()

    def reset(self) -> None:
        """Answer with the good document from here on."""
        self.addresses = ["93.184.216.34"]
        self.connected: list[str] = []
        self.waited = 0.0
        self.asked = b""
        self.answer: bytes | Callable[[ssl.SSLSocket], None] = http_answer(json.dumps(DOCUMENT))

    def resolve(self, host: str) -> list[str]:
        return self.addresses

    def connect(self, address: str, seconds: float) -> socket.socket:
        self.connected.append(address)
        self.waited = seconds
        ours, theirs = socket.socketpair()
        ours.settimeout(seconds)
        threading.Thread(target=self._serve, args=(theirs,), daemon=True).start()
        return ours

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(plain, server_side=True) as connection:
                self.asked = connection.recv(65_536)
                if callable(self.answer):
                    self.answer(connection)
                else:
                    connection.sendall(self.answer)
        except OSError:
            pass  # the other side has hung up


def http_answer(body: str, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"content-length: {len(body.encode())}", "connection: close", *headers]
    return ("\r\n".join(head) + f"\r\n\r\n{body}").encode()


class Answer:
    """What came back.

    Attributes:
        status: HTTP's.
        headers: By name in lower case.
        body: As text.
        cookies: Values of Set-Cookie.
    """

    def __init__(self, event: dict[str, Any]) -> None:
        self.status: int = event["statusCode"]
        self.headers: dict[str, str] = event["headers"]
        self.body: str = event["body"]
        self.cookies: list[str] = event["cookies"]

    @property
    def json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def location(self) -> str:
        return self.headers["location"]

    @property
    def parameters(self) -> dict[str, str]:
        """Those of the URL that the browser is sent to."""
        return dict(parse_qsl(urlsplit(self.location).query))


class Login:
    """The function, a browser that asks it, and a person who says yes.

    Attributes:
        provider: Where people log in.
        web: The host of the client's document.
        now: The time by which seals expire.
        cookies: The browser's.
    """

    def __init__(self, provider: IdentityProvider, web: Web) -> None:
        self.provider = provider
        self.web = web
        self.now = 1_800_000_000.0
        self.cookies: dict[str, str] = {}
        self.start()

    def start(
        self,
        keys: tuple[str, ...] = ("k" * 43,),
        allowed: tuple[str, ...] | None = None,
        scopes: tuple[str, ...] = ("call", "read"),
        origins: tuple[str, ...] = (),
        origin: str = ORIGIN,
    ) -> None:
        """Begin anew, as a new execution environment does."""
        settings = Settings(
            "orders", origin, (f"{origin}/mcp",), PATHS, scopes, ("offline_access",), frozenset(origins)
        )
        self.seals = Seals(keys, origin, lambda: self.now)
        documents = Documents(self.web.resolve, self.web.connect, (Clock(), Clock()))
        clients = Clients(self.seals, documents.get, FIXED, allowed)
        provider = Provider(self.provider.issuer, FIXED, lambda: "secret", settings.url("callback"))
        self.server = AuthorizationServer(settings, self.seals, clients, provider)

    def send(
        self,
        route: str,
        query: str = "",
        body: str = "",
        kind: str = "application/x-www-form-urlencoded",
        **headers: str,
    ) -> Answer:
        """Ask with the browser's cookies."""
        method, path = PATHS[route].split()
        event = http_event(method, path, query, body, {"content-type": kind, **headers}, self.cookies)
        answer = Answer(self.server.answer(Request.from_event(event)).to_event(event))
        for cookie in answer.cookies:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def ask(self, **changed: str | None) -> Answer:
        """The answer to a good request for authorization, but for what is changed (None: left out)."""
        asked = {
            "response_type": "code",
            "client_id": DOCUMENT_URL,
            "redirect_uri": LOOPBACK,
            "state": "the client's",
            "code_challenge": digest(VERIFIER),
            "code_challenge_method": "S256",
            "resource": RESOURCE,
            "scope": "call",
        }
        given = {name: value for name, value in (asked | changed).items() if value is not None}
        return self.send("authorize", urlencode(given))

    def decide(self, page: Answer, decision: str = "continue") -> Answer:
        """Press a button of the page."""
        found = re.search(r'name="request" value="([^"]+)"', page.body)
        assert found, page.body
        return self.send("decide", body=urlencode({"request": unescape(found[1]), "decision": decision}))

    def come_back(self, sent: Answer, **changed: str) -> Answer:
        """Log in at the provider, and come back with what it says."""
        back = self.provider.log_in(urlsplit(sent.location).query)
        return self.send("callback", urlencode(dict(parse_qsl(urlsplit(back).query)) | changed))

    def code(self, **changed: str) -> str:
        """A code, after everything that a person does."""
        return self.come_back(self.decide(self.ask(**changed))).parameters["code"]

    def token(self, **changed: str | None) -> Answer:
        """The answer to a good request for tokens, but for what is changed."""
        form = {
            "grant_type": "authorization_code",
            "client_id": DOCUMENT_URL,
            "redirect_uri": LOOPBACK,
            "code_verifier": VERIFIER,
            "resource": RESOURCE,
        }
        given = {name: value for name, value in (form | changed).items() if value is not None}
        return self.send("token", body=urlencode(given))

    def tokens(self) -> dict[str, Any]:
        """Good tokens."""
        return self.token(code=self.code()).json

    def register(self, **metadata: Any) -> Answer:
        """The answer to a registration."""
        return self.send("register", body=json.dumps({"redirect_uris": [LOOPBACK]} | metadata), kind="application/json")


def http_event(
    method: str, path: str, query: str, body: str, headers: dict[str, str], cookies: dict[str, str]
) -> dict[str, Any]:
    """A request as an HTTP API sends it, in payload format 2.0."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "cookies": [f"{name}={value}" for name, value in cookies.items()],
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"stage": "$default", "http": {"method": method, "path": path}},
    }


@pytest.fixture(scope="session")
def shared_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with authorization_server.running(tmp_path_factory.mktemp("issuer")) as started:
        yield started


@pytest.fixture(scope="session")
def shared_web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    return Web(tmp_path_factory.mktemp("web"))


@pytest.fixture
def login(shared_provider: IdentityProvider, shared_web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Login:
    """The function, which trusts the certificates of the provider and of the client's host."""
    both = tmp_path / "both.pem"
    both.write_text(shared_provider.certificate_file.read_text() + shared_web.certificate_file.read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(both))
    certificates.cache_clear()
    monkeypatch.setattr(shared_provider, "metadata", {})
    monkeypatch.setattr(shared_provider, "trouble", None)
    shared_web.reset()
    return Login(shared_provider, shared_web)

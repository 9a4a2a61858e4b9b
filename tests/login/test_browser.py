"""The pages in a real browser: what its rules for cookies, frames and forms make of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import trustme

from login.gateway import Request
from login.sealed import digest
from tests.integration.conformance.browser import find_chromium
from tests.login import chromium
from tests.login.chromium import Page
from tests.login.conftest import VERIFIER, Answer, Login, http_event

PROGRAM = find_chromium()

pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no chromium on PATH (Debian: apt-get install chromium)")


class Site:
    """The function behind TLS on loopback, a client's callback, and pages of others.

    Attributes:
        login: The function.
        port: Where it all is: at localhost the function, at other names everybody else.
        page: What others show.
    """

    def __init__(self, login: Login) -> None:
        self.login = login
        self.port = 0
        self.page = ""

    def answer(self, method: str, path: str, headers: dict[str, str], body: str) -> Answer:
        place = urlsplit(path)
        if not headers["host"].startswith("localhost"):
            page = {"content-type": "text/html"}
            return Answer({"statusCode": 200, "headers": page, "body": self.page, "cookies": []})
        cookies = dict(part.split("=", 1) for part in headers.get("cookie", "").split("; ") if part)
        event = http_event(method, place.path, place.query, body, headers, cookies)
        return Answer(self.login.server.answer(Request.from_event(event)).to_event(event))

    @property
    def callback(self) -> str:
        return f"https://client.example:{self.port}/callback"

    def authorize_url(self, client_id: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": self.callback,
            "state": "s",
            "code_challenge": digest(VERIFIER),
            "code_challenge_method": "S256",
        }
        return f"https://localhost:{self.port}/oauth/authorize?{urlencode(asked)}"


@pytest.fixture
def site(login: Login) -> Iterator[Site]:
    site = Site(login)
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(tls)

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = site.answer(self.command, self.path, headers, body)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            for cookie in answer.cookies:
                self.send_header("set-cookie", cookie)
            self.send_header("content-length", str(len(answer.body.encode())))
            self.end_headers()
            self.wfile.write(answer.body.encode())

        do_GET = do_POST = respond  # noqa: N815  (names of the standard library)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
        site.port = http.server_port
        login.start(origin=f"https://localhost:{site.port}")
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield site
        http.shutdown()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    assert PROGRAM
    with chromium.running(PROGRAM, tmp_path / "profile") as started:
        yield started


def test_a_person_logs_in_and_an_attacker_comes_in_nowhere(site: Site, page: Page) -> None:
    """One browser for all of it, since it takes long to start."""
    elsewhere = f"https://evil.example:{site.port}"
    client_id = site.login.register(client_name="Desk <b>", redirect_uris=[site.callback]).json["client_id"]
    url = site.authorize_url(client_id)

    # A page of another site cannot frame the consent, …
    site.page = f'<iframe src="{url.replace("&", "&amp;")}"></iframe>'
    page.open(elsewhere)
    assert page.frames() == ["chrome-error://chromewebdata/"]

    page.open(url)
    assert page.run("document.querySelector('h1').textContent") == "Desk <b> asks for access to orders"
    assert page.run("document.cookie") == ""  # no script may read it
    assert page.run("getComputedStyle(document.querySelector('button.go')).backgroundColor") == "rgb(27, 27, 27)"
    request = page.run("document.querySelector('input').value")

    # … nor send the form: the cookie does not come with it.
    site.page = (
        f'<form method="post" action="https://localhost:{site.port}/oauth/authorize">'
        f'<input name="request" value="{request}"><input name="decision" value="continue"><button>Win</button></form>'
    )
    page.open(elsewhere)
    page.click("button")
    assert page.run("document.querySelector('h1').textContent") == "You cannot be logged in"

    # The person's own way goes by the provider, which redirects at once, back to the client.
    site.page = "<title>The client</title>"
    page.open(url)
    page.click("button.go")
    seen = dict(parse_qsl(urlsplit(page.run("location.href")).query))
    assert seen["iss"] == f"https://localhost:{site.port}"
    tokens = site.login.token(code=seen["code"], client_id=client_id, redirect_uri=site.callback, resource=None)
    assert tokens.status == 200

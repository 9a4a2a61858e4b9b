"""Stands in for the internet: every name leads to one port of this machine, over TLS as there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext, create_default_context
from typing import Any, NamedTuple

import httpx2
import trustme

ON_PATH = Path(__file__).with_name("everywhere")
NAMES = (
    "desk.example",
    "person.example",
    "*.login.example",
    "*.platform.example",
    "*.us-east-1.amazonaws.com",
    "*.okta.com",
    "login.microsoftonline.com",
)
DOCUMENT_URL = "https://desk.example/oauth/client.json"
NOT_PASSED_ON = {"connection", "content-length", "transfer-encoding"}


class Reply(NamedTuple):
    """An answer of a site."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @classmethod
    def json(cls, document: object, status: int = 200) -> Reply:
        """An answer of JSON."""
        return cls(status, [("content-type", "application/json")], json.dumps(document).encode())


Site = Callable[[str, str, Mapping[str, str], bytes], Reply]
"""Answers a request: its method, path with query, headers by name in lower case, and body."""


class Internet:
    """Sites by their names.

    Attributes:
        port: Where all of it is.
        certificate_file: What a client has to trust.
        sites: By host; every other host is AWS's, or a domain of an API there.
        aws_port: Where the local AWS is.
    """

    def __init__(self, port: int, certificate_file: Path) -> None:
        self.port = port
        self.certificate_file = certificate_file
        self.sites: dict[str, Site] = {}
        self.aws_port = 0

    @property
    def environ(self) -> dict[str, str]:
        """What leads the local AWS and its functions here."""
        return {"PYTHONPATH": str(ON_PATH), "TESTS_INTERNET_PORT": str(self.port)}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The answer of the site that a request is for."""
        site = self.sites.get(headers["host"], self._answer_of_aws)
        return site(method, path, headers, body)

    def _answer_of_aws(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        connection = HTTPConnection("127.0.0.1", self.aws_port, timeout=60)
        connection.request(method, path, body, {**headers, "x-forwarded-proto": "https"})
        answer = connection.getresponse()
        given = [(name.lower(), value) for name, value in answer.getheaders()]
        return Reply(answer.status, [pair for pair in given if pair[0] not in NOT_PASSED_ON], answer.read())


class Client(httpx2.HTTPTransport):
    """Leads the requests of a program to the internet of the tests."""

    def __init__(self, internet: Internet) -> None:
        super().__init__(verify=create_default_context(cafile=str(internet.certificate_file)))
        self._port = internet.port

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return super().handle_request(led(request, self._port))


class AsyncClient(httpx2.AsyncHTTPTransport):
    """Leads the requests of an asynchronous program to the internet of the tests."""

    def __init__(self, internet: Internet) -> None:
        super().__init__(verify=create_default_context(cafile=str(internet.certificate_file)))
        self._port = internet.port

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await super().handle_async_request(led(request, self._port))


def led(request: httpx2.Request, port: int) -> httpx2.Request:
    """The request on its way to a port of this machine; `localhost` and names under it are here already."""
    url, extensions = request.url, request.extensions
    if url.host.endswith(".localhost"):
        url = url.copy_with(host="127.0.0.1")
    elif url.host != "localhost":
        extensions = {**extensions, "sni_hostname": url.host}
        url = url.copy_with(host="127.0.0.1", port=port)
    return httpx2.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


def answer_of_desk(*_: Any) -> Reply:
    """The site of a client that is known by its document."""
    callback = "http://127.0.0.1:33418/callback"
    return Reply.json({"client_id": DOCUMENT_URL, "client_name": "Desk", "redirect_uris": [callback]})


@contextmanager
def running(authority: trustme.CA, certificate_file: Path) -> Iterator[Internet]:
    """An internet that answers until the block ends.

    Args:
        authority: Certifies every name.
        certificate_file: Has the authority's certificate.
    """
    tls = SSLContext(PROTOCOL_TLS_SERVER)
    authority.issue_cert(*NAMES).configure_cert(tls)

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = internet.answer(self.command, self.path, headers, body)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_DELETE = do_OPTIONS = respond  # noqa: N815  (names of the standard library)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
        internet = Internet(http.server_port, certificate_file)
        internet.sites["desk.example"] = answer_of_desk
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield internet
        http.shutdown()

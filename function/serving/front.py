"""The API on loopback: HTTP requests as events of API Gateway, and the function's answers as HTTP responses."""

from __future__ import annotations

import base64
import errno
import json
import sys
import time
from collections.abc import Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from builder.inputs import CONTRACT

from .environments import EndedError, Event, Pool
from .given import GivenError
from .terminal import Terminal

LOOPBACK = "127.0.0.1"

INSPECTOR = ("http://localhost:6274", "http://127.0.0.1:6274")
"""Origins of MCP Inspector's page, from which a browser may call. Those of other pages stay shut out: any page that a
developer visits could call this server."""

MOST_BYTES = 10 * 2**20
"""Most bytes of a request's body (API Gateway quotas for HTTP APIs, payload size)."""

TEXT = ("text/", "application/json", "application/javascript", "application/xml")
"""Beginnings of media types whose bodies are no base64 in an event (API Gateway Developer Guide, payload format)."""

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


class Front(ThreadingHTTPServer):
    """Listens on loopback alone.

    Args:
        port: Where; 0: any free port.
        terminal: Where requests are logged that have no request line.
        claims: Claims of every caller's token, as the gateway's JWT authorizer would give them; None: anonymous.

    Attributes:
        pool: The environments that answer; None: there are none yet.
        url: The endpoint's URL.

    Raises:
        OSError: It cannot listen there.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, terminal: Terminal, claims: Mapping[str, Any] | None) -> None:
        super().__init__((LOOPBACK, port), Handler)
        self.pool: Pool | None = None
        self.terminal = terminal
        self.claims = claims
        self.url = f"http://{LOOPBACK}:{self.server_port}{CONTRACT['mcp_path']}"

    def server_bind(self) -> None:
        """Bind without asking a name server for this machine's name, which http.server does."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """Say in a line that a request failed; a client that has gone away needs none."""
        if not isinstance(error := sys.exception(), ConnectionError):
            self.terminal.say(f"A request could not be answered: {type(error).__name__}: {error}")


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server: Front

    def _serve(self) -> None:
        begun = time.perf_counter()
        body = self._read_body()
        if body is None:
            return
        event = event_of(self.command, self.path, self.headers, body, self.client_address[0], self.server.claims)
        try:
            answer = self.server.pool.invoke(event) if self.server.pool else gateway_error(503, "Service Unavailable")
        except EndedError as error:
            self.server.terminal.say(str(error))
            answer = gateway_error(500, "Internal Server Error")
        status = self._send(answer)
        path = event["rawPath"]
        if self.command != "POST" or path.removesuffix("/") != CONTRACT["mcp_path"]:
            self.server.terminal.access(self.command, path, status, (time.perf_counter() - begun) * 1000)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815  (http.server's names)

    def _read_body(self) -> bytes | None:
        """The request's body; None, after a refusal, where it cannot be read."""
        length = self.headers.get("content-length", "0")
        refusal = None
        if "transfer-encoding" in self.headers:
            refusal = gateway_error(411, "Length Required: send the body with a Content-Length.")
        elif not (length.isascii() and length.isdecimal()):
            refusal = gateway_error(400, "Bad Request")
        elif int(length) > MOST_BYTES:
            refusal = gateway_error(413, "Request Entity Too Large")
        if refusal:
            self.close_connection = True
            self._send(refusal)
            return None
        return self.rfile.read(int(length))

    def _send(self, answer: Mapping[str, Any]) -> int:
        """Send an answer of the function's, which has the CORS headers already."""
        status, text = int(answer["statusCode"]), answer.get("body") or ""
        body = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode(errors="replace")
        self.send_response(status)
        for name, value in (answer.get("headers") or {}).items():
            if name.lower() not in HOP_BY_HOP | {"content-length", "date", "server"}:
                self.send_header(name, str(value))
        for cookie in answer.get("cookies") or ():
            self.send_header("Set-Cookie", cookie)
        if self.close_connection:
            self.send_header("Connection", "close")
        has_body = status >= 200 and status not in (204, 304)
        if has_body:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body and self.command != "HEAD":
            self.wfile.write(body)
        return status

    def log_message(self, format: str, *arguments: Any) -> None:
        """Leave out http.server's own lines."""


def listen(port: int, terminal: Terminal, claims: Mapping[str, Any] | None) -> Front:
    """Listen on a port of loopback; the front that answers there.

    Raises:
        GivenError: It cannot listen on that port.
    """
    try:
        return Front(port, terminal, claims)
    except OverflowError:
        raise GivenError(f"--port is {port}, but must be 0 to 65535") from None
    except OSError as error:
        why = "another program listens there" if error.errno == errno.EADDRINUSE else str(error.strerror).lower()
        raise GivenError(f"--port is {port}, but {why}: give another, or 0 for any that is free") from None


def event_of(
    method: str, target: str, headers: Message, body: bytes, client: str, claims: Mapping[str, Any] | None
) -> Event:
    """The event of a request, of payload format 2.0 (API Gateway Developer Guide, "Lambda proxy integrations")."""
    parts = urlsplit(target)
    sent = {name.lower(): ",".join(headers.get_all(name, [])) for name in headers if name.lower() not in HOP_BY_HOP}
    cookies = [cookie.strip() for cookie in sent.pop("cookie", "").split(";") if cookie.strip()]
    text = text_of(body) if sent.get("content-type", "application/json").startswith(TEXT) else None
    now, path = time.time(), unquote(parts.path)
    context: Event = {
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": "localhost",  # not what a client sent: the host check compares with it, against DNS rebinding
        "domainPrefix": "localhost",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": client,
            "userAgent": sent.get("user-agent", ""),
        },
        "requestId": f"local-{time.monotonic_ns()}",
        "routeKey": "$default",
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }
    if claims is not None:
        context["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": parts.query,
        "headers": {**sent, "x-forwarded-for": client, "x-forwarded-proto": "http"},
        **({"cookies": cookies} if cookies else {}),
        "requestContext": context,
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }


def text_of(body: bytes) -> str | None:
    """A body as text; None where it is none."""
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def gateway_error(status: int, message: str) -> dict[str, Any]:
    """An answer of the API itself."""
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps({"message": message})}

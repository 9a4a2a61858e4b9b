"""An endpoint on a loopback port, which adds the credentials and keeps what went through."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.integration.conftest import Endpoint

OF_ONE_CONNECTION = {"connection", "content-encoding", "content-length", "date", "server", "transfer-encoding"}
NOT_PASSED_ON = {"accept-encoding", "connection", "content-length", "host", "origin", "transfer-encoding"}


class Sent(NamedTuple):
    """A request that came through."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Relay:
    """Where it listens, and what came through in its order."""

    url: str
    sent: list[Sent] = field(default_factory=list)


@contextmanager
def relaying(endpoint: Endpoint, *, passes_on: frozenset[str] = frozenset()) -> Iterator[Relay]:
    """A relay to `endpoint` until the block ends.

    Args:
        endpoint: Gets the requests, with its credentials.
        passes_on: Headers of a client that are passed on although a relay keeps them.
    """

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            relay.sent.append(Sent(self.command, self.path, headers, body))
            kept = {name: value for name, value in headers.items() if name not in NOT_PASSED_ON - passes_on}
            answer = endpoint.send(self.command, self.path, data=body, headers=kept)
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in OF_ONE_CONNECTION:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(answer.content)))
            with suppress(ConnectionError):  # a client that gave up has left
                self.end_headers()
                self.wfile.write(answer.content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_one  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        relay = Relay(f"http://127.0.0.1:{http.server_port}/mcp")
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield relay
        http.shutdown()

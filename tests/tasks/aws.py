"""The local AWS behind a relay that keeps what a host asks of it, answers as Lambda, and fails on cue."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

INVOKE = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")


class Asked(NamedTuple):
    """A request to AWS: the operation, and its arguments."""

    operation: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What becomes of a request instead of an answer.

    Attributes:
        status: The answer's status; 0: the request is done, and its answer is lost.
        code: AWS's name for the reason.
    """

    status: int
    code: str = ""


THROTTLED = Fault(400, "ThrottlingException")
BROKEN = Fault(500, "InternalServerError")
LOST = Fault(0)

Fails = Callable[[Asked], Fault | None]


@dataclass
class Relay:
    """Where it listens, and what a test says and sees.

    Attributes:
        endpoint: URL of the local AWS.
        url: Its own.
        asked: What was asked, in its order.
        invoked: Functions that Lambda was to invoke, by ARN, with their events.
        fails: Says what becomes of a request; None: it is answered.
    """

    endpoint: str
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fails: Fails = lambda asked: None

    def fail(self, operation: str, *faults: Fault) -> None:
        """Have the next requests for an operation fail, one by one."""
        left = list(faults)
        self.fails = lambda asked: left.pop(0) if left and asked.operation == operation else None

    def operations(self) -> list[str]:
        """Names of what was asked."""
        return [asked.operation for asked in self.asked]

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The answer to a request; status 0: it gets lost."""
        invocation = INVOKE.fullmatch(path)
        target = "Lambda.Invoke" if invocation else headers.get("x-amz-target", f"S3.{method.title()}Object")
        asked = Asked(target.partition(".")[2], json.loads(body) if target.partition(".")[0] != "S3" else {})
        self.asked.append(asked)
        fault = self.fails(asked)
        if fault and fault.status:
            return fault.status, json.dumps({"__type": f"com.amazonaws#{fault.code}", "message": "on cue"}).encode()
        if invocation:
            self.invoked.append((unquote(invocation[1]), asked.arguments))
            status, answer = 202, b""
        else:
            status, answer = self.forward(method, path, headers, body)
        return (0, b"") if fault else (status, answer)

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """The local AWS's own answer; the host is what was signed."""
        connection = HTTPConnection(urlsplit(self.endpoint).netloc, timeout=10)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


@contextmanager
def relaying(endpoint: str) -> Iterator[Relay]:
    """A relay to the local AWS until the block ends."""
    relay = Relay(endpoint)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = relay.answer(self.command, self.path, headers, body)
            if not status:
                return
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_PUT = do_POST  # noqa: N815 (the names that http.server looks for)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        relay.url = f"http://127.0.0.1:{http.server_port}"
        threading.Thread(target=http.serve_forever, args=[0.01], daemon=True).start()
        yield relay
        http.shutdown()

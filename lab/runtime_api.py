"""A Lambda Runtime API for one function's process, as AWS's runtime client asks it.

Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes"; the paths under `restore/` are those that
awslambdaric 4.2 asks under SnapStart.
"""

from __future__ import annotations

import json
import queue
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PREFIX = "/2018-06-01/runtime/"


class Told(NamedTuple):
    """What the process has told.

    Attributes:
        what: `next`, `response`, `error`, `init/error`, `restore/next` or `restore/error`.
        body: The JSON that came with it; None: there was none.
    """

    what: str
    body: Any = None


class RuntimeAPI(ThreadingHTTPServer):
    """Gives events to a process, one at a time, and notes what it tells.

    Attributes:
        address: Value of AWS_LAMBDA_RUNTIME_API.
        told: All that the process told, in order.
        events: Events that wait, each with the seconds that its invocation may take.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"127.0.0.1:{self.server_port}"
        self.told: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[tuple[Any, float]] = queue.SimpleQueue()
        self.count = 0


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeAPI

    def do_GET(self) -> None:
        what = self.path.removeprefix(PREFIX).removeprefix("invocation/")
        self.server.told.put(Told(what))
        if what == "restore/next":
            self._answer(200, None)
            return
        event, seconds = self.server.events.get()
        self.server.count += 1
        headers = {
            "Lambda-Runtime-Aws-Request-Id": f"request-{self.server.count}",
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders:live",
        }
        self._answer(200, event, headers)

    def do_POST(self) -> None:
        what = self.path.removeprefix(PREFIX)
        if what.startswith("invocation/"):
            what = what.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._answer(202, {"status": "OK"})
        self.server.told.put(Told(what, body))

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are in `told`; nobody reads them on stderr."""

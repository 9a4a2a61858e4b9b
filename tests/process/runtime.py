"""Lambda's Runtime API, for AWS's own runtime client (awslambdaric), and the log that comes out of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

from lab.events import Event
from lab.settings import settings_variable

REPOSITORY = Path(__file__).parents[2]
PYTHON = REPOSITORY / ".venv-runtime/bin/python"
SECONDS = 60
HEADER = 16
"""Bytes before a record: four of its type, four of its length, eight of its time."""


class RuntimeApi(ThreadingHTTPServer):
    """Hands out events one by one, and keeps the answers."""

    def __init__(self, events: Sequence[Event], seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.events, self.seconds = list(events), seconds
        self.answers: list[Any] = []
        self.done = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Answers the runtime client."""

    server: RuntimeApi
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Give the next event; after the last one, let the client wait until it is ended."""
        number = len(self.server.answers)
        if number == len(self.server.events):
            self.server.done.set()
            time.sleep(SECONDS)
            return
        deadline = int((time.time() + self.server.seconds) * 1000)
        headers = {"Aws-Request-Id": f"request-{number}", "Deadline-Ms": str(deadline), "Invoked-Function-Arn": "arn"}
        body = json.dumps(self.server.events[number]).encode()
        self._answer(200, body, {f"Lambda-Runtime-{name}": value for name, value in headers.items()})

    def do_POST(self) -> None:
        """Keep an answer, or the error in its place."""
        self.server.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer(202, b"{}", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body)), "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no access log."""


@contextmanager
def pipe_to(path: Path) -> Iterator[int]:
    """A descriptor that a process inherits, whose output ends up in a file."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def run(
    directory: Path,
    source: str,
    events: Sequence[Event],
    *,
    framed: bool = True,
    seconds: float = 30.0,
    **settings: Any,
) -> tuple[list[Any], list[str]]:
    """The answers to events, and the records of the log: what is framed, then the lines of standard output."""
    (directory / "server.py").write_text(dedent(source))
    api = RuntimeApi(events, seconds)
    threading.Thread(target=api.serve_forever, daemon=True).start()
    packages = REPOSITORY / ".venv/lib" / f"python{'.'.join(map(str, sys.version_info[:2]))}" / "site-packages"
    path = os.pathsep.join(map(str, [REPOSITORY / "function", directory, packages]))
    with pipe_to(directory / "frames") as frames, pipe_to(directory / "stdout") as stdout:
        variables = {"PYTHONPATH": path, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
        variables |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "_HANDLER": "mcp_lambda_host.handler.handler"}
        variables |= {"_LAMBDA_TELEMETRY_LOG_FD": str(frames)} if framed else {}
        client = subprocess.Popen(
            [PYTHON, "-m", "awslambdaric", "mcp_lambda_host.handler.handler"],
            env=os.environ | variables | settings_variable(name="shop", **settings),
            pass_fds=[frames],
            stdout=stdout,
            stderr=subprocess.STDOUT,
            cwd=directory,
        )
        try:
            assert api.done.wait(SECONDS), (directory / "stdout").read_text()
        finally:
            client.kill()
            client.wait()
            api.shutdown()
            api.server_close()
    records = list(read_frames((directory / "frames").read_bytes()))
    return api.answers, records + (directory / "stdout").read_text().splitlines()


def read_frames(data: bytes) -> Iterator[str]:
    """The records in the frames."""
    while data:
        length = int.from_bytes(data[4:8], "big")
        yield data[HEADER : HEADER + length].decode().rstrip("\n")
        data = data[HEADER + length :]

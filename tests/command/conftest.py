"""Servers that `serve.py` runs, with one cache for all of them, so that packages are installed once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from lab.events import Event, message_in, modern, tool_call
from lab.local_aws import REPOSITORY
from tests.zipped import WITH_UV

SERVE = REPOSITORY / "function" / "serve.py"
CHECK = REPOSITORY / "function" / "check.py"

SHOP = """
    import os, re, time
    from mcp.server import MCPServer
    from mcp.server.auth.middleware.auth_context import get_access_token
    from mcp.server.mcpserver import Context
    from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

    mcp = MCPServer("shop")

    @mcp.tool()
    def price() -> int:
        return 7

    @mcp.tool()
    def process() -> int:
        return os.getpid()

    @mcp.tool()
    def hold(pipes: str) -> int:
        for name in ("in", "out"):  # opened when the other end is
            open(f"{pipes}/{name}", "w").close()
        return os.getpid()

    @mcp.tool()
    def sleep(seconds: float) -> None:
        time.sleep(seconds)

    @mcp.tool()
    def lock() -> bool:
        return re.match("(a+)+$", "a" * 60 + "b") is None  # for years, with Python's lock

    @mcp.tool()
    def fail() -> str:
        raise LookupError("no such order")

    @mcp.tool()
    def leave() -> str:
        os._exit(3)

    @mcp.tool()
    def caller() -> str:
        token = get_access_token()
        return f"{token.subject} {token.scopes} {token.claims['level']}" if token else "nobody"

    @mcp.tool()
    def variables() -> dict[str, str]:
        return dict(os.environ)

    @mcp.tool()
    def writable() -> list[str]:
        here = os.path.dirname(__file__)
        places = [__file__, f"{here}/new", f"{here}/mcp/new", os.path.expanduser("~/new"), "/tmp/mcp-lambda-new"]
        found = []
        for place in places:
            try:
                open(place, "a").close()
                found.append(place)
            except OSError:
                pass
        os.unlink("/tmp/mcp-lambda-new")
        return found

    @mcp.tool()
    def book(ctx: Context) -> str | InputRequiredResult:
        if ctx.request_state is None:
            form = ElicitRequestFormParams(message="Sure?", requested_schema={"type": "object", "properties": {}})
            return InputRequiredResult(input_requests={"sure": ElicitRequest(params=form)}, request_state="asked")
        return f"booked by {os.getpid()}"
"""


class Served:
    """A server that is served until it is ended.

    Attributes:
        url: The endpoint's URL.
    """

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        self._said: list[str] = []
        self._heard = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()
        self.url = re.findall(r"http://\S+/mcp", self.wait_for("serving "))[0]

    def wait_for(self, words: str, times: int = 1) -> str:
        """The line with these words on standard error that is the last of so many; fails where it does not come."""
        with self._heard:
            assert self._heard.wait_for(lambda: len(self._lines(words)) >= times or self._process.poll(), 60)
        assert len(self._lines(words)) >= times, self.said()
        return self._lines(words)[times - 1]

    def said(self) -> str:
        """Standard error."""
        return "".join(self._said)

    def log(self, is_wanted: Callable[[dict[str, Any]], bool], times: int = 1) -> list[dict[str, Any]]:
        """The lines of standard output that are wanted, once there are so many; each line must be JSON.

        A line may come after the answer that it is about.
        """
        end = time.monotonic() + 20
        while True:
            lines = self._log.read_text().split("\n")[:-1]
            found = [line for line in map(json.loads, lines) if is_wanted(line)]
            if len(found) >= times or time.monotonic() > end:
                return found
            time.sleep(0.05)

    def send(self, event: Event, **headers: str) -> httpx2.Response:
        """The answer to the request that an event is made of."""
        sent = {name: value for name, value in event["headers"].items() if name != "host"} | headers
        url = self.url.removesuffix("/mcp") + event["rawPath"]
        method = event["requestContext"]["http"]["method"]
        return httpx2.request(method, url, headers=sent, content=event["body"], timeout=60)

    def text(self, event: Event) -> str:
        """The text of a tool's result."""
        text: str = message_in(self.send(event).text)["result"]["content"][0]["text"]
        return text

    def end(self) -> int:
        """End it as Ctrl-C does; its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(20)

    def close(self) -> None:
        self._process.kill()
        self._process.wait(20)

    def _lines(self, words: str) -> list[str]:
        return [line for line in self._said if words in line]

    def _listen(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            with self._heard:
                self._said.append(line)
                self._heard.notify_all()
        self._process.wait()
        with self._heard:
            self._heard.notify_all()


@contextmanager
def held(served: Served, folder: Path) -> Iterator[Future[str]]:
    """A call that is being answered for the length of a `with` block; the text that it is answered with after that."""
    for name in ("in", "out"):
        os.mkfifo(folder / name)
    with ThreadPoolExecutor() as pool:
        call = pool.submit(served.text, tool_call(modern, "hold", pipes=str(folder)))
        (folder / "in").read_text()
        yield call
        (folder / "out").read_text()


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with a cache that all tests of a process share."""
    uv = subprocess.check_output([Path(sys.executable).with_name("uv"), "cache", "dir"], text=True).strip()
    cache = tmp_path_factory.mktemp("cache")
    return {**os.environ, **WITH_UV, "UV_CACHE_DIR": uv, "XDG_CACHE_HOME": str(cache)}


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def serve(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serve a directory on a free port, with the options of a command line."""
    living: list[Served] = []

    def start(source: Path, *options: str, prefix: Sequence[str] = (), **variables: str) -> Served:
        log = tmp_path_factory.mktemp("log") / "stdout"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*prefix, sys.executable, str(SERVE), str(source), "--port", "0", *options],
                env=environ | variables,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
            )
        living.append(Served(process, log))
        return living[-1]

    yield start
    for served in living:
        served.close()


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run one of the commands to its end."""

    def run(command: Path, *options: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
        words = [python, str(command), *options]
        return subprocess.run(words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)

    return run

"""A web page in headless Chromium, and what it says that it has seen."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlencode

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 30
DOCUMENT = b'<!doctype html><script type="module" src="/page.js"></script>'


@dataclass(frozen=True)
class Pages:
    """A web server that has one page under two origins.

    Attributes:
        allowed: The origin from which the page may call.
        foreign: The other one.
        seen: What each page has seen, in its order.
    """

    allowed: str
    foreign: str
    seen: Queue[dict[str, Any]]

    def visit(self, chromium: str, profile: Path, origin: str, **asked: str) -> dict[str, Any]:
        """What the page has seen in a browser of its own.

        Args:
            chromium: The browser's command.
            profile: An empty directory for what the browser keeps.
            origin: From where it gets the page.
            asked: The page's parameters.
        """
        options = ["--headless", "--no-first-run", "--disable-background-networking", f"--user-data-dir={profile}"]
        options += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to be root in its sandbox
        address = f"{origin}/?{urlencode(asked)}"
        with (profile / "log").open("wb") as log:
            browser = subprocess.Popen([chromium, *options, address], stdout=log, stderr=log, start_new_session=True)
            try:
                return self.seen.get(timeout=SECONDS)
            finally:
                browser.terminate()
                browser.wait()


def find_chromium() -> str | None:
    """The command of a Chromium that is installed."""
    return next(filter(None, map(shutil.which, COMMANDS)), None)


@contextmanager
def serving(script: Path) -> Iterator[Pages]:
    """Serve a page that runs a script, until the block ends; the script may be written first when a page is visited."""
    seen: Queue[dict[str, Any]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/page.js"
            self.respond(
                "text/javascript" if is_script else "text/html", script.read_bytes() if is_script else DOCUMENT
            )

        def do_POST(self) -> None:
            seen.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.respond("text/plain", b"")

        def respond(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield Pages(f"http://localhost:{http.server_port}", f"http://127.0.0.1:{http.server_port}", seen)
        http.shutdown()

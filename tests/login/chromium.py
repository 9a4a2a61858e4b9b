"""A headless Chromium, told over a pipe what to do (Chrome DevTools Protocol, `--remote-debugging-pipe`)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    "--ignore-certificate-errors",
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    "--disable-features=IsolateOrigins,site-per-process",  # a frame of another site is in the page's tree then
    "--disable-site-isolation-trials",
]


class Page:
    """A page of the browser, by the files of the pipe."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = os.fdopen(to_browser, "wb", 0), os.fdopen(from_browser, "rb")
        self._ids = count(1)
        self._session: dict[str, str] = {}
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._session = {"sessionId": session}
        self._ask("Page.enable")

    def open(self, url: str) -> None:
        """Go to a URL, and wait for what comes of it."""
        self._ask("Page.navigate", url=url)
        self._wait("Page.loadEventFired")

    def click(self, selector: str) -> None:
        """Click an element, and wait for the page that this leads to."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")
        self._wait("Page.loadEventFired")

    def run(self, expression: str) -> Any:
        """The value of an expression of JavaScript in the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def frames(self) -> list[str]:
        """The URLs of the frames in the page; one that may not be framed shows an error of the browser's."""
        tree = self._ask("Page.getFrameTree")["frameTree"]
        return [child["frame"]["url"] for child in tree.get("childFrames", [])]

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters} | self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != number:
            pass
        assert "result" in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _wait(self, event: str) -> None:
        while self._read().get("method") != event:
            pass

    def _read(self) -> dict[str, Any]:
        text = bytearray()
        while (byte := self._from.read(1)) != b"\0":
            assert byte, "the browser has ended"
            text += byte
        message: dict[str, Any] = json.loads(text)
        return message


@contextmanager
def running(program: str, profile: Path) -> Iterator[Page]:
    """A browser that ends with the block. It trusts every certificate, and takes .example for this machine."""
    (to_browser, write), (read, from_browser) = os.pipe(), os.pipe()

    # The browser reads from the file 3 and writes to the file 4, whatever numbers the pipes have here.
    command = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
    arguments = [str(to_browser), str(from_browser), program, *OPTIONS]
    arguments += [f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(
        ["bash", "-c", command, "bash", *arguments],
        pass_fds=(to_browser, from_browser),
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    late = Timer(60, process.kill)  # a test that waits for what never comes ends then
    late.start()
    try:
        yield Page(write, read)
    finally:
        late.cancel()
        process.terminate()
        process.wait(20)

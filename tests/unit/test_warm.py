"""What a small call takes on its way through the host, counted in functions: no machine makes more or fewer of them."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from lab.events import Era, handshake, modern, text_of, tool_call
from mcp_lambda_host.own_log import Line
from mcp_lambda_host.telemetry.log import ReadyLines
from tests.unit.conftest import Deploy

MOST = 220
"""Functions in Python that a call may enter in the host and in what it uses; 318 before they were counted."""

READY = """
    BODY = b'{"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":false}}'
    HEADERS = [(b"content-type", b"application/json")]

    async def server(scope, receive, send):
        if scope["type"] == "lifespan":
            return
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})
"""


class Functions:
    """Counts the functions in Python that are entered, in each thread that is started meanwhile and in this one."""

    def __init__(self) -> None:
        self.entered: Counter[str] = Counter()
        self._counts = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch, but count nothing yet."""
        threading.setprofile(self._note)
        try:
            yield
        finally:
            threading.setprofile(None)

    def of(self, call: Callable[[], object]) -> Counter[str]:
        """Those that a call enters, by name."""
        self.entered.clear()
        self._counts = True
        sys.setprofile(self._note)
        try:
            call()
        finally:
            sys.setprofile(None)
            self._counts = False
        return self.entered

    def _note(self, frame: FrameType, event: str, arg: object) -> None:
        if self._counts and event == "call":
            self.entered[f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}"] += 1


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_a_call_passes_by_few_functions(deploy: Deploy, era: Era) -> None:
    functions = Functions()
    with functions.watched():
        function = deploy(READY, "server")
    event = tool_call(era, "any")
    function(event)

    entered = functions.of(lambda: function(event))

    assert sum(entered.values()) < MOST, entered.most_common()


def test_a_call_is_parsed_once_and_its_answer_by_its_end_alone(deploy: Deploy) -> None:
    functions = Functions()
    with functions.watched():
        function = deploy(READY, "server")
    event = tool_call(modern, "any")

    entered = functions.of(lambda: function(event))

    assert entered["json.loads"] == 2
    assert entered["mangum.handlers.api_gateway.scope"] == 1


ABOUT = """
    from mcp.server.mcpserver import Context, MCPServer
    from starlette.responses import PlainTextResponse

    {before}

    mcp = {server}("about")

    @mcp.tool()
    def about(ctx: Context) -> str:
        request = ctx.request_context.request
        return f"{{request.app.url_path_for('health')}} {{request.headers.get('x-added')}}"

    @mcp.custom_route("/own/health", methods=["GET"], name="health")
    async def health(request):
        return PlainTextResponse("well")
"""

MIDDLEWARE = """
    class Added:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            added = {"headers": [*scope["headers"], (b"x-added", b"yes")]} if scope["type"] == "http" else {}
            await self.app({**scope, **added}, receive, send)

    class Guarded(MCPServer):
        def streamable_http_app(self, **options):
            app = super().streamable_http_app(**options)
            app.add_middleware(Added)
            return app
"""


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
@pytest.mark.parametrize(("before", "server", "added"), [("", "MCPServer", "None"), (MIDDLEWARE, "Guarded", "yes")])
def test_what_an_author_adds_to_the_sdks_application_stays_in_the_way_of_a_call(
    deploy: Deploy, era: Era, before: str, server: str, added: str
) -> None:
    function = deploy(ABOUT.format(before=before.strip(), server=server))

    assert text_of(function(tool_call(era, "about"))) == f"/own/health {added}"


class Counting(logging.Formatter):
    """Counts what it formats, and names the frame of a record as Lambda's own does."""

    formatted = 0

    def format(self, record: logging.LogRecord) -> str:
        self.formatted += 1
        record.frame = f"frame {record.levelno}"
        return super().format(record)


def test_lambdas_formatter_is_asked_once_for_the_frame_of_a_level() -> None:
    own = Counting()
    lines = ReadyLines(own)
    records = [Line(level, "{}") for level in (logging.INFO, logging.WARNING, logging.INFO)]

    assert [lines.format(record) for record in records] == ["{}\n"] * 3

    assert [vars(record)["frame"] for record in records] == ["frame 20", "frame 30", "frame 20"]
    assert own.formatted == 2

"""Starts, restores and ends, as AWS's own runtime client sees them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from lab.events import http_event, message_of, modern, text_of, tool_call
from tests.process.conftest import Launch

SLOW_START = """
    import asyncio, time
    from contextlib import asynccontextmanager
    from mcp.server import MCPServer

    time.sleep(3)

    @asynccontextmanager
    async def lifespan(server):
        await asyncio.sleep(7.5)
        yield {}

    mcp = MCPServer("slow", lifespan=lifespan)

    @mcp.tool()
    def ready() -> str:
        return "yes"
"""


@pytest.mark.parametrize("kind", ["provisioned-concurrency", "snap-start"])
def test_a_start_that_aws_would_wait_for_is_waited_for(launch: Launch, kind: str) -> None:
    once = "if not os.environ.get('STARTED'):\n            os.environ['STARTED'] = '1'\n            "
    source = SLOW_START.replace("await asyncio.sleep(7.5)", f"{once}await asyncio.sleep(9.5)")

    environment = launch(f"import os\n{dedent(source)}", kind=kind)

    assert environment.start.what == "next", environment.output()
    assert text_of(environment.answer(tool_call(modern, "ready"))) == "yes"
    assert "not started" not in environment.output()


def test_on_demand_the_limit_counts_from_the_start_of_the_process(launch: Launch) -> None:
    environment = launch(SLOW_START)

    assert environment.start.what == "next", environment.output()
    assert text_of(environment.answer(tool_call(modern, "ready"))) == "yes"


@pytest.mark.parametrize("kind", ["provisioned-concurrency", "snap-start"])
def test_a_version_that_cannot_start_fails_for_aws_with_the_reason_in_the_log(launch: Launch, kind: str) -> None:
    environment = launch("import os\nos.environ['TABLE']", kind=kind)

    assert environment.start.what == "init/error"
    assert environment.start.body["errorType"] == "StartError"
    assert "server.py line 2: KeyError: 'TABLE'" in environment.start.body["errorMessage"]
    assert "server.py line 2: KeyError: 'TABLE'" in environment.output()


ONCE = """
    import os, time
    from contextlib import asynccontextmanager
    from fastapi import FastAPI
    from mcp.server import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from snapshot_restore_py import register_after_restore

    mcp = MCPServer("app")

    @mcp.tool()
    def ready() -> str:
        return "yes"

    mcp_app = mcp.streamable_http_app(
        stateless_http=True, transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
    )
    app = FastAPI(lifespan=lambda _: mcp.session_manager.run())
    app.mount("/", mcp_app)
    print("imported")

    @register_after_restore
    def hook():
        print("hook")
"""


def test_no_hook_of_the_authors_runs_twice(launch: Launch) -> None:
    environment = launch(ONCE, "app", kind="snap-start")

    assert environment.start.what == "next", environment.output()
    assert environment.output().count("hook") == 1
    assert text_of(environment.answer(tool_call(modern, "ready"))) == "yes"


RESTORED = """
    import os
    from contextlib import asynccontextmanager
    from mcp.server import MCPServer

    print("imported")
    opened = []

    @asynccontextmanager
    async def lifespan(server):
        opened.append(1)
        if len(opened) > 1:
            FAILURE
        yield {}

    mcp = MCPServer("app", lifespan=lifespan)
"""


def test_time_that_ran_out_after_a_restore_leaves_the_module_as_it_is(launch: Launch) -> None:
    source = RESTORED.replace("FAILURE", "__import__('time').sleep(8)")

    environment = launch(source, kind="snap-start")

    assert environment.start.what == "next", environment.output()
    assert environment.output().count("imported") == 1


def test_after_a_failed_restore_every_call_is_answered(launch: Launch) -> None:
    environment = launch(
        """
        import os
        from contextlib import asynccontextmanager
        from mcp.server import MCPServer

        @asynccontextmanager
        async def lifespan(server):
            os.environ["STARTS"] = os.environ.get("STARTS", "") + "x"
            if len(os.environ["STARTS"]) > 1:
                raise ConnectionError("no database")
            yield {}

        mcp = MCPServer("app", lifespan=lifespan)
        """,
        kind="snap-start",
    )

    answers = [environment.answer(http_event("POST", "/mcp", "{}")) for _ in range(2)]

    assert [answer["statusCode"] for answer in answers] == [500, 500]
    assert message_of(answers[1])["error"]["message"] == "This MCP server could not be started; its log says why."


class Parameters(ThreadingHTTPServer):
    """An SSM that gives its parameter once, and then does as it is told until it works again.

    Attributes:
        then: What it does with further requests: `refuses` or `hangs`; None: it gives the parameter.
    """

    daemon_threads = True

    def __init__(self, then: str | None) -> None:
        super().__init__(("127.0.0.1", 0), OneParameter)
        self.then = then
        self.asked = 0
        self.over = threading.Event()
        self.environ = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.server_port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }


class OneParameter(BaseHTTPRequestHandler):
    server: Parameters

    def do_POST(self) -> None:
        self.server.asked += 1
        fails = self.server.then if self.server.asked > 1 else None
        if fails == "hangs":
            self.server.over.wait(60)
            return
        refused = b'{"__type": "AccessDeniedException", "message": "no"}'
        self.send_response(400 if fails else 200)
        self.end_headers()
        self.wfile.write(refused if fails else b'{"Parameter": {"Value": "opensesame"}}')

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def parameters(request: pytest.FixtureRequest) -> Iterator[Parameters]:
    with Parameters(request.param) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield server
        server.over.set()
        server.shutdown()


@pytest.mark.parametrize(
    ("parameters", "why"),
    [("refuses", "GetParameter was refused"), ("hangs", "did not answer (TimeoutError)")],
    indirect=["parameters"],
)
def test_a_restore_whose_secrets_cannot_be_read_ends_in_time_and_the_server_starts_when_they_can(
    launch: Launch, parameters: Parameters, why: str
) -> None:
    arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db"
    environment = launch(
        RESTORED.replace("FAILURE", "pass"),
        kind="snap-start",
        environ=parameters.environ,
        secrets={"DB_PASSWORD": arn},
    )

    assert environment.start.what == "next", environment.output()
    assert environment.output().count("imported") == 1
    assert why in environment.output()
    parameters.then = None
    parameters.over.set()
    assert environment.answer(http_event("GET", "/health"))["statusCode"] == 200


SPOILT = """
    import os, threading, time
    from mcp.server import MCPServer

    if os.path.exists(os.environ["FLAG"]):
        raise RuntimeError("only once")

    mcp = MCPServer("once")

    @mcp.tool()
    async def block() -> str:
        threading.Thread(target=time.sleep, args=[60], daemon=False).start()
        time.sleep(4)
"""


def test_an_environment_that_ends_does_not_wait_for_the_authors_threads(launch: Launch, tmp_path: Path) -> None:
    flag = tmp_path / "spoilt"
    environment = launch(SPOILT, environ={"FLAG": str(flag)})
    environment.answer(tool_call(modern, "block"), seconds=1)
    flag.touch()
    begun = time.monotonic()
    ended = environment.invoke(modern("tools/list"), seconds=20)
    took = time.monotonic() - begun

    assert ended == ("exit", 1)
    assert took < 3
    assert [line["outcome"] for line in environment.lines() if "outcome" in line] == ["deadline", "start_failed"]


LEAVES = """
    import asyncio, sys
    from mcp.server import MCPServer

    mcp = MCPServer("leaves")
    tasks = []

    @mcp.tool()
    async def leave() -> str:
        async def now():
            sys.exit(3)
        tasks.append(asyncio.create_task(now()))
        await asyncio.sleep(20)

    @mcp.tool()
    def ready() -> str:
        return "yes"
"""


def test_a_request_whose_loop_ends_is_answered_at_once(launch: Launch) -> None:
    environment = launch(LEAVES)

    begun = time.monotonic()
    answer = environment.answer(tool_call(modern, "leave", request_id="left"))
    took = time.monotonic() - begun

    assert took < 3
    assert (message_of(answer)["id"], message_of(answer)["error"]["code"]) == ("left", 500)
    assert text_of(environment.answer(tool_call(modern, "ready"))) == "yes"

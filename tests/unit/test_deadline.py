"""A tool that runs past the time left is answered before Lambda ends it, and the next call is served."""

from __future__ import annotations

import threading
import time

import pytest

from lab.events import Era, handshake, http_event, message_of, modern, text_of, tool_call
from mcp_lambda_host import environment
from tests.unit.conftest import Deploy

SLOW = """
    import asyncio, time
    from contextlib import asynccontextmanager
    from mcp.server.mcpserver import MCPServer

    opened = []
    called = []

    @asynccontextmanager
    async def lifespan(server):
        opened.append(server)
        yield {}

    mcp = MCPServer("slow", lifespan=lifespan)

    @mcp.tool()
    async def waits() -> str:
        await asyncio.sleep(20)

    @mcp.tool()
    def sleeps_in_a_thread() -> str:
        time.sleep(10)
        return "late"

    @mcp.tool()
    async def blocks_the_loop() -> str:
        time.sleep(3)
        return "late"

    @mcp.tool()
    def lifespans() -> int:
        called.append(1)
        return len(opened)

    @mcp.tool()
    def calls() -> int:
        return len(called)

    @mcp.tool()
    async def exits() -> str:
        raise SystemExit(3)

    @mcp.tool()
    def exits_in_a_thread() -> str:
        raise SystemExit(3)
"""


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
@pytest.mark.parametrize("tool", ["waits", "sleeps_in_a_thread", "blocks_the_loop"])
def test_it_is_answered_half_a_second_before_the_end_and_the_next_call_is_served(
    deploy: Deploy, era: Era, tool: str
) -> None:
    function = deploy(SLOW)

    begun = time.monotonic()
    late = function(tool_call(era, tool, request_id="late"), seconds=0.8)
    took = time.monotonic() - begun
    served = function(tool_call(era, "lifespans"), seconds=2)

    assert 0.25 < took < 0.7
    assert late["statusCode"] == 200
    message = message_of(late)
    assert (message["id"], message["error"]["code"]) == ("late", 504)
    assert "0.3 s" in message["error"]["message"]
    assert text_of(served) == "1"


def test_a_late_route_of_the_author_is_answered_with_504(deploy: Deploy) -> None:
    function = deploy(
        """
        import asyncio
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/slow")
        async def slow():
            await asyncio.sleep(20)

        @app.get("/quick")
        async def quick():
            return "here"
        """,
        "app",
    )

    assert function(http_event("GET", "/slow"), seconds=0.7)["statusCode"] == 504
    assert function(http_event("GET", "/quick"))["body"] == '"here"'


def test_no_time_left_is_said_at_once_and_nothing_is_begun(deploy: Deploy) -> None:
    function = deploy(SLOW)

    late = [function(tool_call(modern, "lifespans"), seconds=0.2) for _ in range(20)]

    assert {message_of(answer)["error"]["code"] for answer in late} == {504}
    assert "0.0 s" in message_of(late[0])["error"]["message"]
    assert text_of(function(tool_call(modern, "calls"))) == "0"


def test_forty_one_synchronous_tools_that_never_return_leave_threads_for_the_next(deploy: Deploy) -> None:
    function = deploy(SLOW)
    for _ in range(41):
        function(tool_call(modern, "sleeps_in_a_thread"), seconds=0.52)

    assert text_of(function(tool_call(modern, "lifespans"), seconds=2)) == "1"


def test_an_environment_ends_before_threads_of_late_tools_fill_it(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(SLOW)
    most = threading.active_count() + 45
    monkeypatch.setattr(environment, "MOST_THREADS", most)

    def call_until_it_ends() -> None:
        for _ in range(100):
            function(tool_call(modern, "sleeps_in_a_thread"), seconds=0.52)

    with pytest.raises(SystemExit, match="threads, most of late tools, and ends"):
        call_until_it_ends()

    assert threading.active_count() <= most + 1
    assert '"outcome":"deadline"' in capsys.readouterr().out.splitlines()[-1]


def test_an_environment_that_can_start_no_more_threads_ends(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    function = deploy(SLOW)
    function(tool_call(modern, "blocks_the_loop"), seconds=0.6)

    def fail(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)

    with pytest.raises(SystemExit):
        function(tool_call(modern, "lifespans"))


@pytest.mark.parametrize("tool", ["exits", "exits_in_a_thread"])
def test_a_tool_that_exits_fails_alone(deploy: Deploy, tool: str) -> None:
    function = deploy(SLOW)

    assert "error" in message_of(function(tool_call(modern, tool)))
    assert text_of(function(tool_call(modern, "lifespans"))) == "1"


def test_a_server_whose_lifespan_ends_by_itself_is_started_anew(deploy: Deploy) -> None:
    function = deploy("""
        import asyncio
        from contextlib import asynccontextmanager
        from mcp.server.mcpserver import MCPServer

        @asynccontextmanager
        async def lifespan(server):
            async def poll():
                await asyncio.sleep(0.05)
                raise ConnectionError("upstream is gone")

            async with asyncio.TaskGroup() as group:
                group.create_task(poll())
                yield {}

        mcp = MCPServer("polling", lifespan=lifespan)

        @mcp.tool()
        async def wait() -> str:
            await asyncio.sleep(0.2)
            return "waited"

        @mcp.tool()
        def ready() -> str:
            return "yes"
    """)
    function(tool_call(modern, "wait"))

    assert text_of(function(tool_call(modern, "ready"))) == "yes"


def test_an_environment_that_cannot_start_its_server_anew_ends(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    function = deploy("""
        import os, time
        from mcp.server.mcpserver import MCPServer

        if "SPOILT" in os.environ:
            raise RuntimeError("only once")

        mcp = MCPServer("once")

        @mcp.tool()
        async def block() -> str:
            time.sleep(1)
            return "late"
    """)
    monkeypatch.setenv("SPOILT", "1")
    function(tool_call(modern, "block"), seconds=0.6)

    with pytest.raises(SystemExit):
        function(http_event("GET", "/health"))


def test_an_application_of_the_authors_starts_anew_when_it_has_blocked_its_loop(deploy: Deploy) -> None:
    function = deploy(
        """
        import time
        from fastapi import FastAPI
        from mcp.server.mcpserver import MCPServer
        from mcp.server.transport_security import TransportSecuritySettings

        mcp = MCPServer("app")

        @mcp.tool()
        async def block() -> str:
            time.sleep(2)
            return "late"

        @mcp.tool()
        def ready() -> str:
            return "yes"

        mcp_app = mcp.streamable_http_app(
            stateless_http=True, transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
        )
        app = FastAPI(lifespan=lambda _: mcp.session_manager.run())
        app.mount("/", mcp_app)
        """,
        "app",
    )

    late = function(tool_call(modern, "block"), seconds=0.7)

    assert message_of(late)["error"]["code"] == 504
    assert [text_of(function(tool_call(modern, "ready"))) for _ in range(3)] == ["yes"] * 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # outside pytest it ends quietly
@pytest.mark.parametrize("attribute", ["mcp", "app"])
def test_a_background_task_that_ends_the_loop_costs_at_most_the_call_that_waits_for_it(
    deploy: Deploy, attribute: str
) -> None:
    function = deploy(
        """
        import asyncio, sys
        from mcp.server.mcpserver import MCPServer
        from mcp.server.transport_security import TransportSecuritySettings

        mcp = MCPServer("shop")
        tasks = []

        @mcp.tool()
        async def leave() -> str:
            async def now():
                sys.exit(3)
            tasks.append(asyncio.create_task(now()))
            await asyncio.sleep(0.1)
            return "left"

        @mcp.tool()
        def ready() -> str:
            return "yes"

        unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        app = mcp.streamable_http_app(stateless_http=True, transport_security=unchecked)
        """,
        attribute,
    )

    function(tool_call(modern, "leave"), seconds=1)

    assert [text_of(function(tool_call(modern, "ready"))) for _ in range(2)] == ["yes", "yes"]

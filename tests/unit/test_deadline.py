"""A tool that runs past the time left is answered before Lambda ends it, and the next call is served."""

from __future__ import annotations

import time

import pytest

from events import Era, handshake, http_event, message_of, modern, text_of, tool_call
from unit.conftest import Deploy

SLOW = """
    import asyncio, time
    from contextlib import asynccontextmanager
    from mcp.server.mcpserver import MCPServer

    opened = []

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
        time.sleep(3)

    @mcp.tool()
    async def blocks_the_loop() -> str:
        time.sleep(3)

    @mcp.tool()
    def lifespans() -> int:
        return len(opened)
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


def test_no_time_left_is_said_at_once(deploy: Deploy) -> None:
    answer = deploy(SLOW)(tool_call(modern, "waits"), seconds=0.1)

    assert message_of(answer)["error"]["code"] == 504


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

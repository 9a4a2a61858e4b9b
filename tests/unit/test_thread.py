"""The author's module and its server live on one thread, as under uvicorn."""

from __future__ import annotations

import asyncio

import pytest

from lab.events import Era, handshake, modern, text_of, tool_call
from mcp_lambda_host.runner import LoopEndedError, Runner
from tests.unit.conftest import LIVING, Deploy

BOUND = """
    import asyncio, contextvars, sqlite3
    from mcp.server.mcpserver import MCPServer

    database = sqlite3.connect(":memory:")
    database.execute("create table orders (number)")
    database.execute("insert into orders values (7)")
    tenant = contextvars.ContextVar("tenant")
    tenant.set("acme")

    async def read_limit():
        return 3

    limit = asyncio.run(read_limit())
    mcp = MCPServer("bound")

    @mcp.tool()
    async def order() -> int:
        return database.execute("select number from orders").fetchone()[0]

    @mcp.tool()
    async def whose() -> str:
        return tenant.get()

    @mcp.tool()
    async def most() -> int:
        return limit
"""


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_what_is_bound_to_the_thread_of_the_import_works_in_an_async_tool(deploy: Deploy, era: Era) -> None:
    function = deploy(BOUND)

    assert [text_of(function(tool_call(era, tool))) for tool in ("order", "whose", "most")] == ["7", "acme", "3"]


def test_it_works_in_copies_of_a_snapshot_as_well(deploy: Deploy) -> None:
    function = deploy(BOUND)

    LIVING[-1].before_snapshot()
    LIVING[-1].after_restore()

    assert text_of(function(tool_call(modern, "order"))) == "7"


def test_it_works_when_the_server_was_started_anew(deploy: Deploy) -> None:
    function = deploy(
        BOUND
        + """
    @mcp.tool()
    async def block() -> str:
        import time
        time.sleep(1)
        return "late"
"""
    )
    function(tool_call(modern, "block"), seconds=0.6)

    assert text_of(function(tool_call(modern, "order"))) == "7"


def test_what_still_runs_when_the_loop_is_abandoned_is_told_that_it_has_ended() -> None:
    runner = Runner()
    runner.start(lambda: None)

    async def outlast() -> None:
        runner.abandon()
        await asyncio.Event().wait()

    with pytest.raises(LoopEndedError):
        runner.run(outlast(), seconds=10)

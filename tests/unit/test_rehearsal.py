"""What the first requests need is made before they come, and none of it is the author's to notice."""

from __future__ import annotations

import pytest

from lab.events import message_of, modern, text_of, tool_call
from tests.unit.conftest import Deploy

LISTENING = """
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("listening")
    heard = []

    async def listen(ctx, call_next):
        heard.append(ctx.method)
        return await call_next(ctx)

    mcp.middleware.append(listen)

    @mcp.tool()
    def methods() -> str:
        return " ".join(heard)
"""


def test_the_server_is_asked_for_itself_and_its_tools_before_the_first_request(deploy: Deploy) -> None:
    function = deploy(LISTENING)

    assert text_of(function(tool_call(modern, "methods"))) == "server/discover tools/list tools/call"


def test_an_application_that_is_no_server_of_the_sdk_is_not_asked(deploy: Deploy) -> None:
    function = deploy(
        """
        from fastapi import FastAPI

        app = FastAPI()
        asked = []

        @app.post("/mcp")
        async def mcp() -> dict:
            asked.append(1)
            return {"jsonrpc": "2.0", "id": 1, "result": {"asked": len(asked)}}
        """,
        "app",
    )

    assert message_of(function(modern("tools/list")))["result"] == {"asked": 1}


@pytest.mark.parametrize("trouble", ["raise RuntimeError('not yet')", "time.sleep(2)"], ids=["fails", "hangs"])
def test_a_list_that_does_not_work_at_the_start_is_left_to_the_client_that_asks_for_it(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setenv("PHASE", "start")
    function = deploy(
        f"""
        import os, time
        from mcp.server.mcpserver import MCPServer

        mcp = MCPServer("slow")

        async def not_at_first(ctx, call_next):
            if os.environ["PHASE"] == "start":
                {trouble}
            return await call_next(ctx)

        mcp.middleware.append(not_at_first)
        """
    )
    monkeypatch.setenv("PHASE", "requests")

    assert message_of(function(modern("tools/list")))["result"]["tools"] == []

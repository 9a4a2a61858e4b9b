"""The line of a request that counts more than a call of a tool is a document in CloudWatch's embedded metric format."""

from __future__ import annotations

from typing import Any

import pytest

from lab.events import MODERN, handshake, modern, tool_call
from tests.filters import is_counted
from tests.unit.conftest import Deploy
from tests.unit.test_log import SHOP, lines_of

LOWLEVEL = """
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult, ListToolsResult, TextContent, Tool

    async def list_tools(ctx, params):
        return ListToolsResult(tools=[Tool(name="stock", input_schema={"type": "object"})])

    async def call_tool(ctx, params):
        return CallToolResult(content=[TextContent(text=f"no error even for {params.name}")])

    mcp = Server("low", on_list_tools=list_tools, on_call_tool=call_tool)
"""

Metrics = dict[tuple[str, ...], dict[str, float]]


def metrics_of(line: dict[str, Any]) -> Metrics:
    """What CloudWatch makes of a line (User Guide, embedded metric format): metrics by dimensions and their values."""
    found: Metrics = {}
    for directive in line.get("_aws", {"CloudWatchMetrics": []})["CloudWatchMetrics"]:
        assert directive["Namespace"] == "MCP/orders"
        for dimensions in directive["Dimensions"]:
            key = tuple(part for name in dimensions for part in (name, line[name]))
            found[key] = {metric["Name"]: line[metric["Name"]] for metric in directive["Metrics"]}
            assert all(isinstance(value, int | float) for value in found[key].values())
            assert all((m["Unit"] == "Milliseconds") == (m["Name"] == "Duration") for m in directive["Metrics"])
    return found


def test_what_lambda_does_not_count_is_counted_in_all_where_it_is_not_zero(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(SHOP, metrics="server")
    function(tool_call(modern, "add", a=1, b=2))
    function(tool_call(modern, "fail", reason="no stock"))
    function(tool_call(handshake, "wait"), seconds=0.7)
    function(modern("tools/call", {"name": "add", "arguments": {"a": 1, "b": 2}, "requestState": "forged"}))

    lines = lines_of(capsys)
    assert [metrics_of(line) for line in lines] == [
        {(): {"ColdStarts": 1}},
        {(): {"ToolErrors": 1}},
        {(): {"ToolErrors": 1, "DeadlineHits": 1}},
        {(): {"ToolErrors": 1, "RequestStateRefused": 1}},
    ]
    assert all(is_counted(line) for line in lines)


def test_a_success_costs_no_bytes_for_metrics(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(SHOP, metrics="server")
    function(modern("tools/list"))
    function(tool_call(modern, "add", a=1, b=2))
    function(modern("tools/list"))

    _, called, listed = lines_of(capsys)
    assert called.keys() - {"memoryMB"} == {
        "timestamp", "level", "requestId", "era", "tool", "outcome", "durationMs",
    }  # fmt: skip
    assert listed.keys() - {"memoryMB"} == called.keys() - {"memoryMB", "tool"} | {"method"}
    assert (is_counted(called), is_counted(listed)) == (True, False)


def test_calls_are_counted_by_tool_method_and_era(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(SHOP, metrics="tools")
    function(tool_call(modern, "fail", reason="no stock"))
    function(handshake("tools/list"))

    tool, listing = (metrics_of(line) for line in lines_of(capsys))
    assert set(tool) == {(), ("Tool", "fail"), ("Method", "tools/call"), ("Era", MODERN)}
    assert set(tool["Tool", "fail"]) == {"Calls", "Duration", "ToolErrors"}
    assert set(tool["Method", "tools/call"]) == {"Calls", "Duration"}
    assert tool["Era", MODERN] == {"Calls": 1}
    assert set(listing) == {("Method", "tools/list"), ("Era", "handshake")}


def test_nobody_makes_a_metric_by_inventing_names(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(SHOP, metrics="tools")
    for number in range(3):
        function(tool_call(modern, f"invented{number}"))
        function(modern(f"invented/{number}"))
        strange = handshake("tools/list")
        strange["headers"]["mcp-protocol-version"] = f"2027-01-0{number}"
        function(strange)

    dimensions = {key for line in lines_of(capsys) for key in metrics_of(line)}
    assert dimensions == {
        (),
        ("Method", "tools/call"),
        ("Method", "tools/list"),
        ("Method", "other"),
        ("Era", MODERN),
        ("Era", "handshake"),
    }


def test_the_first_hundred_tools_have_metrics_of_their_own(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(
        """
        from mcp.server.mcpserver import MCPServer
        mcp = MCPServer("many")
        for number in range(101):
            mcp.add_tool(lambda: "done", name=f"tool{number}", description="one of many")
        """,
        metrics="tools",
    )
    for number in (0, 99, 100):
        function(tool_call(modern, f"tool{number}"))

    tools = [[key[1] for key in metrics_of(line) if key[:1] == ("Tool",)] for line in lines_of(capsys)]
    assert tools == [["tool0"], ["tool99"], []]


def test_the_tools_of_an_application_have_metrics_once_it_has_listed_them(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(
        """
        from mcp.server.mcpserver import MCPServer
        from mcp.server.transport_security import TransportSecuritySettings

        mcp = MCPServer("own")

        @mcp.tool()
        def fail() -> str:
            raise ValueError("no stock")

        app = mcp.streamable_http_app(
            stateless_http=True, transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False)
        )
        """,
        "app",
        metrics="tools",
    )
    for event in (tool_call(modern, "fail"), handshake("tools/list"), tool_call(modern, "fail"), modern("tools/list")):
        function(event)
    function(tool_call(modern, "invented"))

    lines = lines_of(capsys)
    assert [(line.get("tool"), line["outcome"]) for line in lines if "tool" in line] == [
        ("(unknown)", "tool_error"),
        ("fail", "tool_error"),
        ("(unknown)", "tool_error"),
    ]
    tools = [[key[1] for key in metrics_of(line) if key[:1] == ("Tool",)] for line in lines]
    assert tools == [[], [], ["fail"], [], []]


def test_the_tools_of_a_lowlevel_server_have_metrics_from_the_first_call(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(LOWLEVEL, metrics="tools")
    for name in ("stock", "invented"):
        function(tool_call(modern, name))

    stock, invented = (metrics_of(line) for line in lines_of(capsys))
    assert (("Tool", "stock") in stock, ("Tool", "invented") in invented) == (True, False)
    assert invented["Method", "tools/call"]["Calls"] == 1


@pytest.mark.parametrize("listed", ["null", '{"tools": [1, {"name": 2}, {}]}', '{"tools": {"a": "b"}}'])
def test_a_strange_list_of_tools_makes_no_metric_and_no_error(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], listed: str
) -> None:
    function = deploy(
        f"""
        from fastapi import FastAPI

        app = FastAPI()

        @app.post("/mcp")
        async def mcp() -> dict:
            return {{"jsonrpc": "2.0", "id": 1, "result": {listed.replace("null", "None")}}}
        """,
        "app",
        metrics="tools",
    )
    function(modern("tools/list"))
    function(tool_call(modern, "b"))

    assert [line["outcome"] for line in lines_of(capsys)] == ["ok", "ok"]


def test_what_a_server_adds_and_removes_while_it_runs_is_known_by_name(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(
        """
        from mcp.server.mcpserver import MCPServer

        mcp = MCPServer("growing")

        def done() -> str:
            return "done"

        def done_with(a: str) -> str:
            return "done"

        @mcp.tool()
        def grow() -> str:
            mcp.add_tool(done, name="new")
            mcp.prompt(name="new")(done)
            mcp.resource("new://{a}")(done_with)
            mcp.resource("new://one")(done)
            return "done"

        @mcp.tool()
        def shrink() -> str:
            mcp.remove_tool("new")
            return "done"
        """,
        metrics="tools",
    )
    uses = [
        tool_call(modern, "new"),
        modern("prompts/get", {"name": "new"}),
        modern("resources/read", {"uri": "new://two"}),
        modern("resources/read", {"uri": "new://one"}),
    ]
    for event in (*uses, tool_call(modern, "grow"), *uses, tool_call(modern, "shrink"), uses[0]):
        function(event)

    lines = lines_of(capsys)
    before, after, last = lines[:4], lines[5:9], lines[10]
    assert [line.get("tool", line.get("name")) for line in before] == ["(unknown)", "(unknown)", None, None]
    assert [line.get("tool", line.get("name")) for line in after] == ["new", "new", "new://{a}", "new://one"]
    assert [line["outcome"] for line in (*after, last)] == ["ok", "ok", "ok", "ok", "error"]
    assert [("Tool", "new") in metrics_of(line) for line in (before[0], after[0], last)] == [False, True, False]
    assert last["tool"] == "(unknown)"

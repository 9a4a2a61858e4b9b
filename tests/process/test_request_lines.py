"""Under AWS's own runtime client, each MCP request has its line, whole, whatever the author's code does to the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.events import handshake, message_of, modern, tool_call
from tests.process.conftest import Run

FRAMED = pytest.mark.parametrize("framed", [True, False], ids=["framed", "on standard output"])


def request_lines(lines: list[str]) -> list[dict[str, Any]]:
    """The lines of requests, all of which are JSON."""
    return [json.loads(line) for line in lines if '"outcome"' in line]


REDIRECTING = """
    import contextlib, io, time
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("redirecting")

    @mcp.tool()
    def late() -> str:
        with contextlib.redirect_stdout(io.StringIO()):
            time.sleep(3)
        return "late"

    @mcp.tool()
    def quick() -> str:
        return "quick"
"""


@FRAMED
def test_a_late_tool_that_redirects_standard_output_takes_no_line_of_another_call(run: Run, framed: bool) -> None:
    events = [tool_call(modern, "late"), *[tool_call(modern, "quick")] * 20]

    _, lines = run(REDIRECTING, events, framed=framed, seconds=1.0)

    assert [line["outcome"] for line in request_lines(lines)] == ["deadline", *["ok"] * 20]


PRINTING = """
    import os, threading
    from mcp.server.mcpserver import MCPServer

    def chatter():
        while True:
            print("from", "a thread")
            if FRAMED:
                os.write(1, b"no end")

    mcp = MCPServer("printing")

    @mcp.tool()
    def quick() -> str:
        return "quick"

    threading.Thread(target=chatter, daemon=True).start()
"""


@FRAMED
def test_a_thread_that_prints_tears_no_line(run: Run, framed: bool) -> None:
    source = PRINTING.replace("FRAMED", str(framed))

    _, lines = run(source, [tool_call(modern, "quick")] * 60, framed=framed)

    assert [line["outcome"] for line in request_lines(lines)] == ["ok"] * 60


SILENCING = """
    import logging, logging.config
    from mcp.server.mcpserver import MCPServer

    logging.config.dictConfig({"version": 1})
    logging.disable(logging.CRITICAL)
    logging.getLogger().handlers.clear()
    raise LookupError("no catalogue")
"""


@FRAMED
def test_no_logging_of_the_authors_silences_the_host(run: Run, framed: bool) -> None:
    answers, lines = run(SILENCING, [tool_call(modern, "quick")], framed=framed)

    assert "its log says why" in answers[0]["body"]
    assert [line["outcome"] for line in request_lines(lines)] == ["start_failed"]
    assert any("LookupError: no catalogue" in line for line in lines)


LEAVING = """
    import sys
    from mcp.server.mcpserver import Context, MCPServer

    mcp = MCPServer("leaving")

    @mcp.tool()
    def leave(text: str) -> str:
        sys.exit(text)

    @mcp.tool()
    async def tell(ctx: Context) -> str:
        await ctx.info("told")
        return "told"
"""


@pytest.mark.parametrize("era", [modern, handshake])
def test_an_exit_of_a_tool_is_told_with_the_authors_line_and_without_its_text(run: Run, era: Any) -> None:
    _, lines = run(LEAVING, [tool_call(era, "leave", text="hunter2")])

    told = next(line for line in map(json.loads, lines) if "stackTrace" in line)
    assert "sys.exit(text)" in told["stackTrace"][-1]
    assert "hunter2" not in "".join(lines)


def test_what_a_tool_tells_its_client_is_logged_without_a_warning_each_time(run: Run) -> None:
    _, lines = run(LEAVING, [tool_call(modern, "tell")] * 2)

    told = [json.loads(line) for line in lines]
    assert [line.get("message", line.get("tool")) for line in told] == ["told", "tell"] * 2


ODD = """
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("odd")

    @mcp.tool()
    def half() -> str:
        return chr(0xD83D)

    @mcp.tool()
    def add(a: int, b: int) -> int:
        return a + b
"""


@pytest.mark.parametrize(("era", "member", "outcome"), [(modern, "result", "ok"), (handshake, "error", "error")])
def test_an_answer_with_half_a_character_reaches_its_client_or_is_an_error_with_its_id(
    run: Run, era: Any, member: str, outcome: str
) -> None:
    (answer,), lines = run(ODD, [tool_call(era, "half")])

    assert answer["statusCode"] == 200
    assert message_of(answer)["id"] == json.loads(tool_call(era, "half")["body"])["id"]
    assert member in message_of(answer)
    assert [line["outcome"] for line in request_lines(lines)] == [outcome]


def test_only_the_endpoint_runs_tools_and_a_slash_at_its_end_is_the_endpoint(run: Run) -> None:
    def at(path: str) -> dict[str, Any]:
        event = tool_call(modern, "add", a=1, b=2)
        event["requestContext"]["http"]["path"] = event["rawPath"] = path
        return event

    answers, lines = run(ODD, [at("/mcp/"), at("/mcp\n"), at("/mcp%0a"), at("/mcp\x00")])

    assert answers[0]["statusCode"] == 200
    assert [answer["statusCode"] for answer in answers[1:]] == [400, 400, 400]
    assert [line["outcome"] for line in request_lines(lines)] == ["ok"]


@pytest.mark.parametrize("required", [{}, {"tools/add": ["books"]}], ids=["with its scope", "without it"])
def test_a_call_without_an_id_is_no_success_of_its_tool(run: Run, required: dict[str, list[str]]) -> None:
    message = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "add", "arguments": {"a": 1, "b": 2}}}
    event = tool_call(handshake, "add", a=1, b=2) | {"body": json.dumps(message)}

    _, lines = run(ODD, [event], metrics="tools", required_scopes=required)

    (line,) = request_lines(lines)
    assert (line["method"], line["outcome"]) == ("tools/call", "without_id")
    assert not {"tool", "Calls", "_aws"} & set(line)

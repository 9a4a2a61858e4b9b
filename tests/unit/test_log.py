"""Each MCP request is one line of JSON that says what was asked and what came of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from lab.events import MODERN, Context, Era, Event, handshake, http_event, modern, tool_call
from mcp_lambda_host import gateway
from tests.filters import is_counted
from tests.unit.conftest import Deploy

SHOP = """
    import asyncio
    from mcp.server.mcpserver import Context, MCPServer

    mcp = MCPServer("shop")

    @mcp.tool()
    def add(a: int, b: int) -> int:
        return a + b

    @mcp.tool()
    def say(text: str, times: int = 1) -> str:
        return text * times

    @mcp.tool()
    def fail(reason: str) -> str:
        raise ValueError(reason)

    @mcp.tool()
    async def complain(ctx: Context) -> str:
        await ctx.error("no stock")
        raise ValueError("no stock")

    @mcp.tool()
    async def wait() -> str:
        await asyncio.sleep(20)

    @mcp.prompt()
    def greet(who: str) -> str:
        return f"Greet {who}."

    @mcp.resource("order://{number}")
    def order(number: str) -> str:
        return number
"""

ERAS = pytest.mark.parametrize(("era", "name"), [(modern, MODERN), (handshake, "handshake")], ids=["modern", "old"])
Lines = list[dict[str, Any]]


def lines_of(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What was written to standard output since, all of it one JSON object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def signed_in(event: Event, **claims: str) -> Event:
    """The event as the gateway sends it on for a caller with a token."""
    return event | {"requestContext": event["requestContext"] | {"authorizer": {"jwt": {"claims": claims}}}}


@ERAS
def test_a_line_says_what_was_asked_and_what_came_of_it(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, era: Era, name: str
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0")
    function = deploy(SHOP, tracing=True)
    function(tool_call(era, "add", a=1, b=2))
    function(modern("tools/list"))

    line, listed = lines_of(capsys)
    assert 0 < line.pop("durationMs") < 30_000
    assert 0 < line.pop("memoryMB") < 1000
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "INFO",
        "requestId": Context.aws_request_id,
        "traceId": "1-5759e988-bd862e3fe1be46a994272793",
        "era": name,
        "tool": "add",
        "outcome": "ok",
        "coldStart": True,
    }
    assert listed["method"] == "tools/list"
    assert "coldStart" not in listed


@ERAS
def test_what_goes_wrong_is_told_apart(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, era: Era, name: str
) -> None:
    monkeypatch.setattr(gateway, "LIMIT", 100_000)
    function = deploy(SHOP)
    function(tool_call(era, "fail", reason="no stock"))
    function(tool_call(era, "add", a="one", b=2))
    function(tool_call(era, "nothing"))
    function(tool_call(era, "wait"), seconds=0.7)
    function(tool_call(era, "say", text='"isError":true, "error":{"code":1}', times=5))
    function(tool_call(era, "say", text="x", times=100_000))

    told = [(line["outcome"], line.get("errorCode"), line["level"]) for line in lines_of(capsys)]
    assert told == [
        ("tool_error", None, "WARN"),
        ("tool_error", None, "WARN"),
        ("error", -32602, "WARN"),
        ("deadline", 504, "WARN"),
        ("ok", None, "INFO"),
        ("oversize", 413, "WARN"),
    ]


def test_an_answer_is_told_by_its_last_event(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    answer = deploy(SHOP)(tool_call(handshake, "complain"))

    assert answer["body"].count("data:") == 2
    (line,) = lines_of(capsys)
    assert line["outcome"] == "tool_error"


def test_a_server_that_cannot_be_started_is_told_apart(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    deploy("mcp = 1 / 0")(tool_call(modern, "add"))

    (line,) = lines_of(capsys)
    assert (line["outcome"], line["level"], line["errorCode"], line["tool"]) == (
        "start_failed",
        "ERROR",
        500,
        "(unknown)",
    )


def test_a_prompt_and_the_template_of_a_resource_are_named_but_no_argument_is(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(SHOP)
    function(modern("prompts/get", {"name": "greet", "arguments": {"who": "4711"}}))
    function(modern("resources/read", {"uri": "order://4711"}))
    function(modern("resources/read", {"uri": "other://4711"}))
    function(modern("tools/list"))

    lines = lines_of(capsys)
    assert [line.get("name") for line in lines] == ["greet", "order://{number}", None, None]
    assert not any("tool" in line for line in lines)
    assert "4711" not in json.dumps(lines)


def test_only_the_first_request_of_an_environment_that_was_started_for_it_is_cold(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for how in ("on-demand", "provisioned-concurrency"):
        monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", how)
        function = deploy(SHOP)
        for _ in range(2):
            function(modern("tools/list"))

    assert ["coldStart" in line for line in lines_of(capsys)] == [True, False, False, False]


def test_only_a_plain_success_may_be_without_a_line_and_what_is_counted_is_exact(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(SHOP, metrics="server", log_sample_rate=0.0)
    for _ in range(2):
        function(tool_call(modern, "add", a=1, b=2))
    function(tool_call(modern, "fail", reason="no stock"))
    function(modern("invented/method"))

    lines = lines_of(capsys)
    assert [(line["outcome"], line.get("coldStart")) for line in lines] == [
        ("ok", True),
        ("tool_error", None),
        ("error", None),
    ]
    assert [line.get("ToolErrors") for line in lines] == [None, 1, None]
    assert not any("weight" in line for line in lines)


def test_a_line_of_a_sample_says_for_how_many_calls_it_stands(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(SHOP, log_sample_rate=0.5)
    for _ in range(64):
        function(modern("tools/list"))

    cold, *lines = lines_of(capsys)
    assert 0 < len(lines) < 63
    assert {line["weight"] for line in lines} == {2}
    assert "weight" not in cold


@pytest.mark.parametrize("how", ["hash", "plain", "none"])
def test_the_caller_is_named_as_the_setting_says(deploy: Deploy, capsys: pytest.CaptureFixture[str], how: str) -> None:
    event = signed_in(modern("tools/list"), sub="ada@example.com", client_id="agent")
    hashed = hashlib.sha256(b"orders\nada@example.com").hexdigest()[:12]

    deploy(SHOP, log_subject=how)(event)

    (line,) = lines_of(capsys)
    assert line.get("subject") == {"hash": hashed, "plain": "ada@example.com", "none": None}[how]


def test_what_is_not_for_the_endpoint_has_no_line(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(SHOP)
    for method, path in [("GET", "/health"), ("GET", "/mcp"), ("POST", "/orders"), ("OPTIONS", "/mcp")]:
        function(http_event(method, path))

    assert lines_of(capsys) == []


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '[{"jsonrpc":"2.0","id":1,"method":"ping"}]', "[" * 100_000])
def test_what_is_no_message_is_an_error_without_a_method(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    deploy(SHOP, metrics="tools")(http_event("POST", "/mcp", body))

    (line,) = lines_of(capsys)
    assert line["outcome"] == "error"
    assert not {"method", "tool", "era", "_aws"} & set(line)


def test_no_name_that_a_client_sends_makes_a_line_long(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(SHOP)
    function(tool_call(modern, "x" * 100_000))
    function(modern("y" * 100_000))

    assert max(len(json.dumps(line)) for line in lines_of(capsys)) < 1000


@pytest.mark.parametrize("level", ["INFO", "WARN", "ERROR", "FATAL"])
def test_a_line_below_the_level_is_written_only_to_be_counted_and_then_at_that_level(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], level: str
) -> None:
    """Lambda drops lines below its level, and takes those without one for INFO."""
    deploy(SHOP, log_level=level)(tool_call(modern, "add", a=1, b=2))
    assert len(lines_of(capsys)) == (level == "INFO")

    function = deploy(SHOP, log_level=level, metrics="server")
    for _ in range(2):
        function(tool_call(modern, "add", a=1, b=2))
    cold, warm = lines_of(capsys)
    assert [line["level"] for line in (cold, warm)] == [level] * 2
    assert (is_counted(cold), cold["ColdStarts"]) == (True, 1)
    assert is_counted(warm)
    assert "_aws" not in warm


def test_arguments_and_answer_are_logged_only_when_asked_for(
    deploy: Deploy, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(SHOP)(tool_call(modern, "say", text="hello"))
    (line,) = lines_of(capsys)
    assert not {"arguments", "answer"} & set(line)

    deploy(SHOP, log_payloads=True)(tool_call(modern, "say", text="hello", times=10_000))
    (line,) = lines_of(capsys)
    assert json.loads(line["arguments"]) == {"name": "say", "arguments": {"text": "hello", "times": 10_000}}
    assert "hellohello" in line["answer"]
    assert len(line["answer"]) == 10_000


def test_a_call_that_no_answer_can_be_made_of_is_no_success(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> None:
    function = deploy(
        """
        async def app(scope, receive, send):
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 200, "headers": [(b"\\xff", b"x")]})
                await send({"type": "http.response.body", "body": b"{}"})
        """,
        "app",
    )

    with pytest.raises(UnicodeDecodeError):
        function(tool_call(modern, "add"))

    (line,) = lines_of(capsys)
    assert (line["outcome"], line["errorCode"]) == ("error", 500)

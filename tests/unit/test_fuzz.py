"""Whatever a client sends, the function answers it as the client's mistake, and goes on."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.events import MODERN, Era, Event, handshake, http_event, message_of, modern, rest_event, text_of, tool_call
from mcp_lambda_host import own_log
from tests.unit.conftest import Deploy, Function, RequestLines

SERVER = """
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("target")

    @mcp.tool()
    def add(a: int, b: int) -> int:
        return a + b

    @mcp.prompt()
    def greet(who: str) -> str:
        return f"Greet {who}."

    @mcp.resource("note://{name}")
    def note(name: str) -> str:
        return name
"""

GOOD: dict[str, dict[str, Any]] = {
    "initialize": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "f", "version": "1"}},
    "server/discover": {},
    "tools/list": {},
    "tools/call": {"name": "add", "arguments": {"a": 1, "b": 2}},
    "prompts/get": {"name": "greet", "arguments": {"who": "Ada"}},
    "resources/read": {"uri": "note://milk"},
    "completion/complete": {"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "who", "value": ""}},
    "subscriptions/listen": {"notifications": {"toolsListChanged": True}},
    "logging/setLevel": {"level": "info"},
    "ping": {},
}

MARK = "zqmark"
"""Stands in texts that a client makes up."""

marked = st.text(max_size=20).map(MARK.__add__)
made_up_names = st.text("abc-_.:/", max_size=20).map(MARK.__add__)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | marked,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | marked, inner, max_size=4),
    max_leaves=12,
)
odd_ids: st.SearchStrategy[Any] = (
    st.sampled_from([0, -1, 1.5, True, None, "", 10**400, MARK * 20_000, [], {}]) | anything
)
odd_values = marked | st.sampled_from(
    ["", "=?base64?YWRk?=", "=?base64?!?=", "-1", "9" * 30, "a:b:c", "\x00", "\r\nx: y", "ä", "\ud800", MARK * 1000]
)
odd_bodies = (
    st.text(max_size=200)
    | marked
    | st.sampled_from(
        ["", "{", "null", "[]", "[" * 100_000, '{"jsonrpc":"2.0","id":1,"id":2}', "\ufeff{}", "NaN", "1e999", "\ud800"]
    )
)
names = st.sampled_from([
    "mcp-protocol-version", "mcp-method", "mcp-name", "mcp-session-id", "mcp-param-a", "last-event-id", "origin",
    "host", "content-type", "accept", "content-length", "transfer-encoding", "cookie", "x-forwarded-proto",
    "x-forwarded-port",
]) | st.text(min_size=1, max_size=10)  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> Event:
    """A good request, of which up to three things are made odd."""
    method = draw(st.sampled_from(sorted(GOOD)))
    era: Era = draw(st.sampled_from([modern, handshake]))
    event = era(method, GOOD[method])
    if draw(st.booleans()):
        event = as_rest(event)
    for _ in range(draw(st.integers(0, 3))):
        draw(st.sampled_from(ODDITIES))(draw, event)
    return event


def as_rest(event: Event) -> Event:
    headers = {name.replace("-", "_"): value for name, value in event["headers"].items()}
    return rest_event("POST", "/mcp", event["body"], **headers)


def odd_header(draw: st.DrawFn, event: Event) -> None:
    name, value = draw(names), draw(odd_values | st.text(max_size=30))
    event["headers"][name] = value
    event.get("multiValueHeaders", {})[name] = [value]


def missing_header(draw: st.DrawFn, event: Event) -> None:
    name = draw(st.sampled_from(sorted(event["headers"])))
    event["headers"].pop(name)
    event.get("multiValueHeaders", {}).pop(name, None)


def odd_field(draw: st.DrawFn, event: Event) -> None:
    def change(message: dict[str, Any]) -> None:
        message[draw(st.sampled_from(["jsonrpc", "method", "params", "result"]))] = draw(anything)

    _in_body(event, change)


def odd_id(draw: st.DrawFn, event: Event) -> None:
    _in_body(event, lambda message: message.__setitem__("id", draw(odd_ids)))


def odd_parameter(draw: st.DrawFn, event: Event) -> None:
    def change(message: dict[str, Any]) -> None:
        if isinstance(message.get("params"), dict):
            known = ["name", "arguments", "uri", "ref", "argument", "cursor", "requestState", "inputResponses", "_meta"]
            message["params"][draw(st.sampled_from(known))] = draw(anything | odd_values)

    _in_body(event, change)


def odd_name(draw: st.DrawFn, event: Event) -> None:
    """A name that a client makes up, told alike in the header and the body, so that nothing refuses it before."""
    made_up = draw(made_up_names)
    event["headers"]["mcp-name"] = made_up
    event.get("multiValueHeaders", {})["mcp-name"] = [made_up]

    def change(message: dict[str, Any]) -> None:
        params = message.get("params")
        if isinstance(params, dict):
            params |= {name: made_up for name in ("name", "uri") if name in params}

    _in_body(event, change)


def odd_method(draw: st.DrawFn, event: Event) -> None:
    made_up = draw(made_up_names)
    event["headers"]["mcp-method"] = made_up
    event.get("multiValueHeaders", {})["mcp-method"] = [made_up]
    _in_body(event, lambda message: message.__setitem__("method", made_up))


def odd_body(draw: st.DrawFn, event: Event) -> None:
    event["body"] = draw(odd_bodies | st.none())


def encoded(draw: st.DrawFn, event: Event) -> None:
    if event["body"] is not None and draw(st.booleans()):
        event["body"] = base64.b64encode(event["body"].encode("utf-8", "surrogatepass")).decode()
    event["isBase64Encoded"] = True


def odd_route(draw: st.DrawFn, event: Event) -> None:
    path = draw(
        st.sampled_from(["/mcp/", "/", "//", "/health", "/%", "/mcp%00", "/../mcp"]) | st.text(max_size=20) | marked
    )
    verb = draw(st.sampled_from(["POST", "GET", "DELETE", "OPTIONS", "HEAD", "BREW", ""]))
    if "http" in event["requestContext"]:
        event["requestContext"]["http"] |= {"path": path, "method": verb}
    else:
        event |= {"path": path, "httpMethod": verb}


ODDITIES = [
    odd_header, missing_header, odd_field, odd_id, odd_parameter, odd_name, odd_method, odd_body, encoded, odd_route,
]  # fmt: skip


def _in_body(event: Event, change: Callable[[dict[str, Any]], None]) -> None:
    try:
        message = json.loads(event["body"])
    except (TypeError, ValueError, RecursionError):
        return  # another oddity was here
    if isinstance(message, dict):
        change(message)
        event["body"] = json.dumps(message)


def is_for_the_endpoint(event: Event, answer: dict[str, Any]) -> bool:
    """Whether a request must have a line: it is one to MCP, and can be read at all."""
    http = event["requestContext"].get("http") or {"method": event["httpMethod"], "path": event["path"]}
    unreadable = answer["statusCode"] == 400 and "This is no request that can be read" in answer["body"]
    return http["method"] == "POST" and http["path"] in ("/mcp", "/mcp/") and not unreadable


@pytest.fixture
def function(deploy: Deploy) -> Function:
    return deploy(SERVER, metrics="tools")


@settings(max_examples=1000, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(event=events())
def test_a_thousand_odd_requests_are_answered_without_a_failure_and_each_has_one_short_line_that_quotes_nothing(
    function: Function, event: dict[str, Any]
) -> None:
    written = io.StringIO()
    own_log.logger.handlers = [RequestLines(written)]

    answer = function(event, seconds=10)

    assert 200 <= answer["statusCode"] < 500
    assert "Traceback" not in answer["body"]
    json.dumps(answer)
    lines = written.getvalue().splitlines()
    assert len(lines) == is_for_the_endpoint(event, answer)
    assert not any(MARK in line.lower() or len(line) > 4096 for line in lines)


def test_the_server_still_works_after_the_worst_of_them(function: Function) -> None:
    for body in ("[" * 100_000 + "]" * 100_000, '{"jsonrpc":"2.0","id":' + "9" * 5000 + "}", "\x00" * 1000):
        for version in (MODERN, "2025-11-25"):
            assert function(http_event("POST", "/mcp", body, mcp_protocol_version=version))["statusCode"] == 400

    assert text_of(function(tool_call(modern, "add", a=1, b=2))) == "3"
    assert message_of(function(modern("tools/list")))["result"]

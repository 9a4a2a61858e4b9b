"""Nothing that a client may choose comes into the log, wherever in a request it stands and whatever becomes of it."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from lab.events import META, Era, Event, handshake, http_event, modern, rest_event
from mcp_lambda_host.messages import parse_object
from tests.process.test_author_log import CARELESS, CARELESS_APP, output_of

MARK = "zqmark"
"""Begins each marker, whose number is that of the place where it is planted."""

HEADERS = (
    *("traceparent", "tracestate", "baggage", "x-amzn-trace-id", "user-agent", "origin", "host", "x-forwarded-host"),
    *("x-forwarded-proto", "x-forwarded-for", "forwarded", "referer", "authorization", "cookie", "content-type"),
    *("content-encoding", "content-length", "transfer-encoding", "expect", "accept", "mcp-protocol-version"),
    *("mcp-method", "mcp-name", "mcp-session-id", "mcp-param-text", "last-event-id", "access-control-request-method"),
)

OWN = {
    **META,
    "io.modelcontextprotocol/clientInfo": {"name": "agent", "version": "1", "title": "Agent"},
    "io.modelcontextprotocol/logLevel": "debug",
    "progressToken": "token",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "tracestate": "vendor=1",
    "baggage": "user=1",
    "example.com/own": {"key": ["value"]},
}
"""A `_meta` with every member that is given a meaning, and one that has none."""

ECHO = {"name": "echo", "arguments": {"text": "a"}}
USES: list[tuple[str, dict[str, Any]]] = [
    ("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}),
    ("server/discover", {}),
    ("tools/list", {"cursor": "next"}),
    ("tools/call", ECHO | {"_meta": OWN}),
    ("tools/call", ECHO | {"requestState": "v1.a", "inputResponses": {"a": {}}}),
    ("prompts/get", {"name": "greet", "arguments": {"text": "a"}}),
    ("resources/read", {"uri": "note://a", "_meta": OWN}),
    (
        "completion/complete",
        {"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "text", "value": ""}},
    ),
    ("logging/setLevel", {"level": "info"}),
    ("resources/subscribe", {"uri": "note://a"}),
    ("subscriptions/listen", {"notifications": {"toolsListChanged": True}}),
    ("notifications/cancelled", {"requestId": 1, "reason": "none", "_meta": OWN}),
]

SHAPES: tuple[Callable[[str], Any], ...] = (
    str,
    lambda mark: f"{mark}=;,==%zz\x00\r\n\ud800ä" + mark * 2000,  # too long and malformed for whatever parses it
    lambda mark: f"=?base64?{base64.b64encode(mark.encode()).decode()}?=",
    lambda mark: {mark: [mark]},
)
"""What is made of a marker: what a place takes, and what it does not."""

Place = tuple[str | int, ...]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """The places of all values in some JSON."""
    yield place
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        yield from chain.from_iterable(places(each, (*place, key)) for key, each in inside)


def planted(value: Any, place: Place, new: Any, *, as_key: bool) -> Any:
    """A copy of some JSON with something new at a place, or with a new key beside it."""
    if not place:
        return new
    value = inside = copy.deepcopy(value)
    for key in place[:-1]:
        inside = inside[key]
    if as_key and isinstance(inside, dict):
        inside[str(new)] = inside[place[-1]]
    else:
        inside[place[-1]] = new
    return value


def bodies(marks: Iterator[str], message: Any) -> Iterator[str]:
    """The message with a marker at each of its places, in each shape; once with one at all of them."""
    for place in places(message):
        for shape in SHAPES:
            yield json.dumps(planted(message, place, shape(next(marks)), as_key=False))
        yield json.dumps(planted(message, place, next(marks), as_key=True))
    for rest in ({"method": MARK}, {"id": None}, {"params": [MARK]}, {"result": MARK}):
        yield json.dumps(message | rest)
    yield json.dumps([message, MARK])
    yield MARK
    yield json.dumps(message) + MARK


def with_headers(marks: Iterator[str], event: Event) -> Iterator[Event]:
    """The event with a marker in each header, in each shape that is a text, and in path and query."""
    for name in {*event["headers"], *HEADERS, f"x-{MARK}"}:
        for shape in SHAPES[:3]:
            value = shape(next(marks)).replace("\x00\r\n\ud800", "")  # what no gateway lets through
            many = {"multiValueHeaders": event["multiValueHeaders"] | {name: [value]}} if "path" in event else {}
            yield event | {"headers": event["headers"] | {name: value}} | many
    yield event | {"rawQueryString": f"{next(marks)}={next(marks)}", "queryStringParameters": {MARK: MARK}}
    yield event | {"cookies": [next(marks)]}
    for path in (f"/{MARK}", f"/mcp/{MARK}", f"/health/{MARK}", "/mcp/"):
        http = event["requestContext"].get("http", {}) | {"path": path, "userAgent": next(marks)}
        yield event | {"rawPath": path, "path": path} | {"requestContext": event["requestContext"] | {"http": http}}
    for verb in ("GET", "OPTIONS", MARK.upper()):
        http = event["requestContext"].get("http", {}) | {"method": verb}
        yield event | {"httpMethod": verb, "requestContext": event["requestContext"] | {"http": http}}


def requests(era: Era) -> list[Event]:
    """Requests of one era, each with a marker of the client's somewhere."""
    marks = (f"{MARK}{number}" for number in range(100_000))
    found: list[Event] = []
    for method, params in USES:
        event = era(method, params)
        message = json.loads(event["body"])
        message["params"]["_meta"] = params.get("_meta", META)
        event["body"] = json.dumps(message)
        for body in bodies(marks, message):
            found.append(event | {"body": body, "headers": event["headers"] | same_name(body)})
        if "_meta" in params:
            found += with_headers(marks, event)
            headers = {name.replace("-", "_"): value for name, value in event["headers"].items()}
            found += with_headers(marks, rest_event("POST", "/mcp", event["body"], **headers))
    return found


def same_name(body: str) -> dict[str, str]:
    """The header that must say the same name as a body."""
    params = parse_object(body).get("params")
    name = (params.get("name") or params.get("uri")) if isinstance(params, dict) else None
    return {"mcp-name": name} if isinstance(name, str) else {}


def everywhere(event: Event) -> Event:
    """The event with a marker wherever it changes nothing of what is done."""
    message = json.loads(event["body"])
    meta = message["params"].get("_meta", {})
    message["params"]["_meta"] = meta | {name: MARK for name in OWN if name not in META} | {MARK: MARK}
    message["id"] = MARK
    ours = ("origin", "host", "content-type", "accept", "mcp-protocol-version", "mcp-method", "mcp-name")
    headers = {name: MARK * 2000 for name in HEADERS if name not in ours}
    return event | {"body": json.dumps(message), "headers": event["headers"] | headers, "rawQueryString": MARK}


FAILING = [
    everywhere(era("tools/call", {"name": tool, "arguments": {"text": MARK}}))
    for era in (modern, handshake)
    for tool in ("count", "fail", "refuse", "forget", "leave", "wait")
] + [
    everywhere(era(method, params | {"arguments": {"text": MARK}, "uri": f"note://{MARK}"}))
    for era in (modern, handshake)
    for method, params in USES
]


def marked(lines: list[str]) -> list[str]:
    return [line[:600] for line in lines if MARK in line.lower()]


def outcomes(lines: list[str]) -> list[str]:
    return [line["outcome"] for line in map(json.loads, lines) if "outcome" in line]


TELEMETRY: dict[str, Any] = {"tracing": True, "metrics": "tools", "required_scopes": {"prompts/greet": ["greet"]}}


@pytest.mark.parametrize(
    ("era", "settings"),
    [(modern, TELEMETRY), (handshake, {})],
    ids=["modern, with metrics, traces and scopes", "handshake, without"],
)
def test_nothing_of_a_client_is_in_the_log(tmp_path: Path, era: Era, settings: dict[str, Any]) -> None:
    sent = requests(era)
    environ = {
        "PASSWORD": "",
        "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
        "_X_AMZN_TRACE_ID": f"Root={MARK};Parent=53995c3f42cd8ad8;Sampled=1;{MARK}={MARK}",
    }

    lines = output_of(tmp_path, CARELESS, sent, environ=environ, log_level="TRACE", **settings)

    assert marked(lines) == []
    assert max(map(len, lines)) < 4096


def test_nothing_of_a_client_is_in_the_log_when_its_request_fails(tmp_path: Path) -> None:
    environ = {"PASSWORD": ""}

    lines = output_of(tmp_path, CARELESS, FAILING, seconds=1.0, environ=environ, log_level="TRACE", **TELEMETRY)

    assert marked(lines) == []
    assert len(outcomes(lines)) == len(FAILING)


@pytest.mark.parametrize(
    ("source", "attribute"), [(CARELESS_APP, "app"), ("raise LookupError('no database')", "mcp")], ids=["app", "none"]
)
def test_nothing_of_a_client_is_in_the_log_of_an_application_or_of_a_server_that_cannot_start(
    tmp_path: Path, source: str, attribute: str
) -> None:
    events = [*FAILING, http_event("GET", "/orders") | {"rawQueryString": f"key={MARK}"}]

    lines = output_of(tmp_path, source, events, entrypoint=f"server:{attribute}", log_level="TRACE")

    assert marked(lines) == []
    assert len(outcomes(lines)) == len(FAILING)

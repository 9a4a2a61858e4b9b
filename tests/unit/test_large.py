"""What a large answer takes on its way through the host: no pass over it and no copy of it that it does not need."""

from __future__ import annotations

import gc
import json
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.events import Era, handshake, http_event, modern, tool_call
from mcp_lambda_host import gateway
from mcp_lambda_host.http.answers import last_data
from mcp_lambda_host.telemetry.calls import Call
from tests.unit.conftest import Deploy

SIZE = 3_000_000
ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])

READY = f"""
    BODY = b'{{"jsonrpc":"2.0","id":1,"result":{{"content":"' + b"x" * {SIZE} + b'","isError":false}}}}'
    STREAM = b"event: message\\r\\ndata: " + BODY + b"\\r\\n\\r\\n"

    async def server(scope, receive, send):
        if scope["type"] == "lifespan":
            return
        streams = b"handshake" in scope["query_string"]
        kind = b"text/event-stream" if streams else b"application/json"
        await send({{"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}})
        await send({{"type": "http.response.body", "body": STREAM if streams else BODY, "more_body": True}})
        await send({{"type": "http.response.body"}})
"""

TEXTS = """
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("texts")

    @mcp.tool(structured_output=False)
    def text(size: int) -> str:
        return "x" * size
"""


def copies(call: Callable[[], object]) -> tuple[float, float]:
    """How many times the size of the answer a call holds at most, and how many are left once its answer is gone."""
    call()
    gc.collect()
    gc.disable()  # what is left must not wait for it
    tracemalloc.start()
    try:
        call()
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    return most / SIZE, left / SIZE


@pytest.mark.parametrize("kind", ["json", "handshake"])
def test_the_host_holds_an_answer_once_beside_the_servers_own(deploy: Deploy, kind: str) -> None:
    function = deploy(READY, "server")
    event = http_event("POST", "/mcp", "{}") | {"rawQueryString": kind}

    most, left = copies(lambda: function(event))

    assert most < 1.2
    assert left < 0.1


@ERAS
def test_an_answer_of_the_sdks_is_gone_once_it_is_answered(deploy: Deploy, era: Era) -> None:
    function = deploy(TEXTS)

    assert copies(lambda: function(tool_call(era, "text", size=SIZE)))[1] < 0.1


class NotRead(str):
    """A text in which nothing may be looked for from its beginning to its end."""

    def __contains__(self, part: object) -> bool:
        raise AssertionError(f"{part!r} is looked for in all of it")


@pytest.mark.parametrize("era", ["2026-07-28", "handshake"])
def test_an_answer_that_ends_with_success_is_judged_by_its_end(era: str) -> None:
    result = {"content": [{"text": "x" * 10_000, "type": "text"}], "isError": False}
    if era == "2026-07-28":
        result |= {"resultType": "complete", "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "}"}}}
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}, separators=(",", ":"))
    body = message if era == "2026-07-28" else f"event: message\r\ndata: {message}\r\n\r\n"
    call = Call(response={"statusCode": 200, "body": NotRead(body)})

    call.judge()

    assert call.outcome == "ok"


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        ({"isError": True, "content": [], "structuredContent": {"isError": False}}, "tool_error"),
        ({"isError": True, "content": [{"isError": False, "type": "text", "text": '"isError":false}}'}]}, "tool_error"),
        ({"content": [{"type": "text", "text": '"isError":true'}], "isError": False}, "ok"),
        ({"content": [{"isError": True}], "isError": False}, "ok"),
        ({"content": [{"isError": False}]}, "ok"),
        ({"content": [{"type": "text", "text": "x" * 5000}], "isError": True}, "tool_error"),
        ({"isError": True, "content": [{"type": "text", "text": "x" * 5000}]}, "tool_error"),
    ],
)
def test_only_the_verdict_of_the_result_itself_counts(result: dict[str, object], outcome: str) -> None:
    message = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})
    call = Call(response={"statusCode": 200, "body": message})

    call.judge()

    assert call.outcome == outcome


@pytest.mark.parametrize(
    ("stream", "data"),
    [
        (b"event: message\r\ndata: 1\r\n\r\nevent: message\r\ndata: 2\r\n\r\n", b"2"),
        (b"data:1\n\n", b"1"),
        (b"data: 1\nid: 7\n\n", b"1"),
        (b"data: 1", b"1"),
        (b": ping\r\n\r\n", b""),
        (b"", b""),
    ],
)
def test_the_last_event_of_a_stream_is_the_one_whose_data_counts(stream: bytes, data: bytes) -> None:
    assert last_data(stream) == data


@given(st.text(st.characters(codec="utf-8"), max_size=40))
@pytest.mark.parametrize("escapes_all", [True, False])
def test_the_size_of_an_answer_is_that_of_its_json(escapes_all: bool, text: str) -> None:
    body = f'{text}"\\/\b\n\x00\x1f\x7f~ é東\U0001f600\u2028'
    answer = {"statusCode": 200, "headers": {"x": "ü"}, "body": body}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gateway, "LIMIT", 0)
        patched.setattr(gateway, "PART", 7)
        patched.setattr(gateway, "ESCAPES_ALL", escapes_all)
        assert gateway.size_of(answer) == len(json.dumps(answer, ensure_ascii=escapes_all).encode())

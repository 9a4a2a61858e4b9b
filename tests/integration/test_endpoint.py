"""What holds for any MCP endpoint of the module, on the local AWS or, with --url, anywhere."""

from __future__ import annotations

import asyncio

import pytest

from lab.events import MODERN, Era, handshake, http_event, message_in, modern
from tests.integration.conftest import Endpoint

ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])


@pytest.mark.parametrize("mode", ["auto", "legacy", MODERN])
def test_the_official_client_connects_lists_and_leaves(endpoint: Endpoint, mode: str) -> None:
    async def session() -> tuple[str, int]:
        async with endpoint.connect(mode) as client:
            listed = [await client.list_tools() for _ in range(3)]
            assert len({result.model_dump_json() for result in listed}) == 1
            return str(client.protocol_version), len(listed[0].tools)

    version, tools = asyncio.run(session())

    assert (version == MODERN) is (mode != "legacy")
    assert tools > 0


@ERAS
def test_the_hundredth_call_is_answered_like_the_first(endpoint: Endpoint, era: Era) -> None:
    answers = {endpoint.post(era("tools/list")).text for _ in range(100)}

    (answer,) = answers
    assert message_in(answer)["result"]["tools"]


def test_health_is_open_and_names_the_server(endpoint: Endpoint) -> None:
    answer = Endpoint(endpoint.url).send("GET", "/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()) == {"status", "name", "version", "host"}


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
def test_other_methods_are_refused_at_once(endpoint: Endpoint, method: str) -> None:
    answer = endpoint.send(method)

    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.elapsed.total_seconds() < 10  # a stream would last until the timeout


def test_malformed_requests_are_refused_in_words(endpoint: Endpoint) -> None:
    broken = endpoint.post(http_event("POST", "/mcp", "{", mcp_protocol_version=MODERN))
    text = endpoint.post(http_event("POST", "/mcp", "{}", content_type="text/plain"))
    large = endpoint.post(http_event("POST", "/mcp", f'"{"x" * 4_200_000}"'))
    unknown = endpoint.post(modern("tools/destroy"))

    assert (broken.status_code, broken.json()["error"]["code"]) == (400, -32700)
    assert text.status_code == 400
    assert large.status_code == 413
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, -32601)


def test_an_unknown_path_is_not_found(endpoint: Endpoint) -> None:
    assert endpoint.send("GET", "/nowhere").status_code == 404


def test_a_foreign_origin_is_refused(endpoint: Endpoint) -> None:
    assert endpoint.send("GET", "/health", headers={"origin": "https://evil.example"}).status_code == 403


def test_streams_are_neither_advertised_nor_held_open(endpoint: Endpoint) -> None:
    capabilities = message_in(endpoint.post(modern("server/discover")).text)["result"]["capabilities"]
    listen = endpoint.post(modern("subscriptions/listen", {"notifications": {"toolsListChanged": True}}))

    assert capabilities["tools"] == {"listChanged": False}
    assert (listen.status_code, listen.json()["error"]["code"]) == (404, -32601)

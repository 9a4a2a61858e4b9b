"""Whether both eras of the protocol are spoken as the specification and the clients expect it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess

import pytest
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from lab.events import MODERN, Era, handshake, http_event, message_in, modern, tool_call
from lab.local_aws import REPOSITORY
from tests.integration.conformance.suite import Scenario, judge
from tests.integration.conftest import Endpoint

from .conftest import Look, hello
from .relay import Relay

CONFORMANCE = REPOSITORY / "tests/integration/conformance/node_modules/.bin"
SCENARIOS = [
    (MODERN, "server-stateless"),
    (MODERN, "tools-list"),
    (MODERN, "prompts-list"),
    (MODERN, "resources-list"),
    (MODERN, "sep-2164-resource-not-found"),
    (MODERN, "caching"),
    ("2025-11-25", "server-initialize"),
    ("2025-11-25", "ping"),
    ("2025-11-25", "tools-list"),
    ("2025-11-25", "prompts-list"),
    ("2025-11-25", "resources-list"),
]
"""Scenarios of the official suite that call no tool; the others need tools, prompts and resources of their own."""

NEED_TOOLS = (
    "sep-2575-server-rejects-undeclared-capability",
    "sep-2575-missing-capability-http-400",
    "sep-2575-http-server-no-independent-requests-on-stream",
    "sep-2575-server-no-log-without-loglevel",
)
"""The checks among them that do need one, and fail without."""


def test_an_mcp_server_answers(look: Look) -> None:
    assert not look.silent, look.silent


@pytest.mark.parametrize("mode", ["auto", "legacy", MODERN])
def test_the_official_client_connects_lists_and_leaves(caller: Endpoint, mode: str, versions: dict[str, str]) -> None:
    if mode in versions or (mode == "legacy" and "handshake" in versions):
        pytest.skip(f"the server does not speak {mode}")

    async def session() -> tuple[str, int]:
        async with caller.connect(mode) as client:
            listed = [await client.list_tools() for _ in range(3)]
            assert len({result.model_dump_json() for result in listed}) == 1
            return str(client.protocol_version), len(listed[0].tools)

    version, tools = asyncio.run(session())

    assert (version == MODERN) is (mode != "legacy" and MODERN not in versions)
    assert tools > 0


def test_the_twentieth_call_is_answered_like_the_first(caller: Endpoint, era: Era) -> None:
    answers = {caller.post(era("tools/list")).text for _ in range(20)}

    (answer,) = answers
    assert message_in(answer)["result"]["tools"]


@pytest.mark.parametrize("request_id", [0, 2**53 - 1, "a/ü"], ids=["zero", "large", "text"])
def test_an_answer_has_the_id_of_its_request(caller: Endpoint, era: Era, request_id: int | str) -> None:
    assert message_in(caller.post(era("tools/list", None, request_id)).text)["id"] == request_id


@pytest.mark.parametrize("version", HANDSHAKE_PROTOCOL_VERSIONS)
def test_a_client_of_the_handshake_era_gets_the_version_it_asks_for(
    caller: Endpoint, versions: dict[str, str], version: str
) -> None:
    if "handshake" in versions:
        pytest.skip("the server does not speak handshake")
    result = message_in(caller.post(handshake("initialize", hello(version))).text)["result"]

    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"]


def test_a_session_that_another_server_began_is_ignored(caller: Endpoint) -> None:
    assert caller.post(handshake("tools/list"), headers={"mcp-session-id": "stale"}).status_code == 200


def test_a_notification_is_accepted(caller: Endpoint) -> None:
    body = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert caller.post(http_event("POST", "/mcp", body)).status_code == 202


def test_a_client_that_takes_json_alone_gets_json(caller: Endpoint, era: Era) -> None:
    answer = caller.post(era("tools/list"), headers={"accept": "application/json"})

    assert answer.status_code == 200
    assert answer.json()["result"]["tools"]


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH"])
def test_other_methods_are_refused_at_once(caller: Endpoint, method: str) -> None:
    answer = caller.send(method, timeout=10)  # a stream would last until the timeout

    assert (answer.status_code, answer.headers.get("allow")) == (405, "POST")


@pytest.mark.parametrize("body", ["{", "", "[" * 10_000], ids=["cut", "empty", "deep"])
@pytest.mark.parametrize("version", [MODERN, "2025-11-25"])
def test_a_broken_body_is_a_parse_error(caller: Endpoint, version: str, body: str) -> None:
    answer = caller.post(http_event("POST", "/mcp", body, mcp_protocol_version=version))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32700)


def test_another_media_type_is_refused(caller: Endpoint) -> None:
    assert caller.post(modern("tools/list"), headers={"content-type": "text/plain"}).status_code in (400, 415)


def test_an_unknown_method_is_not_found(caller: Endpoint, era: Era) -> None:
    answer = caller.post(era("tools/destroy"))

    assert message_in(answer.text)["error"]["code"] == -32601
    assert answer.status_code == (404 if era is modern else 200)


def test_an_unknown_tool_is_an_error_that_names_it(caller: Endpoint, era: Era) -> None:
    answer = message_in(caller.post(tool_call(era, "no-such-tool-here")).text)

    assert answer.get("error", {}).get("code") == -32602 or answer["result"]["isError"]
    assert "no-such-tool-here" in json.dumps(answer)


def test_a_header_that_contradicts_the_body_is_refused(current: Endpoint) -> None:
    answer = current.post(modern("tools/list"), headers={"mcp-method": "prompts/list"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32020)


def test_an_unknown_version_is_answered_with_those_that_are_spoken(current: Endpoint) -> None:
    event = modern("tools/list")
    event["body"] = event["body"].replace(MODERN, "2099-01-01")
    answer = current.post(event, headers={"mcp-protocol-version": "2099-01-01"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32022)
    assert MODERN in answer.json()["error"]["data"]["supported"]


def test_a_request_that_does_not_say_what_its_client_can_is_refused(current: Endpoint) -> None:
    event = modern("tools/list")
    event["body"] = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
    answer = current.post(event)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, -32602)


def test_streams_are_neither_advertised_nor_held_open(current: Endpoint) -> None:
    capabilities = message_in(current.post(modern("server/discover")).text)["result"]["capabilities"]
    event = modern("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
    listen = current.post(event, timeout=10)

    assert not capabilities["tools"].get("listChanged")
    assert (listen.status_code, listen.json()["error"]["code"]) == (404, -32601)


def test_the_tool_that_was_named_is_called(caller: Endpoint, era: Era, tool: dict[str, object]) -> None:
    result = message_in(caller.post(era("tools/call", tool)).text)["result"]

    assert not result.get("isError"), result["content"]


@pytest.fixture(scope="session")
def scenarios(
    relay: Relay, versions: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], Scenario]:
    """What the official suite found in the versions that the server speaks; it starts once, which takes the longest."""
    directory = tmp_path_factory.mktemp("conformance")
    environ = os.environ | {"PATH": f"{CONFORMANCE}:{os.environ['PATH']}", "HOME": str(directory)}

    def node(*line: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(line, env=environ, check=check, timeout=300, capture_output=True, text=True)

    wanted = [(version, name) for version, name in SCENARIOS if is_spoken(version, versions)]
    return dict(zip(wanted, judge(node, relay.url, wanted, directory), strict=True))


def is_spoken(version: str, versions: dict[str, str]) -> bool:
    return version not in versions and (version == MODERN or "handshake" not in versions)


@pytest.mark.usefixtures("caller")
@pytest.mark.parametrize(("version", "scenario"), SCENARIOS)
def test_the_official_suite_passes(
    versions: dict[str, str], version: str, scenario: str, request: pytest.FixtureRequest
) -> None:
    if not (CONFORMANCE / "conformance").exists():
        pytest.skip("the official suite needs Node.js 20 or newer: install it and run scripts/test again")
    if not is_spoken(version, versions):
        pytest.skip(f"the server does not speak {version}")
    judged = request.getfixturevalue("scenarios")[version, scenario]  # late, as nothing can be judged for a stranger

    assert [failure for failure in judged.failures if not failure.startswith(NEED_TOOLS)] == []

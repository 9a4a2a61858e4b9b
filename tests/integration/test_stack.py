"""What needs tools that misbehave: those of tests/integration/stack, on the local AWS or deployed anywhere."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mcp_types import ElicitResult, PromptReference

from lab.events import MODERN, Era, handshake, message_in, modern, tool_call
from tests.integration.conftest import Endpoint
from tests.integration.rounds import environments_of_a_booking

ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])


@pytest.fixture(scope="module", params=["http", "rest"])
def either(request: pytest.FixtureRequest, stack: Endpoint, deploy_stack: Callable[..., Endpoint]) -> Endpoint:
    """The stack behind each kind of API, for what clients do together with the gateway."""
    return stack if request.param == "http" else deploy_stack("integration-rest", front="rest")


@ERAS
@pytest.mark.parametrize("tool", ["sleep", "wait", "block"])
def test_a_tool_past_its_time_is_answered_with_the_limit_and_the_next_call_is_served(
    stack: Endpoint, era: Era, tool: str
) -> None:
    begun = time.monotonic()
    late = stack.call(era, tool, seconds=20)
    took = time.monotonic() - begun
    next_one = stack.call(era, "add", a=1, b=2)

    assert late["error"]["code"] == 504
    assert "2.5 s" in late["error"]["message"]
    assert took > 2
    assert next_one["result"]["structuredContent"] == {"result": 3}


@ERAS
def test_a_tool_that_raises_is_reported_as_its_failure(stack: Endpoint, era: Era) -> None:
    failed = stack.call(era, "fail", reason="no such order")["result"]

    assert failed["isError"] is True
    assert "Traceback" not in failed["content"][0]["text"]


def test_parallel_calls_spread_over_environments_and_beyond_the_reserved_ones_are_told_to_come_back(
    stack: Endpoint,
) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: stack.post(tool_call(modern, "sleep", seconds=1.5)), range(12)))

    statuses = [answer.status_code for answer in answers]
    served = {message_in(a.text)["result"]["content"][0]["text"] for a in answers if a.status_code == 200}
    assert set(statuses) == {200, 429}, "AWS answers 503 instead of 429 where it, not the emulator, throttles"
    assert len(served) == statuses.count(200) == 4
    assert stack.call(modern, "add", a=1, b=2)["result"]["structuredContent"] == {"result": 3}


def test_a_call_of_two_rounds_may_land_on_another_environment(either: Endpoint) -> None:
    assert len(environments_of_a_booking(either)) > 1


def answered(endpoint: Endpoint, state: str, room: int = 7) -> dict[str, Any]:
    """The answer to the second round of a booking."""
    answers = {"sure": {"action": "accept", "content": {}}}
    call = {"name": "book", "arguments": {"room": room}, "inputResponses": answers, "requestState": state}
    return message_in(endpoint.post(modern("tools/call", call)).text)


def refused(answer: dict[str, Any]) -> bool:
    return bool(answer.get("error", {}).get("code") == -32602)


def asked(endpoint: Endpoint) -> str:
    """The state of a booking that has begun."""
    return str(endpoint.call(modern, "book", room=7)["result"]["requestState"])


def test_a_key_is_rotated_in_three_steps_without_losing_a_call(
    deploy_stack: Callable[..., Endpoint], stack: Endpoint
) -> None:
    def keys(*labels: str) -> Endpoint:
        return deploy_stack("rotation", request_state_keys=list(labels))

    old = asked(keys("1"))
    added = keys("1", "2")
    assert "result" in answered(added, old)
    promoted = keys("2", "1")
    new = asked(promoted)
    assert "result" in answered(promoted, old)
    dropped = keys("2")

    assert refused(answered(dropped, old))
    assert "result" in answered(dropped, new)
    assert refused(answered(stack, new))  # another module's


GOOD: dict[str, dict[str, Any]] = {
    "initialize": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    "ping": {},
    "server/discover": {},
    "tools/list": {},
    "tools/call": {"name": "wait", "arguments": {"seconds": 20}},
    "prompts/list": {},
    "prompts/get": {"name": "greet", "arguments": {"who": "Ada"}},
    "resources/list": {},
    "resources/templates/list": {},
    "resources/read": {"uri": "note://milk"},
    "resources/subscribe": {"uri": "note://milk"},
    "resources/unsubscribe": {"uri": "note://milk"},
    "completion/complete": {"ref": {"type": "ref/prompt", "name": "greet"}, "argument": {"name": "who", "value": ""}},
    "logging/setLevel": {"level": "info"},
    "subscriptions/listen": {"notifications": {"toolsListChanged": True}},
    "notifications/initialized": {},
    "notifications/cancelled": {"requestId": 1},
}


@ERAS
@pytest.mark.parametrize("method", GOOD)
def test_no_method_holds_the_function_of_three_seconds(stack: Endpoint, era: Era, method: str) -> None:
    event = era(method, GOOD[method])
    if method.startswith("notifications/"):
        event["body"] = json.dumps({k: v for k, v in json.loads(event["body"]).items() if k != "id"})

    answer = stack.post(event)

    assert answer.status_code in (200, 202, 400, 404)
    assert answer.elapsed.total_seconds() < 3
    assert stack.call(era, "add", a=1, b=2)["result"]["structuredContent"] == {"result": 3}


def test_a_request_state_with_a_changed_byte_is_refused(stack: Endpoint) -> None:
    state = asked(stack)
    forged = state[:-2] + ("A" if state[-2] != "A" else "B") + state[-1]

    assert refused(answered(stack, forged))
    assert refused(answered(stack, state, room=8))  # sealed for another request
    assert "result" in answered(stack, state)


@pytest.mark.parametrize("mode", ["auto", "legacy", MODERN])
def test_the_official_client_calls_reads_prompts_and_completes(either: Endpoint, mode: str) -> None:
    async def session() -> list[str]:
        async with either.connect(mode) as client:
            added = await client.call_tool("add", {"a": 20, "b": 22})
            note = await client.read_resource("note://milk")
            greeting = await client.get_prompt("greet", {"who": "Ada"})
            names = await client.complete(PromptReference(name="greet"), {"name": "who", "value": "A"})
        return [result.model_dump_json() for result in (added, note, greeting, names)]

    added, note, greeting, names = asyncio.run(session())
    assert '"text":"42"' in added
    assert '"text":"the note milk"' in note
    assert '"text":"Greet Ada."' in greeting
    assert '["Ada","Alan"]' in names


def test_the_official_client_answers_a_question_of_the_server(either: Endpoint) -> None:
    asked = []

    async def answer(context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={})

    async def session() -> str:
        async with either.connect(MODERN, elicitation_callback=answer) as client:
            result = await client.call_tool("book", {"room": 9})
            return result.model_dump_json()

    assert "room 9 asked in" in asyncio.run(session())
    assert asked == ["Book room 9?"]

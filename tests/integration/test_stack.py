"""What needs tools that misbehave: those of tests/integration/stack, on the local AWS or deployed anywhere."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from mcp_types import ElicitResult

from events import MODERN, Era, handshake, message_in, modern, tool_call
from integration.conftest import Endpoint

ERAS = pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])


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


def test_a_call_of_two_rounds_may_land_on_another_environment(stack: Endpoint) -> None:
    first = stack.call(modern, "book", room=7)["result"]
    second: dict[str, Any] = {
        "name": "book",
        "arguments": {"room": 7},
        "inputResponses": {"sure": {"action": "accept", "content": {}}},
        "requestState": first["requestState"],
    }

    assert first["resultType"] == "input_required"
    environments = set()
    with ThreadPoolExecutor(3) as pool:  # together, so that at most one can have the environment of the first round
        for answer in pool.map(lambda _: stack.post(modern("tools/call", second)), range(3)):
            text = message_in(answer.text)["result"]["content"][0]["text"]
            asked, booked = (part.rsplit(" ", 1)[1] for part in text.split(", "))
            environments |= {asked, booked}
    assert len(environments) > 1


def test_a_request_state_with_a_changed_byte_is_refused(stack: Endpoint) -> None:
    state = stack.call(modern, "book", room=7)["result"]["requestState"]
    forged = state[:-2] + ("A" if state[-2] != "A" else "B") + state[-1]
    answers = {"sure": {"action": "accept", "content": {}}}
    call = {"name": "book", "arguments": {"room": 7}, "inputResponses": answers, "requestState": forged}

    assert message_in(stack.post(modern("tools/call", call)).text)["error"]["code"] == -32602


@pytest.mark.parametrize("mode", ["auto", "legacy", MODERN])
def test_the_official_client_calls_reads_and_prompts(stack: Endpoint, mode: str) -> None:
    async def session() -> list[str]:
        async with stack.connect(mode) as client:
            added = await client.call_tool("add", {"a": 20, "b": 22})
            note = await client.read_resource("note://milk")
            greeting = await client.get_prompt("greet", {"who": "Ada"})
        return [result.model_dump_json() for result in (added, note, greeting)]

    added, note, greeting = asyncio.run(session())
    assert '"text":"42"' in added
    assert '"text":"the note milk"' in note
    assert '"text":"Greet Ada."' in greeting


def test_the_official_client_answers_a_question_of_the_server(stack: Endpoint) -> None:
    asked = []

    async def answer(context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={})

    async def session() -> str:
        async with stack.connect(MODERN, elicitation_callback=answer) as client:
            result = await client.call_tool("book", {"room": 9})
            return result.model_dump_json()

    assert "room 9 asked in" in asyncio.run(session())
    assert asked == ["Book room 9?"]

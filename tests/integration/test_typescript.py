"""The example in TypeScript, built from its lock and answered by Node.js on the local AWS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.events import Era, handshake, message_in, modern
from tests.integration.conftest import Deployment, Endpoint

ASKS: dict[str, Any] = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}


@pytest.fixture(scope="module")
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy("examples/typescript")


@pytest.fixture(scope="module")
def calendar(deployment: Deployment) -> Endpoint:
    return deployment[1]


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_a_server_in_typescript_answers_in_both_eras(calendar: Endpoint, era: Era) -> None:
    answer = calendar.call(era, "days_between", start="2026-12-01", end="2026-12-25")

    assert answer["result"]["structuredContent"] == {"days": 24}


def test_a_stream_is_refused_at_once(calendar: Endpoint) -> None:
    assert calendar.send("GET", timeout=5).status_code == 405


def test_rounds_share_the_keys_in_the_parameter_and_refuse_a_changed_state(calendar: Endpoint) -> None:
    def call(**rest: Any) -> dict[str, Any]:
        params = {"name": "working_days_from", "arguments": {"working_days": 5}, "_meta": ASKS, **rest}
        return message_in(calendar.post(modern("tools/call", params)).text)

    answers = {"start": {"action": "accept", "content": {"start": "2026-12-01"}}}
    state = call()["result"]["requestState"]
    parameter = calendar.client("ssm").get_parameter(Name="/mcp-lambda/calendar/request-state-keys")["Parameter"]

    assert call(inputResponses=answers, requestState=state)["result"]["content"][0]["text"] == "2026-12-08"
    assert call(inputResponses=answers, requestState=f"{state[:-4]}AAAA")["error"]["code"] == -32602
    assert parameter["Type"] == "SecureString"


def test_a_second_plan_leaves_the_function_as_it_is(deployment: Deployment) -> None:
    changes = deployment[0].plan(output=True).resource_changes

    assert changes["module.mcp.module.server.aws_lambda_function.server"]["change"]["actions"] == ["no-op"]

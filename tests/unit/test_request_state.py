"""State that a tool gives to a caller opens for that caller alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.events import Event, message_of, modern, tool_call
from tests.aws_services import Services
from tests.unit.conftest import Deploy, Function

BOOKING = """
    from mcp.server.mcpserver import Context, MCPServer
    from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

    mcp = MCPServer("booking")

    @mcp.tool()
    def book(room: int, ctx: Context) -> str | InputRequiredResult:
        if ctx.request_state is None:
            form = ElicitRequestFormParams(message="Sure?", requested_schema={"type": "object", "properties": {}})
            return InputRequiredResult(input_requests={"sure": ElicitRequest(params=form)}, request_state="asked")
        return "booked"
"""

PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/keys"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/key-a1B2c3"

Authorizer = dict[str, Any] | None

OTHERS: dict[str, tuple[str, Authorizer, Authorizer]] = {
    "two subjects": ("jwt", {"jwt": {"claims": {"sub": "ada"}}}, {"jwt": {"claims": {"sub": "alan"}}}),
    "a context that names nobody": ("lambda", {"lambda": {"tenant": "a"}}, {"lambda": {"tenant": "b"}}),
    "one client, two of its users": (
        "lambda",
        {"lambda": {"client_id": "desk", "user": "ada"}},
        {"lambda": {"client_id": "desk", "user": "alan"}},
    ),
    "a context in payload format 1.0": ("lambda", {"tenant": "a"}, {"tenant": "b"}),
    "claims that name nobody": ("jwt", {"jwt": {"claims": {"oid": "1"}}}, {"jwt": {"claims": {"oid": "2"}}}),
}

SAME: dict[str, tuple[str, Authorizer, Authorizer]] = {
    "nobody at an open endpoint": ("none", None, None),
    "a token that was refreshed": (
        "jwt",
        {"jwt": {"claims": {"client_id": "desk", "exp": "1", "jti": "a"}}},
        {"jwt": {"claims": {"client_id": "desk", "exp": "2", "jti": "b"}}},
    ),
    "a decision made anew": (
        "lambda",
        {"tenant": "a", "integrationLatency": 3},
        {"tenant": "a", "integrationLatency": 7},
    ),
    "the same subject with other scopes": (
        "lambda",
        {"lambda": {"sub": "ada", "scope": "a"}},
        {"lambda": {"sub": "ada", "scope": "a b"}},
    ),
}


def as_caller(event: Event, authorizer: Authorizer) -> Event:
    return event | {"requestContext": event["requestContext"] | {"authorizer": authorizer}}


def first_round(function: Function, authorizer: Authorizer) -> dict[str, Any]:
    return message_of(function(as_caller(tool_call(modern, "book", room=7), authorizer)))


def second_round(function: Function, authorizer: Authorizer, state: str) -> dict[str, Any]:
    answers = {"sure": {"action": "accept", "content": {}}}
    call = {"name": "book", "arguments": {"room": 7}, "inputResponses": answers, "requestState": state}
    return message_of(function(as_caller(modern("tools/call", call), authorizer)))


@pytest.mark.parametrize(("auth_type", "mine", "theirs"), OTHERS.values(), ids=OTHERS)
def test_another_callers_state_is_refused(deploy: Deploy, auth_type: str, mine: Authorizer, theirs: Authorizer) -> None:
    function = deploy(BOOKING, auth_type=auth_type)

    state = first_round(function, mine)["result"]["requestState"]

    assert second_round(function, theirs, state)["error"]["code"] == -32602
    assert second_round(function, mine, state)["result"]["content"][0]["text"] == "booked"


@pytest.mark.parametrize(("auth_type", "first", "second"), SAME.values(), ids=SAME)
def test_a_callers_own_state_opens(deploy: Deploy, auth_type: str, first: Authorizer, second: Authorizer) -> None:
    function = deploy(BOOKING, auth_type=auth_type)

    state = first_round(function, first)["result"]["requestState"]

    assert second_round(function, second, state)["result"]["content"][0]["text"] == "booked"


@pytest.mark.parametrize("authorizer", [None, {}, {"lambda": None}, {"lambda": {}}, {"lambda": {"exp": "1"}}])
def test_an_authorizer_that_says_nothing_of_a_caller_gets_no_state_for_it(
    deploy: Deploy, caplog: pytest.LogCaptureFixture, authorizer: Authorizer
) -> None:
    function = deploy(BOOKING, auth_type="lambda")

    assert first_round(function, authorizer)["error"]["code"] == -32603
    assert "have it return a context with sub" in caplog.text


def test_a_secret_with_one_key_opens_what_a_list_with_it_has_sealed(deploy: Deploy, services: Services) -> None:
    services.parameter(PARAMETER, json.dumps(["k" * 32]))
    services.secret(SECRET, SecretString="k" * 32)
    listed, single = (deploy(BOOKING, request_state_parameter=arn) for arn in (PARAMETER, SECRET))

    state = first_round(listed, None)["result"]["requestState"]

    assert second_round(single, None, state)["result"]["content"][0]["text"] == "booked"

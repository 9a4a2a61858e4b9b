"""More than a hundred requests whose answers do not depend on what has deployed the tests' own server."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, NamedTuple

from lab.events import DOMAIN, Event, handshake, http_event, message_in, modern, tool_call
from tests.hosts.cases import CASES, Case
from tests.integration.conftest import Endpoint

SEEN = re.compile(r"content-type|allow|vary|cache-control|www-authenticate|(?:access-control|mcp)-.+")
"""Matches the headers that clients go by."""

ENVIRONMENT = re.compile(r"\b[0-9a-f]{32}\b")
"""Matches what the server calls an execution environment."""


class Answer(NamedTuple):
    """What a client sees; the body is JSON's value, or text that is none.

    With the status 405 there is none: no client reads that body, which a gateway or the host has written.
    """

    status: int
    headers: dict[str, str]
    body: Any


def can_be_sent(case: Case) -> bool:
    """Whether the case's event is what an HTTP API makes of a request, and is answered under settings of any kind."""
    headers, context = case.event.get("headers"), case.event.get("requestContext", {})
    is_of_a_client = headers is not None and headers.get("host") == DOMAIN and "http" in context
    is_text = not case.event.get("isBase64Encoded")
    is_late = (case.line or {}).get("outcome") == "deadline"
    return is_of_a_client and is_text and "authorizer" not in context and not case.settings and not is_late


EVENTS: dict[str, Event] = {
    **{name: case.event for name, case in CASES.items() if can_be_sent(case) and not name.startswith("an event")},
    **{
        f"{tool} in the era of {era.__name__}": tool_call(era, tool, **arguments)
        for era in (modern, handshake)
        for tool, arguments in {"who": {}, "fail": {"reason": "no stock"}, "add": {"a": "two"}, "book": {}}.items()
    },
    "a note": modern("resources/read", {"uri": "note://7"}),
    "a ping": handshake("ping"),
    "a preflight of a page": http_event("OPTIONS", "/mcp", origin="https://app.example"),
}


def answers_of(endpoint: Endpoint, refused: dict[str, str]) -> dict[str, Answer]:
    """Ask for everything with the endpoint's token and without one, and for a call of two rounds.

    Args:
        endpoint: Takes its token.
        refused: Tokens that it does not take, by what is wrong with them.
    """
    callers = {"with a token": endpoint, "without a token": replace(endpoint, token=None)}
    answers = {
        f"{name}, {how}": answer_to(caller, event) for name, event in EVENTS.items() for how, caller in callers.items()
    }
    for wrong, token in refused.items():
        answers[f"a call, {wrong}"] = answer_to(replace(endpoint, token=token), tool_call(modern, "who"))
    return answers | rounds(endpoint)


def rounds(endpoint: Endpoint) -> dict[str, Answer]:
    """Answers to the first round of a call, to the second, and to one with a state that somebody has changed."""
    first = endpoint.call(modern, "book", room=7)["result"]
    call = {"name": "book", "arguments": {"room": 7}, "inputResponses": {"sure": {"action": "accept", "content": {}}}}
    state = first.pop("requestState")
    states = {"the second round": state, "a state that was changed": f"{state[:-4]}AAAA"}
    answers = {
        name: answer_to(endpoint, modern("tools/call", {**call, "requestState": sealed}))
        for name, sealed in states.items()
    }
    return {"the first round": Answer(200, {}, first)} | answers


def answer_to(endpoint: Endpoint, event: Event) -> Answer:
    """The answer to the request that an event stands for, without what tells one deployment from another."""
    http = event["requestContext"]["http"]
    headers = {name: value for name, value in event["headers"].items() if name != "host"}
    got = endpoint.send(http["method"], http["path"], data=(event["body"] or "").encode(), headers=headers)
    seen = {name.lower(): value for name, value in got.headers.items() if SEEN.fullmatch(name.lower())}
    text = ENVIRONMENT.sub("ENVIRONMENT", got.text.replace(str(endpoint.outputs["ApiId"]), "API"))
    return Answer(got.status_code, seen, None if got.status_code == 405 else body_of(text))


def body_of(text: str) -> Any:
    try:
        return message_in(text)
    except json.JSONDecodeError:
        return text

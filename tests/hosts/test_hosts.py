"""Whoever calls a server does not see which language it is in: both hosts answer and log alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lab.events import message_in, modern
from tests.aws_services import Services
from tests.filters import is_counted
from tests.hosts.cases import CASES, text_result
from tests.hosts.conftest import Host

ENVELOPE = {"timestamp", "level", "requestId", "outcome", "durationMs"}
"""Members of every request line."""

CHANGING = {"timestamp", "requestId", "durationMs", "Duration", "_aws"}
FIRST = {"coldStart", "initDurationMs", "memoryMB", "ColdStarts"}
"""Members of an environment's first line."""

ASKS: dict[str, Any] = {"io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}}}
ADDED = {"a": 2, "b": 3}


@pytest.mark.parametrize("name", CASES)
def test_both_hosts_answer_and_log_alike(name: str, host: Host) -> None:
    case = CASES[name]

    answer, lines = host(case.event, case.seconds, case.settings)

    assert answer["statusCode"] in case.statuses
    assert part_of(case.headers, answer["headers"]) == case.headers
    if case.message:
        message = message_in(answer["body"])
        assert part_of(case.message, message) == case.message
    assert [text for text in case.without if text in answer["body"]] == []
    if case.line is None:
        assert lines == []
    elif is_endpoint(case.event):
        (line,) = lines
        assert line.keys() >= ENVELOPE
        assert part_of(case.line, line) == case.line


def later_metrics(line: dict[str, Any]) -> list[dict[str, Any]]:
    """The directives of a line without those for cold starts alone."""
    directives = [
        each | {"Metrics": [metric for metric in each["Metrics"] if metric["Name"] not in FIRST]}
        for each in line["_aws"]["CloudWatchMetrics"]
    ]
    return [each for each in directives if each["Metrics"]]


def later(line: dict[str, Any]) -> list[str]:
    """The members of a line, in their order, without those that only an environment's first line has."""
    return [name for name in line if name not in FIRST]


def is_endpoint(event: dict[str, Any]) -> bool:
    http = event.get("requestContext", {}).get("http", event)
    return str(http.get("path")).rstrip("/") == "/mcp"


def part_of(expected: Any, actual: Any) -> Any:
    """Cut `actual` down to what `expected` speaks of; an empty object is a part of each."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: part_of(value, actual.get(key)) for key, value in expected.items()}
    return actual


def test_the_same_members_are_in_both_lines(python_host: Host, node_host: Host) -> None:
    case = CASES["metrics of a call"]
    python, node = (host(case.event, 30.0, case.settings)[1][0] for host in (python_host, node_host))

    assert later(python) == later(node)
    assert later_metrics(python) == later_metrics(node)
    assert {name: node[name] for name in {*later(python)} - CHANGING} == {
        name: python[name] for name in {*later(python)} - CHANGING
    }


def test_a_success_that_is_not_in_the_sample_has_no_line_in_node_either(node_host: Host) -> None:
    case = CASES["a call of 2026-07-28"]
    (_, cold), (answer, warm) = (node_host(case.event, 30.0, {"log_sample_rate": 0}) for _ in range(2))

    assert answer["statusCode"] == 200
    assert ([line["coldStart"] for line in cold], warm) == ([True], [])


def test_a_success_below_the_level_is_written_for_the_filter_in_node_too(node_host: Host) -> None:
    case = CASES["a call of 2026-07-28"]
    _, (_, (warm,)) = (node_host(case.event, 30.0, {"log_level": "WARN", "metrics": "server"}) for _ in range(2))

    assert (warm["level"], warm["outcome"], is_counted(warm)) == ("WARN", "ok", True)
    assert "_aws" not in warm


def test_payloads_are_the_same(python_host: Host, node_host: Host) -> None:
    case = CASES["payloads"]
    python, node = (host(case.event, 30.0, case.settings)[1][0] for host in (python_host, node_host))

    assert json.loads(python["arguments"]) == json.loads(node["arguments"]) == {"name": "add", "arguments": ADDED}
    assert part_of(text_result("5"), json.loads(node["answer"])) == text_result("5")


def test_a_caller_has_the_same_hash(python_host: Host, node_host: Host) -> None:
    case = CASES["a caller with a token"]
    python, node = (host(case.event, 30.0, case.settings)[1][0]["subject"] for host in (python_host, node_host))

    assert python == node
    assert len(python) == 12


ONE, OTHER = "1" * 64, "2" * 64
RINGS = {"a key": ONE, "a list of it": [ONE], "a list with a newer key": [OTHER, ONE], "a list of another": [OTHER]}
"""What a secret holds from a stack's first day to the day when its first key is gone."""


def test_a_key_opens_what_it_has_sealed_until_it_is_in_the_ring_no_more(host: Host, services: Services) -> None:
    arns = {ring: f"arn:aws:secretsmanager:eu-west-1:111122223333:secret:{n}" for n, ring in enumerate(RINGS)}
    for ring, keys in RINGS.items():
        services.secret(arns[ring], SecretString=keys if isinstance(keys, str) else json.dumps(keys))

    def book(ring: str, **rest: Any) -> dict[str, Any]:
        event = modern("tools/call", {"name": "book", "arguments": {"room": 7}, "_meta": ASKS, **rest})
        return message_in(host(event, 30.0, {"request_state_parameter": arns[ring]})[0]["body"])

    state = book("a key")["result"]["requestState"]
    answers = {"sure": {"action": "accept", "content": {}}}
    *opened, refused = (book(ring, inputResponses=answers, requestState=state) for ring in RINGS)

    booked = text_result("room 7 is booked")
    assert [part_of(booked, answer) for answer in opened] == [booked] * 3
    assert refused["error"]["code"] == -32602

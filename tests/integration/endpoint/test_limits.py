"""Whether what is too much is refused, and hurts nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lab.events import Era, http_event, message_in, modern
from tests.integration.conftest import Endpoint

TOO_MANY = {429, 503}
"""The emulator's word and AWS's for "come back later"."""


def test_a_body_over_4_mib_is_refused_and_the_next_request_served(caller: Endpoint) -> None:
    large = caller.post(http_event("POST", "/mcp", f'"{"x" * 4_200_000}"'))

    assert large.status_code == 413
    assert "result" in message_in(caller.post(modern("tools/list")).text)


def test_a_body_of_1_mib_is_read(caller: Endpoint, era: Era) -> None:
    answer = caller.post(era("tools/list", {"padding": "x" * 2**20}))

    assert answer.status_code == 200


def test_requests_at_the_same_time_get_their_own_answers_or_are_told_to_come_back(caller: Endpoint, era: Era) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: caller.post(era("tools/list", None, number)), range(8)))

    served = {number: answer for number, answer in enumerate(answers) if answer.status_code == 200}
    assert {answer.status_code for answer in answers} <= {200} | TOO_MANY
    assert [message_in(answer.text)["id"] for answer in served.values()] == list(served)
    assert served


def test_an_unknown_path_is_not_found(caller: Endpoint) -> None:
    assert caller.send("GET", "/nowhere").status_code == 404


@pytest.mark.parametrize(
    "params",
    [{"name": 7}, {"name": "x" * 10_000}, {"name": "x", "arguments": []}, {}],
    ids=["a number for a name", "a name of 10,000 letters", "a list for arguments", "nothing"],
)
def test_a_malformed_call_is_refused(caller: Endpoint, era: Era, params: dict[str, object]) -> None:
    answer = caller.post(era("tools/call", params), headers={"mcp-name": "x"})
    said = message_in(answer.text)

    assert "error" in said or said["result"]["isError"]
    assert answer.status_code in (200, 400)

"""Whether what clients are told to keep may be kept."""

from __future__ import annotations

import pytest

from lab.events import Era, message_in, modern
from tests.integration.conftest import Endpoint

LISTS = ["server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list"]


@pytest.mark.parametrize("method", LISTS)
def test_an_answer_says_how_long_and_for_whom_it_holds(current: Endpoint, method: str) -> None:
    answer = message_in(current.post(modern(method)).text)
    if answer.get("error", {}).get("code") == -32601:
        pytest.skip(f"the server has no {method}")

    assert answer["result"]["ttlMs"] >= 0
    assert answer["result"]["cacheScope"] in ("public", "private")


def test_a_list_is_the_same_in_both_answers(caller: Endpoint, era: Era) -> None:
    first, second = (message_in(caller.post(era("tools/list")).text)["result"]["tools"] for _ in range(2))

    assert first == second


def test_no_cache_on_the_way_may_keep_an_answer(caller: Endpoint, era: Era) -> None:
    kept = caller.post(era("tools/list")).headers.get("cache-control", "no-store")

    assert "public" not in kept
    assert "max-age" not in kept


def test_no_cache_on_the_way_may_keep_a_refusal(guarded: Endpoint) -> None:
    assert "max-age" not in guarded.send("GET").headers.get("cache-control", "no-store")

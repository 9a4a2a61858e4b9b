"""A call of two rounds of the server in tests/integration/stack, over several execution environments."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lab.events import message_in, modern
from tests.integration.conftest import Endpoint


def environments_of_a_booking(endpoint: Endpoint) -> set[str]:
    """Ask for a booking once and confirm it three times at once; the environments that asked and booked."""
    first = endpoint.call(modern, "book", room=7)["result"]
    second: dict[str, Any] = {
        "name": "book",
        "arguments": {"room": 7},
        "inputResponses": {"sure": {"action": "accept", "content": {}}},
        "requestState": first["requestState"],
    }

    assert first["resultType"] == "input_required"
    environments = set()
    with ThreadPoolExecutor(3) as pool:  # together, so that at most one can have the environment of the first round
        for answer in pool.map(lambda _: endpoint.post(modern("tools/call", second)), range(3)):
            text = message_in(answer.text)["result"]["content"][0]["text"]
            environments |= {part.rsplit(" ", 1)[1] for part in text.split(", ")}
    return environments

"""docs/existing-servers.md shows a question in the middle of a call as SDK 2 takes it."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest
from mcp.client import Client
from mcp_types import ElicitResult

from lab.readme import REPOSITORY, code, section

PAGE = REPOSITORY / "docs" / "existing-servers.md"


@pytest.mark.parametrize(
    ("action", "said"), [("accept", "order 7 is cancelled"), ("decline", "nothing was done")], ids=["accept", "decline"]
)
def test_the_tool_of_the_page_asks_and_goes_on_with_the_answer(action: Literal["accept", "decline"], said: str) -> None:
    (server,) = code("python", section("A question in the middle of a call", PAGE))
    module: dict[str, Any] = {"__name__": "shop"}
    exec(server, module)  # noqa: S102
    asked = []

    async def answer(context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action=action, content={} if action == "accept" else None)

    async def session() -> str:
        async with Client(module["mcp"], mode="auto", elicitation_callback=answer) as client:
            return (await client.call_tool("cancel", {"order": 7})).content[0].text  # type: ignore[union-attr]

    assert asyncio.run(session()) == said
    assert asked == ["Cancel order 7?"]

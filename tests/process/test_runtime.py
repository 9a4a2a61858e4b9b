"""The zip runs under the client of AWS's own runtime."""

from __future__ import annotations

import pytest

from lab.events import Era, handshake, modern, text_of, tool_call
from tests.process.conftest import Launch

SHOP = """
    import os
    from mcp.server import MCPServer
    mcp = MCPServer("shop")

    @mcp.tool()
    def who() -> str:
        return f"{os.getuid()} {os.access(os.path.dirname(__file__), os.W_OK)}"
"""


@pytest.mark.parametrize("era", [modern, handshake])
@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency", "snap-start"])
def test_it_answers_from_a_folder_that_it_cannot_write(launch: Launch, kind: str, era: Era) -> None:
    environment = launch(SHOP, kind=kind)

    user, writable = text_of(environment.answer(tool_call(era, "who"))).split()

    assert (int(user) != 0, writable) == (True, "False")

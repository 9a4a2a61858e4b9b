"""The zip runs under the client of AWS's own runtime."""

from __future__ import annotations

import platform
from itertools import pairwise

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


LARGE = """
    import resource
    from mcp.server import MCPServer
    mcp = MCPServer("large")

    @mcp.tool(structured_output=False)
    def text(size: int) -> str:
        return "x" * size

    @mcp.tool()
    def page_faults() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc, and Lambda has glibc's")
def test_a_large_answer_is_written_where_the_last_one_was(launch: Launch) -> None:
    environment = launch(LARGE)
    size, page = 5_000_000, 4096
    counts = []
    for _ in range(6):
        assert len(text_of(environment.answer(tool_call(modern, "text", size=size)))) == size
        counts.append(int(text_of(environment.answer(tool_call(modern, "page_faults")))))

    faults = [later - earlier for earlier, later in pairwise(counts[2:])]

    assert max(faults) < size / page / 2

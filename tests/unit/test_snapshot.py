"""Copies of a snapshot share what the start has made, and nothing that only one of them may have."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from logging import ERROR
from typing import cast

import pytest
import snapshot_restore_py
from mangum.types import LambdaContext

from lab.events import Context, Era, handshake, modern, text_of, tool_call
from mcp_lambda_host import snapshot
from mcp_lambda_host.environment import Environment
from mcp_lambda_host.sdk.request_state import SharedKeys
from tests.unit.conftest import LIVING, Deploy
from tests.unit.test_log import lines_of
from tests.unit.test_metrics import LOWLEVEL

STACK = """
    from contextlib import asynccontextmanager
    from mcp.server.mcpserver import MCPServer

    seen = []

    @asynccontextmanager
    async def lifespan(server):
        seen.append("open")
        yield {}
        seen.append("closed")

    mcp = MCPServer("stack", lifespan=lifespan)

    @mcp.tool()
    def life() -> str:
        return " ".join(seen)
"""

APPLICATION = """
    from mcp.server.transport_security import TransportSecuritySettings

    unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = mcp.streamable_http_app(stateless_http=True, transport_security=unchecked)
"""


@pytest.fixture
def restored() -> Iterator[Callable[[], Environment]]:
    """Take the snapshot of the environment that was started last and restore it, in the order that Lambda does."""

    def cycle() -> Environment:
        snapshot.register(LIVING[-1])
        for hook, arguments, options in reversed(snapshot_restore_py.get_before_snapshot()):
            hook(*arguments, **options)
        for hook, arguments, options in snapshot_restore_py.get_after_restore():
            hook(*arguments, **options)
        return LIVING[-1]

    yield cycle
    snapshot_restore_py.get_before_snapshot().clear()
    snapshot_restore_py.get_after_restore().clear()


@pytest.mark.parametrize("era", [modern, handshake])
def test_the_lifespan_is_closed_before_and_opened_after_and_the_module_stays(
    deploy: Deploy, restored: Callable[[], Environment], era: Era
) -> None:
    function = deploy(STACK)
    assert text_of(function(tool_call(era, "life"))) == "open"

    restored()

    assert text_of(function(tool_call(era, "life"))) == "open closed open"


def test_an_application_whose_lifespan_opens_but_once_is_imported_again(
    deploy: Deploy, restored: Callable[[], Environment], caplog: pytest.LogCaptureFixture
) -> None:
    function = deploy(STACK + APPLICATION, "app")

    restored()

    assert text_of(function(tool_call(modern, "life"))) == "open"
    errors = [text for name, level, text in caplog.record_tuples if level >= ERROR and name.startswith("mcp_lambda_")]
    assert errors == []


def test_what_the_server_has_left_running_is_cancelled_before_the_snapshot(
    deploy: Deploy, restored: Callable[[], Environment]
) -> None:
    function = deploy(
        """
        import asyncio
        from contextlib import asynccontextmanager
        from mcp.server.mcpserver import MCPServer

        polls, cancelled = [], []

        async def poll():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append("poll")
                raise

        @asynccontextmanager
        async def lifespan(server):
            polls.append(asyncio.create_task(poll()))
            yield {}

        mcp = MCPServer("stack", lifespan=lifespan)

        @mcp.tool()
        def ended() -> str:
            return " ".join(cancelled)
        """
    )
    assert text_of(function(tool_call(modern, "ended"))) == ""

    restored()

    assert text_of(function(tool_call(modern, "ended"))) == "poll"


def test_a_task_that_will_not_be_cancelled_does_not_get_into_the_snapshot(
    deploy: Deploy, restored: Callable[[], Environment]
) -> None:
    of_other_tests = loops()
    function = deploy(
        """
        import asyncio
        from contextlib import asynccontextmanager
        from mcp.server.mcpserver import MCPServer

        async def stubborn():
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    pass

        @asynccontextmanager
        async def lifespan(server):
            task = asyncio.create_task(stubborn())
            yield {"task": task}

        mcp = MCPServer("stack", lifespan=lifespan)

        @mcp.tool()
        def ready() -> str:
            return "yes"
        """
    )
    (before,) = loops() - of_other_tests

    restored()

    assert before not in loops()
    assert text_of(function(tool_call(modern, "ready"))) == "yes"


def loops() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "mcp-event-loop"}


def test_the_tools_that_were_listed_before_the_snapshot_have_metrics_after_it(
    deploy: Deploy, restored: Callable[[], Environment], capsys: pytest.CaptureFixture[str]
) -> None:
    function = deploy(LOWLEVEL, metrics="tools")

    restored()
    function(tool_call(modern, "stock"))

    assert lines_of(capsys)[-1]["Tool"] == "stock"


def test_two_copies_draw_different_random_numbers(deploy: Deploy, restored: Callable[[], Environment]) -> None:
    deploy(STACK)

    def first_number_of_a_copy() -> float:
        random.seed(1)
        restored()
        return random.random()  # noqa: S311

    assert first_number_of_a_copy() != first_number_of_a_copy()


def test_a_server_that_cannot_be_started_again_is_tried_at_each_request(
    deploy: Deploy, restored: Callable[[], Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(
        """
        import os
        from contextlib import asynccontextmanager
        from mcp.server.mcpserver import MCPServer

        @asynccontextmanager
        async def lifespan(server):
            if os.environ.get("DATABASE") == "down":
                raise ConnectionError("no database")
            yield {}

        mcp = MCPServer("stack", lifespan=lifespan)

        @mcp.tool()
        def ready() -> str:
            return "yes"
        """
    )
    monkeypatch.setenv("DATABASE", "down")
    environment = restored()
    monkeypatch.setenv("DATABASE", "up")

    answer = environment.answer(tool_call(modern, "ready"), cast(LambdaContext, Context()))

    assert text_of(answer) == "yes"


def test_forgotten_keys_are_fetched_again() -> None:
    rings = [["a" * 32], ["b" * 32, "a" * 32]]
    keys = SharedKeys(lambda: rings.pop(0))
    sealed_before = keys.seal(b"state")

    keys.forget()

    assert keys.unseal(sealed_before) == b"state"
    assert rings == []

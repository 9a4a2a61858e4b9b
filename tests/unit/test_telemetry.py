"""Whatever fails while a request is logged, counted or traced, its answer goes out, and one line says what failed."""

from __future__ import annotations

import io
import logging
import sys
import time

import pytest

from lab.events import MODERN, message_of, modern, text_of, tool_call
from tests.unit.conftest import Deploy
from tests.unit.test_log import lines_of
from tests.unit.test_metrics import metrics_of

PLAIN = """
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("shelf")

    @mcp.tool()
    def count() -> str:
        return "3"

    @mcp.prompt()
    def greet() -> str:
        return "3"

    @mcp.resource("note://{name}")
    def note(name: str) -> str:
        return name
"""

SECRETIVE = PLAIN.replace("MCPServer(", "Secretive(").replace(
    "    mcp =",
    """
    class Secretive(MCPServer):
        async def list_tools(self):
            return await self.unless_failing(super().list_tools())

        async def list_prompts(self):
            return await self.unless_failing(super().list_prompts())

        async def list_resource_templates(self):
            return await self.unless_failing(super().list_resource_templates())

        async def unless_failing(self, listing):
            import os, sys
            listed = await listing
            exec(os.environ.get("FAILURE", ""))
            return listed

    mcp =""",
)

USES = {
    "a tool": (tool_call(modern, "count"), "tool", "count"),
    "a prompt": (modern("prompts/get", {"name": "greet"}), "name", "greet"),
    "a resource": (modern("resources/read", {"uri": "note://3"}), "name", "note://{name}"),
}


def failures(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    "failure", ["raise LookupError('hunter2')", "sys.exit('hunter2')", "__import__('time').sleep(9)"]
)
def test_a_list_of_the_authors_that_fails_or_hangs_is_not_asked_for_a_name(
    deploy: Deploy,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    use: str,
    failure: str,
) -> None:
    event, key, name = USES[use]
    function = deploy(SECRETIVE, metrics="tools")
    monkeypatch.setenv("FAILURE", failure)

    begun = time.monotonic()
    answer = function(event)
    took = time.monotonic() - begun

    assert '"3"' in answer["body"]
    assert took < 5
    (line,) = lines_of(capsys)
    assert (line[key], line["outcome"]) == (name, "ok")
    assert metrics_of(line)["Era", MODERN]["Calls"] == 1
    assert failures(caplog) == []


def test_a_daemon_whose_address_is_none_fails_no_request_and_loses_no_line(
    deploy: Deploy,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "nowhere")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")

    answer = deploy(PLAIN, tracing=True)(tool_call(modern, "count"))

    assert text_of(answer) == "3"
    assert len(lines_of(capsys)) == 1
    (said,) = failures(caplog)
    assert "ValueError" in said


def test_an_output_that_the_author_has_put_in_its_place_and_closed_takes_no_line(
    deploy: Deploy,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    function = deploy(PLAIN)
    closed = io.StringIO()
    closed.close()
    with monkeypatch.context() as author:
        author.setattr(sys, "stdout", closed)
        answer = function(tool_call(modern, "count"))

    assert text_of(answer) == "3"
    assert failures(caplog) == []
    assert len(lines_of(capsys)) == 1


def test_a_template_whose_own_check_refuses_a_uri_is_named_and_the_answer_goes_out(
    deploy: Deploy, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = deploy(PLAIN)(modern("resources/read", {"uri": "note://.."}))

    assert message_of(answer)["error"]["code"] == -32602
    (line,) = lines_of(capsys)
    assert (line["name"], line["outcome"]) == ("note://{name}", "error")
    assert failures(caplog) == []

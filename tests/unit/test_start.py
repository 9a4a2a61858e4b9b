"""An author's mistake ends the start with one line that names the entrypoint, and the request with 500."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.events import http_event, message_of, modern, text_of, tool_call
from lab.settings import as_json, settings_variable
from mcp_lambda_host.errors import StartError
from mcp_lambda_host.settings import Settings
from tests.unit.conftest import Deploy

FUNCTION = Path(__file__).parents[2] / "function"

MISTAKES = {
    "module not found": ("", "nowhere:mcp", "there is no module 'nowhere'"),
    "attribute missing": ("app = server = 1", None, "has no attribute 'mcp'; it defines app, server"),
    "wrong type": ("mcp = {}", None, "is of type dict; it must be an MCPServer"),
    "a class": ("class mcp: ...", None, "is of type type; it must be an MCPServer"),
    "a FastMCP server": ("class FastMCP:\n  def http_app(self): ...\nmcp = FastMCP()", None, "mcp.http_app("),
    "exception at import": ("mcp = 1 / 0", None, "py line 1: ZeroDivisionError: division by zero"),
    "exception in Python's library": ("import os\nos.environ['TABLE']", None, "py line 2: KeyError: 'TABLE'"),
    "exit at import": ("import sys\nsys.exit('usage')", None, "py line 2: SystemExit: usage"),
    "syntax error": ("mcp = = 1", None, "py line 1: SyntaxError"),
    "package missing": ("import numpy_of_nobody", None, "no module 'numpy_of_nobody'; is it in requirements.txt?"),
    "malformed name": ("", "server.mcp", "is not of the form 'module:attribute'"),
}


@pytest.mark.parametrize(("source", "entrypoint", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_line_in_the_log_and_a_500_without_a_traceback(
    deploy: Deploy, caplog: pytest.LogCaptureFixture, source: str, entrypoint: str | None, words: str
) -> None:
    function = deploy(source, **({"entrypoint": entrypoint} if entrypoint else {}))

    (record,) = [r for r in caplog.records if r.name.startswith("mcp_lambda_host")]
    assert words in record.getMessage()
    assert "entrypoint '" in record.getMessage()
    assert "\n" not in record.getMessage()
    assert record.exc_info is None
    answer = function(http_event("POST", "/mcp", "{}"))
    assert answer["statusCode"] == 500
    assert message_of(answer)["error"]["message"] == "This MCP server could not be started; its log says why."


LATER = """
    import os
    from mcp.server.mcpserver import MCPServer
    if not os.environ.get("DATABASE"):
        raise RuntimeError("DATABASE is not set")
    mcp = MCPServer("later")

    @mcp.tool()
    def ready() -> str:
        return "yes"
"""


def test_a_server_whose_cause_has_passed_starts_at_the_next_request(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = deploy(LATER)
    assert function(tool_call(modern, "ready"))["statusCode"] == 500

    monkeypatch.setenv("DATABASE", "up")

    assert text_of(function(tool_call(modern, "ready"))) == "yes"


@pytest.mark.parametrize(
    ("body", "words"),
    [("raise RuntimeError('no database')", "RuntimeError: no database"), ("await asyncio.sleep(60)", "not started")],
    ids=["raises", "hangs"],
)
def test_a_lifespan_that_fails_is_named_and_answered_with_500(
    deploy: Deploy, caplog: pytest.LogCaptureFixture, body: str, words: str
) -> None:
    source = f"""
        import asyncio
        from contextlib import asynccontextmanager
        from mcp.server.mcpserver import MCPServer

        @asynccontextmanager
        async def lifespan(server):
            {body}
            yield {{}}

        mcp = MCPServer("fails", lifespan=lifespan)
    """
    function = deploy(source, init_seconds=0.2)

    assert function(http_event("GET", "/health"), seconds=0.7)["statusCode"] == 500
    assert any(words in record.getMessage() for record in caplog.records if record.levelname == "ERROR")


def test_a_lifespan_that_fails_in_a_group_of_tasks_is_named_by_its_cause(
    deploy: Deploy, caplog: pytest.LogCaptureFixture
) -> None:
    deploy(
        """
        from contextlib import asynccontextmanager
        from fastapi import FastAPI
        from mcp.server.mcpserver import MCPServer

        mcp = MCPServer("app")
        mcp_app = mcp.streamable_http_app(stateless_http=True)

        @asynccontextmanager
        async def lifespan(app):
            async with mcp.session_manager.run():
                raise ConnectionError("db.internal refused")
                yield

        app = FastAPI(lifespan=lifespan)
        """,
        "app",
    )

    assert "The server's lifespan failed at start: ConnectionError: db.internal refused" in caplog.messages


def test_the_handler_starts_the_server_its_environment_names(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("from mcp.server.mcpserver import MCPServer\nserver = MCPServer('corner shop')\n")
    (tmp_path / "run.py").write_text(
        "from lab.events import Context, http_event\n"
        "from mcp_lambda_host.handler import handler\n"
        "print(handler(http_event('GET', '/health'), Context())['body'])\n"
    )
    path = os.pathsep.join([str(FUNCTION), str(FUNCTION.parent), str(tmp_path)])
    environment = os.environ | {"PYTHONPATH": path} | settings_variable(entrypoint="shop:server")

    ran = subprocess.run([sys.executable, tmp_path / "run.py"], env=environment, capture_output=True, text=True)

    assert '"name":"corner shop"' in ran.stdout


OBJECT = "must hold the settings as a JSON object"
WRONG_SETTINGS = {
    "none": ("", [OBJECT]),
    "no JSON": ("name=orders", [OBJECT]),
    "no object": ("[]", [OBJECT]),
    "too deep": ("[" * 100_000, [OBJECT]),
    "no keys": ("{}", ["lacks auth_type, catalogue_seconds, entrypoint, "]),
    "a key too many": (as_json(origin="*", metric="none"), ["has the unknown metric, origin, ", "different versions"]),
    "a text for a number": (as_json(catalogue_seconds="300"), ['catalogue_seconds = "300"', "a whole number"]),
    "true for a number": (as_json(catalogue_seconds=True), ["catalogue_seconds = true", "a whole number"]),
    "a text for a yes": (as_json(log_payloads="false"), ['log_payloads = "false"', "must be true or false"]),
    "null for a text": (as_json(name=None), ["name = null", "must be a string"]),
    "a text for a list": (as_json(origins="*"), ['origins = "*"', "must be a list of strings"]),
    "a number in a list": (as_json(request_state_keys=[1]), ["request_state_keys = [1]", "must be a list of strings"]),
    "a list for an object": (as_json(secrets=[]), ["secrets = []", "must be an object of strings"]),
    "a text for scopes": (
        as_json(required_scopes={"tools/refund": "write"}),
        ['required_scopes = {"tools/refund": "write"}', "must be an object of lists of strings"],
    ),
    "a level of Python's": (as_json(log_level="WARNING"), ["one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL"]),
}


@pytest.mark.parametrize("case", WRONG_SETTINGS)
def test_wrong_settings_are_refused_in_a_sentence_that_names_them(case: str) -> None:
    text, words = WRONG_SETTINGS[case]

    with pytest.raises(StartError) as refused:
        Settings.from_json(text)

    said = str(refused.value)
    assert said.startswith("MCP_LAMBDA_SETTINGS ")
    assert [word for word in words if word not in said] == []
    assert "\n" not in said


def test_wrong_settings_are_one_line_in_the_log_and_a_500_without_a_traceback() -> None:
    code = (
        "from lab.events import Context, modern\n"
        "from mcp_lambda_host.handler import handler\n"
        "print('started')\n"
        "print(handler(modern('tools/list'), Context())['body'])\n"
    )
    path = os.pathsep.join([str(FUNCTION), str(FUNCTION.parent)])
    environment = os.environ | {"PYTHONPATH": path} | settings_variable(metric="server")

    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)

    start, _, requests = ran.stdout.partition("started\n")
    (said,) = [json.loads(line) for line in start.splitlines()]
    assert (said["level"], ran.stderr) == ("ERROR", "")
    assert said["message"].startswith("MCP_LAMBDA_SETTINGS has the unknown metric, ")
    assert "stackTrace" not in said
    *lines, answer = requests.splitlines()
    assert [line["outcome"] for line in map(json.loads, lines) if "outcome" in line] == ["start_failed"]
    assert json.loads(answer)["error"]["message"] == "This MCP server could not be started; its log says why."

"""An author's mistake ends the start with one line that names the entrypoint, and the request with 500."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.events import handshake, http_event, message_of, modern, text_of, tool_call
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
    "a function with arguments": (
        "def mcp(name, *, table, debug=False): ...",
        None,
        "needs name, table, which nobody gives it. Write two lines in a file lambda_server.py, `from author_",
    ),
    "an asynchronous function with arguments": (
        "async def mcp(table): ...",
        None,
        'and `async def server(): return await mcp(table=...)`, and set entrypoint = "lambda_server:server".',
    ),
    "a function that fails": ("def mcp():\n    return {}['a']", None, "py line 2: KeyError: 'a'"),
    "an asynchronous one": ("async def mcp():\n    return {}['a']", None, "py line 2: KeyError: 'a'"),
    "a function of nothing": ("def mcp(): ...", None, "is of type NoneType; it must be an MCPServer"),
    "an asynchronous one that exits": ("import sys\nasync def mcp():\n    sys.exit(2)", None, "line 3: SystemExit: 2"),
    "own version unknown": (
        "from importlib.metadata import version\nversion('shop-of-nobody')",
        None,
        "py line 2: there is no metadata of a package 'shop-of-nobody'",
    ),
    "written for SDK 1": ("from mcp.server.fastmcp import FastMCP", None, "FastMCP was renamed to MCPServer"),
    "a part of what is no package": ("import json.tool.x", None, "'json.tool' is not a package"),
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


MADE = """
    import asyncio
    from fastapi import FastAPI
    from mcp.server import MCPServer, Server
    from mcp_types import ListToolsResult, Tool

    def server(name="made"):
        mcp = MCPServer(name)

        @mcp.tool()
        def where() -> str:
            return "here"

        return mcp

    async def asynchronous():
        loop, mcp = asyncio.get_running_loop(), MCPServer("made")

        @mcp.tool()
        async def where() -> str:
            return "on its loop" if asyncio.get_running_loop() is loop else "on another loop"

        return mcp

    def low_level():
        async def tools(ctx, params):
            return ListToolsResult(tools=[Tool(name="where", input_schema={"type": "object"})])

        return Server("made", on_list_tools=tools)

    def application():
        mcp_app = server().streamable_http_app(stateless_http=True, host="0.0.0.0")
        app = FastAPI(title="made", lifespan=lambda app: mcp_app.router.lifespan_context(app))
        app.mount("/", mcp_app)
        return app

    class Maker:
        def make(self):
            return server()

    method = Maker().make
"""


@pytest.mark.parametrize("attribute", ["server", "asynchronous", "low_level", "application", "method"])
def test_a_function_without_required_arguments_makes_the_server(deploy: Deploy, attribute: str) -> None:
    function = deploy(MADE, attribute)

    assert '"name":"made"' in function(http_event("GET", "/health"))["body"]
    for era in (modern, handshake):
        assert [tool["name"] for tool in message_of(function(era("tools/list")))["result"]["tools"]] == ["where"]


def test_an_asynchronous_function_runs_on_the_loop_that_serves(deploy: Deploy) -> None:
    assert text_of(deploy(MADE, "asynchronous")(tool_call(modern, "where"))) == "on its loop"


def test_an_asynchronous_function_that_does_not_return_is_given_up(
    deploy: Deploy, caplog: pytest.LogCaptureFixture
) -> None:
    deploy("import asyncio\nasync def mcp():\n    await asyncio.sleep(60)", init_seconds=0.1)

    assert any("has not returned within 1.0 s" in said for said in caplog.messages)


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
    "no keys": ("{}", ["lacks advertised_scopes, auth_type, catalogue_seconds, entrypoint, "]),
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
    "true for a share": (as_json(log_sample_rate=True), ["log_sample_rate = true", "must be a number from 0 to 1"]),
    "percent for a share": (as_json(log_sample_rate=10), ["log_sample_rate = 10", "must be a number from 0 to 1"]),
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

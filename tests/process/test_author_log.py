"""What the author and the libraries log comes out as lines of JSON that name their request and tell no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from lab.events import Event, handshake, http_event, modern, tool_call
from lab.settings import settings_variable

REPOSITORY = Path(__file__).parents[2]

RUN = """
    import json, sys
    events, seconds = json.loads(sys.stdin.read())
    from lab.events import Context
    from mcp_lambda_host import handler

    for number, event in enumerate(events):
        handler.handler(event, Context(seconds, f"request-{number}"))
"""

# As awslambdaric's bootstrap sets up `logging` before it imports the handler: a handler of its own on the root, whose
# formatter reads `aws_request_id`, which a filter before has set to what the whole process is at.
RUNTIME = """
    import json, logging, sys

    class Formatter(logging.Formatter):
        def format(self, record):
            return json.dumps({
                "logger": record.name,
                "message": record.getMessage(),
                "requestId": record.aws_request_id,
                "errorMessage": str(record.exc_info[1]) if record.exc_info else None,
            })

    def of_process(record):
        record.aws_request_id = "of the process"
        return True

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Formatter())
    handler.addFilter(of_process)
    logging.getLogger().addHandler(handler)
"""

TALKATIVE = """
    import logging, os, time
    from mcp.server.mcpserver import Context, MCPServer

    log = logging.getLogger("shop")
    mcp = MCPServer("talkative")

    @mcp.tool()
    def thread() -> str:
        log.info("in a thread")
        return "done"

    @mcp.tool()
    async def loop(ctx: Context) -> str:
        log.warning("on the %s", "loop")
        await ctx.info({"told": "the client"})
        return "done"

    @mcp.tool()
    def slow() -> str:
        time.sleep(0.6)
        log.info("late")
        return "done"

    @mcp.tool()
    def quick() -> str:
        time.sleep(0.3)
        return "done"
"""


def output_of(
    tmp_path: Path,
    source: str,
    events: list[Event],
    *,
    runtime: str = "",
    seconds: float = 30.0,
    environ: dict[str, str] | None = None,
    **settings: Any,
) -> list[str]:
    """All that a new process writes that runs the function's handler."""
    (tmp_path / "server.py").write_text(dedent(source))
    (tmp_path / "run.py").write_text(dedent(runtime) + dedent(RUN))
    path = os.pathsep.join([str(REPOSITORY / "function"), str(REPOSITORY), str(tmp_path)])
    ran = subprocess.run(
        [sys.executable, tmp_path / "run.py"],
        env=os.environ | {"PYTHONPATH": path} | settings_variable(name="shop", **settings) | (environ or {}),
        input=json.dumps([events, seconds]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return ran.stdout.splitlines()


@pytest.mark.parametrize("runtime", ["", RUNTIME], ids=["elsewhere", "on Lambda"])
def test_what_the_author_logs_names_its_request_from_threads_and_tasks(tmp_path: Path, runtime: str) -> None:
    events = [tool_call(modern, "thread"), tool_call(handshake, "loop"), tool_call(modern, "loop")]

    lines = [json.loads(line) for line in output_of(tmp_path, TALKATIVE, events, runtime=runtime)]

    told = [(line["requestId"], line["message"]) for line in lines if line.get("logger") in ("shop", "ctx")]
    assert told == [
        ("request-0", "in a thread"),
        ("request-1", "on the loop"),
        ("request-1", '{"told": "the client"}'),
        ("request-2", "on the loop"),
        ("request-2", '{"told": "the client"}'),
    ]


@pytest.mark.parametrize("runtime", ["", RUNTIME], ids=["elsewhere", "on Lambda"])
def test_a_late_tool_logs_under_its_own_request_when_the_next_one_is_answered(tmp_path: Path, runtime: str) -> None:
    events = [tool_call(modern, "slow"), tool_call(modern, "quick")]

    lines = [json.loads(line) for line in output_of(tmp_path, TALKATIVE, events, runtime=runtime, seconds=0.9)]

    assert [line["requestId"] for line in lines if line.get("message") == "late"] == ["request-0"]
    assert [line["outcome"] for line in lines if "outcome" in line] == ["deadline", "ok"]


def test_elsewhere_a_record_has_the_form_that_lambda_gives_it(tmp_path: Path) -> None:
    source = """
        import logging
        from mcp.server.mcpserver import MCPServer
        mcp = MCPServer("fails")

        @mcp.tool()
        def fail() -> str:
            try:
                raise KeyError("A-17")
            except KeyError:
                logging.getLogger("shop").exception("no such order")
            return "done"
    """

    record, _ = [json.loads(line) for line in output_of(tmp_path, source, [tool_call(modern, "fail")])]

    assert record.pop("timestamp").endswith("Z")
    assert 'raise KeyError("A-17")' in record.pop("stackTrace")[0]
    assert record == {
        "level": "ERROR",
        "message": "no such order",
        "logger": "shop",
        "requestId": "request-0",
        "errorType": "KeyError",
        "errorMessage": "'A-17'",
    }


def test_records_below_the_level_are_not_written(tmp_path: Path) -> None:
    events = [tool_call(modern, "thread"), tool_call(modern, "loop")]

    lines = [json.loads(line) for line in output_of(tmp_path, TALKATIVE, events, log_level="WARN")]

    assert [line["message"] for line in lines if line.get("logger") == "shop"] == ["on the loop"]


SECRET = "hunter2"

CARELESS = """
    import asyncio, gc, os
    from fastapi import FastAPI
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ToolError

    mcp = MCPServer("careless")

    @mcp.tool()
    def echo(text: str) -> str:
        return text + os.environ["PASSWORD"]

    @mcp.tool()
    def count(text: int) -> int:
        return text

    @mcp.tool()
    def fail(text: str) -> str:
        try:
            raise KeyError(text)
        except KeyError as error:
            raise ConnectionError(f"postgres://{os.environ['PASSWORD']}@db {text}") from error

    @mcp.tool()
    def refuse(text: str) -> str:
        raise ToolError(f"refused {text}")

    @mcp.tool()
    async def forget(text: str) -> str:
        async def background():
            raise RuntimeError(text)

        asyncio.create_task(background())
        await asyncio.sleep(0.05)
        gc.collect()
        return text

    @mcp.tool()
    def leave(text: str) -> str:
        raise SystemExit(text)

    @mcp.tool()
    async def wait(text: str) -> str:
        await asyncio.sleep(20)

    @mcp.prompt()
    def greet(text: str) -> str:
        raise ValueError(text)

    @mcp.resource("note://{text}")
    def note(text: str) -> str:
        raise ValueError(text)
"""

CARELESS_APP = """
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/orders")
    async def orders(key: str) -> str:
        raise ValueError(key)
"""


def secretive(event: Event) -> Event:
    """The event, with a secret wherever a client may put one."""
    hidden = dict.fromkeys(["authorization", "x-api-key", "cookie", "mcp-session-id", "user-agent"], SECRET)
    return event | {"headers": event["headers"] | hidden, "rawQueryString": f"key={SECRET}"}


TOOLS = ("echo", "count", "fail", "refuse", "forget", "leave", "wait")
USES: list[tuple[str, dict[str, Any]]] = [
    *(("tools/call", {"name": tool, "arguments": {"text": SECRET}}) for tool in TOOLS),
    ("tools/call", {"name": "echo", "arguments": {"text": SECRET}, "requestState": SECRET}),
    ("prompts/get", {"name": "greet", "arguments": {"text": SECRET}}),
    ("resources/read", {"uri": f"note://{SECRET}"}),
    ("completion/complete", {"ref": SECRET, "argument": SECRET}),
    ("initialize", {"clientInfo": SECRET}),
]
TOLD = [
    *(secretive(era(method, params)) for era in (modern, handshake) for method, params in USES),
    secretive(http_event("POST", "/mcp", SECRET)),
    secretive(http_event("POST", "/mcp", json.dumps({"jsonrpc": "2.0", "method": "tools/call", "params": SECRET}))),
]


def output_with_secrets(
    tmp_path: Path, source: str, events: list[Event], attribute: str = "mcp", **settings: Any
) -> list[str]:
    settings |= {"entrypoint": f"server:{attribute}", "metrics": "tools"}
    return output_of(tmp_path, source, events, seconds=1.0, environ={"PASSWORD": SECRET}, **settings)


@pytest.mark.parametrize("level", ["TRACE", "INFO"])
def test_no_line_tells_a_secret(tmp_path: Path, level: str) -> None:
    lines = output_with_secrets(tmp_path, CARELESS, TOLD, log_level=level)

    assert [line for line in lines if SECRET in line] == []
    written = [json.loads(line) for line in lines]
    assert len([line for line in written if "outcome" in line]) == len(TOLD)
    # What is left of an exception that a tool has raised: its type, and the author's own line.
    failed = next(line for line in written if line.get("errorType") == "ConnectionError")
    assert "server.py" in failed["stackTrace"][-1]


def test_no_line_tells_a_secret_of_a_route_of_the_authors(tmp_path: Path) -> None:
    event = secretive(http_event("GET", "/orders"))

    (line,) = output_with_secrets(tmp_path, CARELESS_APP, [event], "app")

    assert SECRET not in line
    assert json.loads(line)["errorType"] == "ValueError"


def test_the_same_lines_tell_all_when_payloads_are_asked_for(tmp_path: Path) -> None:
    lines = output_with_secrets(tmp_path, CARELESS, TOLD, log_payloads=True)

    written = [json.loads(line) for line in lines]
    assert any(SECRET in line.get("arguments", "") for line in written)
    assert any(f"refused {SECRET}" in line.get("answer", "") for line in written)
    assert any(SECRET in line.get("errorMessage", "") for line in written)


OWN_LOGGING = """
    import logging.config
    from mcp.server.mcpserver import MCPServer
    from pydantic import BaseModel

    logging.config.dictConfig({
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"own": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
        "root": {"level": "DEBUG", "handlers": ["own"]},
    })
    mcp = MCPServer("own logging")

    class Order(BaseModel):
        id: int

    @mcp.tool()
    def fail(text: str) -> str:
        raise ValueError(text)

    @mcp.tool()
    def wrong(text: str) -> Order:
        return Order.model_construct(id=text)
"""


@pytest.mark.parametrize("tool", ["fail", "wrong"])
def test_logging_of_the_authors_own_brings_no_payload_back(tmp_path: Path, tool: str) -> None:
    said = output_of(tmp_path, OWN_LOGGING, [tool_call(modern, tool, text=SECRET)] * 2)

    assert any(f'"tool":"{tool}"' in line for line in said)
    assert [line for line in said if SECRET in line] == []

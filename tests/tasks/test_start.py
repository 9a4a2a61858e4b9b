"""A server that cannot offer the tasks that Terraform names is not started, and one line says why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.events import modern, tool_call
from lab.settings import settings_variable
from tests.tasks.conftest import Serve

FUNCTION = Path(__file__).parents[2] / "function"
PLAIN = "from mcp.server.mcpserver import MCPServer\nmcp = MCPServer('orders')\n"
EXTENDED = """
from mcp.server.extension import Extension
from mcp.server.mcpserver import MCPServer

class Own(Extension):
    identifier = "io.modelcontextprotocol/tasks"

mcp = MCPServer("orders", extensions=[Own()])
mcp.tool()(print)
"""

MISTAKES = {
    "a name that the server has not": (PLAIN, {"report": "optional"}, "'orders' does not have: report."),
    "a mode that there is not": (PLAIN, {"report": "always"}, "report = always, but each must be one of optional"),
    "a server that takes no extensions": (
        "async def mcp(scope, receive, send): ...",
        {"report": "required"},
        "the entrypoint is of type function: nobody could use report as tasks.",
    ),
    "an extension of the author's": (EXTENDED, {"print": "optional"}, "has an extension io.modelcontextprotocol/tasks"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_line_that_names_it(serve: Serve, caplog: pytest.LogCaptureFixture, case: str) -> None:
    source, tools, words = MISTAKES[case]

    serve(source, tasks={"tools": tools})

    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) >= 1
    assert words in errors[0]
    assert "\n" not in errors[0]


def test_a_server_that_is_started_anew_offers_its_tasks_once(serve: Serve) -> None:
    server = serve()
    server.front(tool_call(modern, "leave"))  # ends the loop, so that the next event starts the server anew

    task = server.call("report")
    server.work()

    assert server.get(task)["status"] == "completed"


@pytest.mark.parametrize("has_tasks", [False, True])
def test_a_start_imports_what_tasks_need_only_where_there_are_some(tmp_path: Path, has_tasks: bool) -> None:
    (tmp_path / "server.py").write_text(PLAIN + "mcp.tool()(print)\n")
    given = {
        "tools": {"print": "optional"},
        "table": "arn:aws:dynamodb:us-east-1:000000000000:table/orders-tasks",
        "worker": "arn:aws:lambda:us-east-1:000000000000:function:orders-tasks:1",
        "ttl_seconds": 60,
        "queue_seconds": 60,
        "withheld_headers": [],
        "bucket": None,
    }
    code = (
        "import json, sys, mcp_lambda_host.handler; "
        "print(json.dumps([n for n in sys.modules if n.startswith(('mcp_lambda_host.tasks', 'mcp_lambda_aws'))]))"
    )
    path = os.pathsep.join(map(str, [FUNCTION, FUNCTION.parent, tmp_path]))
    environment = os.environ | {"PYTHONPATH": path} | settings_variable(tasks=given if has_tasks else None)
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
    assert bool(json.loads(ran.stdout.splitlines()[-1])) == has_tasks

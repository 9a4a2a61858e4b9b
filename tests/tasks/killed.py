"""A worker in a process of its own, which a test can kill."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any, cast

from mangum.types import LambdaContext

from lab.events import Context

SERVER = """
import os
import signal
from pathlib import Path

from mcp.server.mcpserver import MCPServer

mcp = MCPServer("orders")


@mcp.tool()
async def count(file: str, steps: int, last: int) -> str:
    for step in range(steps):
        with Path(file).open("a") as done:
            done.write(f"{step} ")
        if step == last and os.environ["DIES"] == "1":
            os.kill(os.getpid(), signal.SIGKILL)
    return "counted"
"""

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.tasks.preloaded"])


def run_worker(
    directory: Path, environ: dict[str, str], event: dict[str, Any], started: Callable[[int], object] = lambda pid: None
) -> int:
    """Handle an event in an execution environment of its own; how its process has ended, as subprocess says it.

    Args:
        directory: Where the server is.
        environ: Further environment variables.
        event: For the worker.
        started: Is told the id of the process.
    """
    process = PROCESSES.Process(target=_handle, args=[str(directory), environ, event])
    process.start()
    started(process.pid or 0)
    process.join()
    return process.exitcode or 0


def _handle(directory: str, environ: dict[str, str], event: dict[str, Any]) -> None:
    os.environ.update(environ)
    sys.path.insert(0, directory)
    from mcp_lambda_host.handler import handler  # starts the server

    handler(event, cast(LambdaContext, Context()))

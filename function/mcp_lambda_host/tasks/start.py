"""Makes a server offer tasks, or run them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mcp.server.mcpserver import MCPServer

from ..contract import TASK_MODES
from ..errors import StartError
from ..sdk.extensions import extend
from ..sdk.stateless import add_middleware
from ..settings import TaskSettings
from .extension import Rules, Tasks
from .store import Store
from .worker import Rounds


def offer_tasks(target: object, settings: TaskSettings, variables: Mapping[str, str], *, is_open: bool) -> None:
    """Make calls of the named tools tasks, or, in the worker, run them.

    Args:
        target: The author's server.
        settings: Which tools, and where tasks are kept.
        variables: The process's environment variables.
        is_open: Whether the gateway lets everybody in.

    Raises:
        StartError: The server takes no extension, has not one of the tools, or has an extension for tasks of its own.
    """
    if not isinstance(target, MCPServer):
        raise StartError(
            f"tasks needs an MCPServer, which takes extensions, and the entrypoint is of type {type(target).__name__}: "
            f"nobody could use {', '.join(sorted(settings.tools))} as tasks."
        )
    wrong = sorted(f"{name} = {mode}" for name, mode in settings.tools.items() if mode not in TASK_MODES)
    if wrong:
        raise StartError(f"tasks.tools has {', '.join(wrong)}, but each must be one of {', '.join(TASK_MODES)}.")
    unknown = sorted(settings.tools.keys() - {tool.name for tool in asyncio.run(target.list_tools())})
    if unknown:
        raise StartError(f"tasks.tools names what the server {target.name!r} does not have: {', '.join(unknown)}.")
    if settings.worker is None:
        add_middleware(target, Rounds())
    else:
        extend(target, Tasks(Rules(settings, Store(settings, variables), variables, is_open)))

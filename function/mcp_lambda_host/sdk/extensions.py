"""Extensions of a server that is made already, and what its tools report while they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mcp.server.extension import Extension
from mcp.server.mcpserver import MCPServer
from mcp.server.session import ServerSession

from ..errors import StartError


def extend(server: MCPServer[Any], extension: Extension) -> None:
    """Add an extension, once: the SDK takes extensions only where a server is made, which is in the author's module.

    Raises:
        StartError: The author has added one for the same.
    """
    present = [each for each in server._extensions if each.identifier == extension.identifier]
    if any(type(each) is not type(extension) for each in present):
        raise StartError(
            f"The server {server.name!r} has an extension {extension.identifier} of its own: leave it out, or leave "
            "tasks out of the module."
        )
    if not present:
        server._apply_extension(extension)
        server._install_extension_interceptor()


class ReportingSession(ServerSession):
    """The session of a request whose client gets no notifications: what a tool reports goes to a function.

    Args:
        session: The request's own.
        report: Takes a text for the user.
    """

    def __init__(self, session: ServerSession, report: Callable[[str], None]) -> None:
        vars(self).update(vars(session))
        self._allowed_log_levels = frozenset()  # the function's log gets messages all the same
        self._report = report

    async def report_progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Report progress, in numbers if the tool has no words for it."""
        self._report(message or (f"{progress:g}" if total is None else f"{progress:g} of {total:g}"))

    async def send_log_message(
        self, level: Any, data: Any, logger: str | None = None, related_request_id: Any = None
    ) -> None:
        """Report a message, unless it is for who debugs."""
        if level != "debug" and isinstance(data, str):
            self._report(data)
        await super().send_log_message(level, data, logger, related_request_id)

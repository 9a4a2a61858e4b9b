"""What the author's server has, by name: clients invent names, and no metric may be made of those."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer

from . import calls
from .calls import Call

MOST_TOOLS = 100
"""That have metrics of their own: each is paid for by the month."""


UNKNOWN = "(unknown)"
"""In place of a name that a client has invented."""


class Names:
    """The names in an `MCPServer`; of another server, the tools that it has listed to a client."""

    def __init__(self, server: object) -> None:
        self._server = server if isinstance(server, MCPServer) else None
        self._listed: dict[str, None] = {}

    def learn(self, answer: str) -> None:
        """Note the tools in the body of an answer to `tools/list`, of a server that nobody can look into.

        Only there a server says what it has: one that takes any name may answer each call with a success.
        """
        if self._server or len(self._listed) >= MOST_TOOLS:
            return
        result = calls.message_in(answer).get("result")
        tools = result.get("tools") if isinstance(result, dict) else None
        names = [tool.get("name") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
        self._listed |= dict.fromkeys(name for name in names if isinstance(name, str))

    def keep(self, earlier: Names) -> None:
        """Keep what the same server has listed before it was started anew."""
        self._listed |= earlier._listed

    def has_tool(self, name: str | None) -> bool:
        """Whether it is one of the first hundred tools, and can be a dimension (CloudWatch: printable ASCII)."""
        if name is None or not (name.isascii() and name.isprintable()):
            return False
        if self._server is None:
            return name in list(self._listed)[:MOST_TOOLS]
        return name in [tool.name for tool in self._server._tool_manager.list_tools()[:MOST_TOOLS]]

    def of_tool(self, name: str | None) -> str | None:
        """A tool's name as a line has it."""
        if self._server is None or name is None or self._server._tool_manager.get_tool(name):
            return name
        return UNKNOWN

    def of(self, call: Call) -> str | None:
        """Of what a call uses that is no tool: of a prompt, or of the resource or template behind a URI."""
        if call.method == "prompts/get":
            name = call.param("name")
            known = self._server is None or name is None or self._server._prompt_manager.get_prompt(name)
            return name if known else UNKNOWN
        return self._resource(call.param("uri")) if call.method == "resources/read" else None

    def _resource(self, uri: str | None) -> str | None:
        # Of a template the URI holds the arguments, and those are not logged.
        if self._server is None or uri is None:
            return None
        resources = self._server._resource_manager
        if uri in [str(resource.uri) for resource in resources.list_resources()]:
            return uri
        templates = (t.uri_template for t in resources.list_templates() if t.matches(uri) is not None)
        return next(templates, None)

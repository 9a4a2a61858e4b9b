"""What the author's server has, by name: clients invent names, and neither a metric nor a line may be made of those."""

from __future__ import annotations

from mcp.server.mcpserver import MCPServer

from .calls import Call

MOST_TOOLS = 100
"""That have metrics of their own: each is paid for by the month."""


UNKNOWN = "(unknown)"
"""In place of a name that a client has invented."""


class Names:
    """The names in an `MCPServer`. What other servers have is known to themselves alone, so there is none of it."""

    def __init__(self, server: object) -> None:
        self._server = server if isinstance(server, MCPServer) else None

    def has_tool(self, name: str | None) -> bool:
        """Whether it is one of the first hundred tools, and can be a dimension (CloudWatch: printable ASCII)."""
        if self._server is None or name is None or not (name.isascii() and name.isprintable()):
            return False
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

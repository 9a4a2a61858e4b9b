"""Names of what the author's server has. Clients invent names, and neither a metric nor a line may be made of those."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.shared.uri_template import UriTemplate
from mcp_types import Resource, ResourceTemplate

from ..messages import parse_response

MOST_TOOLS = 100
"""At most this many tools get metrics of their own; CloudWatch bills each by the month."""

UNKNOWN = "(unknown)"
"""Stands in a line for a name that a client has invented."""


def has_tool(server: MCPServer[Any], name: str) -> bool:
    """Whether the server has a tool, by the SDK's own look-up: to list all would build a model for each."""
    find_schema = server.session_manager.app.get_tool_input_schema
    return find_schema is None or find_schema(name) is not None


class Names:
    """Names in an `MCPServer`; in any other application, the tools that it has listed to a client.

    What an `MCPServer` lists is kept, and listed again when a name is asked for that is not among it: it may have been
    added since. The SDK's own lists are asked, not those of a subclass: what the author has written in their place may
    hang, and a request's deadline has passed its guard by then. No event loop may run in the thread that asks.
    """

    def __init__(self, server: object) -> None:
        self._server: MCPServer[Any] | None = server if isinstance(server, MCPServer) else None
        self._tools: dict[str, int] = {}  # by name the place in the list
        self._prompts: frozenset[str] = frozenset()
        self._resources: frozenset[str] = frozenset()
        self._templates: list[UriTemplate] = []

    def learn_tools(self, body: str) -> None:
        """Note the tools in the body of an answer to `tools/list`, for an application that nobody can look into.

        Only there it says what it has: one that takes any name may answer each call with a success.
        """
        if self._server or len(self._tools) >= MOST_TOOLS:
            return
        result = parse_response(body).get("result")
        tools = result.get("tools") if isinstance(result, dict) else None
        names = [tool.get("name") for tool in tools if isinstance(tool, dict)] if isinstance(tools, list) else []
        for name in names:
            if isinstance(name, str):
                self._tools.setdefault(name, len(self._tools))

    def take_over(self, earlier: Names) -> None:
        """Know what an application had listed before it was started anew."""
        if self._server is None:
            self._tools = dict(earlier._tools)

    def has_metrics(self, tool: str | None) -> bool:
        """Whether it is one of the first hundred tools, and can be a dimension (CloudWatch: printable ASCII)."""
        if tool is None or not (tool.isascii() and tool.isprintable()):
            return False
        if self._server and tool not in self._tools and has_tool(self._server, tool):
            listed = asyncio.run(MCPServer.list_tools(self._server))
            self._tools = {each.name: place for place, each in enumerate(listed)}
            self._tools.setdefault(tool, MOST_TOOLS)  # one that is hidden from lists is not looked for again
        known = self._server is None or has_tool(self._server, tool)
        return known and self._tools.get(tool, MOST_TOOLS) < MOST_TOOLS

    def tool(self, name: str | None) -> str | None:
        """The name of a tool, as a line has it."""
        known = name is None or (has_tool(self._server, name) if self._server else name in self._tools)
        return name if known else UNKNOWN

    def prompt(self, name: str | None) -> str | None:
        """The name of a prompt, as a line has it."""
        if name is None:
            return None
        if self._server is None:
            return UNKNOWN
        if name not in self._prompts:
            self._prompts = frozenset(prompt.name for prompt in asyncio.run(MCPServer.list_prompts(self._server)))
        return name if name in self._prompts else UNKNOWN

    def resource(self, uri: str | None) -> str | None:
        """The URI of a resource, or the template behind it: its URI holds the arguments, and those are not logged."""
        if self._server is None or uri is None:
            return None
        found = self._find_resource(uri)
        if found is None:
            resources, templates = asyncio.run(_list_resources(self._server))
            self._resources = frozenset(str(resource.uri) for resource in resources)
            self._templates = [UriTemplate.parse(template.uri_template) for template in templates]
            found = self._find_resource(uri)
        return found

    def _find_resource(self, uri: str) -> str | None:
        if uri in self._resources:
            return uri
        return next((template.template for template in self._templates if template.match(uri) is not None), None)


async def _list_resources(server: MCPServer[Any]) -> tuple[list[Resource], list[ResourceTemplate]]:
    return await MCPServer.list_resources(server), await MCPServer.list_resource_templates(server)

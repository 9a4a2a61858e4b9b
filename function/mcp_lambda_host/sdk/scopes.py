"""Scopes that a caller needs for one tool, prompt or resource."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import MCPServer
from mcp.shared.exceptions import MCPError
from mcp.shared.uri_template import UriTemplate
from pydantic import BaseModel

from ..errors import StartError
from .stateless import add_middleware

Required = Mapping[str, frozenset[str]]
"""Scopes by what needs them: `tools/<name>`, `prompts/<name>`, `resources/<URI or template>`."""

LISTS = {
    "tools/list": ("tools", "tools", "name"),
    "prompts/list": ("prompts", "prompts", "name"),
    "resources/list": ("resources", "resources", "uri"),
    "resources/templates/list": ("resourceTemplates", "resources", "uriTemplate"),
}
"""Methods that list: the result's key, the kind as in `Required`, and what identifies an item."""

USES = {
    "tools/call": ("tools", "name"),
    "prompts/get": ("prompts", "name"),
    "resources/read": ("resources", "uri"),
}
"""Methods that use something: its kind as in `Required`, and the parameter that identifies it."""

NOTHING = frozenset[str]()

REFUSED = "mcp_lambda_host.refused"
"""Key of a `Refused` in the ASGI scope."""


@dataclass
class Refused:
    """Carries a refusal from inside the SDK, which knows no HTTP, to the answer.

    Attributes:
        scopes: What the caller needs and has not; empty: nothing was refused.
    """

    scopes: frozenset[str] = NOTHING


class ScopeGuard:
    """SDK middleware that hides from lists what the caller may not use, and refuses its use.

    It decides on the message as the SDK has parsed it, so that no second reading of the body can be told otherwise.
    """

    def __init__(self, required: Required) -> None:
        self._required = required
        self._resources = {
            UriTemplate.parse(key.removeprefix("resources/")): scopes
            for key, scopes in required.items()
            if key.startswith("resources/")
        }

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer one message."""
        needed = self._needed(ctx.method, ctx.params or {})
        if not needed <= _held():
            if ctx.request is not None:
                ctx.request.scope[REFUSED].scopes = needed
            raise MCPError(403, missing_scopes(needed))
        result = await call_next(ctx)
        if isinstance(result, BaseModel):  # from a middleware of the author's; the SDK's own are dicts by now
            result = result.model_dump(mode="json", by_alias=True, exclude_none=True)
        if ctx.method in LISTS and result:
            self._hide(ctx.method, result)
        return result

    def _needed(self, method: str, params: Mapping[str, Any]) -> frozenset[str]:
        if method == "completion/complete":  # suggests values for a prompt or for a template, or claims to be both
            ref = params.get("ref")
            ref = ref if isinstance(ref, Mapping) else {}
            return self._needed("prompts/get", ref) | self._needed("resources/read", ref)
        if method not in USES:
            return NOTHING
        kind, identifier = USES[method]
        return self._needed_for(kind, str(params.get(identifier)))

    def _needed_for(self, kind: str, identifier: str) -> frozenset[str]:
        if kind != "resources":
            return self._required.get(f"{kind}/{identifier}", NOTHING)
        templates = (t for t in self._resources if t.template == identifier or t.match(identifier) is not None)
        return NOTHING.union(*(self._resources[template] for template in templates))

    def _hide(self, method: str, result: dict[str, Any]) -> None:
        key, kind, identifier = LISTS[method]
        result[key] = [item for item in result[key] if self._needed_for(kind, item[identifier]) <= _held()]
        if "cacheScope" in result:
            result["cacheScope"] = "private"  # another caller has another list


def guard(server: object, required: Required) -> None:
    """Make `server` ask for the required scopes.

    Raises:
        StartError: A name is not the server's, so what it was to guard would be open; or it is no MCPServer.
    """
    if not isinstance(server, MCPServer):
        raise StartError(f"required_scopes needs an MCPServer, and the entrypoint is of type {type(server).__name__}.")
    unknown = sorted(set(required) - set(asyncio.run(_names(server))))
    if unknown:
        raise StartError(f"required_scopes names what the server {server.name!r} does not have: {', '.join(unknown)}.")
    add_middleware(server, ScopeGuard(required), first=True)


def missing_scopes(needed: frozenset[str]) -> str:
    """The sentence that a caller without these scopes is told."""
    return f"This needs the scopes {', '.join(sorted(needed))}, not all of which the caller has."


async def _names(server: MCPServer[Any]) -> Iterable[str]:
    return [
        *(f"tools/{tool.name}" for tool in await server.list_tools()),
        *(f"prompts/{prompt.name}" for prompt in await server.list_prompts()),
        *(f"resources/{resource.uri}" for resource in await server.list_resources()),
        *(f"resources/{template.uri_template}" for template in await server.list_resource_templates()),
    ]


def _held() -> frozenset[str]:
    token = get_access_token()
    return frozenset(token.scopes if token else ())

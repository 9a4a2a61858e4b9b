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
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import complete
from .door import public_origin, refuse
from .errors import StartError
from .stateless import add_middleware

Required = Mapping[str, frozenset[str]]
"""Scopes by what needs them: `tools/<name>`, `prompts/<name>`, `resources/<URI or template>`."""

LISTS = {
    "tools/list": ("tools", "tools", "name"),
    "prompts/list": ("prompts", "prompts", "name"),
    "resources/list": ("resources", "resources", "uri"),
    "resources/templates/list": ("resourceTemplates", "resources", "uriTemplate"),
}
"""Method of a list: the result's key, our kind, and what identifies an item."""

USES = {
    "tools/call": ("tools", "name"),
    "prompts/get": ("prompts", "name"),
    "resources/read": ("resources", "uri"),
}
"""Method of a use: our kind, and the parameter that identifies what is used."""

REFUSED = "mcp_lambda_host.refused"
NOTHING = frozenset[str]()


@dataclass
class Refused:
    """Carries a refusal from inside the SDK, which knows no HTTP, to the answer."""

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
            raise MCPError(403, _message(needed))
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


class Challenge:
    """Answers what the guard refused with 403 and the scopes it takes (RFC 6750 section 3.1, RFC 9728 section 5.1).

    The answer is held back until it is complete, as Lambda does anyway: in the handshake era the SDK sends the status
    before it looks at the message.
    """

    def __init__(self, app: ASGIApp, *, metadata_path: str) -> None:
        self.app = app
        self.metadata_path = metadata_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer or the refusal back."""
        refused = Refused()
        answer = await complete(self.app, {**scope, REFUSED: refused}, receive)
        if refused.scopes:
            await self._challenge(scope, refused.scopes)(scope, receive, send)
            return
        for message in answer:
            await send(message)

    def _challenge(self, scope: Scope, needed: frozenset[str]) -> Response:
        challenge = (
            f'Bearer error="insufficient_scope", scope="{" ".join(sorted(needed))}", '
            f'resource_metadata="{public_origin(scope)}{self.metadata_path}"'
        )
        return refuse(403, _message(needed), {"www-authenticate": challenge})


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


def _message(needed: frozenset[str]) -> str:
    return f"This needs the scopes {', '.join(sorted(needed))}, not all of which the caller has."

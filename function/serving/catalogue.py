"""What a server has: its tools, prompts and resources, as a client of 2026-07-28 is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import Any, NamedTuple

from builder.inputs import CONTRACT

from .environments import Event
from .front import LOOPBACK, event_of

VERSION = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "mcp-lambda check", "version": "1"},
}

Invoke = Callable[[Event], dict[str, Any]]
Item = dict[str, Any]


class Kind(NamedTuple):
    """One of the three kinds of things that a server lists.

    Attributes:
        heading: What it is called.
        capability: The capability of a server that has any.
        lists: The methods that list it, each with the key of its result.
    """

    heading: str
    capability: str
    lists: Mapping[str, str]


KINDS = (
    Kind("tools", "tools", {"tools/list": "tools"}),
    Kind("prompts", "prompts", {"prompts/list": "prompts"}),
    Kind(
        "resources",
        "resources",
        {"resources/list": "resources", "resources/templates/list": "resourceTemplates"},
    ),
)


class RefusedError(Exception):
    """The server does not answer as a server of MCP; the message is one sentence."""


def catalogue(invoke: Invoke, claims: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """A line for each tool, prompt and resource, by their heading.

    Raises:
        RefusedError: The server refuses to say.
    """
    capabilities = _ask(invoke, claims, "server/discover", {})["capabilities"]
    return {
        kind.heading: [
            _line(item)
            for method, key in (kind.lists.items() if capabilities.get(kind.capability) is not None else ())
            for item in _pages(invoke, claims, method, key)
        ]
        for kind in KINDS
    }


def _pages(invoke: Invoke, claims: Mapping[str, Any] | None, method: str, key: str) -> Iterator[Item]:
    cursor: str | None = None
    while True:
        page = _ask(invoke, claims, method, {"cursor": cursor} if cursor else {})
        yield from page[key]
        if not (cursor := page.get("nextCursor")):
            return


def _ask(invoke: Invoke, claims: Mapping[str, Any] | None, method: str, params: dict[str, Any]) -> dict[str, Any]:
    headers = Message()
    sent = {"Host": "localhost", "Accept": "application/json", "Content-Type": "application/json"}
    for name, value in {**sent, "MCP-Protocol-Version": VERSION, "Mcp-Method": method}.items():
        headers[name] = value
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}
    body = json.dumps(message).encode()
    answer = invoke(event_of("POST", CONTRACT["mcp_path"], headers, body, LOOPBACK, claims))
    try:
        result: dict[str, Any] = json.loads(answer["body"])["result"]
    except (ValueError, LookupError, TypeError):
        said = " ".join(str(answer.get("body")).split())[:300]
        raise RefusedError(f"the server answers {method} with HTTP {answer['statusCode']}: {said}") from None
    return result


def _line(item: Item) -> str:
    """A line such as `add(a, b?)  Add two numbers.`: a question mark is behind what may be left out."""
    name = item.get("uri") or item.get("uriTemplate") or f"{item['name']}({', '.join(_arguments(item))})"
    description = (item.get("description") or "").strip().splitlines()
    return "  ".join([name, *description[:1]])


def _arguments(item: Item) -> list[str]:
    schema = item.get("inputSchema")
    if schema is None:
        return [each["name"] + ("" if each.get("required") else "?") for each in item.get("arguments") or ()]
    required = schema.get("required", ())
    return [name + ("" if name in required else "?") for name in schema.get("properties", {})]

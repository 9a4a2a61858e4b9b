"""What API Gateway sends to a function: proxy events around MCP messages of both eras."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DOMAIN = "abc123.execute-api.eu-west-1.amazonaws.com"
ACCEPT = "application/json, text/event-stream"
MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}

TASKS = "io.modelcontextprotocol/tasks"
"""The extension for calls that take longer than a request."""

Event = dict[str, Any]
Era = Callable[..., Event]


@dataclass
class Context:
    """A Lambda context with `seconds` left."""

    seconds: float = 30.0
    aws_request_id: str = "8f507cfc-0000-4697-b07a-ac58fc914c95"

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.seconds

    def get_remaining_time_in_millis(self) -> int:
        """Count down, as Lambda does."""
        return max(0, int((self._end - time.monotonic()) * 1000))


def http_event(method: str, path: str, body: str | None = None, **headers: str) -> Event:
    """Payload format 2.0; underscores of header names stand for hyphens."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": _headers(headers),
        "requestContext": {
            "domainName": DOMAIN,
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def rest_event(method: str, path: str, body: str | None = None, *, stage: str = "/live", **headers: str) -> Event:
    """Payload format 1.0, as a REST API sends it.

    Args:
        method: HTTP's.
        path: Without the stage.
        body: The request's body.
        stage: What stands before the path in the URL; "": the request came by a domain that leads to the stage.
        headers: Those of the request.
    """
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": _headers(headers),
        "multiValueHeaders": {name: [value] for name, value in _headers(headers).items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"domainName": DOMAIN, "path": f"{stage}{path}", "identity": {"sourceIp": "192.0.2.1"}},
        "body": body,
        "isBase64Encoded": False,
    }


def modern(method: str, params: dict[str, Any] | None = None, request_id: int | str = 1) -> Event:
    """A request of the 2026-07-28 era."""
    params = params or {}
    params = {**params, "_meta": META | params.get("_meta", {})}
    named = params.get("name") or params.get("uri")
    headers = {"mcp_protocol_version": MODERN, "mcp_method": method} | ({"mcp_name": named} if named else {})
    return http_event("POST", "/mcp", _message(method, params, request_id), **headers)


def handshake(method: str, params: dict[str, Any] | None = None, request_id: int | str = 1) -> Event:
    """A request of the handshake era, sent without a session."""
    return http_event("POST", "/mcp", _message(method, params or {}, request_id))


def tool_call(era: Era, name: str, request_id: int | str = 1, **arguments: Any) -> Event:
    """A `tools/call` of either era."""
    return era("tools/call", {"name": name, "arguments": arguments}, request_id)


def message_of(response: dict[str, Any]) -> dict[str, Any]:
    """The JSON-RPC response in an answer, whether it came as JSON or as the last event of a stream."""
    return message_in(response["body"])


def message_in(body: str) -> dict[str, Any]:
    """The JSON-RPC response in a body, whether it is JSON or a stream of events."""
    lines = [line for line in body.split("\n") if line.startswith("data: ")]
    message: dict[str, Any] = json.loads(lines[-1].removeprefix("data: ") if lines else body)
    return message


def text_of(response: dict[str, Any]) -> str:
    """The text of a tool's result."""
    text: str = message_of(response)["result"]["content"][0]["text"]
    return text


def _message(method: str, params: dict[str, Any], request_id: int | str) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})


def _headers(headers: dict[str, str]) -> dict[str, str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"host": DOMAIN, "content-type": "application/json", "accept": ACCEPT} | sent


def tasks_request(method: str, params: dict[str, Any], *, caller: str | None = None, **headers: str) -> Event:
    """A request of a client that knows tasks, and, if somebody is named, one whom the gateway has verified."""
    capabilities: dict[str, Any] = {"extensions": {TASKS: {}}, "elicitation": {}}
    meta = {**META, "io.modelcontextprotocol/clientCapabilities": capabilities}
    message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    sent = {
        "mcp_protocol_version": MODERN,
        "mcp_method": method,
        "mcp_name": params.get("name") or params.get("taskId", ""),
        **headers,
    }
    event = http_event("POST", "/mcp", json.dumps(message), **sent)
    if caller:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": {"sub": caller, "iss": "https://login.example.com"}}}
    return event

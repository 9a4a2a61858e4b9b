"""A tool call as API Gateway hands it to a function, and the function's answer."""

from __future__ import annotations

import json
from typing import Any

MODERN = "2026-07-28"
SHOWN = 300  # characters of an answer that is not understood


def tool_call(tool: str, arguments: dict[str, Any], claims: dict[str, Any]) -> dict[str, Any]:
    """The API's event, payload format 2.0, of a `tools/call` of 2026-07-28 by a caller with these verified claims."""
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    params = {"name": tool, "arguments": arguments, "_meta": meta}
    return {
        "version": "2.0",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": {
            "host": "localhost",
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": MODERN,
            "mcp-method": "tools/call",
            "mcp-name": tool,
        },
        "requestContext": {
            "domainName": "localhost",
            "http": {"method": "POST", "path": "/mcp", "sourceIp": "127.0.0.1"},
            **({"authorizer": {"jwt": {"claims": claims}}} if claims else {}),
        },
        "body": json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}),
        "isBase64Encoded": False,
    }


def refused(answer: Any) -> str | None:
    """What is wrong with a function's answer; None if it is the result of a tool."""
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return f"no HTTP response: {json.dumps(answer)[:SHOWN]}"
    body = answer["body"] or ""
    if answer["statusCode"] != 200:
        return f"{answer['statusCode']}: {body[:SHOWN]}"
    lines = [line.removeprefix("data: ") for line in body.split("\n") if line.startswith("data: ")]
    try:
        message = json.loads(lines[-1] if lines else body)
        result = message.get("result", {})
    except (ValueError, AttributeError):
        return f"no MCP message: {body[:SHOWN]}"
    if "error" in message:
        return f"with an error: {message['error']['message']}"
    if result.get("isError"):
        return f"with an error: {' '.join(part.get('text', '') for part in result['content'])}"
    return None

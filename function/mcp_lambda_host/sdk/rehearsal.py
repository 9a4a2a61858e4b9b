"""Makes what the first requests of a new execution environment would have to make, before the first one comes.

Lambda gives the initialisation phase a full processor, whatever `memory_mb` is; a request gets its share of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mcp_types import CallToolRequestParams, CallToolResult, TextContent
from mcp_types.methods import parse_client_request, serialize_server_result
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from ..contract import MCP_PATH
from ..own_log import logger
from .names import Names

VERSION = MODERN_PROTOCOL_VERSIONS[-1]
ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
}
FIRST_REQUESTS = ("server/discover", "tools/list")
"""Methods that every client begins with, and that change nothing."""


def rehearse(answer: Callable[[dict[str, Any]], str], names: Names) -> None:
    """Build the schemas of a tool call in both eras, and have the server answer the first requests of a client.

    What fails here fails again where a client can be told; here it is only a line for who debugs.

    Args:
        answer: Gives the body of the answer to an event.
        names: Learn the tools that the server lists.

    Raises:
        TimeoutError: The server did not answer in time, and may still be at it.
    """
    try:
        for version in (VERSION, HANDSHAKE_PROTOCOL_VERSIONS[-1]):
            parse_client_request("tools/call", version, {"name": "", "_meta": ENVELOPE})
            result = CallToolResult(content=[TextContent(text="")])
            serialize_server_result("tools/call", version, result.model_dump(by_alias=True))
        CallToolRequestParams(name="")
        for method in FIRST_REQUESTS:
            body = answer(event_of(method))
            if method == "tools/list":
                names.learn_tools(body)
    except TimeoutError:
        raise
    except Exception as error:
        logger.debug("The rehearsal of the first requests failed: %s: %s", type(error).__name__, error)


def event_of(method: str) -> dict[str, Any]:
    """The event of payload format 2.0 that an anonymous client's request would be."""
    message = {"jsonrpc": "2.0", "id": 0, "method": method, "params": {"_meta": ENVELOPE}}
    headers = {
        "host": "localhost",
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": VERSION,
        "mcp-method": method,
    }
    return {
        "version": "2.0",
        "rawPath": MCP_PATH,
        "rawQueryString": "",
        "headers": headers,
        "requestContext": {"domainName": "localhost", "http": {"method": "POST", "path": MCP_PATH, "sourceIp": "::1"}},
        "body": json.dumps(message),
        "isBase64Encoded": False,
    }

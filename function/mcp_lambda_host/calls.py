"""What an MCP request asks for and what came of it, as both went over the wire: the same whatever serves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.types import Scope

from .errors import json_object

HANDSHAKE = "handshake"
"""The era of all protocol versions that begin with `initialize`."""

SIGNS_OF_FAILURE = ('"error"', '"isError":true', '"isError": true')
"""An answer without any of these need not be parsed, however large it is. Inside a text the quotes are escaped."""


@dataclass
class Call:
    """One message of a client, and how it fared.

    Attributes:
        method: As the client spelt it; None: the body is no JSON-RPC message.
        era: `handshake`, or the version of the newer protocol.
        params: The message's own, without `_meta`.
        outcome: ok, tool_error (the tool says so), error (JSON-RPC or HTTP), deadline, oversize or start_failed.
        error_code: Of the JSON-RPC error, or the HTTP status.
        state_refused: Whether the SDK took the request state for forged, foreign or expired.
        answer: The body of the answer.
        cold: Whether an execution environment was started for it.
        begun: In seconds since 1970.
        milliseconds: Until it was answered.
    """

    method: str | None = None
    era: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    error_code: int | None = None
    state_refused: bool = False
    answer: str = ""
    cold: bool = False
    begun: float = 0.0
    milliseconds: float = 0.0

    @property
    def ended(self) -> float:
        """In seconds since 1970."""
        return self.begun + self.milliseconds / 1000

    @property
    def tool(self) -> str | None:
        """The name in a `tools/call`."""
        return self.param("name") if self.method == "tools/call" else None

    def param(self, key: str) -> str | None:
        """A parameter, if it is a string."""
        value = self.params.get(key)
        return value if isinstance(value, str) else None

    def judge(self, answer: Mapping[str, Any]) -> None:
        """Take from the proxy response what came of the request."""
        status, text = answer["statusCode"], answer["body"]
        self.answer = text
        if status < 400 and not any(sign in text for sign in SIGNS_OF_FAILURE):
            return
        message = message_in(text)
        if isinstance(error := message.get("error"), dict):
            code, data = error.get("code"), error.get("data")
            self.fail("error", code if isinstance(code, int) else status)
            self.state_refused = isinstance(data, dict) and data.get("reason") == "invalid_request_state"
        elif isinstance(result := message.get("result"), dict) and result.get("isError") is True:
            self.fail("tool_error")
        elif status >= 400:
            self.fail("error", status)

    def fail(self, outcome: str, code: int | None = None) -> None:
        """Note a failure; the first one is the cause of the others."""
        self.outcome = outcome if self.outcome == "ok" else self.outcome
        self.error_code = code


def message_in(text: str) -> dict[str, Any]:
    """The JSON-RPC response in a body; of an event stream, the last event, which answers the request."""
    events = [line for line in text.split("\n") if line.startswith("data:")]
    return json_object(events[-1].removeprefix("data:") if events else text)


def read(scope: Scope, body: bytes) -> Call:
    """The call in a request for the MCP endpoint."""
    message = json_object(body)
    method = message.get("method")
    if not isinstance(method, str):  # a batch, a client's response, or nothing that could be read
        return Call()
    params = message.get("params")
    params = dict(params) if isinstance(params, dict) else {}
    meta = params.pop("_meta", None)
    version = meta.get("io.modelcontextprotocol/protocolVersion") if isinstance(meta, dict) else None
    version = version or Headers(scope=scope).get("mcp-protocol-version")
    return Call(method, version if version in MODERN_PROTOCOL_VERSIONS else HANDSHAKE, params)

"""What an MCP request asks for and what came of it, read from what went over the wire, whatever server answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.types import Scope

from ..messages import parse_object, parse_response

HANDSHAKE = "handshake"
"""The era of all protocol versions that begin with `initialize`."""

CALL = "mcp_lambda_host.call"
"""Key of the `Call` in the ASGI scope."""

SIGNS_OF_FAILURE = ('"error"', '"isError":true', '"isError": true')
"""An answer without any of these need not be parsed, however large it is: quotes inside a text are escaped."""

VERDICT = '"isError":'
"""Begins the member of a tool's result that says whether the tool failed."""

LONGEST_END = 4000
"""Characters at the end of an answer in which the verdict is looked for first. SDKs write it behind the content."""


@dataclass
class Call:
    """One message of a client, and what came of it.

    Attributes:
        method: As the client spelt it; None: the body is no JSON-RPC message.
        era: `handshake`, or the version of the newer protocol.
        params: The message's own, without `_meta`.
        outcome: ok, tool_error (the tool says so), error (JSON-RPC or HTTP), deadline, oversize, start_failed, or
            without_id (a request that no server answers or obeys); in a worker cancelled, or duplicate (an event that
            came twice).
        error_code: Code of the JSON-RPC error, or the HTTP status.
        state_refused: Whether the SDK took the request state for forged, foreign or expired.
        response: The proxy response to it; None: there is none.
        cold: Whether an execution environment was started for it.
        begun: When it came, in seconds since 1970.
        milliseconds: How long the answer took.
        in_worker: Whether it is a round of a task, for which no client waits.
        task: Id of the task that it makes, asks for or runs.
        task_step: What it did to the task: started, completed, failed, cancelled, expired, input_required, or given up
            (by a worker whose task was over).
        task_milliseconds: How old the task was at its end; None: it has not ended with it.
    """

    method: str | None = None
    era: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = "ok"
    error_code: int | None = None
    state_refused: bool = False
    response: Mapping[str, Any] | None = None
    cold: bool = False
    begun: float = 0.0
    milliseconds: float = 0.0
    in_worker: bool = False
    task: str | None = None
    task_step: str | None = None
    task_milliseconds: float | None = None

    @property
    def ended(self) -> float:
        """The time of the answer, in seconds since 1970."""
        return self.begun + self.milliseconds / 1000

    @property
    def tool(self) -> str | None:
        """The name in a `tools/call`."""
        return self.param("name") if self.method == "tools/call" else None

    @property
    def answer(self) -> str:
        """The body of the answer."""
        return self.response["body"] if self.response else ""

    def param(self, key: str) -> str | None:
        """A parameter, if it is a string."""
        value = self.params.get(key)
        return value if isinstance(value, str) else None

    def judge(self) -> None:
        """Take from the response what came of the request."""
        if self.response is None:
            return
        status, text = self.response["statusCode"], self.answer
        if status < 400 and (_ends_well(text) or not _shows_failure(text)):
            return
        message = parse_response(text)
        if isinstance(error := message.get("error"), dict):
            code, data = error.get("code"), error.get("data")
            self.fail("error", code if isinstance(code, int) else status)
            self.state_refused = isinstance(data, dict) and data.get("reason") == "invalid_request_state"
        elif isinstance(result := message.get("result"), dict) and result.get("isError") is True:
            self.fail("tool_error")
        elif status >= 400:
            self.fail("error", status)

    def note_task(self, task: str, step: str | None = None, seconds: float | None = None) -> None:
        """Note which task it is about, what it did to it, and how old the task is."""
        self.task, self.task_step = task, step
        self.task_milliseconds = None if seconds is None else round(seconds * 1000, 1)

    def fail(self, outcome: str, code: int | None = None) -> None:
        """Note a failure; the first one is the cause of the others."""
        self.outcome = outcome if self.outcome == "ok" else self.outcome
        self.error_code = code


def _shows_failure(text: str) -> bool:
    """Whether an answer has one of the signs; a loop, since a generator would be entered for each sign."""
    for sign in SIGNS_OF_FAILURE:  # noqa: SIM110
        if sign in text:
            return True
    return False


def _ends_well(text: str) -> bool:
    """Whether an answer ends with the verdict that a tool did not fail, which spares reading all of a large one.

    What follows the last verdict is JSON together with the two opening brackets only if it stands as deep as that of
    the message itself; content that has a verdict of its own has closed more brackets by the end.
    """
    at = text.rfind(VERDICT, max(0, len(text) - LONGEST_END))
    result = parse_object('{"result":{' + text[at:]).get("result") if at >= 0 else None
    return isinstance(result, dict) and result.get("isError") is False


def read_call(scope: Scope, body: bytes) -> Call:
    """The call in a request for the MCP endpoint."""
    message = parse_object(body)
    method = message.get("method")
    if not isinstance(method, str):  # a batch, a client's response, or nothing that could be read
        return Call()
    params = message.get("params")
    params = dict(params) if isinstance(params, dict) else {}
    meta = params.pop("_meta", None)
    version = meta.get("io.modelcontextprotocol/protocolVersion") if isinstance(meta, dict) else None
    version = version or Headers(scope=scope).get("mcp-protocol-version")
    era = version if version in MODERN_PROTOCOL_VERSIONS else HANDSHAKE
    if "id" not in message and not method.startswith("notifications/"):  # servers take it for a notification
        return Call(method, era, outcome="without_id")
    return Call(method, era, params)

"""Answers that are complete before they are sent, as Lambda sends them anyway."""

from __future__ import annotations

from collections.abc import Awaitable

from mcp.server.streamable_http import check_accept_headers
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..messages import json_rpc_error

BOTH = b"application/json, text/event-stream"
"""What clients accept; the specification asks for both."""


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    """An HTTP error whose body is a JSON-RPC error without an id, as the specification allows for refusals."""
    return Response(json_rpc_error(status, message), status, headers, media_type="application/json")


async def collect(app: ASGIApp, scope: Scope, receive: Receive) -> list[Message]:
    """The messages of the application's whole answer."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages


def last_data(stream: bytes) -> bytes:
    """The data of the last event of a stream; empty: it has none."""
    begun = stream.rfind(b"\ndata:") + 1
    if not stream.startswith(b"data:", begun):
        return b""
    end = stream.find(b"\n", begun)
    return stream[begun + len(b"data:") : end if end >= 0 else None].strip()


class PlainJson:
    """Answers a client that accepts JSON but no event stream, which the SDK refuses with 406.

    It gets the result alone: its notifications have no place in a JSON answer.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass the request on, and its answer back in a form that the client accepts."""
        if [b"accept", BOTH] in scope["headers"] or check_accept_headers(Request(scope)) != (True, False):
            return self.app(scope, receive, send)
        return self._answer_in_json(scope, receive, send)

    async def _answer_in_json(self, scope: Scope, receive: Receive, send: Send) -> None:
        accepting = [(name, value) for name, value in scope["headers"] if name != b"accept"] + [(b"accept", BOTH)]
        answer = await collect(self.app, {**scope, "headers": accepting}, receive)
        if Headers(raw=answer[0]["headers"]).get("content-type", "").startswith("text/event-stream"):
            result = last_data(b"".join(message.get("body", b"") for message in answer[1:]))
            if result:
                await Response(result, answer[0]["status"], media_type="application/json")(scope, receive, send)
                return
        for message in answer:
            await send(message)

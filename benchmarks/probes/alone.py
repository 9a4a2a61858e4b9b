"""The SDK's own session manager, called as the ASGI application it is, and the function around it; for other probes."""

import asyncio
import sys
import time
from importlib import import_module
from typing import Any

from runtime import CONTEXT, Handler


def session_manager() -> Any:
    """The session manager of a second instance of the server, set as the host sets it."""
    del sys.modules["server"]
    server = import_module("server").mcp
    security = import_module("mcp.server.transport_security")
    any_host = security.TransportSecuritySettings(enable_dns_rebinding_protection=False)
    server.streamable_http_app(stateless_http=True, transport_security=any_host)
    return server.session_manager


def scope_of(event: dict[str, Any]) -> dict[str, Any]:
    """The ASGI scope that stands for an event."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "root_path": "",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in event["headers"].items()],
        "client": ("192.0.2.1", 0),
        "server": (event["headers"]["host"], 443),
    }


async def ask_sdk(manager: Any, event: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of the session manager's answer."""
    scope, request = scope_of(event), [{"type": "http.request", "body": event["body"].encode(), "more_body": False}]
    answer: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not request:
            await asyncio.Event().wait()  # the client stays connected
        return request.pop()

    async def send(message: dict[str, Any]) -> None:
        answer.append(message)

    await manager.handle_request(scope, receive, send)
    return answer


async def call_sdk(manager: Any, event: dict[str, Any]) -> float:
    """The milliseconds that the session manager takes."""
    begun = time.perf_counter()
    answer = await ask_sdk(manager, event)
    taken = time.perf_counter() - begun
    check(answer[0]["status"], b"".join(part.get("body", b"") for part in answer).decode())
    return taken * 1000


def call_function(handler: Handler, event: dict[str, Any]) -> float:
    """The milliseconds that the function takes."""
    begun = time.perf_counter()
    answer = handler(event, CONTEXT)
    taken = time.perf_counter() - begun
    check(answer["statusCode"], answer["body"])
    return taken * 1000


def check(status: int, body: str) -> None:
    """Refuse to measure how fast an error is."""
    if status != 200 or '"result"' not in body or '"isError":true' in body:
        raise RuntimeError(f"{status}: {body[:500]}")

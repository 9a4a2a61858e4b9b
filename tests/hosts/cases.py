"""What both hosts answer and log: events and expectations, which are the same whatever language a server is in."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from lab.events import DOMAIN, MODERN, Event, handshake, http_event, modern, rest_event, tool_call

Members = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A request, and what comes of it; what is expected is a part of what there is.

    Attributes:
        event: The gateway's event.
        status: Of HTTP; several where the SDKs differ.
        headers: Of the answer.
        message: The JSON-RPC message, or any other JSON in the body.
        line: The request line; None: there is none; empty: any.
        settings: Settings that differ from lab/settings.py's.
        seconds: What Lambda has left.
        without: Texts that are not in the answer.
    """

    event: Event
    status: int | tuple[int, ...] = 200
    headers: Members = field(default_factory=dict)
    message: Members = field(default_factory=dict)
    line: Members | None = field(default_factory=dict)
    settings: Members = field(default_factory=dict)
    seconds: float = 30.0
    without: tuple[str, ...] = ()

    @property
    def statuses(self) -> tuple[int, ...]:
        return (self.status,) if isinstance(self.status, int) else self.status


HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
CLAIMS = {"sub": "ann", "client_id": "app", "scope": "orders:read orders:write", "exp": "1795000000"}
GUARDED: Members = {
    "auth_type": "jwt",
    "issuer": "https://login.example.com/",
    "required_scopes": {
        "tools/fail": ["orders:cancel"],
        "prompts/greet": ["orders:read"],
        "resources/note://by/{id}": ["notes:read"],
    },
}
COUNTED: Members = {"metrics": "tools"}


def text_result(text: str) -> Members:
    return {"result": {"content": [{"type": "text", "text": text}]}}


def called_by(event: Event, **authorizer: Any) -> Event:
    """An event whose caller the gateway has verified."""
    return event | {"requestContext": event["requestContext"] | {"authorizer": authorizer}}


def by_ann(event: Event, **claims: Any) -> Event:
    return called_by(event, jwt={"claims": CLAIMS | claims})


def as_rest(event: Event) -> Event:
    headers = {name.replace("-", "_"): value for name, value in event["headers"].items()}
    return rest_event("POST", "/mcp", event["body"], **headers)


def with_headers(event: Event, **headers: str) -> Event:
    return event | {"headers": event["headers"] | {name.replace("_", "-"): value for name, value in headers.items()}}


def in_base64(event: Event) -> Event:
    return event | {"body": base64.b64encode(event["body"].encode()).decode(), "isBase64Encoded": True}


NOT_ALL = "not all of which the caller has."
ADD = tool_call(modern, "add", a=2, b=3)
REFUSED_EVENT = Case({}, 400, message={"error": {"code": 400}}, line=None)

CASES: dict[str, Case] = {
    "a call of 2026-07-28": Case(
        ADD,
        message=text_result("5"),
        line={
            "level": "INFO",
            "era": MODERN,
            "tool": "add",
            "outcome": "ok",
        },
    ),
    "a call of the handshake era": Case(
        tool_call(handshake, "add", a=2, b=3), message=text_result("5"), line={"era": "handshake", "outcome": "ok"}
    ),
    "a call through a REST API": Case(as_rest(ADD), message=text_result("5")),
    "a call with a body in base64": Case(in_base64(ADD), message=text_result("5")),
    "a path with a slash at its end": Case(
        http_event("POST", "/mcp/", ADD["body"], mcp_protocol_version=MODERN, mcp_method="tools/call", mcp_name="add"),
        message=text_result("5"),
        line={"outcome": "ok"},
    ),
    "initialize": Case(
        handshake("initialize", HELLO),
        message={"result": {"serverInfo": {"name": "shop", "version": "1.2.0"}, "protocolVersion": "2025-11-25"}},
    ),
    "a notification": Case(
        http_event("POST", "/mcp", '{"jsonrpc":"2.0","method":"notifications/initialized"}'),
        202,
        line={"method": "notifications/initialized", "outcome": "ok"},
    ),
    "a session of another environment": Case(
        with_headers(handshake("tools/list"), mcp_session_id="gone", mcp_protocol_version="2025-11-25"),
        line={"outcome": "ok"},
    ),
    "a failing tool": Case(
        tool_call(modern, "fail", reason="no stock"),
        message={"result": {"isError": True}},
        line={"level": "WARN", "tool": "fail", "outcome": "tool_error"},
    ),
    "an unknown tool": Case(
        tool_call(modern, "invented"),
        (200, 400),
        message={"error": {"code": -32602}},
        line={"level": "WARN", "tool": "(unknown)", "outcome": "error", "errorCode": -32602},
    ),
    "an unknown prompt": Case(
        modern("prompts/get", {"name": "scold"}),
        (200, 400),
        message={"error": {"code": -32602}},
        line={"name": "(unknown)"},
    ),
    "a prompt": Case(
        modern("prompts/get", {"name": "greet", "arguments": {"who": "Ann"}}), line={"name": "greet", "outcome": "ok"}
    ),
    "a resource": Case(modern("resources/read", {"uri": "note://static"}), line={"name": "note://static"}),
    "a resource of a template": Case(modern("resources/read", {"uri": "note://by/7"}), line={"name": "note://by/{id}"}),
    "an unknown method": Case(
        modern("invented/method"),
        404,
        message={"error": {"code": -32601}},
        line={"method": "(unknown)", "outcome": "error", "errorCode": -32601},
    ),
    "a request without an id": Case(
        http_event("POST", "/mcp", '{"jsonrpc":"2.0","method":"tools/list"}'), 202, line={"outcome": "without_id"}
    ),
    "listen": Case(
        modern("subscriptions/listen", {"notifications": {"toolsListChanged": True}}),
        404,
        message={"error": {"code": -32601}},
        seconds=2,
    ),
    "discover": Case(
        modern("server/discover"),
        message={
            "result": {
                "capabilities": {"tools": {"listChanged": False}, "logging": {}},
                "ttlMs": 300_000,
                "cacheScope": "public",
            }
        },
    ),
    **{
        f"{method} of everybody": Case(modern(method), message={"result": {"ttlMs": 300_000, "cacheScope": "public"}})
        for method in ("tools/list", "prompts/list", "resources/list", "resources/templates/list")
    },
    "tools/list of a caller": Case(
        by_ann(modern("tools/list")),
        message={"result": {"ttlMs": 300_000, "cacheScope": "private"}},
        settings={"auth_type": "jwt"},
    ),
    **{
        f"{method} in the handshake era": Case(
            handshake(method, {"level": "info", "uri": "a://b"}), message={"result": {}}, line={"outcome": "ok"}
        )
        for method in ("logging/setLevel", "resources/subscribe", "resources/unsubscribe")
    },
    "a client that accepts JSON alone": Case(
        with_headers(tool_call(handshake, "add", a=2, b=3), accept="application/json"),
        headers={"content-type": "application/json"},
        message=text_result("5"),
    ),
    "a body that is no JSON": Case(
        http_event("POST", "/mcp", "{", mcp_protocol_version=MODERN),
        400,
        message={"error": {"code": -32700}},
        line={"outcome": "error", "errorCode": -32700},
    ),
    "a body that is too large": Case(http_event("POST", "/mcp", f'"{"x" * 4 * 1024 * 1024}"'), 413),
    **{
        f"{method} {way}": Case(make(method, "/mcp"), 405, {"allow": "POST"}, line=None, seconds=2)
        for method in ("GET", "DELETE", "PUT", "BREW")
        for way, make in {"to an HTTP API": http_event, "to a REST API": rest_event}.items()
    },
    "a foreign host": Case(with_headers(ADD, host="evil.example.com"), 421, line={"errorCode": 421}),
    "a foreign origin": Case(with_headers(ADD, origin="https://evil.example.com"), 403, line={"errorCode": 403}),
    "an allowed origin": Case(
        with_headers(ADD, origin="https://app.example.com"),
        headers={"access-control-allow-origin": "https://app.example.com", "vary": "Origin"},
        settings={"origins": ["https://app.example.com"]},
    ),
    "a preflight": Case(
        http_event("OPTIONS", "/mcp", origin="https://app.example.com", access_control_request_headers="mcp-method"),
        204,
        {"access-control-allow-headers": "mcp-method", "access-control-max-age": "3600"},
        settings={"origins": ["https://app.example.com"]},
        line=None,
    ),
    "an empty event": REFUSED_EVENT,
    "an event of a schedule": Case({"source": "aws.events", "detail": {}}, 400, line=None),
    "an event without headers": Case(http_event("GET", "/health") | {"headers": None}, 400, line=None),
    "an event with a strange host": Case(http_event("GET", "/health", host="a:b:c"), 400, line=None),
    "an event with broken base64": Case(
        http_event("POST", "/mcp", "not base64!") | {"isBase64Encoded": True}, 400, line=None
    ),
    "an event with half a character": Case(http_event("POST", "/mcp", "\ud800"), 400, line=None),
    "health": Case(
        http_event("GET", "/health"),
        message={"status": "ok", "name": "shop", "version": "1.2.0", "host": "0.1.0"},
        line=None,
    ),
    "another path": Case(http_event("GET", "/nowhere"), 404, line=None),
    "the metadata of a server with an issuer": Case(
        http_event("GET", "/.well-known/oauth-protected-resource/mcp"),
        headers={"cache-control": "public, max-age=3600"},
        message={
            "resource": f"https://{DOMAIN}/mcp",
            "authorization_servers": ["https://login.example.com/"],
            "scopes_supported": ["notes:read", "orders:cancel", "orders:read"],
        },
        settings=GUARDED,
        line=None,
    ),
    "the metadata behind a stage": Case(
        rest_event("GET", "/.well-known/oauth-protected-resource"),
        message={"resource": f"https://{DOMAIN}/live/mcp"},
        settings=GUARDED,
        line=None,
    ),
    "the metadata of a server without one": Case(
        http_event("GET", "/.well-known/oauth-protected-resource"), 404, line=None
    ),
    "an anonymous caller": Case(tool_call(modern, "whoami"), message=text_result("nobody")),
    "a caller with a token": Case(
        by_ann(tool_call(modern, "whoami")),
        message=text_result("ann by app with orders:read orders:write"),
    ),
    "a caller of the module's own authorizer": Case(
        called_by(tool_call(modern, "whoami"), **{"lambda": {"sub": "bob", "scope": "orders:read"}}),
        message=text_result("bob by bob with orders:read"),
    ),
    "a caller with a role": Case(
        called_by(tool_call(modern, "whoami"), iam={"userArn": "arn:aws:iam::1:role/r"}),
        message=text_result("arn:aws:iam::1:role/r by arn:aws:iam::1:role/r with "),
    ),
    "claims with a list of scopes": Case(
        by_ann(tool_call(modern, "whoami"), scope="[a b]"), message=text_result("ann by app with a b")
    ),
    "a caller that claims to be somebody": Case(
        with_headers(tool_call(modern, "whoami"), authorization="Bearer x", x_user="ann"), message=text_result("nobody")
    ),
    "a subject in plain text": Case(by_ann(ADD), line={"subject": "ann"}, settings={"log_subject": "plain"}),
    "a tool whose scope the caller lacks": Case(
        by_ann(tool_call(modern, "fail", reason="x")),
        403,
        {
            "www-authenticate": 'Bearer error="insufficient_scope", scope="orders:cancel", resource_metadata='
            f'"https://{DOMAIN}/.well-known/oauth-protected-resource/mcp"'
        },
        message={"error": {"code": 403, "message": f"This needs the scopes orders:cancel, {NOT_ALL}"}},
        settings=GUARDED,
        line={"outcome": "error", "errorCode": 403},
    ),
    "the same in the handshake era": Case(
        by_ann(tool_call(handshake, "fail", reason="x")), 403, settings=GUARDED, line={"errorCode": 403}
    ),
    "a resource whose scope the caller lacks": Case(
        by_ann(modern("resources/read", {"uri": "note://by/7"})), 403, settings=GUARDED
    ),
    "a suggestion for it": Case(
        by_ann(
            modern(
                "completion/complete",
                {"ref": {"type": "ref/resource", "uri": "note://by/{id}"}, "argument": {"name": "id", "value": ""}},
            )
        ),
        403,
        settings=GUARDED,
    ),
    "a prompt whose scope the caller has": Case(
        by_ann(modern("prompts/get", {"name": "greet", "arguments": {"who": "Ann"}})), settings=GUARDED
    ),
    "the list of tools without what the caller may not use": Case(
        by_ann(modern("tools/list")),
        message={"result": {"cacheScope": "private"}},
        settings=GUARDED,
        without=('"fail"',),
    ),
    "the same list in the handshake era": Case(by_ann(handshake("tools/list")), settings=GUARDED, without=('"fail"',)),
    "the list of templates": Case(
        by_ann(modern("resources/templates/list")),
        message={"result": {"resourceTemplates": []}},
        settings=GUARDED,
    ),
    "a tool past its time": Case(
        tool_call(modern, "wait", seconds=20),
        message={"error": {"code": 504, "data": {}}},
        line={"level": "WARN", "outcome": "deadline"},
        seconds=1.0,
    ),
    "no time at all": Case(ADD, message={"error": {"code": 504}}, line={"outcome": "deadline"}, seconds=0.3),
    **{
        f"an answer of {length:,} times {letter}": Case(
            tool_call(modern, "text", length=length, letter=letter),
            message={"id": 1, "error": {"code": 413, "data": {"limitBytes": 6_291_556}}},
            line={"outcome": "oversize"},
        )
        for length, letter in {6_300_000: "x", 3_200_000: '"'}.items()
    },
    "metrics of a call": Case(
        ADD,
        settings=COUNTED,
        line={"Calls": 1, "Tool": "add", "Method": "tools/call", "Era": MODERN, "_aws": {}},
    ),
    "metrics of a failing tool": Case(
        tool_call(modern, "fail", reason="x"), settings=COUNTED, line={"ToolErrors": 1, "Tool": "fail"}
    ),
    "metrics of an invented method": Case(
        modern("invented/1"), 404, settings=COUNTED, line={"Method": "other", "Era": MODERN}
    ),
    "payloads": Case(ADD, settings={"log_payloads": True}, line={"outcome": "ok"}),
    "a log of errors alone that counts": Case(
        ADD, settings={"log_level": "ERROR", "metrics": "tools"}, line={"level": "ERROR", "tool": "add"}
    ),
    "a failure of a server without lines of successes": Case(
        tool_call(modern, "fail", reason="x"),
        settings={"log_sample_rate": 0, "metrics": "server"},
        line={"outcome": "tool_error", "ToolErrors": 1},
    ),
    "required scopes of what there is not": Case(
        ADD,
        500,
        settings={"required_scopes": {"tools/gone": ["a"]}},
        line={"outcome": "start_failed", "level": "ERROR"},
    ),
}

"""Only the server's own hosts and the allowed origins get in."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.events import DOMAIN, Event, http_event, modern, rest_event, tool_call
from tests.unit.conftest import Deploy

PLAIN = """
    from mcp.server.mcpserver import MCPServer
    mcp = MCPServer("guarded")
"""

OWN_ROUTES = """
    from fastapi import FastAPI
    from fastapi.responses import PlainTextResponse
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("guarded")
    app = FastAPI()

    @app.options("/orders")
    def orders():
        return PlainTextResponse("of the author")

    app.mount("/", mcp.streamable_http_app(stateless_http=True))
"""


@pytest.mark.parametrize(
    ("host", "status"),
    [
        (DOMAIN, 200),
        (DOMAIN.upper(), 200),
        (f"{DOMAIN}:443", 200),
        ("localhost:4566", 200),
        ("abc123.execute-api.localhost:4566", 200),
        ("127.0.0.1", 200),
        ("evil.example", 421),
        (f"{DOMAIN}.evil.example", 421),
        (f"evil.example.{DOMAIN}", 421),
        ("localhost.evil.example", 421),
        ("evillocalhost", 421),
        ('evil.example/".localhost', 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
def test_a_foreign_host_is_refused(deploy: Deploy, host: str, status: int) -> None:
    assert deploy(PLAIN)(http_event("GET", "/health", host=host))["statusCode"] == status


@pytest.mark.parametrize(
    ("allowed", "origin", "status"),
    [
        (set(), "https://app.example", 403),
        ({"https://app.example"}, "https://app.example", 200),
        ({"https://app.example"}, "https://app.example.evil", 403),
        ({"https://app.example"}, "http://app.example", 403),
        ({"https://app.example"}, "null", 403),
        ({"*"}, "https://anyone.example", 200),
        ({"chrome-extension://abcdefgh"}, "chrome-extension://abcdefgh", 200),
        ({"chrome-extension://abcdefgh"}, "chrome-extension://another", 403),
        ({"vscode-file://vscode-app"}, "vscode-file://vscode-app", 200),
        ({"vscode-file://vscode-app"}, "https://vscode-app", 403),
    ],
)
def test_an_origin_that_is_not_allowed_is_refused(deploy: Deploy, allowed: set[str], origin: str, status: int) -> None:
    function = deploy(PLAIN, origins=frozenset(allowed))

    assert function(http_event("GET", "/health", origin=origin))["statusCode"] == status
    assert function(http_event("GET", "/health"))["statusCode"] == 200


@pytest.mark.parametrize("path", ["/mcp", "/of/the/author"])
def test_a_preflight_of_an_allowed_origin_succeeds(deploy: Deploy, path: str) -> None:
    function = deploy(PLAIN, origins=frozenset({"https://app.example"}))

    def preflight(origin: str) -> int:
        answer = function(http_event("OPTIONS", path, origin=origin, access_control_request_method="POST"))
        return int(answer["statusCode"])

    assert preflight("https://app.example") == 204
    assert preflight("https://evil.example") == 403


@pytest.mark.parametrize("headers", [{}, {"origin": "https://app.example"}, {"access_control_request_method": "POST"}])
@pytest.mark.parametrize("path", ["/mcp", "/orders", "/health"])
def test_an_options_that_is_no_preflight_does_not_reach_the_authors_application_past_the_authorizer(
    deploy: Deploy, path: str, headers: dict[str, str]
) -> None:
    function = deploy(OWN_ROUTES, "app", origins=frozenset({"https://app.example"}))

    answer = function(http_event("OPTIONS", path, **headers))

    assert (answer["statusCode"], answer["body"]) == (204, "")


def test_an_options_reaches_the_authors_application_where_the_gateway_asks_the_authorizer_for_it(
    deploy: Deploy,
) -> None:
    answer = deploy(OWN_ROUTES, "app")(http_event("OPTIONS", "/orders"))

    assert answer["body"] == "of the author"


APP = "https://app.example"


@pytest.mark.parametrize("event", [http_event, rest_event])
@pytest.mark.parametrize(
    ("allowed", "origin", "named"),
    [
        ({APP}, APP, APP),
        ({"*"}, APP, APP),
        ({APP}, "https://evil.example", None),
        (set(), APP, None),
        ({APP}, None, None),
    ],
)
def test_a_browser_is_told_which_origin_may_read_an_answer(
    deploy: Deploy, event: Callable[..., Event], allowed: set[str], origin: str | None, named: str | None
) -> None:
    headers = {"origin": origin} if origin else {}

    answer = deploy(PLAIN, origins=frozenset(allowed))(event("GET", "/health", **headers))

    assert answer["headers"].get("access-control-allow-origin") == named
    assert answer["headers"].get("vary") == ("Origin" if named else None)


def test_a_preflight_is_told_what_a_page_may_send(deploy: Deploy) -> None:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "x-tenant,content-type"}

    answer = deploy(PLAIN, origins=frozenset({APP}))(rest_event("OPTIONS", "/mcp", origin=APP, **asked))

    assert answer["statusCode"] == 204
    assert answer["headers"]["access-control-allow-headers"] == "x-tenant,content-type"
    assert "POST" in answer["headers"]["access-control-allow-methods"]


def test_a_page_can_read_that_its_call_took_too_long(deploy: Deploy) -> None:
    slow = (
        PLAIN
        + """
    @mcp.tool()
    async def wait() -> None:
        import asyncio
        await asyncio.sleep(5)
"""
    )
    event = tool_call(modern, "wait")
    event["headers"]["origin"] = APP

    answer = deploy(slow, origins=frozenset({APP}))(event, 0.7)

    assert "No answer within" in answer["body"]
    assert answer["headers"]["access-control-allow-origin"] == APP


def test_what_the_authors_application_says_of_origins_stays(deploy: Deploy) -> None:
    own = OWN_ROUTES.replace(
        "app.mount",
        """
    @app.get("/open")
    def open_to_all():
        return PlainTextResponse("", headers={"access-control-allow-origin": "*", "vary": "Accept"})

    app.mount""",
    )

    answer = deploy(own, "app", origins=frozenset({APP}))(http_event("GET", "/open", origin=APP))

    assert (answer["headers"]["access-control-allow-origin"], answer["headers"]["vary"]) == ("*", "Accept")

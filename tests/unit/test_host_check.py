"""Only the server's own hosts and the allowed origins get in."""

from __future__ import annotations

import pytest

from lab.events import DOMAIN, http_event
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

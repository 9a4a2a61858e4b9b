"""Only the server's own hosts and the allowed origins get in."""

from __future__ import annotations

import pytest

from lab.events import DOMAIN, http_event
from tests.unit.conftest import Deploy

PLAIN = """
    from mcp.server.mcpserver import MCPServer
    mcp = MCPServer("guarded")
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

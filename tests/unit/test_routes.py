"""Routes beside the MCP endpoint's answer as they do under another server of ASGI."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.events import Event, http_event, rest_event
from tests.unit.conftest import Deploy

FILES = """
    from fastapi import FastAPI
    from starlette.responses import Response
    app = FastAPI()

    @app.get("/file")
    async def file():
        return Response("here", headers={"content-disposition": 'attachment; filename="José.pdf"'})

    @app.get("/utf-8")
    async def utf_8():
        answer = Response("here")
        answer.raw_headers.append((b"x-name", "José".encode()))
        return answer
"""


@pytest.mark.parametrize("event", [http_event, rest_event])
def test_a_header_beyond_ascii_arrives(deploy: Deploy, event: Callable[..., Event]) -> None:
    function = deploy(FILES, "app")

    latin = function(event("GET", "/file"))
    utf_8 = function(event("GET", "/utf-8"))

    assert latin["headers"]["content-disposition"] == 'attachment; filename="José.pdf"'
    assert utf_8["headers"]["x-name"] == "José"


@pytest.mark.parametrize("path", ["/health", "/.well-known/oauth-protected-resource"])
def test_head_answers_as_get_without_the_body(deploy: Deploy, path: str) -> None:
    function = deploy(
        "from mcp.server import MCPServer\nmcp = MCPServer('orders')", issuer="https://login.example.com/"
    )

    got, headed = function(http_event("GET", path)), function(http_event("HEAD", path))

    assert got["body"] != ""
    assert headed == got | {"body": ""}

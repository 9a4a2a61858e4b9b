"""People who log in through a deployed endpoint: their browser, and the official clients that send them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from lab.browser import CALLBACK, Answer, Browser, Send
from tests.integration import internet
from tests.integration.conformance.suite import Node
from tests.integration.internet import DOCUMENT_URL, Internet, Reply

PASSWORD = "Pass-word-1"


def send_by(internet_: Internet) -> Send:
    """Sends a browser's requests to the internet of the tests."""
    http = httpx2.Client(transport=internet.Client(internet_), timeout=60)

    def send(method: str, url: str, headers: Mapping[str, str], body: str) -> Answer:
        answer = http.request(method, url, headers=dict(headers), content=body or None)
        http.cookies.clear()  # the browser keeps them
        pairs = [(name.lower(), value) for name, value in answer.headers.multi_items()]
        return Answer(answer.status_code, pairs, answer.text)

    return send


def browser_of_ada(internet_: Internet) -> Browser:
    """A browser of Ada's, who knows her password."""
    return Browser(send_by(internet_), {"username": "ada@example.com", "password": PASSWORD})


class Asked(NamedTuple):
    """What a tool said to a client after a login, and what the client has got."""

    text: str
    client_id: str
    tokens: Mapping[str, Any]


class Memory:
    """Where the Python client keeps what it gets."""

    def __init__(self, client: OAuthClientInformationFull | None) -> None:
        self.tokens: OAuthToken | None = None
        self.client = client

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def ask_in_python(internet_: Internet, url: str, client_id: str | None, tool: str) -> Asked:
    """Have the official Python client log in and call a tool.

    Args:
        internet_: Where everything is.
        url: The endpoint's.
        client_id: The client's, which may be the URL of its document; None: it registers.
        tool: Its name.
    """
    fixed = OAuthClientInformationFull(
        client_id=client_id or "none",
        redirect_uris=[AnyUrl(CALLBACK)],
        token_endpoint_auth_method="none",
        issuer=url.removesuffix("/mcp"),
    )
    memory = Memory(None if client_id in (None, DOCUMENT_URL) else fixed)
    browser, seen = browser_of_ada(internet_), {}

    async def browse(place: str) -> None:
        seen.update(await asyncio.to_thread(browser.log_in, place))

    async def answered() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=seen["code"], state=seen["state"], iss=seen["iss"])

    metadata = OAuthClientMetadata(client_name="Desk", redirect_uris=[AnyUrl(CALLBACK)])
    document = DOCUMENT_URL if client_id == DOCUMENT_URL else None
    auth = OAuthClientProvider(url, metadata, memory, browse, answered, client_metadata_url=document)

    async def session() -> str:
        async with (
            httpx2.AsyncClient(auth=auth, transport=internet.AsyncClient(internet_), timeout=60) as http,
            Client(streamable_http_client(url, http_client=http), mode="auto") as client,
        ):
            return str((await client.call_tool(tool, {})).content[0].text)  # type: ignore[union-attr]

    text = asyncio.run(session())
    assert memory.client
    assert memory.client.client_id
    assert memory.tokens
    return Asked(text, memory.client.client_id, memory.tokens.model_dump())


def ask_in_typescript(internet_: Internet, node: Node, url: str, client_id: str | None, tool: str) -> Asked:
    """Have the official TypeScript client log in and call a tool; the other arguments are as in Python."""
    browser = browser_of_ada(internet_)

    def person(_method: str, path: str, *_: Any) -> Reply:
        return Reply.json(browser.log_in(dict(parse_qsl(urlsplit(path).query))["url"]))

    internet_.sites["person.example"] = person
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_EXTRA_CA_CERTS", str(internet_.certificate_file))
        seen = json.loads(node("node", "login.mjs", url, str(internet_.port), client_id or "", tool).stdout)
    return Asked(seen["text"], seen["client"]["client_id"], seen["tokens"])

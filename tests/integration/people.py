"""People who log in through a deployed endpoint: their browser, and the official Python client that sends them."""

from __future__ import annotations

import asyncio
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import requests
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from lab.local_aws import LocalAWS

CALLBACK = "http://127.0.0.1:33418/callback"


class Browser:
    """A browser that knows where the local AWS has a domain, and a person who says yes to everything."""

    def __init__(self, aws: LocalAWS, domain: str, certificate: str) -> None:
        self._aws = aws
        self._domain = domain
        self._certificate = certificate
        self._cookies: dict[str, str] = {}

    def log_in(self, url: str) -> dict[str, str]:
        """What the client is told at its callback, beginning with where it sends the browser."""
        page = self._send("GET", url)
        found = re.search(r'action="([^"]+)".*name="request" value="([^"]+)"', page.text)
        assert found, page.text
        form = {"request": unescape(found[2]), "decision": "continue"}
        place = self._send("POST", f"https://{self._domain}{found[1]}", form).headers["location"]
        while not place.startswith(CALLBACK):
            place = self._send("GET", place).headers["location"]
        return dict(parse_qsl(urlsplit(place).query))

    def _send(self, method: str, url: str, form: dict[str, str] | None = None) -> requests.Response:
        place, headers = urlsplit(url), {}
        if place.hostname == self._domain:
            url = f"{self._aws.endpoint}{place.path}?{place.query}"
            cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            headers = {"host": self._domain} | ({"cookie": cookies} if cookies else {})
        answer = requests.request(
            method, url, data=form, headers=headers, verify=self._certificate, allow_redirects=False, timeout=60
        )
        self._cookies |= answer.cookies.get_dict()
        return answer


class ByDomain(httpx2.AsyncHTTPTransport):
    """Stands in for the resolver: a domain leads to the local AWS."""

    def __init__(self, aws: LocalAWS, domain: str) -> None:
        super().__init__()
        self._aws = httpx2.URL(aws.endpoint)
        self._domain = domain

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host == self._domain:
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._aws.port)
        return await super().handle_async_request(request)


class Memory:
    """Where the client keeps what it gets."""

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


def ask(aws: LocalAWS, domain: str, browser: Browser, client_id: str | None, tool: str) -> tuple[Any, Memory]:
    """What a tool says to the official client after a login, and what the client has got.

    Args:
        aws: Where the domain is.
        domain: Of the endpoint.
        browser: The person's.
        client_id: The client's; None: it registers.
        tool: Its name.
    """
    fixed = client_id and OAuthClientInformationFull(
        client_id=client_id,
        redirect_uris=[AnyUrl(CALLBACK)],
        token_endpoint_auth_method="none",
        issuer=f"https://{domain}",
    )
    memory, seen = Memory(fixed or None), {}

    async def browse(url: str) -> None:
        seen.update(browser.log_in(url))

    async def answered() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=seen["code"], state=seen["state"], iss=seen["iss"])

    metadata = OAuthClientMetadata(client_name="Desk", redirect_uris=[AnyUrl(CALLBACK)])
    url = f"https://{domain}/mcp"
    auth = OAuthClientProvider(url, metadata, memory, browse, answered)

    async def session() -> str:
        async with (
            httpx2.AsyncClient(auth=auth, transport=ByDomain(aws, domain)) as http,
            Client(streamable_http_client(url, http_client=http), mode="auto") as client,
        ):
            return (await client.call_tool(tool, {})).model_dump_json()

    return asyncio.run(session()), memory

"""What an endpoint lets the tests of this folder look at; what it does not is skipped with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from lab.events import MODERN, Era, handshake, message_in, modern
from tests.integration.conftest import Endpoint

from .relay import Relay, relaying

ERAS = {MODERN: modern, "handshake": handshake}
METADATA = "/.well-known/oauth-protected-resource"


@dataclass(frozen=True)
class Look:
    """What the first requests to an endpoint found.

    Attributes:
        kind: Its authorization, as far as it can be told from outside: none, jwt, key (`token` or `lambda`) or iam.
        stranger: Why somebody without credentials cannot go on; None: everybody may call.
        caller: The same for the credentials that were given.
        silent: Why it is no endpoint at all; None: it is one.
    """

    kind: str = ""
    stranger: str | None = None
    caller: str | None = None
    silent: str | None = None


@pytest.fixture(scope="session")
def anybody(endpoint: Endpoint) -> Endpoint:
    """The endpoint without credentials."""
    return replace(endpoint, token=None, credentials={}, signer=None)


@pytest.fixture(scope="session")
def look(endpoint: Endpoint, anybody: Endpoint) -> Look:
    """What the endpoint is, by its answers to a list that everybody may ask for, or nobody."""
    try:
        unknown = anybody.post(modern("tools/list"))
        known = endpoint.post(modern("tools/list"))
    except requests.RequestException as error:
        return Look(silent=f"nobody answers at {endpoint.url} ({type(error).__name__})")
    stranger, caller = is_refused(unknown), is_refused(known)
    if caller is None and not is_json_rpc(known):
        return Look(silent=f"what answers at {endpoint.url} with {described(known)} is no MCP server")
    if stranger is None:
        return Look("none")
    has_credentials = endpoint.headers or endpoint.signer
    without = f"it needs credentials ({stranger} without): give --token, --header or --sign"
    refused = f"the credentials that were given are refused ({caller})" if caller and has_credentials else None
    return Look(kind_of(anybody, unknown), stranger, refused or (caller and without))


def is_refused(answer: requests.Response) -> str | None:
    """The front's refusal of a caller."""
    return str(answer.status_code) if answer.status_code in (401, 403) else None


def is_json_rpc(answer: requests.Response) -> bool:
    try:
        return message_in(answer.text).get("jsonrpc") == "2.0"
    except (ValueError, AttributeError):
        return False


def described(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.headers.get('content-type', 'without a content type')}"


def kind_of(anybody: Endpoint, answer: requests.Response) -> str:
    """The type of authorization behind a refusal: only `jwt` shows OAuth's documents, only `iam` says 403."""
    if answer.status_code == 403:
        return "iam"
    return "jwt" if anybody.send("GET", METADATA + "/mcp").status_code == 200 else "key"


@pytest.fixture
def found(look: Look) -> Look:
    """The look at an endpoint that is one."""
    if look.silent:
        pytest.skip(look.silent)
    return look


@pytest.fixture
def stranger(found: Look, anybody: Endpoint) -> Endpoint:
    """The endpoint, as somebody without credentials calls it."""
    return anybody


@pytest.fixture
def guarded(found: Look, anybody: Endpoint) -> Endpoint:
    """The endpoint without credentials, if it asks for some."""
    if found.kind == "none":
        pytest.skip("everybody may call (auth is none)")
    return anybody


@pytest.fixture
def caller(found: Look, endpoint: Endpoint) -> Endpoint:
    """The endpoint, as somebody calls it who may."""
    if found.caller:
        pytest.skip(found.caller)
    return endpoint


@pytest.fixture(scope="session")
def versions(look: Look, endpoint: Endpoint) -> dict[str, str]:
    """Why the endpoint does not speak an era, by era; a server of SDK 2 speaks both."""
    if look.silent or look.caller:
        return {}
    discovered = message_in(endpoint.post(modern("server/discover")).text)
    initialized = message_in(endpoint.post(handshake("initialize", hello())).text)
    answers = {MODERN: discovered, "handshake": initialized}
    return {era: json.dumps(answer.get("error")) for era, answer in answers.items() if "result" not in answer}


def hello(version: str = "2025-11-25") -> dict[str, Any]:
    """The parameters with which a client of the handshake era begins."""
    return {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "report", "version": "1"}}


@pytest.fixture(params=ERAS)
def era(request: pytest.FixtureRequest, caller: Endpoint, versions: dict[str, str]) -> Era:
    """Each era that the server speaks."""
    if request.param in versions:
        pytest.skip(f"the server does not speak {request.param}: {versions[request.param]}")
    return ERAS[request.param]


@pytest.fixture
def current(caller: Endpoint, versions: dict[str, str]) -> Endpoint:
    """The endpoint, if the server speaks 2026-07-28."""
    if MODERN in versions:
        pytest.skip(f"the server does not speak {MODERN}: {versions[MODERN]}")
    return caller


@pytest.fixture
def tool(request: pytest.FixtureRequest, caller: Endpoint) -> dict[str, Any]:
    """The call that the operator allows, as parameters of `tools/call`; here, the tests' own."""
    if not request.config.getoption("--url"):
        return {"name": "add", "arguments": {"a": 1, "b": 2}}
    name, _, arguments = (request.config.getoption("--tool") or "").partition(" ")
    if not name:
        pytest.skip("a tool is called only if one is named: --tool 'NAME {\"argument\": 1}'")
    return {"name": name, "arguments": json.loads(arguments or "{}")}


@pytest.fixture(scope="session")
def relay(endpoint: Endpoint) -> Iterator[Relay]:
    """The endpoint on loopback, for programs that can send no credentials."""
    with relaying(endpoint) as started:
        yield started

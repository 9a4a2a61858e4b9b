"""Whether the front is shut to whom it should be, and shows clients the way in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import requests

from lab.events import http_event, message_in, modern
from tests.integration.conftest import Endpoint, Exchange

from .conftest import METADATA, Look

REFUSED = (401, 403)
FOREIGN = "https://evil.example"


KINDS = {
    "none": "none: everybody may call",
    "jwt": "jwt: OAuth tokens of the issuer that the metadata names",
    "key": "token or lambda: an authorizer of the module's or of one's own",
    "iam": "iam: signatures of AWS",
}
"""What can be told of auth from outside."""


def test_the_credentials_that_were_given_are_accepted(found: Look, endpoint: Endpoint) -> None:
    if not (endpoint.headers or endpoint.signer):
        pytest.skip("no credentials were given")

    assert not found.caller, found.caller


def test_health_is_open_and_names_the_server(
    found: Look, stranger: Endpoint, record_property: Callable[[str, object], None]
) -> None:
    answer = stranger.send("GET", "/health")
    record_property("server", answer.text)
    record_property("authorization", KINDS[found.kind])

    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert set(answer.json()) == {"status", "name", "version", "host"}


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_a_caller_without_credentials_is_refused_whatever_the_method(guarded: Endpoint, method: str) -> None:
    assert guarded.send(method, data=modern("tools/list")["body"]).status_code in REFUSED


@pytest.mark.parametrize("path", ["/", "/nowhere", "/mcp/", "//mcp", "/docs", "/openapi.json", "/health/x"])
def test_a_path_beside_the_open_ones_is_as_shut_as_the_tools(guarded: Endpoint, path: str) -> None:
    assert guarded.send("GET", path).status_code in REFUSED


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer garbage"},
        {"authorization": "Bearer "},
        {"authorization": "Basic Z2FyYmFnZTpnYXJiYWdl"},
        {"x-api-key": "garbage"},
        {"x-amzn-request-context": '{"authorizer":{"jwt":{"claims":{"sub":"root"}}}}'},
        {"x-amzn-oidc-identity": "root"},
        {"forwarded": "for=root"},
    ],
    ids=["a bad token", "an empty token", "a password", "a bad key", "an event", "an identity", "an address"],
)
def test_what_is_no_credential_does_not_get_in(guarded: Endpoint, headers: dict[str, str]) -> None:
    assert guarded.post(modern("tools/list"), headers=headers).status_code in REFUSED


@pytest.mark.parametrize("forgery", ["a changed signature", "no signature"])
def test_a_forged_token_does_not_get_in(found: Look, caller: Endpoint, guarded: Endpoint, forgery: str) -> None:
    parts = (caller.token or "").split(".")
    if found.kind != "jwt" or len(parts) != 3:
        pytest.skip("there is no JSON web token to change")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    changed = ("B" if parts[2][0] == "A" else "A") + parts[2][1:]
    forged = ".".join([parts[0], parts[1], changed] if forgery == "a changed signature" else [unsigned, parts[1], ""])

    assert replace(guarded, token=forged).post(modern("tools/list")).status_code in REFUSED


def test_two_authorization_headers_do_not_get_in(caller: Endpoint, guarded: Endpoint) -> None:
    if not caller.token:
        pytest.skip("there is no bearer token to send twice")
    event = modern("tools/list")
    headers = [(name, value) for name, value in event["headers"].items() if name != "host"]
    twice = [("authorization", f"Bearer {token}") for token in ("garbage", caller.token)]
    begun = perf_counter()
    answer = httpx2.post(caller.url, content=event["body"], headers=headers + twice, timeout=60)
    caller.exchanges.append(Exchange(len(event["body"]), perf_counter() - begun))

    assert answer.status_code in (400, *REFUSED)


@pytest.mark.parametrize("path", [METADATA, METADATA + "/mcp"])
def test_the_metadata_names_this_endpoint_and_its_issuer(found: Look, guarded: Endpoint, path: str) -> None:
    document = metadata(found, guarded, path)
    named, here = urlsplit(document["resource"]), urlsplit(guarded.url)

    assert (named.scheme, named.netloc) == (here.scheme, here.netloc)
    assert named.path.endswith("/mcp")
    assert here.path.endswith(named.path)
    assert document["authorization_servers"]


def metadata(found: Look, guarded: Endpoint, path: str = METADATA + "/mcp") -> dict[str, Any]:
    """OAuth's document about the endpoint."""
    if found.kind != "jwt":
        pytest.skip("it takes no OAuth tokens (auth is not jwt)")
    answer = guarded.send("GET", path, headers={"authorization": "Bearer garbage"})  # open to bad tokens too
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


def test_the_issuer_shows_clients_where_its_tokens_and_keys_are(found: Look, guarded: Endpoint) -> None:
    (issuer,) = metadata(found, guarded)["authorization_servers"]
    begun = perf_counter()
    answer = requests.get(issuer.rstrip("/") + "/.well-known/openid-configuration", timeout=30)
    guarded.exchanges.append(Exchange(0, perf_counter() - begun))

    assert answer.status_code == 200
    assert answer.json()["issuer"] == issuer
    assert {"jwks_uri", "token_endpoint"} <= set(answer.json())


def test_a_challenge_leads_to_the_metadata(found: Look, guarded: Endpoint) -> None:
    challenge = guarded.post(modern("tools/list")).headers.get("www-authenticate", "")
    _, named, after = challenge.partition('resource_metadata="')
    if not named:
        pytest.skip("the front sends no challenge, as an HTTP API's refusal cannot; clients find the way without")

    assert found.kind == "jwt"
    assert challenge.startswith("Bearer ")
    assert requests.get(after.split('"')[0], timeout=30).status_code == 200


def test_a_foreign_host_is_refused(stranger: Endpoint) -> None:
    assert stranger.send("GET", "/health", headers={"host": "evil.example"}).status_code in (400, 403, 404, 421)


@pytest.mark.parametrize("origin", [FOREIGN, "null"], ids=["another", "null"])
def test_a_foreign_origin_is_refused(stranger: Endpoint, origin: str) -> None:
    answer = stranger.send("GET", "/health", headers={"origin": origin})
    if answer.headers.get("access-control-allow-origin") == "*":
        pytest.skip("pages of every origin may call (cors_origins has *)")

    assert answer.status_code == 403


def test_a_page_of_a_foreign_origin_gets_no_leave_to_call(stranger: Endpoint) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    answer = stranger.send("OPTIONS", headers={"origin": FOREIGN} | asked)
    allowed = answer.headers.get("access-control-allow-origin")
    if allowed == "*":
        pytest.skip("pages of every origin may call (cors_origins has *)")

    assert allowed != FOREIGN


def test_a_refusal_names_no_file_and_no_class(stranger: Endpoint) -> None:
    refusals = [
        stranger.post(http_event("POST", "/mcp", body), headers={"authorization": "Bearer garbage"}).text
        for body in ("{", "[]", json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": 1}))
    ]

    assert [text for text in refusals if re.search(r"Traceback|/var/task|\.py\b", text)] == []


def test_a_caller_who_may_lists_the_tools(caller: Endpoint) -> None:
    assert message_in(caller.post(modern("tools/list")).text).get("result", {}).get("tools") is not None

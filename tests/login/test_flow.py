"""The whole way of a person from a client to tokens, and of the client on from there."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
import jwt
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from login.gateway import Request
from tests.login.conftest import (
    DOCUMENT_URL,
    FIXED,
    LOOPBACK,
    ORIGIN,
    RESOURCE,
    Answer,
    Login,
    http_event,
)


def claims(token: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def test_the_metadata_says_what_clients_look_for(login: Login) -> None:
    document = login.send("metadata").json

    assert document["issuer"] == ORIGIN
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["client_id_metadata_document_supported"]
    assert document["authorization_response_iss_parameter_supported"]
    assert {"authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint"} <= set(document)
    assert document["scopes_supported"] == ["call", "read"]


def test_revocation_is_not_offered_where_the_provider_has_none(login: Login) -> None:
    login.provider.metadata = {}
    answer = login.provider.answer
    without = {"revocation_endpoint"}

    def answered(path: str, form: dict[str, str]) -> dict[str, Any] | None:
        document = answer(path, form)
        return document and {name: value for name, value in document.items() if name not in without}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(login.provider, "answer", answered)
        assert "revocation_endpoint" not in login.send("metadata").json


def test_a_client_gets_the_providers_tokens_after_consent(login: Login) -> None:
    page = login.ask()
    sent = login.decide(page)
    asked = sent.parameters
    back = login.come_back(sent)
    tokens = login.token(code=back.parameters["code"]).json

    assert "Desk asks for access to orders" in page.body
    assert sent.location.startswith(f"{login.provider.issuer}/authorize?")
    assert (asked["client_id"], asked["redirect_uri"]) == (FIXED, f"{ORIGIN}/oauth/callback")
    assert (asked["scope"], asked["code_challenge_method"]) == ("call offline_access", "S256")
    assert "resource" not in asked
    assert back.location.startswith(f"{LOOPBACK}?")
    assert (back.parameters["state"], back.parameters["iss"]) == ("the client's", ORIGIN)
    assert claims(tokens["access_token"])["iss"] == login.provider.issuer
    assert set(tokens) == {"access_token", "token_type", "expires_in", "refresh_token"}


def test_a_refresh_token_gives_new_tokens_and_ends_with_its_revocation(login: Login) -> None:
    first = login.tokens()
    second = login.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json

    assert claims(second["access_token"])["sub"] == "ada"
    assert second["refresh_token"] != first["refresh_token"]

    revoked = login.send("revoke", body=urlencode({"client_id": DOCUMENT_URL, "token": second["refresh_token"]}))
    refused = login.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert (revoked.status, refused.status, refused.json["error"]) == (200, 400, "invalid_grant")


def test_a_token_of_somebody_elses_is_revoked_without_a_word(login: Login) -> None:
    answer = login.send("revoke", body=urlencode({"client_id": DOCUMENT_URL, "token": "whatever"}))

    assert (answer.status, answer.body) == (200, "")


def test_a_provider_that_gives_no_new_refresh_token_keeps_the_old_one(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = login.tokens()
    answer = login.provider.answer

    def answered(path: str, form: dict[str, str]) -> dict[str, Any] | None:
        document = answer(path, form)
        login.provider.refresh_tokens.add(form.get("refresh_token", ""))
        return document and {name: value for name, value in document.items() if name != "refresh_token"}

    monkeypatch.setattr(login.provider, "answer", answered)
    second = login.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json
    third = login.token(grant_type="refresh_token", refresh_token=second["refresh_token"])

    assert third.status == 200


def test_who_cancels_goes_back_to_the_client(login: Login) -> None:
    back = login.decide(login.ask(), "cancel")

    assert back.location.startswith(f"{LOOPBACK}?")
    assert (back.parameters["error"], back.parameters["state"]) == ("access_denied", "the client's")
    assert back.parameters["iss"] == ORIGIN


@pytest.mark.parametrize(
    ("said", "told"),
    [("access_denied", "access_denied"), ("interaction_required", "server_error"), ("", "server_error")],
)
def test_the_providers_refusal_reaches_the_client_without_its_words(login: Login, said: str, told: str) -> None:
    state = login.decide(login.ask()).parameters["state"]
    query = urlencode({"state": state, "error": said, "error_description": "ada@example.com is not assigned"})

    back = login.send("callback", query)

    assert back.parameters == {"error": told, "state": "the client's", "iss": ORIGIN}


@pytest.mark.parametrize("methods", [["client_secret_post"], ["client_secret_basic", "client_secret_post"]])
def test_the_secret_is_sent_as_the_provider_takes_it(login: Login, methods: list[str]) -> None:
    login.provider.metadata = {"token_endpoint_auth_methods_supported": methods}

    assert "access_token" in login.tokens()


def test_a_registered_client_is_its_client_id(login: Login) -> None:
    registered = login.register(client_name="Workbench", token_endpoint_auth_method="client_secret_post")
    login.start()  # another environment, which has never heard of it
    client_id = registered.json["client_id"]

    page = login.ask(client_id=client_id, redirect_uri=LOOPBACK.replace("33418", "50000"))
    code = login.come_back(login.decide(page)).parameters["code"]
    answer = login.token(code=code, client_id=client_id, redirect_uri=LOOPBACK.replace("33418", "50000"))

    assert registered.status == 201
    assert registered.json["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in registered.json
    assert "Workbench asks" in page.body
    assert "not known" in page.body
    assert answer.status == 200


def test_the_providers_client_id_is_a_client_on_this_computer(login: Login) -> None:
    assert login.token(code=login.code(client_id=FIXED), client_id=FIXED).status == 200


def test_what_the_ring_has_is_opened_after_a_rotation(login: Login) -> None:
    client_id = login.register().json["client_id"]
    tokens = login.tokens()

    login.start(keys=("n" * 43, "k" * 43))
    assert login.ask(client_id=client_id).status == 200
    assert login.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status == 200

    login.start(keys=("n" * 43,))
    assert login.ask(client_id=client_id).status == 400


def test_a_client_that_names_no_scope_or_unknown_ones_gets_all_that_there_are(login: Login) -> None:
    asked = [
        login.decide(login.ask(scope=scope)).parameters["scope"] for scope in (None, "openid email", "read call x")
    ]

    assert asked == ["call read offline_access", "call read offline_access", "call read offline_access"]


def test_a_page_of_an_allowed_origin_may_read_the_answers(login: Login) -> None:
    login.start(origins=("https://inspector.example",))

    allowed = login.send("metadata", origin="https://inspector.example").headers
    other = login.send("metadata", origin="https://evil.example").headers
    login.start(origins=("*",))
    no_page = login.send("metadata").headers

    assert allowed["access-control-allow-origin"] == "https://inspector.example"
    assert "access-control-allow-origin" not in other
    assert "access-control-allow-origin" not in no_page


def test_a_rest_api_is_answered_in_its_own_form(login: Login) -> None:
    query = {"response_type": "code", "client_id": DOCUMENT_URL, "redirect_uri": LOOPBACK, "resource": RESOURCE}
    query |= {"code_challenge": "c" * 43, "code_challenge_method": "S256"}
    event = {
        "httpMethod": "GET",
        "path": "/oauth/authorize",
        "headers": {"Accept": "*/*"},
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "body": None,
        "requestContext": {"stage": "live", "path": "/oauth/authorize"},
    }

    answer = login.server.answer(Request.from_event(event)).to_event(event)

    assert answer["statusCode"] == 200
    assert [cookie.split("=")[0] for cookie in answer["multiValueHeaders"]["set-cookie"]] == ["__Host-mcp-login"]


class Memory:
    """Where the client keeps its tokens."""

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


class ToFunction(httpx2.AsyncBaseTransport):
    """The gateway: the function's routes, the document that the host has, and an endpoint that wants a token."""

    def __init__(self, login: Login) -> None:
        self._login = login

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path == "/mcp":
            return httpx2.Response(200 if "authorization" in request.headers else 401, json={}, request=request)
        if path.startswith("/.well-known/oauth-protected-resource"):
            document = {"resource": RESOURCE, "authorization_servers": [ORIGIN], "scopes_supported": ["call"]}
            return httpx2.Response(200, json=document, request=request)
        body = (await request.aread()).decode()
        event = http_event(request.method, path, request.url.query.decode(), body, dict(request.headers), {})
        answer = Answer(self._login.server.answer(Request.from_event(event)).to_event(event))
        return httpx2.Response(answer.status, headers=answer.headers, text=answer.body, request=request)


@pytest.mark.parametrize("way", ["document", "registration", "fixed"])
def test_the_official_python_client_logs_in(login: Login, way: str) -> None:
    metadata = OAuthClientMetadata(client_name="Desk", redirect_uris=[AnyUrl(LOOPBACK)])
    fixed = OAuthClientInformationFull(
        client_id=FIXED, redirect_uris=[AnyUrl(LOOPBACK)], token_endpoint_auth_method="none", issuer=ORIGIN
    )
    memory = Memory(fixed if way == "fixed" else None)
    seen: dict[str, str] = {}

    async def browse(url: str) -> None:
        page = login.send("authorize", urlsplit(url).query)
        seen.update(dict(parse_qsl(urlsplit(login.come_back(login.decide(page)).location).query)))

    async def answered() -> AuthorizationCodeResult:
        return AuthorizationCodeResult(code=seen["code"], state=seen["state"], iss=seen["iss"])

    document_url = DOCUMENT_URL if way == "document" else None
    auth = OAuthClientProvider(RESOURCE, metadata, memory, browse, answered, client_metadata_url=document_url)

    async def ask() -> int:
        async with httpx2.AsyncClient(auth=auth, transport=ToFunction(login)) as http:
            return (await http.post(RESOURCE, json={})).status_code

    assert asyncio.run(ask()) == 200
    assert memory.tokens
    assert claims(memory.tokens.access_token)["client_id"] == FIXED
    assert memory.client
    known = {"document": DOCUMENT_URL, "fixed": FIXED}
    assert memory.client.client_id == known.get(way, memory.client.client_id)

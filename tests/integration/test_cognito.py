"""People log in with the local AWS's Cognito.

The function runs here: in the local AWS it would look for Cognito at AWS.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import requests

from lab.local_aws import REPOSITORY, LocalAWS
from login.clients import Clients
from login.documents import Documents
from login.gateway import Request, Response
from login.provider import Provider
from login.sealed import Seals, digest
from login.server import COOKIE, AuthorizationServer, Settings
from tests.integration.people import CALLBACK


class Cognito:
    """The local AWS's Cognito under the names that Cognito has, which lead to AWS from here.

    Attributes:
        issuer: A pool's.
        client_id: Of a client in that pool.
        secret: That client's.
    """

    def __init__(self, aws: LocalAWS, callback: str) -> None:
        self._aws, self._client = aws, aws.client("cognito-idp")
        self._pool = self._client.create_user_pool(PoolName="people")["UserPool"]["Id"]
        self._client.create_resource_server(
            UserPoolId=self._pool,
            Identifier="desk",
            Name="desk",
            Scopes=[{"ScopeName": "use", "ScopeDescription": "Use"}],
        )
        made = self._client.create_user_pool_client(
            UserPoolId=self._pool,
            ClientName="login",
            GenerateSecret=True,
            CallbackURLs=[callback],
            SupportedIdentityProviders=["COGNITO"],
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["desk/use"],
            AllowedOAuthFlowsUserPoolClient=True,
        )["UserPoolClient"]
        self.client_id, self.secret = made["ClientId"], made["ClientSecret"]
        self.issuer = f"https://cognito-idp.{self._client.meta.region_name}.amazonaws.com/{self._pool}"
        ada = {"UserPoolId": self._pool, "Username": "ada"}
        self._client.admin_create_user(**ada, MessageAction="SUPPRESS")
        self._client.admin_set_user_password(**ada, Password="Pass-word-1", Permanent=True)

    def fetch(self, url: str) -> dict[str, Any]:
        """A document of Cognito's, whose addresses are https as they are on AWS."""
        document: dict[str, Any] = requests.get(self._here(url), timeout=60).json()
        return {
            name: value.replace("http://", "https://") if isinstance(value, str) else value
            for name, value in document.items()
        }

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes, **_: Any) -> tuple[int, bytes]:
        """The answer to a request."""
        answer = requests.request(method, self._here(url), headers=headers, data=body, timeout=60)
        return answer.status_code, answer.content

    def log_in(self, url: str) -> dict[str, str]:
        """What Ada's browser brings back, after she has logged in on Cognito's page."""
        page = requests.get(self._here(url), timeout=60)
        hidden = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', page.text))
        form = {name: unescape(value) for name, value in hidden.items()} | {
            "username": "ada",
            "password": "Pass-word-1",
        }
        back = requests.post(f"{self._aws.endpoint}/login", data=form, timeout=60, allow_redirects=False)
        return dict(parse_qsl(urlsplit(back.headers["location"]).query))

    def _here(self, url: str) -> str:
        place = urlsplit(url)
        return f"{self._aws.endpoint}{place.path}{'?' if place.query else ''}{place.query}"


def test_cognitos_people_log_in_and_get_new_tokens(aws: LocalAWS) -> None:
    origin, challenge = "https://mcp.example.com", digest("v" * 43)
    cognito = Cognito(aws, f"{origin}/oauth/callback")
    paths = json.loads((REPOSITORY / "function/mcp_lambda_host/contract.json").read_text())["login_routes"]
    settings = Settings("desk", origin, (f"{origin}/mcp",), paths, ("desk/use",), (), frozenset())
    seals = Seals(["k" * 43], origin)
    provider = Provider(
        cognito.issuer, cognito.client_id, lambda: cognito.secret, settings.url("callback"), cognito.fetch, cognito.send
    )
    clients = Clients(seals, Documents().get, cognito.client_id, None)
    server = AuthorizationServer(settings, seals, clients, provider)
    browser = {COOKIE: "b" * 43}
    form = {"content-type": "application/x-www-form-urlencoded"}

    def send(route: str, **parameters: str) -> Response:
        method, body = paths[route], urlencode(parameters)
        query = tuple(parameters.items()) if method.startswith("GET") else ()
        return server.answer(Request(method, query, form, browser, body))

    page = send(
        "authorize",
        client_id=cognito.client_id,
        redirect_uri=CALLBACK,
        response_type="code",
        code_challenge=challenge,
        code_challenge_method="S256",
    )
    (request,) = re.findall(r'name="request" value="([^"]+)"', page.body)
    sent = send("decide", request=request, decision="continue").headers["location"]
    back = send("callback", **cognito.log_in(sent)).headers["location"]
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    own = {"client_id": cognito.client_id}
    first = json.loads(send("token", grant_type="authorization_code", code=code, code_verifier="v" * 43, **own).body)
    second = json.loads(send("token", grant_type="refresh_token", refresh_token=first["refresh_token"], **own).body)

    for tokens in (first, second):
        claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        assert (claims["client_id"], claims["iss"]) == (cognito.client_id, cognito.issuer)
        assert claims["scope"] == "desk/use"

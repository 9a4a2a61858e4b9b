"""People log in by the module's own authorization server: with the official clients, each way that a client is known.

The servers are the examples, and one for the tests' own provider behind a REST API. test_platform.py has one behind an
HTTP API with a domain.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import httpx2
import jwt
import pytest
import requests

from lab.local_aws import LocalAWS
from tests.authorization_server import AuthorizationServer
from tests.integration.conformance.suite import Node
from tests.integration.conftest import LOGIN_DOMAIN, Deployment, Endpoint
from tests.integration.internet import DOCUMENT_URL, Client, Internet
from tests.integration.people import PASSWORD, Asked, ask_in_python, ask_in_typescript, send_by
from tests.integration.providers import EntraID, Okta
from verify.login import way_of_a_person

WAYS = ["document", "registered", "fixed"]


class Server(NamedTuple):
    """A server that people log in to.

    Attributes:
        url: Its endpoint.
        issuer: The provider's.
        client_id: Of the module at the provider.
        tool: Says who calls.
    """

    url: str
    issuer: str
    client_id: str
    tool: str


@pytest.fixture(scope="module")
def own(login_endpoint: Endpoint, issuer: AuthorizationServer) -> Server:
    """A server whose people log in at the tests' issuer."""
    assert login_endpoint.outputs["login_callback_url"] == f"https://{LOGIN_DOMAIN}/oauth/callback"
    return Server(f"https://{LOGIN_DOMAIN}/mcp", issuer.issuer, "desk", "who")


@pytest.fixture(scope="module")
def cognito(deploy: Callable[..., Deployment], aws: LocalAWS) -> Server:
    """The example, with Ada in its user pool."""
    outputs = deploy("examples/login-cognito")[1].outputs
    pool, people = outputs["user_pool_id"], aws.client("cognito-idp")
    ada = {"UserPoolId": pool, "Username": "ada@example.com"}
    people.admin_create_user(**ada, MessageAction="SUPPRESS")
    people.admin_set_user_password(**ada, Password=PASSWORD, Permanent=True)
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
    return Server(outputs["url"], issuer, outputs["client_id"], "who_am_i")


@pytest.fixture(scope="module")
def entra(deploy: Callable[..., Deployment], aws: LocalAWS, internet: Internet, issuer: AuthorizationServer) -> Server:
    """The example, with the tests' provider in Entra ID's place."""
    provider = EntraID("https://login.microsoftonline.com/11111111-2222/v2.0", internet, issuer)
    secret = aws.client("secretsmanager").create_secret(Name="billing-entra", SecretString="secret")["ARN"]
    variables = {"tenant_id": "11111111-2222", "client_id": "33333333-4444", "client_secret_arn": secret}
    outputs = deploy("examples/login-entra", **variables)[1].outputs
    return Server(outputs["url"], provider.issuer, variables["client_id"], "who_am_i")


@pytest.fixture(scope="module")
def okta(deploy: Callable[..., Deployment], aws: LocalAWS, internet: Internet, issuer: AuthorizationServer) -> Server:
    """The example, whose server is in TypeScript, with the tests' provider in Okta's place."""
    provider = Okta("https://example.okta.com/oauth2/default", internet, issuer)
    aws.client("ssm").put_parameter(Name="/stock/client-secret", Type="SecureString", Value="secret")
    secret = aws.client("ssm").get_parameter(Name="/stock/client-secret")["Parameter"]["ARN"]
    variables = {"okta_domain": "example.okta.com", "client_id": "0oa1", "client_secret_arn": secret}
    outputs = deploy("examples/login-okta", **variables)[1].outputs
    return Server(outputs["url"], provider.issuer, variables["client_id"], "who_am_i")


@pytest.fixture(params=["own", "cognito"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


def client_id(server: Server, way: str) -> str | None:
    """What a client is told of itself."""
    return {"document": DOCUMENT_URL, "fixed": server.client_id}.get(way)


def decoded(token: str) -> dict[str, Any]:
    """The claims of a token."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def check(asked: Asked, server: Server, way: str) -> None:
    """Look at who the server has seen, whose token the client has, and as whom the client is known."""
    claims = decoded(asked.tokens["access_token"])
    assert claims["sub"] in asked.text
    assert (claims["iss"], claims["client_id"]) == (server.issuer, server.client_id)
    assert asked.tokens["refresh_token"].startswith("v1.")
    assert asked.client_id.startswith(client_id(server, way) or "v1.")


@pytest.mark.parametrize("way", WAYS)
def test_the_official_python_client_logs_in(server: Server, internet: Internet, way: str) -> None:
    check(ask_in_python(internet, server.url, client_id(server, way), server.tool), server, way)


@pytest.mark.parametrize("server", ["entra", "okta"], indirect=True)
def test_people_log_in_at_the_examples_of_other_providers(server: Server, internet: Internet, node: Node) -> None:
    for asked in (
        ask_in_python(internet, server.url, None, server.tool),
        ask_in_typescript(internet, node, server.url, DOCUMENT_URL, server.tool),
    ):
        claims = decoded(asked.tokens["access_token"])
        assert claims["iss"] == server.issuer
        assert claims["sub"] in asked.text
        assert asked.tokens["refresh_token"].startswith("v1.")


@pytest.mark.parametrize("server", ["own", "cognito", "entra", "okta"], indirect=True)
def test_a_refresh_token_gives_new_tokens(server: Server, internet: Internet) -> None:
    asked = ask_in_python(internet, server.url, server.client_id, server.tool)
    form = {"grant_type": "refresh_token", "refresh_token": asked.tokens["refresh_token"], "client_id": asked.client_id}
    with httpx2.Client(transport=Client(internet)) as http:
        answer = http.post(f"{server.url.removesuffix('/mcp')}/oauth/token", data=form)

    claims = [decoded(tokens["access_token"]) for tokens in (asked.tokens, answer.json())]
    assert claims[0]["sub"] == claims[1]["sub"]
    assert asked.tokens["refresh_token"] != answer.json()["refresh_token"]


@pytest.mark.parametrize("way", WAYS)
def test_the_official_typescript_client_logs_in(server: Server, internet: Internet, node: Node, way: str) -> None:
    check(ask_in_typescript(internet, node, server.url, client_id(server, way), server.tool), server, way)


def test_what_is_looked_at_on_aws_is_so_here(own: Server, internet: Internet) -> None:
    """The row of scripts/verify-aws, for which the local AWS's Cognito has no names elsewhere."""
    seen = way_of_a_person(own.url, send_by(internet), {})

    assert seen == (True, "the same person both times; the code once more: invalid_grant")


def test_the_keys_and_the_secret_are_in_no_configuration_and_no_log(own: Server, aws: LocalAWS) -> None:
    (parameter,) = aws.client("ssm").get_parameters(Names=["/mcp-lambda/login/login-keys"], WithDecryption=True)[
        "Parameters"
    ]
    configuration = json.dumps(aws.client("lambda").get_function_configuration(FunctionName="login-login"), default=str)
    log = json.dumps(aws.client("logs").filter_log_events(logGroupName="/aws/lambda/login-login"), default=str)

    for secret in [*json.loads(parameter["Value"]), '"secret"']:
        assert secret not in configuration.replace('\\"', "")
        assert secret not in log


def test_a_document_on_this_machine_is_not_fetched(own: Server, aws: LocalAWS) -> None:
    query = {"client_id": "https://localhost.localdomain/c.json", "redirect_uri": "http://127.0.0.1/callback"}

    answer = requests.get(
        f"{aws.endpoint}/oauth/authorize",
        params=query,
        headers={"host": LOGIN_DOMAIN},
        timeout=60,
        allow_redirects=False,
    )

    assert answer.status_code == 400
    assert "not public" in answer.text or "not known" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"

"""People log in by the module's own authorization server: behind a REST API here, an HTTP API in test_platform.py."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import requests

from lab.local_aws import LocalAWS
from tests.authorization_server import AuthorizationServer
from tests.integration.conformance.suite import Node
from tests.integration.conftest import Endpoint
from tests.integration.people import Browser, ask

DOMAIN = "mcp.login.example"
URL = f"https://{DOMAIN}/mcp"


@pytest.fixture(scope="module")
def deployed(deploy_stack: Callable[..., Endpoint], aws: LocalAWS, issuer: AuthorizationServer) -> Endpoint:
    """An endpoint whose people log in at the tests' issuer."""
    aws.client("ssm").put_parameter(Name="/login/client-secret", Type="SecureString", Value="secret")
    secret = aws.client("ssm").get_parameter(Name="/login/client-secret")["Parameter"]["ARN"]
    certificate = aws.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
    login = {"client_id": "desk", "client_secret": secret, "scopes": ["offline_access"]}
    auth = {"type": "jwt", "issuer": issuer.issuer, "audience": ["desk"], "scopes": ["call"], "login": login}
    domain = {"domain_name": DOMAIN, "certificate_arn": certificate}
    return deploy_stack("login", front="rest", auth=auth, custom_domain=domain)


@pytest.fixture
def browser(aws: LocalAWS, issuer: AuthorizationServer) -> Browser:
    return Browser(aws, DOMAIN, str(issuer.certificate_file))


@pytest.mark.parametrize("client_id", [None, "desk"], ids=["registered", "fixed"])
def test_the_official_python_client_logs_in(
    deployed: Endpoint, aws: LocalAWS, browser: Browser, client_id: str | None
) -> None:
    answer, memory = ask(aws, DOMAIN, browser, client_id, "who")

    assert '\\"subject\\":\\"ada\\"' in answer
    assert memory.tokens
    assert memory.tokens.refresh_token
    assert deployed.outputs["login_callback_url"] == f"https://{DOMAIN}/oauth/callback"


@pytest.mark.parametrize("client_id", ["", "desk"], ids=["registered", "fixed"])
def test_the_typescript_client_logs_in(
    deployed: Endpoint,
    aws: LocalAWS,
    node: Node,
    issuer: AuthorizationServer,
    monkeypatch: pytest.MonkeyPatch,
    client_id: str,
) -> None:
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(issuer.certificate_file))

    seen = json.loads(node("node", "login.mjs", URL, aws.endpoint, client_id, "who").stdout)

    assert json.loads(seen["text"])["subject"] == "ada"
    assert seen["refresh"].startswith("v1.")


def test_the_keys_and_the_secret_are_in_no_configuration_and_no_log(deployed: Endpoint, aws: LocalAWS) -> None:
    (parameter,) = aws.client("ssm").get_parameters(Names=["/mcp-lambda/login/login-keys"], WithDecryption=True)[
        "Parameters"
    ]
    configuration = json.dumps(aws.client("lambda").get_function_configuration(FunctionName="login-login"), default=str)
    log = json.dumps(aws.client("logs").filter_log_events(logGroupName="/aws/lambda/login-login"), default=str)

    for secret in [*json.loads(parameter["Value"]), '"secret"']:
        assert secret not in configuration.replace('\\"', "")
        assert secret not in log


def test_a_document_on_this_machine_is_not_fetched(deployed: Endpoint, aws: LocalAWS) -> None:
    query = {"client_id": "https://localhost.localdomain/c.json", "redirect_uri": "http://127.0.0.1/callback"}

    answer = requests.get(
        f"{aws.endpoint}/oauth/authorize", params=query, headers={"host": DOMAIN}, timeout=60, allow_redirects=False
    )

    assert answer.status_code == 400
    assert "not public" in answer.text or "not known" in answer.text
    assert answer.headers["x-frame-options"] == "DENY"

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest

from authorizer.gateway import UnauthorizedError
from authorizer.issuer import Issuer
from mcp_lambda_aws.transport import certificates
from tests import authorization_server
from tests.authorization_server import AuthorizationServer
from tests.token_authorizer.conftest import Clock, rest_event

AUDIENCE = "https://mcp.example.com/mcp"


class Function:
    """The function in one execution environment, which asks a server for the keys.

    Attributes:
        server: The issuer.
        clocks: A monotonic and a wall clock, by which the function tells how old the keys are.
    """

    def __init__(self, module: ModuleType, server: AuthorizationServer) -> None:
        self._module: Any = module
        self.server = server
        self.clocks = (Clock(), Clock())
        self.start()

    def start(self) -> None:
        """Begin with no keys and by the test's clocks, as a new environment does."""
        self._module.issuer = Issuer(self.server.issuer, clocks=self.clocks)
        self.server.asked.clear()

    def asks(self, token: str, **headers: str | list[str]) -> dict[str, Any]:
        """The answer to a REST API that asks about a bearer token."""
        event = rest_event(**({"Authorization": f"Bearer {token}"} | headers))
        answer: dict[str, Any] = self._module.handler(event, None)
        return answer

    def admits(self, token: str) -> bool:
        """Whether the bearer of a token is let in; otherwise the answer is 401."""
        try:
            answer = self.asks(token)
        except UnauthorizedError:
            return False
        return bool(answer["policyDocument"]["Statement"][0]["Effect"] == "Allow")

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        for clock in self.clocks:
            clock.now += seconds


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthorizationServer]:
    with authorization_server.running(tmp_path_factory.mktemp("issuer")) as started:
        yield started


@pytest.fixture
def server(shared_server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch) -> AuthorizationServer:
    """The issuer, whose certificate is trusted; changes to it end with the test."""
    monkeypatch.setattr(shared_server, "published", shared_server.published.copy())
    monkeypatch.setattr(shared_server, "metadata", {})
    monkeypatch.setattr(shared_server, "trouble", None)
    shared_server.asked.clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(shared_server.certificate_file))
    certificates.cache_clear()  # a process of Lambda's has one set of authorities for its life
    return shared_server


@pytest.fixture
def function(server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    """Takes the server's tokens with the scope call or read."""
    monkeypatch.setenv("MCP_AUTHORIZER_ISSUER", server.issuer)
    monkeypatch.setenv("MCP_AUTHORIZER_AUDIENCE", json.dumps([AUDIENCE, "desk"]))
    monkeypatch.setenv("MCP_AUTHORIZER_SCOPES", json.dumps(["call", "read"]))
    sys.modules.pop("authorizer.jwt_handler", None)
    yield Function(import_module("authorizer.jwt_handler"), server)
    sys.modules.pop("authorizer.jwt_handler", None)

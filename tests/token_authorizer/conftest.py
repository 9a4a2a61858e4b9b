from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest

from tests.aws_services import CREDENTIALS, Services, running

ARN = "arn:aws:ssm:eu-central-1:111122223333:parameter/mcp/keys"
KEY = "mcpl_" + "kQ7x" * 10 + "abc"
OTHER = "mcpl_" + "Zz9_" * 10 + "abc"

Handler = Callable[[dict[str, Any], object], dict[str, Any]]
ColdStart = Callable[..., Handler]


def entry(key: str = KEY, name: str = "ci", **further: Any) -> dict[str, Any]:
    return {"name": name, "sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": []} | further


def event(**headers: str) -> dict[str, Any]:
    """A request for authorization, payload format 2.0, as an HTTP API sends it."""
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": "arn:aws:execute-api:eu-central-1:111122223333:abc123/$default/POST/mcp",
        "identitySource": list(headers.values()),
        "routeKey": "ANY /mcp",
        "rawPath": "/mcp",
        "rawQueryString": "",
        "headers": {"host": "abc123.execute-api.eu-central-1.amazonaws.com"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/mcp"}},
    }


def rest_event(**headers: str | list[str]) -> dict[str, Any]:
    """The event as a REST API sends it, which leaves the names of headers as the client wrote them."""
    values = {name.replace("_", "-"): [value] if isinstance(value, str) else value for name, value in headers.items()}
    return {
        "type": "REQUEST",
        "methodArn": "arn:aws:execute-api:eu-central-1:111122223333:abc123/live/POST/mcp",
        "resource": "/mcp",
        "path": "/mcp",
        "httpMethod": "POST",
        "headers": {name: several[-1] for name, several in values.items()},
        "multiValueHeaders": values,
        "requestContext": {"stage": "live", "path": "/live/mcp"},
    }


def bearer(key: str) -> dict[str, Any]:
    return event(authorization=f"Bearer {key}")


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


class Clock:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class SSM(Services):
    """Systems Manager with one parameter."""

    def holds(self, value: str) -> None:
        """From now on the parameter holds this."""
        self.answers = [(200, json.dumps({"Parameter": {"Name": "/mcp/keys", "Type": "SecureString", "Value": value}}))]

    def refuses(self, status: int, error: str, message: str) -> None:
        """From now on every call is refused."""
        self.answers = [(status, json.dumps({"__type": f"com.amazonaws.ssm#{error}", "message": message}))]

    def keys(self, *entries: dict[str, Any]) -> None:
        """From now on the parameter holds these entries."""
        self.holds(json.dumps({"keys": entries}))


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[SSM]:
    """What the authorizer takes for Systems Manager."""
    state = SSM()
    with running(state):
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", state.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # the one for the service goes first
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        yield state


@pytest.fixture
def cold_start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Handler]]:
    """Imports the function as a new execution environment does; gives its handler."""

    def start(header: str = "authorization", parameter: str = ARN) -> Handler:
        monkeypatch.setenv("MCP_AUTHORIZER_PARAMETER", parameter)
        monkeypatch.setenv("MCP_AUTHORIZER_HEADER", header)
        sys.modules.pop("authorizer.handler", None)
        handler: Handler = import_module("authorizer.handler").handler
        return handler

    yield start
    sys.modules.pop("authorizer.handler", None)

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ARN = "arn:aws:ssm:eu-central-1:111122223333:parameter/mcp/keys"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a/session+token==",
}

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


def bearer(key: str) -> dict[str, Any]:
    return event(authorization=f"Bearer {key}")


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@dataclass
class SSM:
    """Stands in for Systems Manager on loopback: takes one properly signed call, answers what a test sets.

    Attributes:
        answers: Status and body of each answer to come; the last one stays.
        calls: The calls that were properly formed and signed.
        wrong: What was wrong with the others.
    """

    answers: list[tuple[int, str]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def holds(self, value: str) -> None:
        """From now on the parameter holds this."""
        self.answers = [(200, json.dumps({"Parameter": {"Name": "/mcp/keys", "Type": "SecureString", "Value": value}}))]

    def refuses(self, status: int, error: str, message: str) -> None:
        """From now on every call is refused."""
        self.answers = [(status, json.dumps({"__type": f"com.amazonaws.ssm#{error}", "message": message}))]

    def keys(self, *entries: dict[str, Any]) -> None:
        """From now on the parameter holds these entries."""
        self.holds(json.dumps({"keys": entries}))


def signature_of(method: str, url: str, headers: dict[str, str], body: bytes) -> str:
    """The Authorization header that botocore would send."""
    names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest(method, url, data=body, headers={name: headers[name] for name in names})
    request.context["timestamp"] = headers["x-amz-date"]
    key = Credentials(*CREDENTIALS.values())
    signer = SigV4Auth(key, "ssm", ARN.split(":")[3])
    text = signer.string_to_sign(request, signer.canonical_request(request))
    scope, signed = signer.scope(request), ";".join(sorted(names))
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signer.signature(text, request)}"


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[SSM]:
    """What the authorizer takes for Systems Manager."""
    state = SSM()

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            expected = signature_of("POST", f"http://{headers['host']}{self.path}", headers, body)
            if headers["authorization"] != expected:
                state.wrong.append(f"{headers['authorization']} is not {expected}")
            elif headers["x-amz-security-token"] != CREDENTIALS["AWS_SESSION_TOKEN"]:
                state.wrong.append("the session token is missing")
            elif (headers["x-amz-target"], headers["content-type"]) != (
                "AmazonSSM.GetParameter",
                "application/x-amz-json-1.1",
            ):
                state.wrong.append(f"no call of GetParameter: {headers}")
            else:
                state.calls.append(json.loads(body))
            status, answer = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            self.send_response(status)
            self.send_header("content-length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SSM", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # the one for the service goes first
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        yield state
        server.shutdown()
    assert state.wrong == []


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

"""Stands in for Systems Manager and Secrets Manager on loopback: takes properly signed calls, answers what is set."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "a/session+token==",
}

CALLS = {"ssm": ("AmazonSSM.GetParameter", "Name"), "secretsmanager": ("secretsmanager.GetSecretValue", "SecretId")}
"""What each service is called with: the target, and the argument that takes the ARN."""


@dataclass
class Services:
    """Both services.

    Attributes:
        url: Where they listen.
        held: Status and body of the answer, by ARN.
        answers: The same for all else, in turn; the last one stays.
        calls: Arguments of the calls that were properly formed and signed.
        wrong: What was wrong with the others.
    """

    url: str = ""
    held: dict[str, tuple[int, str]] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def parameter(self, arn: str, value: str) -> None:
        """From now on a parameter holds this."""
        self.held[arn] = 200, json.dumps({"Parameter": {"ARN": arn, "Type": "SecureString", "Value": value}})

    def secret(self, arn: str, **value: str) -> None:
        """From now on a secret holds this SecretString or SecretBinary."""
        self.held[arn] = 200, json.dumps({"ARN": arn, "VersionStages": ["AWSCURRENT"]} | value)

    def answer(self, url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
        """Look at a call, and answer it."""
        arguments = json.loads(body)
        arn = arguments.get("Name") or arguments.get("SecretId") or ""
        service = arn.split(":")[2]
        expected = signature_of(url, headers, body, service, arn.split(":")[3])
        if headers["authorization"] != expected:
            self.wrong.append(f"{headers['authorization']} is not {expected}")
        elif headers["x-amz-security-token"] != CREDENTIALS["AWS_SESSION_TOKEN"]:
            self.wrong.append("the session token is missing")
        elif (headers["x-amz-target"], headers["content-type"], arguments.get(CALLS[service][1])) != (
            CALLS[service][0],
            "application/x-amz-json-1.1",
            arn,
        ):
            self.wrong.append(f"no call of {service}: {headers} {arguments}")
        else:
            self.calls.append(arguments)
        if arn in self.held:
            return self.held[arn]
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def signature_of(url: str, headers: dict[str, str], body: bytes, service: str, region: str) -> str:
    """The Authorization header that botocore would send."""
    names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest("POST", url, data=body, headers={name: headers[name] for name in names})
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials(*CREDENTIALS.values()), service, region)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    scope, signed = signer.scope(request), ";".join(sorted(names))
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signer.signature(text, request)}"


@contextmanager
def running(services: Services) -> Iterator[None]:
    """Serve them on a free port, and the credentials of a function under SnapStart at /credentials beside them."""

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send(*services.answer(f"http://{headers['host']}{self.path}", headers, body))

        def do_GET(self) -> None:
            names = ("AccessKeyId", "SecretAccessKey", "Token")
            given = dict(zip(names, CREDENTIALS.values(), strict=True))
            admitted = (self.path, self.headers["authorization"]) == ("/credentials", "opened")
            self.send(200 if admitted else 403, json.dumps(given if admitted else {}))

        def send(self, status: int, answer: str) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as server:
        services.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield
        server.shutdown()
    assert services.wrong == []

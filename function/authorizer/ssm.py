"""One call to AWS Systems Manager, GetParameter, signed with Signature Version 4."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

ATTEMPTS = 2
SECONDS = 1.5
"""To connect, and for each wait for an answer: one that hangs twice leaves most of the gateway's 10 s."""


class UnreadableError(Exception):
    """The parameter cannot be read; the message is one line and says what AWS said."""


def get_parameter(arn: str, environ: Mapping[str, str]) -> str:
    """The decrypted value of a parameter.

    Args:
        arn: Its ARN, which AWS takes as its name and which says where it is.
        environ: Credentials as Lambda gives them, and perhaps AWS_ENDPOINT_URL_SSM or AWS_ENDPOINT_URL.

    Raises:
        UnreadableError: SSM refused, or did not answer in two attempts.
    """
    _, partition, _, region, *_ = arn.split(":")
    domain = {"aws-cn": "amazonaws.com.cn"}.get(partition, "amazonaws.com")
    configured = environ.get("AWS_ENDPOINT_URL_SSM") or environ.get("AWS_ENDPOINT_URL")
    endpoint = configured or f"https://ssm.{region}.{domain}"
    body = json.dumps({"Name": arn, "WithDecryption": True}).encode()
    problem = ""
    for _ in range(ATTEMPTS):
        headers = signed(body, urlsplit(endpoint).netloc, region, environ, datetime.now(UTC))
        try:
            status, answer = post(endpoint, body, headers)
        except (OSError, HTTPException) as error:
            problem = f"{endpoint} did not answer ({type(error).__name__})"
            continue
        if status == 200:
            return value_in(answer)
        problem = f"GetParameter was refused with {status} {reason_in(answer)}"
        if status < 500:
            break
    raise UnreadableError(f"cannot be read: {problem}")


def post(endpoint: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer."""
    url = urlsplit(endpoint)
    connection = (HTTPSConnection if url.scheme == "https" else HTTPConnection)(url.netloc, timeout=SECONDS)
    try:
        connection.request("POST", "/", body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def value_in(answer: bytes) -> str:
    """The value in SSM's answer."""
    try:
        value = json.loads(answer)["Parameter"]["Value"]
    except (ValueError, LookupError, TypeError):
        value = None
    if not isinstance(value, str):
        raise UnreadableError("cannot be read: the answer of GetParameter holds no value")
    return value


def reason_in(answer: bytes) -> str:
    """The error in SSM's answer, on one line: its name and what it says."""
    try:
        error: dict[str, Any] = json.loads(answer)
        name, message = error.get("__type", ""), error.get("message") or error.get("Message") or ""
    except (ValueError, AttributeError):
        return "and no reason"
    return " ".join(f"{name.rpartition('#')[2]} {message}".split())


def signed(body: bytes, host: str, region: str, environ: Mapping[str, str], now: datetime) -> dict[str, str]:
    """The headers of a signed call.

    As in https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
    """
    time = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{time[:8]}/{region}/ssm/aws4_request"
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": time,
        "x-amz-target": "AmazonSSM.GetParameter",
    }
    if token := environ.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{environ.get('AWS_SECRET_ACCESS_KEY', '')}".encode()
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"{environ.get('AWS_ACCESS_KEY_ID', '')}/{scope}"
    signature = f"Credential={credential}, SignedHeaders={names}, Signature={key.hex()}"
    return headers | {"authorization": f"AWS4-HMAC-SHA256 {signature}"}

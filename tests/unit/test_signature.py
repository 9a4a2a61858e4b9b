"""Requests to AWS are signed as AWS's published examples are (awslabs/aws-c-auth, tests/aws-signing-test-suite/v4)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from mcp_lambda_aws.signature import Credentials, signed

NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = Credentials("AKIDEXAMPLE", SECRET, None)
TOKEN = (
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwth"
    "Ax7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAk"
    "iY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
)
BODY = b"Param1=value1"
OF_BODY = {
    "content-length": "13",
    "content-type": "application/x-www-form-urlencoded",
    "x-amz-content-sha256": "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
}


class Example(NamedTuple):
    """A request of the suite, and the signature that AWS gives for it."""

    signature: str
    method: str = "POST"
    path: str = "/"
    headers: dict[str, str] = {}  # noqa: RUF012 (nobody writes to it)
    body: bytes = b""
    by: Credentials = KEY


EXAMPLES = {
    "get-vanilla": Example("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", "GET"),
    "post-vanilla": Example("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    "post-sts-header-before": Example(
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead", by=Credentials("AKIDEXAMPLE", SECRET, TOKEN)
    ),
    "post-x-www-form-urlencoded": Example(
        "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b", headers=OF_BODY, body=BODY
    ),
    "get-utf8": Example("8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85", "GET", "/ሴ"),
    "get-space-normalized": Example(
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741", "GET", "/example space/"
    ),
    "get-unreserved": Example(
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
        "GET",
        "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_signature_is_the_published_one(name: str) -> None:
    example = EXAMPLES[name]
    headers = {"host": "example.amazonaws.com", **example.headers}

    sent = signed(example.method, example.path, headers, example.body, "service", "us-east-1", by=example.by, now=NOW)

    assert sent["authorization"].rpartition("Signature=")[2] == example.signature


@pytest.mark.parametrize("version", ["$LATEST", "live", "17"])
def test_a_signature_covers_the_arn_in_the_path_of_an_invocation(version: str) -> None:
    arn = f"arn:aws:lambda:eu-west-1:111122223333:function:orders-tasks:{version}"
    path = f"/2015-03-31/functions/{quote(arn, safe='')}/invocations"
    headers = {"host": "lambda.eu-west-1.amazonaws.com", "x-amz-invocation-type": "Event"}
    request = AWSRequest("POST", f"https://lambda.eu-west-1.amazonaws.com{path}", data=b"{}", headers=headers)
    request.context["timestamp"] = headers["x-amz-date"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    request.headers["X-Amz-Date"] = headers.pop("x-amz-date")
    signer = SigV4Auth(BotocoreCredentials(KEY.key_id, KEY.secret), "lambda", "eu-west-1")
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)

    sent = signed("POST", path, headers, b"{}", "lambda", "eu-west-1", KEY, NOW)

    assert sent["authorization"].rpartition("Signature=")[2] == expected


def test_a_signature_for_s3_covers_the_path_and_the_hash_of_the_body() -> None:
    body, path = b"{}", "/results.example/orders-tasks/0123456789abcdef"
    headers = {"host": "s3.eu-west-1.amazonaws.com", "x-amz-content-sha256": hashlib.sha256(body).hexdigest()}
    request = AWSRequest("PUT", f"https://{headers['host']}{path}", data=body, headers=headers)
    request.context["timestamp"] = request.headers["X-Amz-Date"] = NOW.strftime("%Y%m%dT%H%M%SZ")
    signer = S3SigV4Auth(BotocoreCredentials(KEY.key_id, KEY.secret), "s3", "eu-west-1")
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)

    sent = signed("PUT", path, headers, body, "s3", "eu-west-1", KEY, NOW)

    assert sent["authorization"].rpartition("Signature=")[2] == expected

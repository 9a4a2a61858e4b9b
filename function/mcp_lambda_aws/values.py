"""The value of an SSM parameter or of a Secrets Manager secret, by its ARN."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import NamedTuple
from urllib.parse import urlsplit

from .signature import credentials, signed
from .transport import send

PAUSES = (0.2, 0.4)
"""Most seconds to wait before the second and the third attempt: AWS throttles where many environments start at once."""


class Service(NamedTuple):
    """How one of AWS's services is asked for a value. Its name in an ARN is part of its host's name, too.

    Attributes:
        target: The operation, as the header x-amz-target names it.
        name: The argument that takes the ARN.
        arguments: The other arguments.
        endpoint_variable: Environment variable that may hold another address for it, as in AWS's own clients.
    """

    target: str
    name: str
    arguments: Mapping[str, object]
    endpoint_variable: str


CONTENT_TYPE = "application/x-amz-json-1.1"

DOMAINS = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""Domains of the endpoints, by partition; of all others it is amazonaws.com (botocore's partitions.json)."""

SERVICES = {
    "ssm": Service("AmazonSSM.GetParameter", "Name", {"WithDecryption": True}, "AWS_ENDPOINT_URL_SSM"),
    "secretsmanager": Service("secretsmanager.GetSecretValue", "SecretId", {}, "AWS_ENDPOINT_URL_SECRETS_MANAGER"),
}


class UnreadableError(Exception):
    """The value cannot be read; the message is one line and says what AWS said.

    Attributes:
        code: AWS's name for the reason, such as AccessDeniedException; Python's, where there was no answer.
        may_pass: Whether another attempt may succeed.
    """

    def __init__(self, problem: str, code: str = "", *, may_pass: bool = False) -> None:
        super().__init__(f"cannot be read: {problem}")
        self.code = code
        self.may_pass = may_pass


def get_value(arn: str, environ: Mapping[str, str]) -> str:
    """The value, decrypted.

    Args:
        arn: ARN of a parameter or a secret.
        environ: Environment variables: credentials as Lambda gives them, and perhaps AWS_ENDPOINT_URL or the service's.

    Raises:
        UnreadableError: It was refused, or there was no answer in three attempts.
    """
    for pause in PAUSES:
        try:
            return read_once(arn, environ)
        except UnreadableError as error:
            if not error.may_pass:
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311  (no secret: it spreads the attempts)
    return read_once(arn, environ)


def read_once(arn: str, environ: Mapping[str, str]) -> str:
    """Read the value once, without retrying."""
    _, partition, service, region, *_ = arn.split(":")
    target, name, arguments, endpoint_variable = SERVICES[service]
    configured = environ.get(endpoint_variable) or environ.get("AWS_ENDPOINT_URL")
    endpoint = configured or f"https://{service}.{region}.{DOMAINS.get(partition, 'amazonaws.com')}"
    action = target.partition(".")[2]
    body = json.dumps({name: arn, **arguments}).encode()
    headers = {"content-type": CONTENT_TYPE, "host": urlsplit(endpoint).netloc, "x-amz-target": target}
    try:
        signature = signed(headers, body, service, region, credentials(environ), datetime.now(UTC))
        status, answer = send("POST", endpoint, signature, body)
    except (OSError, HTTPException) as error:
        code = type(error).__name__
        raise UnreadableError(f"{endpoint} did not answer ({code})", code, may_pass=True) from None
    if status != 200:
        code, message = parse_reason(answer)
        problem = f"{action} was refused with {' '.join(f'{status} {code} {message}'.split())}"
        raise UnreadableError(problem, code, may_pass=status >= 500 or code.startswith("Throttl"))
    return parse_value(answer, action)


def parse_value(answer: bytes, action: str) -> str:
    """The value in a service's answer; a secret that holds bytes has none."""
    try:
        document = json.loads(answer)
        value = document["Parameter"]["Value"] if "Parameter" in document else document["SecretString"]
    except (ValueError, LookupError, TypeError):
        value = None
    if not isinstance(value, str):
        raise UnreadableError(f"the answer of {action} holds no value that is text")
    return value


def parse_reason(answer: bytes) -> tuple[str, str]:
    """The name and the message of the error in a service's answer."""
    try:
        error = json.loads(answer)
        name, message = error.get("__type", ""), error.get("message") or error.get("Message") or ""
    except (ValueError, AttributeError):
        return "", "and no reason"
    return str(name).rpartition("#")[2], str(message)

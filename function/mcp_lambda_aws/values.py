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
"""Seconds, at most, before a second and a third attempt: where many environments start at once, some are throttled."""


class Service(NamedTuple):
    """How one of AWS's services is asked for a value; its name in an ARN is its host's, too.

    Attributes:
        target: The call, as the header x-amz-target names it.
        name: The argument that takes the ARN.
        arguments: The others.
        endpoint_variable: Where another address for it may be, as in AWS's own clients.
    """

    target: str
    name: str
    arguments: Mapping[str, object]
    endpoint_variable: str


CONTENT_TYPE = "application/x-amz-json-1.1"

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
        arn: Of a parameter or a secret: which, in which service, and where.
        environ: Credentials as Lambda gives them, and perhaps AWS_ENDPOINT_URL or that of the service.

    Raises:
        UnreadableError: It was refused, or there was no answer in three attempts.
    """
    for pause in PAUSES:
        try:
            return ask(arn, environ)
        except UnreadableError as error:
            if not error.may_pass:
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311  (no secret: it spreads the attempts)
    return ask(arn, environ)


def ask(arn: str, environ: Mapping[str, str]) -> str:
    """The same in one attempt."""
    _, partition, service, region, *_ = arn.split(":")
    target, name, arguments, endpoint_variable = SERVICES[service]
    domain = {"aws-cn": "amazonaws.com.cn"}.get(partition, "amazonaws.com")
    configured = environ.get(endpoint_variable) or environ.get("AWS_ENDPOINT_URL")
    endpoint = configured or f"https://{service}.{region}.{domain}"
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
        code, message = reason_in(answer)
        problem = f"{action} was refused with {' '.join(f'{status} {code} {message}'.split())}"
        raise UnreadableError(problem, code, may_pass=status >= 500 or code.startswith("Throttl"))
    return value_in(answer, action)


def value_in(answer: bytes, action: str) -> str:
    """The value in a service's answer; a secret may also hold bytes, which are none."""
    try:
        document = json.loads(answer)
        value = document["Parameter"]["Value"] if "Parameter" in document else document["SecretString"]
    except (ValueError, LookupError, TypeError):
        value = None
    if not isinstance(value, str):
        raise UnreadableError(f"the answer of {action} holds no value that is text")
    return value


def reason_in(answer: bytes) -> tuple[str, str]:
    """Name and words of the error in a service's answer."""
    try:
        error = json.loads(answer)
        name, message = error.get("__type", ""), error.get("message") or error.get("Message") or ""
    except (ValueError, AttributeError):
        return "", "and no reason"
    return str(name).rpartition("#")[2], str(message)

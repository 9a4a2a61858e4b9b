"""One signed request to one of AWS's services, and its answer."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http.client import HTTPException
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from .signature import credentials, signed
from .transport import SECONDS, send

T = TypeVar("T")

PAUSES = (0.2, 0.4)
"""Most seconds to wait before the second and the third attempt: AWS throttles where many environments start at once."""

DOMAINS = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""Domains of the endpoints, by partition; of all others it is amazonaws.com (botocore's partitions.json)."""

ENDPOINT_VARIABLES = {
    "dynamodb": "AWS_ENDPOINT_URL_DYNAMODB",
    "lambda": "AWS_ENDPOINT_URL_LAMBDA",
    "s3": "AWS_ENDPOINT_URL_S3",
    "secretsmanager": "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "ssm": "AWS_ENDPOINT_URL_SSM",
}
"""Environment variables that may hold another address of a service, as in AWS's own clients."""

REASON = re.compile(rb"<Code>([^<]*)</Code>.*?<Message>([^<]*)</Message>", re.DOTALL)
"""Matches the error in an answer of S3, which is XML."""

PASSING = ("Throttl", "ProvisionedThroughputExceeded", "RequestLimitExceeded", "TooManyRequests", "TransactionConflict")
"""How AWS's names for reasons begin that pass by themselves."""


class ServiceError(Exception):
    """A service refused a request or did not answer; the message is one line and says what AWS said.

    Attributes:
        code: AWS's name for the reason, such as AccessDeniedException; Python's, where there was no answer.
        may_pass: Whether another attempt may succeed.
        answer: The service's answer, if it is a JSON object.
    """

    def __init__(
        self, problem: str, code: str = "", *, may_pass: bool = False, answer: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(problem)
        self.code = code
        self.may_pass = may_pass
        self.answer = answer or {}


class Resource(NamedTuple):
    """What an ARN says of where a resource is."""

    arn: str
    partition: str
    service: str
    region: str

    @classmethod
    def from_arn(cls, arn: str) -> Resource:
        """Read the first parts of an ARN."""
        _, partition, service, region, *_ = arn.split(":")
        return cls(arn, partition, service, region)

    def endpoint(self, environ: Mapping[str, str]) -> str:
        """URL of the service that has the resource."""
        configured = environ.get(ENDPOINT_VARIABLES[self.service]) or environ.get("AWS_ENDPOINT_URL")
        domain = DOMAINS.get(self.partition, "amazonaws.com")
        return configured or f"https://{self.service}.{self.region}.{domain}"


def ask(
    resource: Resource,
    action: str,
    headers: Mapping[str, str],
    body: bytes,
    environ: Mapping[str, str],
    *,
    method: str = "POST",
    path: str = "/",
    seconds: float = SECONDS,
) -> bytes:
    """The body of the answer to one request, in one attempt.

    Args:
        resource: What the request is about.
        action: The operation, as an error names it.
        headers: All but `host`, with names in lower case.
        body: What is sent.
        environ: Environment variables: credentials as Lambda gives them, and perhaps AWS_ENDPOINT_URL or the service's.
        method: HTTP's.
        path: Where it is sent, percent-encoded.
        seconds: Timeout to connect, and of each wait for an answer.

    Raises:
        ServiceError: It was refused, or there was no answer.
    """
    endpoint = resource.endpoint(environ)
    sent = {**headers, "host": urlsplit(endpoint).netloc}
    try:
        by = credentials(environ)
        signature = signed(method, path, sent, body, resource.service, resource.region, by, datetime.now(UTC))
        status, answer = send(method, endpoint.rstrip("/") + path, signature, body, seconds=seconds)
    except (OSError, HTTPException) as error:
        code = type(error).__name__
        raise ServiceError(f"{endpoint} did not answer ({code})", code, may_pass=True) from None
    if status >= 300:
        code, message, document = parse_reason(answer)
        problem = f"{action} was refused with {' '.join(f'{status} {code} {message}'.split())}"
        may_pass = status >= 500 or status == 429 or code.startswith(PASSING)
        raise ServiceError(problem, code, may_pass=may_pass, answer=document)
    return answer


def retried(attempt: Callable[[], T], pauses: Iterable[float] = PAUSES) -> T:
    """What an attempt returns; after a failure that may pass it is made again, as often as there are pauses.

    Args:
        attempt: May be made twice although the first one had an effect: an answer can be lost.
        pauses: Most seconds to wait before each further attempt.
    """
    for pause in pauses:
        try:
            return attempt()
        except ServiceError as error:
            if not error.may_pass:
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311  (no secret: it spreads the attempts)
    return attempt()


def parse_reason(answer: bytes) -> tuple[str, str, Mapping[str, Any]]:
    """The name and the message of the error in a service's answer, and the answer as an object."""
    try:
        error = json.loads(answer)
        name, message = error.get("__type", ""), error.get("message") or error.get("Message") or ""
    except (ValueError, AttributeError):
        found = REASON.search(answer)
        return (found[1].decode(), found[2].decode(), {}) if found else ("", "and no reason", {})
    return str(name).rpartition("#")[2], str(message), error

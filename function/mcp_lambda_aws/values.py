"""The value of an SSM parameter or of a Secrets Manager secret, by its ARN."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from .service import Resource, ServiceError, ask, retried


class Getter(NamedTuple):
    """How a service is asked for a value.

    Attributes:
        target: The operation, as the header x-amz-target names it.
        name: The argument that takes the ARN.
        arguments: The other arguments.
    """

    target: str
    name: str
    arguments: Mapping[str, object]


CONTENT_TYPE = "application/x-amz-json-1.1"

GETTERS = {
    "ssm": Getter("AmazonSSM.GetParameter", "Name", {"WithDecryption": True}),
    "secretsmanager": Getter("secretsmanager.GetSecretValue", "SecretId", {}),
}


class UnreadableError(ServiceError):
    """The value cannot be read; the message is one line and says what AWS said."""

    def __init__(self, problem: str, code: str = "") -> None:
        super().__init__(f"cannot be read: {problem}", code)


def get_value(arn: str, environ: Mapping[str, str]) -> str:
    """The value, decrypted.

    Args:
        arn: ARN of a parameter or a secret.
        environ: Environment variables: credentials as Lambda gives them, and perhaps AWS_ENDPOINT_URL or the service's.

    Raises:
        UnreadableError: It was refused, or there was no answer in three attempts.
    """
    try:
        return retried(lambda: read_once(arn, environ))
    except ServiceError as error:
        raise error if isinstance(error, UnreadableError) else UnreadableError(str(error), error.code) from None


def read_once(arn: str, environ: Mapping[str, str]) -> str:
    """Read the value once, without retrying."""
    resource = Resource.from_arn(arn)
    target, name, arguments = GETTERS[resource.service]
    action = target.partition(".")[2]
    body = json.dumps({name: arn, **arguments}).encode()
    return parse_value(
        ask(resource, action, {"content-type": CONTENT_TYPE, "x-amz-target": target}, body, environ), action
    )


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

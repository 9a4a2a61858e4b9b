"""What a gateway asks an authorizer, and the answers in the form that it understands.

An HTTP API asks in payload format 2.0 and takes simple responses:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
A REST API takes an IAM policy:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]
Answer = dict[str, Any]


class UnauthorizedError(Exception):
    """Has a REST API answer 401: exactly this word, as the failure of the function, is the only way to say so."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def header(event: Event, name: str) -> str:
    """The value of a request's header, several of them joined by commas as an HTTP API does; "" if there is none.

    A REST API leaves the names as the client wrote them.

    Args:
        event: What the gateway asks.
        name: In lower case.
    """
    headers = event.get("multiValueHeaders") or {key: [value] for key, value in (event.get("headers") or {}).items()}
    return ",".join(value for key, values in headers.items() if key.lower() == name for value in values)


def admit(event: Event, principal: str, context: dict[str, str]) -> Answer:
    """Let the caller in, with what the server is told of it."""
    if _is_of_http_api(event):
        return {"isAuthorized": True, "context": context}
    return _policy(event, "Allow", principal) | {"context": context}


def deny(event: Event) -> Answer:
    """Refuse a caller that is known: the client gets 403."""
    return {"isAuthorized": False} if _is_of_http_api(event) else _policy(event, "Deny", "denied")


def refuse(event: Event) -> Answer:
    """Refuse a caller without a valid credential: the client gets 401 of a REST API, and 403 of an HTTP API.

    Raises:
        UnauthorizedError: A REST API asks.
    """
    if _is_of_http_api(event):
        return deny(event)
    raise UnauthorizedError


def _is_of_http_api(event: Event) -> bool:
    return "methodArn" not in event


def _policy(event: Event, effect: str, principal: str) -> Answer:
    """A policy for all methods of the stage: the gateway keeps it, and applies it to others than the one that asked."""
    api, stage, *_ = event["methodArn"].split("/")
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": f"{api}/{stage}/*"}
    return {"principalId": principal, "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}

"""API Gateway's events and answers, translated by Mangum."""

from __future__ import annotations

from typing import Any

from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers import APIGateway, HTTPGateway
from mangum.types import LambdaConfig, LambdaContext, LambdaEvent, LambdaHandler, Scope

CONFIG = LambdaConfig(api_gateway_base_path="/", text_mime_types=DEFAULT_TEXT_MIME_TYPES, exclude_headers=[])


class UnreadableEventError(Exception):
    """The event is no request of API Gateway, or holds one that breaks HTTP's rules."""


def read(event: LambdaEvent, context: LambdaContext) -> tuple[Scope, bytes, LambdaHandler]:
    """The ASGI scope and body of a proxy event, and the translator that turns a response back.

    Takes payload format 2.0 (HTTP API, function URL) and 1.0 (HTTP API, REST API).

    Raises:
        UnreadableEventError: Mangum can make no request of it.
    """
    try:
        translators = (HTTPGateway, APIGateway)
        translator = next(t for t in translators if t.infer(event, context, CONFIG))(event, context, CONFIG)
        return translator.scope, translator.body, translator
    except Exception as error:  # the event holds what a client sent, and Mangum trusts it to be well-formed
        raise UnreadableEventError from error


def response(status: int, body: str) -> dict[str, Any]:
    """A JSON answer from outside the application, in a form that both payload formats take."""
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}

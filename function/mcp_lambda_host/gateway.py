"""API Gateway's events and answers, which Mangum translates."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from functools import cached_property
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
from mangum.handlers import APIGateway, HTTPGateway
from mangum.types import LambdaConfig, LambdaContext, LambdaEvent, LambdaHandler, Scope

CONFIG = LambdaConfig(api_gateway_base_path="/", text_mime_types=DEFAULT_TEXT_MIME_TYPES, exclude_headers=[])

LIMIT = 6_291_556
"""Most bytes of an answer that Lambda carries: with more, a client gets 502 (Lambda quotas, invocation payload)."""

TOKENS = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*")
"""Matches names of headers, one behind the other (RFC 9110 section 5.6.2); the SDK fails on others."""

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
"""Matches a character that belongs into no path: a route's `$` matches before a newline, too."""

ESCAPES_ALL = sys.version_info < (3, 12)
"""Whether the runtime writes what is not ASCII as escapes."""

PLAIN = {escapes: bytes(set(range(0x20, 0x7F if escapes else 0x100)) - set(b'"\\')) for escapes in (True, False)}
"""Bytes of UTF-8 that a string of JSON has as they are, by whether what is not ASCII is escaped."""

PART = 2**16
"""Characters of a body that are looked at together: a copy of a large one as a whole would be memory to pay for."""


class UnreadableEventError(Exception):
    """The event is no request of API Gateway, or holds one that breaks HTTP's rules."""


class HttpEvent(HTTPGateway):
    """Translates as Mangum does, which would make the scope a second time for the response."""

    scope = cached_property(HTTPGateway.scope.fget)  # type: ignore[attr-defined]


def parse_event(event: LambdaEvent, context: LambdaContext) -> tuple[Scope, bytes, LambdaHandler]:
    """The ASGI scope and body of a proxy event, and the translator that turns a response back.

    The event may be of payload format 2.0 (HTTP API, function URL) or 1.0 (HTTP API, REST API).

    Raises:
        UnreadableEventError: Mangum can make no request of it.
    """
    try:
        translators = (HttpEvent, APIGateway)
        translator = next(t for t in translators if t.infer(event, context, CONFIG))(event, context, CONFIG)
        scope, body = translator.scope, translator.body
    except Exception as error:  # the event holds what a client sent, and Mangum trusts it to be well-formed
        raise UnreadableEventError from error
    names = [name for name, _ in scope["headers"]]
    if not all(names) or not TOKENS.fullmatch(b"".join(names)) or CONTROL.search(scope["path"]):
        raise UnreadableEventError
    return scope, body, translator


def size_of(answer: Mapping[str, Any]) -> int:
    """How many bytes an answer takes as the JSON that the runtime sends; 0 if it is too short to matter."""
    body = answer["body"]
    longest_escape = 6 if body.isascii() else 12
    if len(body) * longest_escape < LIMIT:
        return 0
    others = len(json.dumps({**answer, "body": ""}, ensure_ascii=ESCAPES_ALL).encode())
    return others + sum(_escaped_size(body[at : at + PART]) for at in range(0, len(body), PART))


def _escaped_size(text: str) -> int:
    """How many bytes a text takes within a string of JSON; only what is not plain is escaped to learn that."""
    encoded = text.encode()
    others = encoded.translate(None, PLAIN[ESCAPES_ALL])
    escape = encode_basestring_ascii if ESCAPES_ALL else encode_basestring
    return len(encoded) - len(others) + len(escape(others.decode())) - len('""')


def response(status: int, body: str) -> dict[str, Any]:
    """A JSON answer from outside the application, in a form that both payload formats take."""
    headers = {"content-type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}

"""What API Gateway sends and takes: payload format 2.0 of an HTTP API, and 1.0 of a REST API."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from mcp_lambda_aws.transport import json_object

Event = dict[str, Any]
Pairs = Iterable[tuple[str, str]]

LARGEST_BODY = 16 * 1024
MOST_FIELDS = 40


class MalformedError(Exception):
    """The request cannot be read; the message says why."""


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        route: Method and path, such as `GET /authorize`.
        query: Its parameters.
        headers: Its headers, by name in lower case.
        cookies: Its cookies.
        body: Its body.
    """

    route: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: str

    @classmethod
    def from_event(cls, event: Event) -> Request:
        """The request that an event is of.

        Raises:
            MalformedError: The body is no text, or too long.
        """
        headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
        if "http" in event["requestContext"]:
            route = f"{event['requestContext']['http']['method']} {event['rawPath']}"
            query = parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True)
            cookies = event.get("cookies") or []
        else:
            route = f"{event['httpMethod']} {event['path']}"
            several = event.get("multiValueQueryStringParameters") or {}
            query = [(name, value) for name, values in several.items() for value in values]
            cookies = headers.get("cookie", "").split(";")
        pairs = (cookie.strip().partition("=") for cookie in cookies)
        return cls(route, tuple(query), headers, {name: value for name, _, value in pairs}, _body(event))

    def asked(self) -> dict[str, str]:
        """The query's parameters.

        Raises:
            MalformedError: One is repeated.
        """
        return _unique(self.query)

    def form(self) -> dict[str, str]:
        """The fields of a form.

        Raises:
            MalformedError: It is none, or a field is repeated.
        """
        if not self.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
            raise MalformedError("The body must be a form (application/x-www-form-urlencoded).")
        try:
            return _unique(parse_qsl(self.body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
        except ValueError:
            raise MalformedError("The form cannot be read.") from None

    def document(self) -> dict[str, Any]:
        """The JSON object in the body.

        Raises:
            MalformedError: It is none.
        """
        document = json_object(self.body)
        if document is None:
            raise MalformedError("The body must be a JSON object.")
        return document


@dataclass(frozen=True)
class Response:
    """An answer; `cookies` are values of Set-Cookie."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()

    def to_event(self, event: Event) -> Event:
        """The answer in the form that the gateway of an event takes."""
        answer = {"statusCode": self.status, "body": self.body}
        if "http" in event["requestContext"]:
            return answer | {"headers": self.headers, "cookies": list(self.cookies)}
        several = {name: [value] for name, value in self.headers.items()}
        return answer | {"multiValueHeaders": several | {"set-cookie": list(self.cookies)}}


def json_answer(document: Mapping[str, Any], status: int = 200, cache: str = "no-store") -> Response:
    """A JSON document, which no cache keeps unless it is said for how long (RFC 6749 section 5.1)."""
    return Response(status, json.dumps(document), {"content-type": "application/json", "cache-control": cache})


def _body(event: Event) -> str:
    body = event.get("body") or ""
    if len(body) > LARGEST_BODY * 4 // 3 + 4:
        raise MalformedError(f"The body has more than {LARGEST_BODY:,} bytes.")
    try:
        return b64decode(body).decode() if event.get("isBase64Encoded") else str(body)
    except ValueError:
        raise MalformedError("The body is no text.") from None


def _unique(pairs: Pairs) -> dict[str, str]:
    """Parameters by name. Repeated ones could be read one way here and another way there (RFC 6749 section 3.1)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise MalformedError("A parameter is repeated.")
        found[name] = value
    return found

"""One HTTP request and its answer."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from functools import cache
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit, urlunsplit

SECONDS = 1.5
"""Timeout to connect, and of each wait for an answer: three of them leave half of the gateway's 10 s."""


def send(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    limit: int | None = None,
    seconds: float = SECONDS,
) -> tuple[int, bytes]:
    """Send a request; the status and the body of the answer, whatever the status is.

    Args:
        method: HTTP's.
        url: Of http or https.
        headers: Further ones than `host`.
        body: Of the request.
        limit: Most bytes of the answer that are read; None: all of it.
        seconds: Timeout to connect, and of each wait for an answer.

    Raises:
        OSError: There was no answer in time.
        http.client.HTTPException: The answer cannot be read.
    """
    place = urlsplit(url)
    connection: HTTPConnection
    if place.scheme == "https":
        connection = HTTPSConnection(place.netloc, timeout=seconds, context=certificates())
    else:
        connection = HTTPConnection(place.netloc, timeout=seconds)
    try:
        connection.request(method, urlunsplit(("", "", place.path or "/", place.query, "")), body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read(limit)
    finally:
        connection.close()


def json_object(body: bytes | str) -> dict[str, Any] | None:
    """The JSON object that somebody has sent, however deep it is nested; None: it is no such thing."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@cache
def certificates() -> ssl.SSLContext:
    """Trust in the authorities of the machine, loaded once: that takes longer than most requests."""
    return ssl.create_default_context()

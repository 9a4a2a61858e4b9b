"""One HTTP request and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

SECONDS = 1.5
"""To connect, and for each wait for an answer: one that hangs three times leaves half of the gateway's 10 s."""


def send(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer.

    Raises:
        OSError: There was none within the time; or http.client.HTTPException: none that can be read.
    """
    place = urlsplit(url)
    connection = (HTTPSConnection if place.scheme == "https" else HTTPConnection)(place.netloc, timeout=SECONDS)
    try:
        connection.request(method, place.path or "/", body, dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()

"""The entry of the function for `auth.type = "token"`: `authorizer.handler.handler`, a REQUEST authorizer."""

from __future__ import annotations

import logging
import os
import re
from contextlib import suppress
from datetime import UTC, datetime

from mcp_lambda_aws.values import UnreadableError, get_value

from .gateway import Answer, Event, admit, header, refuse
from .keys import Key, KeyRing, MalformedError, find, parse

logger = logging.getLogger(__name__)

PARAMETER = os.environ["MCP_AUTHORIZER_PARAMETER"]
HEADER = os.environ["MCP_AUTHORIZER_HEADER"]

# The characters of RFC 6750's b64token. No comma is among them: the gateway joins repeated headers by one, and of two
# credentials nobody can say which one counts.
TOKEN = r"([A-Za-z0-9._~+/-]+=*)"  # noqa: S105  (no token, but the form of one)
FORM = re.compile({"authorization": rf"(?i:bearer) +{TOKEN}", "x-api-key": TOKEN}[HEADER])


class ClosedError(Exception):
    """Nobody is let in, since the keys are not known; the message is one line and says why.

    It leaves the function as its failure: the client gets a 500, which the gateway does not cache, and Lambda's Errors
    metric counts it, which rings the alarm. A mere "denied" would look like a caller's mistake.
    """


def read_keys() -> list[Key]:
    """The keys in the parameter."""
    try:
        return parse(get_value(PARAMETER, os.environ))
    except (UnreadableError, MalformedError) as error:
        raise ClosedError(f"Nobody is let in: {PARAMETER} {error}") from None


ring = KeyRing(read_keys)
with suppress(ClosedError):  # the init phase has more processor time than a call; a call says what is wrong
    ring.keys()


def handler(event: Event, context: object) -> Answer:
    """Say whether the caller may call, and who it is. Nothing that the caller sent is logged."""
    presented = FORM.fullmatch(header(event, HEADER))
    key = find(presented[1], ring.keys()) if presented else None
    if key is None:
        return refuse(event)
    if key.expires and key.expires <= datetime.now(UTC):
        logger.warning("The key of %s was presented, but it expired at %s.", key.name, key.expires.isoformat())
        return refuse(event)
    return admit(event, key.name, {"client_id": key.name, "sub": key.name, "scope": " ".join(key.scopes)})

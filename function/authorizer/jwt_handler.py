"""The entry of the function for `auth.type = "jwt"` behind a REST API: `authorizer.jwt_handler.handler`.

An HTTP API checks JWTs itself, a REST API does not. It is checked here what is checked there:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from contextlib import suppress

from .gateway import Answer, Event, admit, deny, header, refuse
from .issuer import Issuer, UnreachableError
from .tokens import Claims, InvalidTokenError, Rules, check, parse, scopes, verify

logger = logging.getLogger(__name__)

RULES = Rules(os.environ["MCP_AUTHORIZER_ISSUER"], frozenset(json.loads(os.environ["MCP_AUTHORIZER_AUDIENCE"])))
SCOPES = frozenset(json.loads(os.environ["MCP_AUTHORIZER_SCOPES"]))

# No comma is among the characters: of two credentials nobody can say which one counts.
FORM = re.compile(r"(?i:bearer) +([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)")


class ClosedError(Exception):
    """Nobody is let in, since the issuer's keys are not known; the client gets a 500, which sets off the alarm."""


issuer = Issuer(RULES.issuer)
with suppress(UnreachableError):  # the init phase has more processor time than a call; a call says what is wrong
    issuer.key("")


def handler(event: Event, context: object) -> Answer:
    """Say whether the caller may call, and who it is. Nothing that the caller sent is logged."""
    presented = FORM.fullmatch(header(event, "authorization"))
    if not presented:
        return refuse(event)
    try:
        claims = read_claims(presented[1])
    except InvalidTokenError as error:
        logger.info("Refused: %s.", error)
        return refuse(event)
    except UnreachableError as error:
        raise ClosedError(f"Nobody is let in: {error}") from None
    if SCOPES and not SCOPES & scopes(claims):
        return deny(event)
    return admit(event, str(claims.get("sub") or claims.get("client_id") or "caller"), {"claims": json.dumps(claims)})


def read_claims(presented: str) -> Claims:
    """The claims of a token that is valid.

    Raises:
        InvalidTokenError: It is not valid.
        UnreachableError: Nobody can say.
    """
    token = parse(presented)
    key = issuer.key(token.key_id)
    if key is None:
        raise InvalidTokenError("the issuer has no such key")
    verify(token, key)
    check(token.claims, RULES, time.time())
    return token.claims

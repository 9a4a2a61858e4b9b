"""The entry of the function for `auth.login`: `login.handler.handler`."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from authorizer.clocks import CLOCKS, Clock, Moment
from authorizer.issuer import UnreachableError
from mcp_lambda_aws.values import UnreadableError, get_value

from .clients import Clients
from .documents import Documents
from .gateway import Event, MalformedError, Request, json_answer
from .provider import Provider
from .sealed import Seals
from .server import AuthorizationServer, Settings

logger = logging.getLogger(__name__)

SECONDS = 300.0
"""How long a copy of the provider's secret is used: one that is replaced works after that, without a deploy."""


class Secret:
    """The secret of the client at the provider, read anew from time to time.

    Args:
        arn: Where it is; None: there is none.
        read: Gives the value by its ARN.
        clocks: All of them say how old a copy is.
    """

    def __init__(self, arn: str | None, read: Callable[[str], str], clocks: Sequence[Clock] = CLOCKS) -> None:
        self._arn = arn
        self._read = read
        self._clocks = clocks
        self._value: str | None = None
        self._at: Moment | None = None

    def __call__(self) -> str | None:
        """The secret; an UnreadableError where it cannot be read."""
        if self._arn and not (self._at and self._at.is_within(SECONDS)):
            self._value, self._at = self._read(self._arn), Moment(self._clocks)
        return self._value


def build_server(given: Mapping[str, Any], environ: Mapping[str, str]) -> AuthorizationServer:
    """The server that Terraform describes.

    Raises:
        UnreadableError: The keys cannot be read. It leaves the function as its failure, which the alarm counts.
    """
    settings = Settings(
        given["name"],
        given["origin"],
        tuple(given["resources"]),
        given["paths"],
        tuple(given["scopes"]),
        tuple(given["further_scopes"]),
        frozenset(given["cors_origins"]),
    )

    def read(arn: str) -> str:
        return get_value(arn, environ)

    seals = Seals(json.loads(read(given["keys_parameter"])), settings.origin)
    clients = Clients(seals, Documents().get, given["client_id"], given["allowed_clients"])
    secret = Secret(given["client_secret"], read)
    provider = Provider(given["issuer"], given["client_id"], secret, settings.url("callback"))
    with suppress(UnreachableError):  # the init phase has more processor time than a call; a call says what is wrong
        provider.metadata()
    return AuthorizationServer(settings, seals, clients, provider)


server = build_server(json.loads(os.environ["MCP_LOGIN_SETTINGS"]), os.environ)


def handler(event: Event, context: object) -> Event:
    """Answer a request. Neither it nor the answer is logged: both hold what lets people in."""
    try:
        return server.answer(Request.from_event(event)).to_event(event)
    except MalformedError as error:
        return json_answer({"error": "invalid_request", "error_description": str(error)}, 400).to_event(event)
    except UnreadableError as error:
        logger.error("Nobody can log in: the client's secret %s", error)
        return json_answer({"error": "server_error"}, 500).to_event(event)

"""The function's entry: `mcp_lambda_host.handler.handler`."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

from mangum.types import LambdaContext, LambdaEvent

from .environment import Environment
from .errors import StartError
from .settings import Settings

environment = Environment(Settings.from_environ(os.environ))
with suppress(StartError):  # logged; requests are answered with 500 until the server can be started
    environment.open()


def handler(event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
    """Answer an event of API Gateway."""
    return environment.answer(event, context)

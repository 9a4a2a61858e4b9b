"""The function's entry: `mcp_lambda_host.handler.handler`."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from . import lean

lean.start()

from . import log  # noqa: E402
from .environment import Environment  # noqa: E402
from .errors import StartError  # noqa: E402
from .settings import Settings  # noqa: E402

if TYPE_CHECKING:
    from mangum.types import LambdaContext, LambdaEvent

settings = Settings.from_environ(os.environ)
log.install(settings.log_level, payloads=settings.log_payloads)
environment = Environment(settings)
if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start":
    from .snapshot import register

    register(environment)
with suppress(StartError):  # logged; requests are answered with 500 until the server can be started
    environment.open()
    environment.rehearse()
lean.settle()


def handler(event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
    """Answer an event of API Gateway."""
    return environment.answer(event, context)

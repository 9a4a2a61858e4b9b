"""The function's entry: `mcp_lambda_host.handler.handler`. Only this module reads the process's environment variables.

Others get them as `variables`: what Lambda itself tells is there, and the author's secrets go there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .contract import SETTINGS_VARIABLE
from .errors import StartError
from .sdk import lean
from .settings import NOTHING_KNOWN, Settings
from .telemetry import log

if TYPE_CHECKING:
    from mangum.types import LambdaContext, LambdaEvent

try:
    settings, refusal = Settings.from_json(os.environ.get(SETTINGS_VARIABLE, "")), None
except StartError as error:
    settings, refusal = NOTHING_KNOWN, str(error)
log.install(settings.log_level, payloads=settings.log_payloads)
lean.import_lean(f"{__package__}.environment")

from .environment import Environment  # noqa: E402

environment = Environment(settings, os.environ, refusal=refusal)
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

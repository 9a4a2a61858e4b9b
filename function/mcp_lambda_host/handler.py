"""The function's entry: `mcp_lambda_host.handler.handler`. Only this module reads the process's environment variables.

Others get them as `variables`: what Lambda itself tells is there, and the author's secrets go there.
"""

from __future__ import annotations

import gc

gc.disable()  # an import makes no garbage, only objects to look through: an eighth of its time

from .sdk.compiled import Kept

kept = Kept()  # before the imports, which compile

import os
import sys
import time
from typing import TYPE_CHECKING, Any

from .contract import SETTINGS_VARIABLE
from .errors import StartError
from .own_log import logger
from .sdk import lean
from .settings import NOTHING_KNOWN, Settings
from .telemetry import log

if TYPE_CHECKING:
    from mangum.types import LambdaContext, LambdaEvent


def process_age() -> float:
    """Seconds since this process was started, which Lambda's init phase counts, too (proc(5), starttime)."""
    try:
        with open("/proc/self/stat") as stat:
            ticks = int(stat.read().rpartition(")")[2].split()[19])
    except FileNotFoundError:  # on macOS, where an author may try the server
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")


def keep_freed_memory(size: int) -> None:
    """Have malloc keep blocks of up to this size once they are freed, and the room of two, for the next large answer.

    Else the kernel gets each back, and has to clear it anew when it is next needed, which takes longer than to fill it.
    glibc keeps what is no larger than the largest block that it has given back before (mallopt(3), M_MMAP_THRESHOLD).
    This one is never written to, so it takes no memory itself.
    """
    bytes(size)


try:
    settings, refusal = Settings.from_json(os.environ.get(SETTINGS_VARIABLE, "")), None
except StartError as error:
    settings, refusal = NOTHING_KNOWN, str(error)
log.install(settings.log_level, payloads=settings.log_payloads)
lean.import_lean(f"{__package__}.environment")

from .environment import INIT_SECONDS, LONG_INIT_SECONDS, Environment
from .gateway import LIMIT

environment = Environment(settings, os.environ, refusal=refusal)
initialization = os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE")
is_awaited = initialization in ("snap-start", "provisioned-concurrency")
if initialization == "snap-start":
    from .snapshot import register

    register(environment)
try:
    environment.open((LONG_INIT_SECONDS if is_awaited else INIT_SECONDS) - process_age())
    environment.rehearse()
except StartError:  # logged; on demand requests are answered with 500 until the server can be started
    if is_awaited:  # AWS prepares a version before it takes requests, and keeps one that cannot start from them
        raise
lean.settle()
kept.settle()
keep_freed_memory(2 * LIMIT)  # the room of four: the SDK and the runtime hold an answer in as many forms
if not is_awaited:
    environment.note_init(process_age())


def handler(event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
    """Answer an event of API Gateway."""
    try:
        return environment.answer(event, context)
    except SystemExit as end:
        # Not left to Python, which would wait for the author's threads: Lambda starts no other environment meanwhile.
        logger.error("%s", end)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)

"""A function as Lambda runs it, for the other files here: they run with nothing else on their path but the zip's own.

Each is run with one argument, its job as JSON, whose `result` names the file that the result is written to as JSON.
"""

import json
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

CONTEXT = SimpleNamespace(
    aws_request_id="4f0c1d5e-7d0a-4c62-9a3c-6f6a5f0c9b11",
    function_name="benchmark",
    function_version="1",
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:benchmark:live",
    memory_limit_in_mb="1024",
    get_remaining_time_in_millis=lambda: 29_000,
)


def job() -> dict[str, Any]:
    """What there is to do."""
    read: dict[str, Any] = json.loads(sys.argv[1])
    return read


def start(directory: str, handler: str) -> Handler:
    """The handler, `module.function`, of the zip that is unpacked in a directory."""
    sys.path.insert(0, directory)
    module, _, function = handler.rpartition(".")
    found: Handler = getattr(import_module(module), function)
    return found


def memory_kb(field: str) -> int:
    """A field of this process's status: VmHWM, the most that was ever resident, or VmRSS, what is."""
    return int(Path("/proc/self/status").read_text().partition(f"{field}:")[2].split()[0])


def end(result: object) -> None:
    """Write the result and end without waiting for the function's threads, as Lambda does."""
    Path(job()["result"]).write_text(json.dumps(result))
    os._exit(0)

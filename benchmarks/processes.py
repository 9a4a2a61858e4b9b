"""Fresh processes of a function, as Lambda starts them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.zips import HERE, RUNTIME, Zip
from lab.events import Event, message_of

ENVIRON = {"AWS_LAMBDA_FUNCTION_NAME": "benchmark", "AWS_REGION": "eu-west-1"}
PYTHON = Path(sys.base_prefix, "bin", RUNTIME)
LIKE_LAMBDA = ["-E", "-s", "-S", "-B"]
"""No packages of this machine; and /var/task is read-only, so that nothing compiled can be kept (root could)."""


def probe(name: str, function: Zip, **job: Any) -> Any:
    """What a file of `probes/` finds out about a function, in a new process.

    Raises:
        RuntimeError: It ended without a result; with the end of what it printed.
    """
    with tempfile.TemporaryDirectory() as work:
        result, log = Path(work, "result"), Path(work, "log")
        job |= {"directory": str(function.directory), "handler": function.handler, "result": str(result)}
        # The function logs to a file: a reader at the other end of a pipe would compete with it for the processor.
        with log.open("wb") as output:
            command, variables = [*prober(name, function), json.dumps(job)], {**ENVIRON, **function.variables}
            ran = subprocess.run(command, env=variables, stdout=output, stderr=output)
        if ran.returncode or not result.exists():
            said = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{name} of {function.directory} ended with {ran.returncode}:\n{said}")
        return json.loads(result.read_text())


def prober(name: str, function: Zip) -> list[str | Path]:
    """What runs a file of `probes/`, which is in the language of the function."""
    if function.handler.endswith(".mjs"):
        return [shutil.which("node") or "node", "--no-warnings", HERE / "probes" / f"{name}.mjs"]
    return [PYTHON, *LIKE_LAMBDA, HERE / "probes" / f"{name}.py"]


def first_call(function: Zip, event: Event, *, watch: bool = False) -> dict[str, Any]:
    """The first call of a fresh process; see `probes/first_call.py`.

    Raises:
        RuntimeError: It was not answered with the result of a tool.
    """
    found: dict[str, Any] = probe("first_call", function, event=event, watch=watch)
    if "content" not in message_of(found["answer"]).get("result", {}):
        raise RuntimeError(f"{function.directory} answers with {found['answer']}")
    return found

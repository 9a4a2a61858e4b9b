"""A start of the staged server before anything is deployed: what would end it on Lambda ends the build.

Where the target's Python runs on this machine, the host starts the server as it will on Lambda, in a process of its own
without credentials and without a network, which can write to temporary files alone. Elsewhere the imports are read.
"""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .distributions import bringing
from .environment import for_packages
from .imports import RUNTIME
from .inputs import NO_NAMES, BuildError, say

SECONDS = 60

Variables = Mapping[str, str | None]

START = Path(__file__).with_name("trial_start.py")
# Named as a module of Python's own, in whose lines the host never sees the author's mistake.
RUN = "import sys; file = sys.argv.pop(1); exec(compile(open(file).read(), '<frozen trial_start>', 'exec'))"
HOME = "/home/sbx_user1051"
"""Lambda's, which is not there: what is written below it would fail."""

OF_LAMBDA = {
    **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "us-east-1"),
    **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "trial"),  # which open nothing
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_FUNCTION_NAME": "trial",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "LAMBDA_TASK_ROOT": "/var/task",
    "TZ": ":UTC",
}
"""Environment variables that code finds on Lambda (Developer Guide, "Defined runtime environment variables")."""


class Known(NamedTuple):
    """What is known of the function before it is deployed.

    Attributes:
        variables: Its environment variables; None for a value that the account alone has.
        names: What its server must have, by the module's input that names it; see `inputs.read_names`.
    """

    variables: Variables
    names: Mapping[str, Sequence[str]] = NO_NAMES


def check(python: str | None, stage: Path, entrypoint: str, known: Known, source: Path) -> dict[str, bytes]:
    """Start the server for a trial and refuse what would end its start on Lambda; say what could not be tried.

    Args:
        python: The path of an interpreter of the target's version that runs here; None: there is none.
        stage: The zip's content.
        entrypoint: The server's `module:attribute`.
        known: What is known of the function.
        source: The author's directory.

    Returns:
        What starts on Lambda need not make again, by the name of its file in `mcp_lambda_host/sdk`.
    """
    if python is None:
        say("note: the server was not started for a trial, as no Python of the target runs here; its imports were read")
        return {}
    tried = _start(python, stage, entrypoint, known)
    if tried is None:
        say(f"note: a trial start was not done after {SECONDS} s; Lambda gives a start 10 s")
        return {}
    kept = {name: base64.b64decode(data) for name, data in tried["kept"].items()}
    said = (tried["failed"] or "").replace(f"{stage.resolve()}/", "").replace("/var/task/", "")
    if not said:
        tools = tried["tools"]
        say(f"started the server for a trial{'' if tools is None else f'; it lists {tools} tools'}")
        if tools == 0:
            say("note: what a server registers in its main() is not there on Lambda, which never calls it")
        return kept
    lost = {name.split(".")[0] for name in tried["missing"]}
    lacking = needs(tried, lost, known.variables)
    if not lacking or (tried["is_import"] and not lost & RUNTIME):
        hints = [f"{name} comes with {whose}" for name, whose in sorted(bringing(tried["missing"], source).items())]
        hints += ["on Lambda only files below /tmp can be written"] if "Read-only file system" in said else []
        raise BuildError(f"the server would not start on Lambda: {said}{''.join(f' ({hint})' for hint in hints)}")
    say(f"note: the trial start ended where the server needs {' and '.join(lacking)}; without that it ends so: {said}")
    return kept


def needs(tried: Mapping[str, Any], lost: set[str], known: Variables) -> list[str]:
    """Say what the trial lacked and the function on Lambda may have.

    Args:
        tried: What came of it: names of variables that are `unset`, whether it asked for the `network` or `is_late`.
        lost: Modules that were not found.
        known: The function's environment variables.
    """
    there = [name for name in tried["unset"] if name in known]
    elsewhere = [name for name in tried["unset"] if name not in known]
    found = {
        f"{', '.join(sorted(lost & RUNTIME))}, which Lambda's runtime brings in a version of its own": lost & RUNTIME,
        f"{', '.join(there)}, whose value the account has": there,
        f"{', '.join(elsewhere)} from environment or secrets": elsewhere,
        "the network": tried["network"],
        "more time": tried["is_late"],
    }
    return [words for words, is_needed in found.items() if is_needed]


def _start(python: str, stage: Path, entrypoint: str, known: Known) -> dict[str, Any] | None:
    """What came of a start in a process of its own; None: it came to no end."""
    given = json.dumps(
        {
            "variables": {name: value for name, value in known.variables.items() if value is not None},
            "names": known.names,
        }
    )
    command = [python, "-I", "-S", "-B", "-c", RUN, str(START), str(stage.resolve()), entrypoint, given]
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-trial-") as work:
        lines = run("Python", command, stage, OF_LAMBDA | {"TMPDIR": work})
    found: dict[str, Any] | None = None if lines is None else json.loads(lines[-1])
    return found


def run(language: str, command: list[str], stage: Path, variables: Mapping[str, str]) -> list[str] | None:
    """What a start in a process of its own prints, line by line, at least one; None: it comes to no end.

    Args:
        language: What the process is.
        command: What starts it.
        stage: The zip's content.
        variables: Further environment variables than those of every process that must not know this machine.
    """
    try:
        ran = subprocess.run(
            command,
            cwd=stage,
            env={**for_packages(Path(HOME)), **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in ran.stdout.splitlines() if line.strip()]
    if ran.returncode or not lines:
        said = " ".join((ran.stderr or ran.stdout).split())[-1000:]
        raise BuildError(f"the server ends {language} when it is started, with exit code {ran.returncode}: {said}")
    return lines

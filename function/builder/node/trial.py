"""A start of the staged server on this machine, which shows what would end it on Lambda."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..inputs import CONTRACT, NODE, SETTINGS, BuildError, Files, Target, say
from ..trial import OF_LAMBDA, SECONDS, Known, needs, run
from .install import tool
from .project import ROOM

VERSION = re.compile(r"v(\d+)[.](\d+)")


def check(target: Target, stage: Path, author: Files, known: Known) -> None:
    """Start the server for a trial and refuse what would end its start on Lambda; say what could not be tried.

    Args:
        target: What the zip is for.
        stage: The zip's content, with a source map of the server.
        author: The author's files.
        known: What is known of the function, for which tasks are refused.
    """
    found = _version()
    if found < (int(NODE[target.runtime].removeprefix("node")), 0):
        older = f"is {found[0]}.{found[1]}, older than {target.runtime}"
        say(f"note: the server was not started for a trial, as the Node.js on PATH {older}")
        return
    tried = _start(stage, known, found)
    if tried is None:
        say(f"note: a trial start was not done after {SECONDS} s; Lambda gives a start 10 s")
        return
    if tried["started"]:
        tools = tried["tools"]
        say(f"started the server for a trial{'' if tools is None else f'; it lists {tools} tools'}")
        return
    code = "\n".join(file.path.read_text("utf-8", errors="replace") for file in author.values())
    tried["unset"] = [name for name in tried["unset"] if re.search(rf"\b{re.escape(name)}\b", code)]
    lacking = needs(tried, set(), known.variables)
    said = re.sub(r"\S*/stage/", "", tried["failed"])
    if not lacking:
        hint = " (on Lambda only files below /tmp can be written)" if "--allow-fs-write" in said else ""
        raise BuildError(f"the server would not start on Lambda: {said}{hint}")
    say(f"note: the trial start ended where the server needs {' and '.join(lacking)}; without that it ends so: {said}")


def _version() -> tuple[int, int]:
    """Major and minor version of the Node.js on PATH."""
    ran = subprocess.run([tool("node"), "--version"], capture_output=True, text=True)
    found = VERSION.match(ran.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _start(stage: Path, known: Known, version: tuple[int, int]) -> dict[str, Any] | None:
    """What came of a start in a process of its own; None: it came to no end."""
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-trial-") as work:
        # Files are Lambda's: all can be read, those in /tmp alone be written.
        permission = "--permission" if version >= (22, 13) else "--experimental-permission"
        allowed = [
            permission,
            "--allow-fs-read=*",
            f"--allow-fs-write={work}",
            "--allow-worker",
            "--allow-child-process",
        ]
        command = [
            tool("node"),
            "--enable-source-maps",
            "--no-warnings",
            *allowed,
            str(ROOM / "trial.mjs"),
            str(stage.resolve()),
        ]
        required = dict.fromkeys(known.names["required_scopes"], ())
        settings = {
            CONTRACT["settings_variable"]: json.dumps({**SETTINGS, "name": "trial", "required_scopes": required})
        }
        variables = {name: value for name, value in known.variables.items() if value is not None}
        lambdas = {**OF_LAMBDA, "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs"}
        lines = run("Node.js", command, stage, {**variables, **lambdas, **settings, "TMPDIR": work})
    if lines is None:
        return None
    found: dict[str, Any] = json.loads(lines[-1])
    return {**found, "failed": _failure(lines), "is_late": "has not started within" in _failure(lines)}


def _failure(lines: list[str]) -> str:
    """The host's own line that says why it could not start the server."""
    for line in lines:
        said: Mapping[str, Any] = json.loads(line) if line.startswith('{"timestamp"') else {}
        if said.get("level") == "ERROR":
            return str(said["message"])
    return ""

"""Starts the staged server as Lambda would, and prints what came of it as the last line; `trial.py` runs this file.

It runs with nothing but the standard library and what is in the zip. There is no network, and only what is temporary
can be written: both are refused by an audit hook, so code of other languages gets through, which has the time limit.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

TASK = "/var/task/"
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
OS = ("<frozen os>", os.__file__)
"""Where `os.getenv` is, which looks a variable up for the code that calls it."""

MAKES_FILES = ("os.mkdir", "sqlite3.connect")


class Watch:
    """Refuses what Lambda or the trial does not have, and notes what the author's code looked for in vain.

    Attributes:
        network: Whether anything asked for the network.
        unset: Names of environment variables that the author's code asked for and that are not set.
    """

    def __init__(self, stage: str, author: frozenset[str]) -> None:
        self.network = False
        self.unset: list[str] = []
        self._stage = f"{stage}/"
        self._author = author
        temporary = (tempfile.gettempdir(), "/tmp", "/dev")  # noqa: S108  (Lambda's)
        self._writable = tuple(f"{os.path.realpath(place)}/" for place in temporary)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at one event of Python's (PEP 578)."""
        if event == "socket.getaddrinfo" or (event == "socket.connect" and _is_of_internet(arguments[0])):
            self.network = True
            raise ConnectionRefusedError(111, "a trial start has no network")
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES
        if writes or (event in MAKES_FILES and not os.path.exists(arguments[0])):
            self._check_writable(arguments[0])

    def miss(self, name: str, frame: FrameType | None) -> None:
        """Note a variable that is not set, if the author's code itself asks for it."""
        while frame and frame.f_code.co_filename in OS:
            frame = frame.f_back
        if frame and self.is_of_author(frame.f_code.co_filename):
            self.unset.append(name)

    def is_of_author(self, file: str) -> bool:
        """Whether a file is the author's; bytecode has Lambda's names of files."""
        return file.removeprefix(self._stage).removeprefix(TASK).split("/")[0] in self._author

    def _check_writable(self, file: object) -> None:
        path = os.fsdecode(file) if isinstance(file, str | bytes) else ""
        if path in ("", ":memory:") or path.startswith("file:"):  # of SQLite
            return
        above = f"{os.path.dirname(self._stage[:-1])}/"  # what lies above the code on Lambda is read-only, too
        is_staged = os.path.abspath(path).startswith(above)  # not resolved: what is staged are links
        if is_staged or not os.path.realpath(path).startswith(self._writable):
            raise OSError(30, "Read-only file system", path)


def _is_of_internet(connection: object) -> bool:
    return getattr(connection, "family", None) in (socket.AF_INET, socket.AF_INET6)


def watch_variables(watch: Watch) -> None:
    """Have a look-up of an environment variable that is not set noted, unless the code has a value in its place."""

    class Variables(type(os.environ)):  # type: ignore[misc]
        def __getitem__(self, name: str) -> str:
            try:
                found: str = super().__getitem__(name)
            except KeyError:
                watch.miss(name, sys._getframe(1))
                raise
            return found

        def get(self, name: str, default: Any = None) -> Any:
            if name in self:
                return super().__getitem__(name)
            if default in (None, ""):
                watch.miss(name, sys._getframe(1))
            return default

    os.environ.__class__ = Variables


def start(entrypoint: str, names: dict[str, list[str]], watch: Watch) -> dict[str, Any]:
    """Start the server by the host's own code; what became of it.

    Args:
        entrypoint: The server's `module:attribute`.
        names: What the server must have: `required_scopes` and `tasks`.
        watch: Looks at what is asked for.

    Returns:
        `failed`: Why it could not be started, None if it could. `is_late`: It was not ready in time. `is_import`: An
        import failed. `missing`: The modules that were not found. `tools`: How many the server has, None if unknown.
    """
    from dataclasses import replace

    from mcp_lambda_host.environment import Environment
    from mcp_lambda_host.errors import LateStartError, StartError
    from mcp_lambda_host.settings import NOTHING_KNOWN, TaskSettings

    tools = dict.fromkeys(names["tasks"], "optional")
    table, worker = (f"arn:aws:{part}:us-east-1:000000000000:trial" for part in ("dynamodb", "lambda"))  # nobody asks
    tasks = TaskSettings(tools, table, worker, 60, 60, frozenset(), None)
    required = dict.fromkeys(names["required_scopes"], frozenset[str]())
    named = {"required_scopes": required, "tasks": tasks if tools else None}
    settings = replace(NOTHING_KNOWN, name="trial", entrypoint=entrypoint, **named)  # type: ignore[arg-type]
    environment = Environment(settings, os.environ)
    watch_variables(watch)
    sys.addaudithook(watch)
    try:
        environment.open()
    except StartError as error:
        causes = _causes(error)
        if any("pydantic_settings" in file for cause in causes for file in _files(cause.__traceback__)):
            watch.unset.append("a field of its settings")
        return {
            "failed": str(error),
            "is_late": isinstance(error, LateStartError),
            "is_import": any(isinstance(cause, ImportError | SyntaxError) for cause in causes),
            "missing": [c.name for c in causes if type(c) is ModuleNotFoundError and c.name and c.name in str(c)],
        }
    environment.rehearse()  # as a start on Lambda does, so that its schemas are there
    return {"failed": None, "tools": _tools(environment)}


def _tools(environment: Any) -> int | None:
    """How many tools a started server lists; None: it does not say."""
    from mcp_lambda_host.messages import parse_response
    from mcp_lambda_host.sdk.rehearsal import event_of

    answer = environment.answer(event_of("tools/list"), Context())
    result = parse_response(answer["body"].rpartition("\ndata: ")[2]).get("result")
    return len(result["tools"]) if isinstance(result, dict) and isinstance(result.get("tools"), list) else None


def record() -> Any:
    """Have schemas of tools noted; with a version of the SDK that is written in another way, none are."""
    from mcp_lambda_host.sdk import tool_schemas

    try:
        return tool_schemas.record()
    except (AttributeError, ImportError):
        return {}


def dumped(dump: Callable[[], bytes]) -> str:
    """What a start on Lambda need not make again, in Base64; empty where packages are written in another way."""
    try:
        return base64.b64encode(dump()).decode()
    except Exception:  # whatever it is, a start can do without
        return ""


class Context:
    """What Lambda tells of a request."""

    aws_request_id = "trial"

    def get_remaining_time_in_millis(self) -> int:
        """How long the answer may take."""
        return 5000


def _causes(error: BaseException | None) -> list[BaseException]:
    """The exception and its causes, the outermost first."""
    found: list[BaseException] = []
    while error and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _files(trace: TracebackType | None) -> list[str]:
    files = []
    while trace:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    return files


if __name__ == "__main__":
    stage, entrypoint, given = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    sys.path.insert(0, stage)
    os.environ.update(given["variables"])
    with contextlib.redirect_stdout(io.StringIO()):
        from mcp_lambda_host.sdk import compiled, lean

        compiles = compiled.record()
        is_lean = lean.import_lean("mcp_lambda_host.environment")
        compiles.note_constants()
        tools = record() if is_lean else {}
        author = json.loads((Path(stage) / "mcp_lambda_host" / "author.json").read_text("utf-8"))
        watch = Watch(stage, frozenset(author["files"]))
        outcome = start(entrypoint, given["names"], watch) | {
            "network": watch.network,
            "unset": sorted(set(watch.unset)),
        }
        made = {os.path.basename(compiled.FILE): dumped(compiles.dump)}
        if is_lean:
            from mcp_lambda_host.sdk import prebuilt

            made[prebuilt.FILE.name] = dumped(lambda: prebuilt.dump(tools))
        outcome["kept"] = {name: data for name, data in made.items() if data}
    sys.__stdout__.write(f"\n{json.dumps(outcome)}\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]
    os._exit(0)  # without a wait for threads, or what is printed at the end

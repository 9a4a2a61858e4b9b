"""The zip as Lambda runs it: under AWS's own runtime client, in a read-only folder, as a user who owns nothing."""

from __future__ import annotations

import json
import os
import queue
import resource
import shutil
import subprocess
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from lab.events import Event
from lab.local_aws import REPOSITORY
from lab.runtime_api import RuntimeAPI, Told
from lab.settings import settings_variable
from tests.zipped import run_build

PYTHON = REPOSITORY / ".venv-runtime" / "bin" / "python"

# A user who may read everything, since the interpreter may lie in another user's home, and write what everybody may.
READER = ["--reuid=65534", "--regid=65534", "--clear-groups"]
READER += [f"--{which}=-all,+dac_read_search" for which in ("inh-caps", "ambient-caps", "bounding-set")]
AS_ANOTHER_USER = ["setpriv", *READER] if os.getuid() == 0 else []

INIT_SECONDS = {"on-demand": 10.0, "provisioned-concurrency": 130.0, "snap-start": 130.0}
"""What Lambda gives the init phase (Developer Guide, "Understanding the Lambda execution environment lifecycle")."""

RESTORE_SECONDS = 10.0
"""What Lambda gives all after-restore hooks together (Developer Guide, Lambda SnapStart runtime hooks for Python)."""


class LambdaEnvironment:
    """One process of the function, from its start to its end.

    Attributes:
        start: The last word of its start: `next`, it serves; `init/error`, `restore/error`; or `exit`, it ended or did
            not keep Lambda's times.
        pid: The process.
    """

    def __init__(self, task: Path, log: Path, environ: dict[str, str], processes: int | None, framed: bool) -> None:
        kind = environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
        self.api = RuntimeAPI()
        threading.Thread(target=self.api.serve_forever, args=[0.05], daemon=True).start()
        self._log, self._frames = log, log.with_suffix(".frames")
        with log.open("wb") as output, self._frames.open("wb") as frames:
            environ |= {"_LAMBDA_TELEMETRY_LOG_FD": str(frames.fileno())} if framed else {}
            self._process = subprocess.Popen(
                [*AS_ANOTHER_USER, str(PYTHON), "-m", "awslambdaric", "mcp_lambda_host.handler.handler"],
                cwd=task,
                env={"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": self.api.address, **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[frames.fileno()],
                preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes)))
                if processes
                else None,
            )
        self.pid = self._process.pid
        threading.Thread(target=self._tell_the_end, daemon=True).start()
        self.start = self.wait(INIT_SECONDS[kind])
        if self.start.what == "restore/next":
            self.start = self.wait(RESTORE_SECONDS)

    def invoke(self, event: Event, seconds: float = 29.0) -> Told:
        """What came of an invocation: `response` with the answer as its body, `error`, or `exit`."""
        self.api.events.put((event, seconds))
        told = self.wait(seconds)
        if told.what == "response":
            self.wait(seconds)  # until it asks for the next
        return told

    def answer(self, event: Event, seconds: float = 29.0) -> dict[str, Any]:
        """The proxy response to an event."""
        told = self.invoke(event, seconds)
        assert told.what == "response", (told, self.output())
        answer: dict[str, Any] = told.body
        return answer

    def wait(self, seconds: float) -> Told:
        """What the process tells next; `exit` if it says nothing in time, as Lambda then ends it."""
        try:
            return self.api.told.get(timeout=seconds)
        except queue.Empty:
            self._process.kill()
            return self.api.told.get(timeout=10)

    def output(self) -> str:
        """All that the process has written."""
        return self._log.read_text(errors="replace")

    def records(self) -> list[str]:
        """The records of its log: those in frames, then the lines of standard output."""
        return [*read_frames(self._frames.read_bytes()), *self.output().splitlines()]

    def lines(self) -> list[dict[str, Any]]:
        """The lines of its log, each of which must be JSON."""
        return [json.loads(line) for line in self.output().splitlines()]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self.api.shutdown()
        self.api.server_close()

    def _tell_the_end(self) -> None:
        self.api.told.put(Told("exit", self._process.wait()))


FRAME_HEADER = 16
"""Bytes before a record: four of its type, four of its length, eight of its time (awslambdaric)."""


def read_frames(data: bytes) -> Iterator[str]:
    """The records in what was written to _LAMBDA_TELEMETRY_LOG_FD."""
    while data:
        end = FRAME_HEADER + int.from_bytes(data[4:8], "big")
        yield data[FRAME_HEADER:end].decode().rstrip("\n")
        data = data[end:]


Launch = Callable[..., LambdaEnvironment]


@pytest.fixture(scope="session")
def unpacked() -> Iterator[Path]:
    """The zip of a server without packages of its own, unpacked where another user can read it."""
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-task-") as directory:
        root = Path(directory)
        root.chmod(0o755)
        (root / "source").mkdir()
        (root / "source" / "server.py").write_text("from mcp.server import MCPServer\nmcp = MCPServer('empty')\n")
        ask = "import sys; print('python%d.%d' % sys.version_info[:2])"
        runtime = subprocess.check_output([PYTHON, "-c", ask], text=True).strip()
        target = ["--runtime", runtime, "--architecture", os.uname().machine.replace("aarch64", "arm64")]
        code, _, said = run_build(root / "source", root / "function.zip", *target)
        assert code == 0, said
        zipfile.ZipFile(root / "function.zip").extractall(root / "task")
        for file in (root / "task").rglob("server*.py*"):  # each test has a server of its own
            if file.parent in (root / "task", root / "task" / "__pycache__"):
                file.unlink()
        yield root / "task"


@pytest.fixture
def launch(unpacked: Path, tmp_path: Path) -> Iterator[Launch]:
    """Start a process around the source of an author's module."""
    living: list[LambdaEnvironment] = []
    folders: list[Path] = []

    def start(
        source: str,
        attribute: str = "mcp",
        *,
        kind: str = "on-demand",
        environ: dict[str, str] | None = None,
        processes: int | None = None,
        framed: bool = False,
        **settings: Any,
    ) -> LambdaEnvironment:
        folder = Path(tempfile.mkdtemp(prefix="mcp-lambda-task-"))
        folders.append(folder)
        shutil.copytree(unpacked, folder, copy_function=os.link, dirs_exist_ok=True)
        (folder / "server.py").write_text(dedent(source))
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o555)
        variables = {
            "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            **settings_variable(entrypoint=f"server:{attribute}", **settings),
            **(environ or {}),
        }
        living.append(LambdaEnvironment(folder, tmp_path / f"log-{len(living)}", variables, processes, framed))
        return living[-1]

    yield start
    for environment in living:
        environment.close()
    for folder in folders:
        for path in [folder, *folder.rglob("*")]:
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(folder)


Run = Callable[..., tuple[list[Any], list[str]]]


@pytest.fixture
def run(launch: Launch) -> Run:
    """The answers of a server to events, and the records of its log."""

    def answer_all(
        source: str, events: Sequence[Event], *, framed: bool = True, seconds: float = 29.0, **settings: Any
    ) -> tuple[list[Any], list[str]]:
        environment = launch(source, framed=framed, name="shop", **settings)
        answers = [environment.invoke(event, seconds).body for event in events]
        environment.close()
        return answers, environment.records()

    return answer_all

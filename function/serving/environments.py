"""Execution environments: processes that answer one event at a time, as many as there are events at once."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder.environment import for_packages

# No site-packages and no PYTHON… variable of this machine: on Lambda there is the zip alone.
PYTHON = [sys.executable, "-I", "-S", "-B", "-u", str(Path(__file__).with_name("worker.py"))]
NODE = ["node", "--no-warnings", "--enable-source-maps", str(Path(__file__).with_name("worker.mjs"))]

MOST = 4
"""At most so many environments run at once, for the sake of this machine; a further request waits for one of them."""

INIT_SECONDS = 10.0
"""What Lambda gives the init phase (Developer Guide, "Understanding the Lambda execution environment lifecycle")."""

Event = dict[str, Any]
Log = Callable[[str], None]


class EndedError(Exception):
    """An environment has ended instead of answering; the message says why."""


@dataclass(frozen=True)
class Function:
    """What Lambda knows of a function.

    Attributes:
        folder: The unpacked zip.
        home: A folder that nobody may write.
        settings: What Terraform would tell the host, by the name of the environment variable.
        variables: The author's environment variables.
        seconds: How long an invocation may take.
    """

    folder: Path
    home: Path
    settings: Mapping[str, str]
    variables: Mapping[str, str]
    seconds: float

    @property
    def is_node(self) -> bool:
        """Whether Node.js runs it."""
        return (self.folder / "mcp_lambda_host" / "handler.mjs").is_file()

    def environ(self) -> dict[str, str]:
        """The variables that an environment has (Developer Guide, "Defined runtime environment variables")."""
        region = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
        reserved = {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{'nodejs' if self.is_node else 'python{}.{}'.format(*sys.version_info)}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_FUNCTION_NAME": "local",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "LAMBDA_TASK_ROOT": str(self.folder),
            "TZ": ":UTC",
        }
        return {**for_packages(self.home), **region, **self.variables, **reserved, **self.settings}


class Environment:
    """One execution environment, started at once.

    Attributes:
        started: Whether the author's server could be started; if not, the environment's log says why.
        seconds: How long the start took.

    Raises:
        EndedError: The process ended, or was not ready within the function's time.
    """

    def __init__(self, function: Function, log: Log) -> None:
        self._function = function
        begun = time.monotonic()
        here, there = socket.socketpair()
        with there:
            self._process = subprocess.Popen(
                [*(NODE if function.is_node else PYTHON), str(there.fileno()), str(function.folder)],
                cwd=function.folder,
                env=function.environ(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[there.fileno()],
                start_new_session=True,  # Ctrl-C is for who serves; the processes that a server starts end with it
            )
        self._connection, self._channel = here, here.makefile("rwb")
        self._reader = threading.Thread(target=self._read_log, args=[log], daemon=True)
        self._reader.start()
        try:
            self.started: bool = self._hear(max(INIT_SECONDS, function.seconds))["started"]
        except EndedError:
            self.close()
            raise
        self.seconds = time.monotonic() - begun

    def invoke(self, event: Event, seconds: float | None = None) -> dict[str, Any]:
        """The handler's answer.

        Args:
            event: The gateway's event.
            seconds: What the handler is told that it has left; None: all of the function's time.

        Raises:
            EndedError: There is none, and the environment has ended.
        """
        asked = {
            "event": event,
            "id": str(uuid.uuid4()),
            "seconds": self._function.seconds if seconds is None else seconds,
        }
        with suppress(OSError):  # it has ended since the last request, which shows when there is nothing to hear
            self._channel.write(b"%s\n" % json.dumps(asked).encode())
            self._channel.flush()
        answer = self._hear(self._function.seconds)
        if not isinstance(answer, dict):
            raise EndedError("The handler failed, as its log says.")
        return answer

    def close(self) -> None:
        """End it and the processes it has started, without a word to them, as Lambda does."""
        with suppress(ProcessLookupError, PermissionError):  # the latter on macOS, where all of the group have ended
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(OSError):
            self._channel.close()
        self._connection.close()
        self._reader.join(1)

    @property
    def alive(self) -> bool:
        """Whether the process still runs, so that it can answer another event."""
        return self._process.poll() is None

    def _hear(self, seconds: float) -> Any:
        self._connection.settimeout(seconds)
        try:
            line = self._channel.readline()
        except TimeoutError:
            self.close()
            raise EndedError(
                f"Ended an execution environment that gave no answer within {seconds:g} s, as Lambda does: something "
                "holds its only thread or Python's lock, or the start took longer than that."
            ) from None
        except OSError:
            line = b""
        if line:
            return json.loads(line)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        raise EndedError(
            f"An execution environment ended by itself (exit code {self._process.returncode}); the next request starts "
            "another."
        )

    def _read_log(self, log: Log) -> None:
        assert self._process.stdout  # noqa: S101  (it is a pipe)
        for line in self._process.stdout:
            log(line.decode(errors="replace").rstrip("\n"))
        self._process.stdout.close()


class Pool:
    """The environments of one version of a server: a request that finds all of them busy starts another.

    Args:
        start: Makes an environment.
    """

    def __init__(self, start: Callable[[], Environment]) -> None:
        self._start = start
        self._changed = threading.Condition()
        self._idle: list[Environment] = []
        self._busy = 0
        self._answering: set[Environment | None] = set()
        self._retired = False

    def add(self, environment: Environment) -> None:
        """Keep an environment that has been started for it."""
        with self._changed:
            self._idle.append(environment)

    def invoke(self, event: Event) -> dict[str, Any]:
        """An environment's answer.

        Raises:
            EndedError: The environment ended before it had answered.
        """
        environment = self._take()
        try:
            environment = environment or self._start()
            self._answering.add(environment)
            return environment.invoke(event)
        finally:
            self._give_back(environment)

    def retire(self) -> None:
        """End the environments: the idle ones at once, each other one when it has answered."""
        with self._changed:
            self._retired = True
            idle, self._idle = self._idle, []
        for environment in idle:
            environment.close()

    def close(self) -> None:
        """End all environments at once."""
        self.retire()
        for environment in filter(None, list(self._answering)):
            environment.close()

    @property
    def is_drained(self) -> bool:
        """Whether no environment is left of a pool that was retired."""
        return self._retired and not self._busy

    def _take(self) -> Environment | None:
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self._busy < MOST)
            self._busy += 1
            return self._idle.pop() if self._idle else None

    def _give_back(self, environment: Environment | None) -> None:
        with self._changed:
            self._busy -= 1
            self._answering.discard(environment)
            is_kept = environment and environment.alive and not self._retired
            if environment and is_kept:
                self._idle.append(environment)
            self._changed.notify()
        if environment and not is_kept:
            environment.close()

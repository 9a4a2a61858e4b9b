"""A server on this machine: one version of it after the other, as its files change."""

from __future__ import annotations

import argparse
import secrets
import shlex
import sys
import threading
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

from builder import inputs
from builder.inputs import CONTRACT, BuildError

from . import given, staging
from .environments import INIT_SECONDS, EndedError, Environment, Function, Pool
from .front import INSPECTOR, Front, listen
from .given import GivenError
from .terminal import Terminal, with_own_paths

POLL_SECONDS = 0.2
"""How often --reload looks at the files."""


class Local:
    """Serves a directory until it is interrupted.

    Args:
        arguments: What the command line says.
        folder: An empty folder to lay versions out in.

    Raises:
        BuildError, GivenError: What was given cannot be served.
    """

    def __init__(self, arguments: argparse.Namespace, folder: Path) -> None:
        self._arguments = arguments
        self._folder = folder
        self._terminal = Terminal(sys.stdout)
        self._target = inputs.machine_for(arguments.source_dir)
        self._source = inputs.check_source(arguments.source_dir, folder)
        self._variables = given.read_variables(arguments.env_files)
        self._settings = {
            CONTRACT["settings_variable"]: given.settings_of(arguments, log_level="INFO", origins=INSPECTOR),
            CONTRACT["local_key_variable"]: secrets.token_urlsafe(32),
        }
        claims = given.read_claims(arguments.identity)
        self._front: Front = listen(arguments.port, self._terminal, claims)
        self._versions: list[tuple[Path, Pool]] = []

    def serve(self) -> None:
        """Serve, with `--reload` anew after each change.

        Raises:
            BuildError: It cannot be built.
            GivenError: The server cannot be started, and no change is waited for.
        """
        reloads = self._arguments.reload
        files = Files(self._source)
        listener = threading.Thread(target=self._front.serve_forever, args=[0.1], daemon=True)
        try:
            if not self._publish_or_say_why() and not reloads:
                raise GivenError(
                    "the server could not be started, for the reason above: `check` looks for everything that stands "
                    "in the way"
                )
            listener.start()
            self._say_how_to_connect()
            while reloads:
                files.wait_for_change()
                self._publish_or_say_why()
            listener.join()
        finally:
            if listener.is_alive():
                self._front.shutdown()
            self._front.server_close()
            for _, pool in self._versions:
                pool.close()

    def _publish_or_say_why(self) -> bool:
        """Whether the files as they are now could be started; a build that fails ends the command only without
        `--reload`."""
        try:
            is_started = self._publish()
        except (BuildError, OSError) as error:
            if not self._arguments.reload:
                raise
            self._terminal.say(f"cannot be built: {error}")
            is_started = False
        if self._arguments.reload and not is_started:
            self._terminal.say(f"waiting for a change in {self._arguments.source_dir}")
        return is_started

    def _publish(self) -> bool:
        """Lay out the author's files as they are now, and have a new environment answer; whether it has a server."""
        begun = time.monotonic()
        self._remove_drained()
        root = self._folder / f"version-{time.monotonic_ns()}"
        with redirect_stdout(sys.stderr):  # standard output is for the log
            files = staging.stage(self._arguments, self._target, root / "task")
        (root / "home").mkdir()
        staging.close(root / "home")
        seconds = self._arguments.timeout
        function = Function(root / "task", root / "home", self._settings, self._variables, seconds)

        def log(line: str) -> None:
            self._terminal.log(with_own_paths(line, function.folder, files), function.folder)

        def start() -> Environment:
            return Environment(function, log)

        pool = Pool(start)
        self._versions.append((root, pool))
        is_started = self._start_first(pool, start)
        before, self._front.pool = self._front.pool, pool
        if before:
            before.retire()
        if is_started:
            self._terminal.say(f"{'started anew' if before else 'started'} in {time.monotonic() - begun:.1f} s")
        return is_started

    def _start_first(self, pool: Pool, start: Callable[[], Environment]) -> bool:
        try:
            environment = start()
        except EndedError as error:
            self._terminal.say(str(error))
            return False
        pool.add(environment)
        if environment.seconds > INIT_SECONDS:
            self._terminal.say(
                f"note: the start took {environment.seconds:.0f} s; Lambda gives it {INIT_SECONDS:.0f} s, then starts "
                "anew on the time of the first request"
            )
        return environment.started

    def _remove_drained(self) -> None:
        for root, pool in [version for version in self._versions if version[1].is_drained]:
            staging.remove(root)
            self._versions.remove((root, pool))

    def _say_how_to_connect(self) -> None:
        url, name = self._front.url, shlex.quote(self._source.name)
        self._terminal.say(
            f"serving {self._arguments.source_dir} at {url}; Ctrl-C ends it. To connect:\n"
            f"  claude mcp add --transport http {name} {url}\n"
            f"  npx @modelcontextprotocol/inspector --cli {url} --method tools/list"
        )


class Files:
    """The author's files, as they were when they were last looked at."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._seen = self._look()

    def wait_for_change(self) -> None:
        """Return when the files have changed, and no more change follows at once."""
        before = self._seen
        while True:
            time.sleep(POLL_SECONDS)
            now = self._look()
            if now == before != self._seen:
                self._seen = now
                return
            before = now

    def _look(self) -> str:
        try:
            found = [(name, path.stat()) for name, path in inputs.directory_files(self._source)]
        except (BuildError, OSError) as error:  # such as a file that an editor is about to replace
            return str(error)
        return repr([(name, status.st_mtime_ns, status.st_size) for name, status in found])

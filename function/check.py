#!/usr/bin/env python3
"""Build an MCP server for this machine, start it as Lambda would, and print what it has, or why it cannot be started.

Uses what build.py uses: uv or pip, and otherwise the standard library only.
"""

from __future__ import annotations

import argparse
import platform
import signal
import sys
import zipfile
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (no installer checks it: any python3 may run this file)
    sys.exit(f"check.py: error: needs Python 3.11 or newer, {sys.executable} is {platform.python_version()}")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # an interpreter in isolated mode does not look beside the script

import build  # noqa: E402
from builder import inputs  # noqa: E402
from builder.inputs import CONTRACT, BuildError  # noqa: E402
from serving import given, staging  # noqa: E402
from serving.catalogue import RefusedError, catalogue  # noqa: E402
from serving.environments import EndedError, Environment, Function  # noqa: E402
from serving.given import GivenError  # noqa: E402
from serving.terminal import Terminal, with_own_paths  # noqa: E402


def main(argv: list[str] | None = None, program: str = "check.py") -> int:
    """Check as the command line says; 0, or 1 after one sentence on stderr."""
    parser = argparse.ArgumentParser(
        prog=program, description="Build an MCP server for this machine, start it, and print what it has."
    )
    given.add_options(parser)
    arguments = parser.parse_args(argv)
    try:
        with staging.temporary("mcp-lambda-check-") as work:
            check(arguments, work)
    except (BuildError, GivenError, EndedError, RefusedError, OSError, UnicodeError) as error:
        print(f"{program}: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def check(arguments: argparse.Namespace, work: Path) -> None:
    """Build below a folder, start, and print what there is."""
    given.check_options(arguments)
    variables = given.read_variables(arguments.env_files)
    claims = given.read_claims(arguments.identity)
    settings = {CONTRACT["settings_variable"]: given.settings_of(arguments, log_level="WARN")}
    task, home = unpacked(arguments, variables, work), staging.made(work / "home")
    staging.close(home)
    files = {name.removeprefix("src/"): path for name, path in inputs.directory_files(arguments.source_dir.resolve())}
    terminal = Terminal(sys.stderr, is_short=True)
    environment = Environment(
        Function(task, home, settings, variables, arguments.timeout),
        lambda line: terminal.log(with_own_paths(line, task, files), task),
    )
    try:
        if not environment.started:
            raise GivenError("the server could not be started, for the reason above")
        terminal.say(f"started in {environment.seconds:.1f} s")
        for heading, lines in catalogue(environment.invoke, claims).items():
            print(f"{heading}:" if lines else f"{heading}: none", *lines, sep="\n  ")
    finally:
        environment.close()


def unpacked(arguments: argparse.Namespace, variables: Mapping[str, str], work: Path) -> Path:
    """The folder of an unpacked zip that was built for this machine."""
    zipped, task = work / "function.zip", work / "task"
    of_build = build.parse_arguments(
        ["--source-dir", str(arguments.source_dir), "--output", str(zipped), "--through-s3"]  # of any size
    )
    whole = argparse.Namespace(**vars(of_build) | vars(arguments) | {"environment": variables})
    with redirect_stdout(sys.stderr):  # standard output is for what the server has
        build.build(whole, inputs.machine_for(arguments.source_dir))
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(task)
    for path in task.rglob("*"):
        if path.is_file():
            path.chmod(0o555)
    staging.close(task)
    return task


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that temporary files go then, too
    raise SystemExit(main())

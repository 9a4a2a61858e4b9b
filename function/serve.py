#!/usr/bin/env python3
"""Serve an MCP server on this machine as Lambda would: the zip's files, the host's own handler, API Gateway's events.

Packages are installed for this machine with uv or pip, and kept. Otherwise uses the standard library only.
"""

from __future__ import annotations

import argparse
import platform
import signal
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (no installer checks it: any python3 may run this file)
    sys.exit(f"serve.py: error: needs Python 3.11 or newer, {sys.executable} is {platform.python_version()}")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # an interpreter in isolated mode does not look beside the script

from builder.inputs import BuildError  # noqa: E402
from serving import given, staging  # noqa: E402
from serving.front import LOOPBACK  # noqa: E402
from serving.given import GivenError  # noqa: E402
from serving.local import Local  # noqa: E402


def main(argv: list[str] | None = None, program: str = "serve.py") -> int:
    """Serve as the command line says; 0 when it is interrupted, or 1 after one sentence on stderr."""
    arguments = parse_arguments(argv, program)
    try:
        given.check_options(arguments)
        for end in (signal.SIGTERM, signal.SIGHUP):  # so that processes and folders go then, too
            signal.signal(end, signal.default_int_handler)
        with staging.temporary("served-", staging.swept(staging.cache_folder())) as folder:
            Local(arguments, folder).serve()
    except (BuildError, GivenError, OSError, UnicodeError) as error:
        print(f"{program}: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def parse_arguments(argv: list[str] | None, program: str) -> argparse.Namespace:
    """The command line, `sys.argv` for None."""
    parser = argparse.ArgumentParser(prog=program, description="Serve an MCP server on this machine as Lambda would.")
    given.add_options(parser)
    parser.add_argument("--port", type=int, default=8000, help=f"port on {LOOPBACK}; 0: any free one (%(default)s)")
    parser.add_argument("--reload", action="store_true", help="start the server anew when one of its files has changed")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())

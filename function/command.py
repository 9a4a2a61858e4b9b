"""The command `mcp-lambda`, with a word for each file here that is a command of its own."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))  # installed, all of this folder lies in a package


class Command(NamedTuple):
    """A command: the module whose `main` it is, and what it does."""

    module: str
    does: str


COMMANDS = {
    "build": Command("build", "build the zip of a server, for Lambda"),
    "check": Command("check", "build a server for this machine, start it, and print what it has"),
    "serve": Command("serve", "serve a server on this machine as Lambda would"),
    "new-key": Command("authorizer.new_key", 'make a key for a caller of a server with auth.type = "token"'),
    "cost": Command("cost", "print what an endpoint costs a month"),
}


def main(argv: list[str] | None = None) -> int:
    """Run the command that the command line names, `sys.argv` for None; its exit code."""
    width = max(map(len, COMMANDS))
    listed = [f"  {name:{width}}  {command.does}" for name, command in COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="mcp-lambda",
        description="Bring an MCP server to AWS Lambda. COMMAND --help says what a command takes.",
        epilog="\n".join(["commands:", *listed]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", metavar="COMMAND", choices=COMMANDS, help="what to do, see below")
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="what the command takes")
    given = parser.parse_args(argv)
    run = importlib.import_module(COMMANDS[given.command].module).main
    code: int = run(given.arguments, f"mcp-lambda {given.command}")
    return code


if __name__ == "__main__":
    raise SystemExit(main())

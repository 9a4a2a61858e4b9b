"""What the command line of `check` and `serve` gives: the server, its environment variables and its caller."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import build
from builder.inputs import SETTINGS

MOST_SECONDS = 29
"""Default and most of the module's `timeout_seconds`."""

VARIABLE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
QUOTED = re.compile(r"\s*(['\"])(.*)\1\s*")


class GivenError(Exception):
    """Something that was given cannot be used; the message is one sentence."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that both commands have."""
    parser.add_argument("source_dir", metavar="DIR", type=Path, help="the server's directory, the module's source_dir")
    build.add_server_options(parser)
    parser.set_defaults(trial_start=True)
    parser.add_argument(
        "--env-file",
        dest="env_files",
        metavar="FILE",
        type=Path,
        action="append",
        default=[],
        help="the function's environment variables, secrets among them, as lines NAME=value; may be repeated",
    )
    parser.add_argument(
        "--identity", metavar="FILE", type=Path, help="a JSON object: claims of every caller's token (anonymous)"
    )
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=int, default=MOST_SECONDS, help="timeout_seconds (%(default)s)"
    )


def check_options(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be before anything is built."""
    if sys.platform == "win32":
        raise GivenError("this is Windows, where no execution environment can be run: use WSL")
    if not 1 <= arguments.timeout <= MOST_SECONDS:
        raise GivenError(
            f"--timeout is {arguments.timeout}, but must be 1 to {MOST_SECONDS}: API Gateway gives up after 30 seconds"
        )


def read_variables(files: list[Path]) -> dict[str, str]:
    """The variables in files of lines NAME=value; later ones count. Values are told to nobody, not even in an error.

    Raises:
        GivenError: A file cannot be read, or has a line that is none of these, or a name that belongs to Lambda.
    """
    found: dict[str, str] = {}
    for file in files:
        for number, line in enumerate(_text_of(file).splitlines(), 1):
            if not (line := line.strip()) or line.startswith("#"):
                continue
            variable = VARIABLE.fullmatch(line)
            if not variable:
                raise GivenError(f"line {number} of {file} is not NAME=value, a comment that begins with #, or empty")
            name, value = variable[1], variable[2]
            # The credentials of a role are AWS_… on Lambda, too, and nobody else gives them here.
            if name.startswith(("LAMBDA_", "AWS_LAMBDA_", "MCP_LAMBDA_")):
                raise GivenError(f"line {number} of {file} sets {name}, but names of this kind belong to Lambda")
            if "\0" in value:
                raise GivenError(f"line {number} of {file} has a NUL character, which no environment variable can hold")
            quoted = QUOTED.fullmatch(value)
            found[name] = quoted[2] if quoted else value.strip()
    return found


def read_claims(file: Path | None) -> dict[str, Any] | None:
    """The claims in a file, as the gateway writes them into an event: all of them text, a list as `[a b]`.

    Raises:
        GivenError: The file cannot be read, or is no JSON object.
    """
    if file is None:
        return None
    try:
        claims = json.loads(_text_of(file))
    except ValueError as error:
        raise GivenError(f"--identity {file} is no JSON: {error}") from None
    if not isinstance(claims, dict):
        raise GivenError(
            f'--identity {file} is no JSON object, but must be the claims of a token, such as {{"sub": "me", "scope": '
            '"orders:read"}'
        )
    return {name: _as_claim(value) for name, value in claims.items()}


def settings_of(arguments: argparse.Namespace, *, log_level: str, origins: Collection[str] = ()) -> str:
    """What the host is told in Terraform's place, as JSON; pages with one of the origins may call."""
    settings = {
        **SETTINGS,
        "name": arguments.source_dir.resolve().name,
        "entrypoint": arguments.entrypoint,
        "origins": list(origins),
        "auth_type": "jwt" if arguments.identity else "none",
        "log_level": log_level,
        "log_subject": "plain",
        "log_payloads": True,  # who runs it here may see what it does
    }
    return json.dumps(settings)


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise GivenError(f"{file} cannot be read: {why}") from None


def _as_claim(value: Any) -> str:
    if isinstance(value, list):
        return f"[{' '.join(map(str, value))}]"
    return value if isinstance(value, str) else json.dumps(value)

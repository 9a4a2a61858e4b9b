#!/usr/bin/env python3
"""Make a key: `python3 function/authorizer/new_key.py NAME [--scope SCOPE ...] [--expires 2027-01-01]`.

Prints the key, which is kept nowhere and cannot be had again, and the entry to add to "keys" in the SSM parameter.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import datetime, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from authorizer.keys import NAME, NAME_FORM, SCOPE, SCOPE_FORM, digest_of

PREFIX = "mcpl_"
"""Makes a key known for what it is, to people and to scanners for leaked secrets."""

BYTES = 32
"""256 random bits: far out of reach of guessing, so that a plain SHA-256 hides them."""


class InputError(Exception):
    """Something on the command line is wrong; the message is one line."""


def main(argv: list[str] | None = None, program: str = "new_key.py") -> int:
    """Make a key as the command line says; 0, or 1 after one line on what is wrong."""
    arguments = parse_arguments(argv, program)
    try:
        key, entry = make(arguments.name, arguments.scope, arguments.expires)
    except InputError as error:
        print(f"{program}: error: {error}", file=sys.stderr)
        return 1
    print("The key, shown this once (give it to its holder), and the entry for the parameter:", file=sys.stderr)
    print(key)
    print(json.dumps(entry))
    return 0


def parse_arguments(argv: list[str] | None, program: str) -> argparse.Namespace:
    """The command line, `sys.argv` for None."""
    parser = argparse.ArgumentParser(prog=program, description="Make a key for a caller of an MCP server.")
    parser.add_argument("name", help="who will hold it; tools see it as client and subject")
    parser.add_argument("--scope", action="append", default=[], help="what its holder may do; may be repeated")
    parser.add_argument("--expires", help="when it ends, UTC unless it says otherwise: 2027-01-01, 2027-01-01T18:00")
    return parser.parse_args(argv)


def make(name: str, scopes: list[str], expires: str | None) -> tuple[str, dict[str, object]]:
    """A new key, and its entry.

    Raises:
        InputError: The authorizer would not take the entry.
    """
    if not NAME.fullmatch(name):
        raise InputError(f"name is {name!r}, but must be {NAME_FORM}")
    for scope in scopes:
        if not SCOPE.fullmatch(scope):
            raise InputError(f"--scope is {scope!r}, but must be {SCOPE_FORM} (RFC 6749)")
    key = PREFIX + secrets.token_urlsafe(BYTES)
    entry: dict[str, object] = {"name": name, "sha256": digest_of(key).hex(), "scopes": scopes}
    return key, entry | ({"expires": end(expires)} if expires is not None else {})


def end(expires: str) -> str:
    """The time at which a key expires, in the form that its entry has."""
    try:
        time = datetime.fromisoformat(expires)
        utc = time.astimezone(timezone.utc) if time.tzinfo else time.replace(tzinfo=timezone.utc)  # noqa: UP017
    except (ValueError, OverflowError):
        raise InputError(f"--expires is {expires!r}, but must be a date or a time such as 2027-01-01") from None
    if utc <= datetime.now(timezone.utc):  # noqa: UP017  (made to run on the python3 of any machine)
        raise InputError(f"--expires is {expires!r}, which is over: the key would never work")
    return utc.isoformat().replace("+00:00", "Z")


if __name__ == "__main__":
    raise SystemExit(main())

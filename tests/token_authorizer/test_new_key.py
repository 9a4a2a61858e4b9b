"""The command that makes a key."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.local_aws import REPOSITORY
from tests.token_authorizer.conftest import SSM, ColdStart, bearer

SCRIPT = REPOSITORY / "function" / "authorizer" / "new_key.py"


def new_key(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", SCRIPT, *arguments], capture_output=True, text=True, check=False)


def made(*arguments: str) -> tuple[str, dict[str, Any]]:
    """The key and the entry that are printed."""
    ran = new_key(*arguments)
    assert ran.returncode == 0, ran.stderr
    key, entry = ran.stdout.splitlines()
    return key, json.loads(entry)


def test_the_printed_entry_lets_the_printed_key_in(ssm: SSM, cold_start: ColdStart) -> None:
    end = f"{datetime.now(UTC).year + 1}-01-01"
    key, entry = made("ci@build", "--scope", "orders:read", "--scope", "orders:write", "--expires", end)
    ssm.keys(entry)

    answer = cold_start()(bearer(key), None)

    identity = {"client_id": "ci@build", "sub": "ci@build", "scope": "orders:read orders:write"}
    assert answer == {"isAuthorized": True, "context": identity}
    assert entry["expires"] == f"{end}T00:00:00Z"
    assert key not in json.dumps(entry)


def test_a_key_is_256_random_bits_behind_a_prefix() -> None:
    (first, entry), (second, _) = made("ci"), made("ci")

    assert re.fullmatch(r"mcpl_[A-Za-z0-9_-]{43}", first)
    assert first != second
    assert entry.keys() == {"name", "sha256", "scopes"}


def test_an_end_may_have_a_time_and_a_zone() -> None:
    assert made("ci", "--expires", "2199-01-01T18:00+02:00")[1]["expires"] == "2199-01-01T16:00:00Z"
    assert made("ci", "--expires", "2199-01-01T18:00")[1]["expires"] == "2199-01-01T18:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["c i"], "name is 'c i', but must be 1 to 64 letters, digits or . _ @ -"),
        ([""], "name is '', but"),
        (["a" * 65], "but must be 1 to 64 letters"),
        (["a\nb"], r"name is 'a\nb', but"),
        (["ci", "--scope", "a b"], "--scope is 'a b', but must be one word of ASCII"),
        (["ci", "--scope", ""], "--scope is '', but must be one word of ASCII"),
        (["ci", "--scope", "ok", "--scope", "a,b"], "--scope is 'a,b', but must be one word of ASCII"),
        (["ci", "--expires", "tomorrow"], "--expires is 'tomorrow', but must be a date or a time such as 2027-01-01"),
        (["ci", "--expires", ""], "--expires is '', but must be a date"),
        (["ci", "--expires", "2020-01-01"], "--expires is '2020-01-01', which is over: the key would never work"),
        (["ci", "--expires", "9999-12-31T23:00-10:00"], "but must be a date or a time"),
    ],
)
def test_bad_input_is_refused_in_one_line_and_no_key_is_made(arguments: list[str], says: str) -> None:
    ran = new_key(*arguments)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("new_key.py: error: ")
    assert says in ran.stderr
    assert ran.stderr.count("\n") == 1

"""The keys that callers may present: hashes with a name, scopes and an end, as the parameter holds them."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from .clocks import CLOCKS, Clock, Moment

SECONDS = 60.0
"""How long a copy of the keys is used: a key that is taken out of the parameter dies after that, without a deploy."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
NAME_FORM = "1 to 64 letters, digits or . _ @ -, the first a letter or digit"
CONTRACT = Path(__file__).resolve().parents[1] / "mcp_lambda_host" / "contract.json"
"""What the module's parts must agree on; build.py packs it."""

# scope-token of RFC 6749, section 3.3, without comma and brackets: the gateway writes a list of scopes with them.
SCOPE = re.compile(json.loads(CONTRACT.read_text("utf-8"))["scope"])
SCOPE_FORM = "one word of ASCII without quotes, backslashes, commas and square brackets"
SHA256 = re.compile(r"[0-9a-f]{64}")
ATTRIBUTES = {"name", "sha256", "scopes", "expires"}


class MalformedError(Exception):
    """The parameter does not hold keys; the message is one line, and never a value: it may be a key put there bare."""


class Key(NamedTuple):
    """What is known of a key, which is not the key.

    Attributes:
        name: Who holds it.
        digest: SHA-256 of the key. Neither salt nor stretching: 256 random bits cannot be guessed from their hash.
        scopes: What its holder may do.
        expires: When it ends; None: when it is taken out.
    """

    name: str
    digest: bytes
    scopes: tuple[str, ...]
    expires: datetime | None


def digest_of(key: str) -> bytes:
    """The hash by which a key is known."""
    return hashlib.sha256(key.encode()).digest()


def find(presented: str, keys: Sequence[Key]) -> Key | None:
    """The key that was presented, expired or not.

    Every entry is compared, each in constant time: how long an answer takes tells neither how much of a hash was right
    nor which entry it was.
    """
    digest, found = digest_of(presented), None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found


def parse(text: str) -> list[Key]:
    """Read `{"keys": [{"name": …, "sha256": …, "scopes": […], "expires": …}]}`; the last two may be left out.

    Raises:
        MalformedError: Anything is not as it should be. One bad entry refuses all: what is in doubt stays shut.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise MalformedError("holds no JSON") from None
    if not isinstance(document, dict) or document.keys() != {"keys"} or not isinstance(document["keys"], list):
        raise MalformedError('must hold {"keys": [...]} and nothing else')
    keys = [_key(f"entry {number}", entry) for number, entry in enumerate(document["keys"], 1)]
    if len({key.name for key in keys}) < len(keys):
        raise MalformedError("has two entries of one name: it could not be told who calls")
    if len({key.digest for key in keys}) < len(keys):
        raise MalformedError("has two entries of one sha256: it could not be told who calls")
    return keys


def _key(which: str, entry: Any) -> Key:
    if not isinstance(entry, dict):
        raise MalformedError(f"has {which}, which is no object")
    if entry.keys() - ATTRIBUTES:  # a misspelt "expires" would make a key that never ends
        raise MalformedError(f"has {which} with something else than {', '.join(sorted(ATTRIBUTES))}")
    name, sha256, scopes = entry.get("name"), entry.get("sha256"), entry.get("scopes", [])
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise MalformedError(f"has {which} whose name is not {NAME_FORM}")
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        raise MalformedError(f"has {which} whose sha256 is not 64 hexadecimal digits in lower case")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) and SCOPE.fullmatch(scope) for scope in scopes):
        raise MalformedError(f"has {which} whose scopes are not a list, each of them {SCOPE_FORM}")
    expires = _time(which, entry["expires"]) if "expires" in entry else None
    return Key(name, bytes.fromhex(sha256), tuple(scopes), expires)


def _time(which: str, expires: Any) -> datetime:
    try:
        time = datetime.fromisoformat(expires)
    except (TypeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        raise MalformedError(f"has {which} whose expires is no time with its zone, such as 2027-01-01T00:00:00Z")
    return time


class KeyRing:
    """The keys as they were read at most a minute ago.

    When they cannot be read again, the last copy is not used any longer: it may hold a key that was revoked because it
    leaked, and whoever holds it could otherwise go on using it by keeping the parameter from being read.
    """

    def __init__(self, read: Callable[[], list[Key]], clocks: Sequence[Clock] = CLOCKS) -> None:
        self._read = read
        self._clocks = clocks
        self._copy: tuple[list[Key], Moment] | None = None

    def keys(self) -> list[Key]:
        """The keys; raises what `read` raises."""
        if self._copy and self._copy[1].is_within(SECONDS):
            return self._copy[0]
        self._copy = None
        asked = Moment(self._clocks)
        self._copy = self._read(), asked
        return self._copy[0]

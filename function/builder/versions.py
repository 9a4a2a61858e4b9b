"""Versions and ranges of them, as far as final releases of the host's lock are compared (PEP 440)."""

from __future__ import annotations

import re
from functools import cache

from .inputs import LOCK
from .requirements import normal

CLAUSE = re.compile(r"(?P<operator>===|~=|==|!=|<=|>=|<|>)\s*v?(?P<release>\d+(?:\.\d+)*)(?P<rest>[^\s,]*)")
EXACT = re.compile(r"===?\s*(?P<version>[^\s,*]+)")
"""Matches the range of one version."""


@cache
def locked() -> dict[str, str]:
    """The versions that the host is locked to, by normalised name."""
    found = re.findall(r"^(\S+)==([^\s\\;]+)", LOCK.read_text("utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in found}


def allows(specifier: str, version: str) -> bool:
    """Whether a range such as `>=1.2,<2` has a final release; what cannot be read is left to the installer."""
    return all(_holds(clause, version) for clause in CLAUSE.finditer(specifier))


def below(specifier: str, floor: str) -> bool:
    """Whether a range ends before a release."""
    first = _numbers(floor)
    for clause in CLAUSE.finditer(specifier):
        release = _numbers(clause["release"])
        end = _padded(release, len(first)), _padded(first, len(release))
        if (clause["operator"] in ("==", "===", "~=", "<=") and end[0] < end[1]) or (
            clause["operator"] == "<" and end[0] <= end[1]
        ):
            return True
    return False


def around(version: str) -> str:
    """A range that has a version and what should be compatible with it: `>=2.14,<3` for 2.14.3."""
    major, minor, *_ = [*_numbers(version), 0]
    return f">={major}.{minor},<{major + 1}" if major else f">=0.{minor},<0.{minor + 1}"


def _holds(clause: re.Match[str], version: str) -> bool:
    operator, release, rest = clause["operator"], _numbers(clause["release"]), clause["rest"]
    own = _numbers(version)
    if operator == "===":
        return version == f"{clause['release']}{rest}"
    if rest == ".*":
        return (_padded(own, len(release))[: len(release)] == release) == (operator == "==")
    if operator == "~=" and _padded(own, len(release))[: len(release) - 1] != release[:-1]:
        return False
    length = max(len(own), len(release))
    early = bool(re.match(r"[-_.]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)", rest))  # comes before the release
    compared = (_padded(own, length), 1), (_padded(release, length), 0 if early else 1)
    left, right = compared
    holds: dict[str, bool] = {
        "==": left == right,
        "!=": left != right,
        "<=": left <= right,
        ">=": left >= right,
        "~=": left >= right,
        "<": left < right,
        ">": left > right,
    }
    return holds[operator]


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", release.split("+")[0]))


def _padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
    return numbers + (0,) * (length - len(numbers))

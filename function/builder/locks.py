"""Versions that a lock beside pyproject.toml has, as constraints for what the project declares."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .inputs import read_toml
from .requirements import normal

LOCKS = ("uv.lock", "pylock.toml", "poetry.lock")
"""The locks that are read; the first that is there counts."""

ELSEWHERE = {"archive", "directory", "editable", "file", "git", "path", "url", "vcs", "virtual"}
"""What the formats call a source that is no index."""

Pins = dict[str, list[str]]  # constraints by normalised name, such as `numpy==2.1 ; python_version < '3.12'`


def read_lock(source: Path) -> tuple[str | None, Pins]:
    """The name of the lock in a directory, None where there is none, and its versions."""
    name = next((name for name in LOCKS if (source / name).is_file()), None)
    found: dict[str, list[tuple[str, str]]] = {}
    for package in _released(read_toml(source / name)) if name else ():
        found.setdefault(normal(package["name"]), []).append((package["version"], _marker(package)))
    return name, {package: pins for package, versions in found.items() if (pins := _pins(package, versions))}


def _released(lock: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The packages of a lock that an index has; pylock.toml calls its list by the plural."""
    for package in lock.get("package") or lock.get("packages") or ():
        source = package.get("source", {})
        kinds = {source["type"]} if "type" in source else {*package, *source}  # poetry's index has a URL, too
        if "version" in package and not ELSEWHERE & kinds:
            yield package


def _marker(package: dict[str, Any]) -> str:
    """Where this version counts, as far as it is told."""
    markers = package.get("resolution-markers") or package.get("markers") or package.get("marker") or []
    if isinstance(markers, dict):  # poetry's, by group
        markers = list(markers.values())
    return " or ".join(f"({marker})" for marker in ([markers] if isinstance(markers, str) else markers))


def _pins(package: str, versions: list[tuple[str, str]]) -> list[str]:
    """Constraints to the versions of a package, which need markers only where there are several."""
    if len({version for version, _ in versions}) == 1:
        return [f"{package}=={versions[0][0]}"]
    known = [(version, marker) for version, marker in versions if marker and "extra" not in marker]
    return [f"{package}=={version} ; {marker}" for version, marker in known]

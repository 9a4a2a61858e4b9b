"""An author's project of Node.js: package.json and package-lock.json, as far as the build goes by them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from ..inputs import FUNCTION, BuildError

ROOM = FUNCTION / "node"
SDK = "@modelcontextprotocol/server"
SDK_1 = "@modelcontextprotocol/sdk"
MIGRATION = "https://github.com/modelcontextprotocol/typescript-sdk/blob/main/docs/migration.md"

FLOOR = (2, 4)
"""Oldest release of the SDK that the host is tested with."""

OTHER_LOCKS = ("npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb")


class NodeProject(NamedTuple):
    """What the lock file says.

    Attributes:
        folder: The author's directory.
        packages: Packages by their place below the directory, such as `node_modules/zod`.
    """

    folder: Path
    packages: dict[str, dict[str, Any]]

    def version(self, name: str) -> str | None:
        """The locked version of a package that the project's own code can import; None: it has none."""
        version: str | None = self.packages.get(f"node_modules/{name}", {}).get("version")
        return version


def read_project(source: Path) -> NodeProject:
    """Read the project's files; refuses one that cannot be installed as it is locked, or has no SDK to serve."""
    manifest = _read(source / "package.json", "is no project of Node.js, which the runtime asks for: there must be a")
    lock_file = source / "package-lock.json"
    others = [name for name in OTHER_LOCKS if (source / name).is_file()]
    if not lock_file.is_file() and others:
        raise BuildError(
            f"{source.name} has {others[0]}, but the build installs with npm alone: write a package-lock.json beside "
            "it with `npm install --package-lock-only`"
        )
    lock = _read(lock_file, "has no lock file, without which no build gives the same twice: `npm install` writes the")
    packages = lock.get("packages")
    if not isinstance(packages, dict):
        raise BuildError(f"{lock_file.name} is of npm 6 or older: write it anew with `npm install`")
    project = NodeProject(source, packages)
    _check_places(project)
    _check_sdk(project, manifest)
    return project


def _read(file: Path, otherwise: str) -> dict[str, Any]:
    if not file.is_file():
        raise BuildError(f"{file.parent.name} {otherwise} {file.name}")
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise BuildError(f"{file.name} cannot be read as JSON ({error}): correct it") from None
    if not isinstance(found, dict):
        raise BuildError(f"{file.name} is no JSON object: correct it")
    return found


def _check_places(project: NodeProject) -> None:
    """Refuse packages that lie in a folder, which is linked and not installed."""
    linked = sorted(
        f"{place.rpartition('node_modules/')[2]} ({about.get('resolved', 'a link')})"
        for place, about in project.packages.items()
        if about.get("link") or str(about.get("resolved", "")).startswith("file:")
    )
    if linked:
        raise BuildError(
            f"package-lock.json takes {', '.join(linked)} from a folder, which nobody else has: publish the package, "
            "or put its code into the source directory and import it from there"
        )


def _check_sdk(project: NodeProject, manifest: dict[str, Any]) -> None:
    version = project.version(SDK)
    if version is None:
        declared = {**manifest.get("dependencies", {}), **manifest.get("devDependencies", {})}
        is_old = SDK_1 in declared
        why = f"is written for SDK 1 ({SDK_1}), but the host serves SDK 2: see {MIGRATION}" if is_old else "has no SDK"
        raise BuildError(f"{project.folder.name} {why}: `npm install {SDK}`")
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < FLOOR:
        floor = ".".join(map(str, FLOOR))
        raise BuildError(
            f"package-lock.json has {SDK} {version}, but the host needs {floor} or newer: `npm install {SDK}@latest`"
        )

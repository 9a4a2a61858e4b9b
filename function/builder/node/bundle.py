"""Bundles the author's code with its packages and the host, by esbuild."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..environment import for_packages
from ..inputs import BuildError
from .install import tool
from .project import ROOM, NodeProject

NATIVE = {"bindings", "node-gyp-build", "node-gyp-build-optional-packages", "@mapbox/node-pre-gyp", "prebuild-install"}
"""Packages by which others load what is compiled for one system."""

UNBUNDLED = re.compile(r'No loader is configured for "[.]node" files: (\S+)')
UNRESOLVED = re.compile(r'Could not resolve "([^"]+)"')
PACKAGE = re.compile(r"(?:^|/)node_modules/((?:@[^/]+/)?[^/]+)")
PLACE = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/]+")
"""Matches the folder of a package, one within another included."""


class Bundle(NamedTuple):
    """What esbuild has made.

    Attributes:
        folder: Where handler.mjs and server.mjs are.
        exports: Names that the entrypoint's module exports.
        inputs: Files that are in the bundle, as paths in the project.
    """

    folder: Path
    exports: list[str]
    inputs: set[str]


def bundle(project: NodeProject, folder: Path, entry: str, *, esbuild: Path, target: str, work: Path) -> Bundle:
    """Bundle an entrypoint's file.

    Args:
        project: The author's.
        folder: Its files, which esbuild reads; its packages are beside it.
        entry: The entrypoint's file in it.
        esbuild: The folder whose esbuild is used.
        target: Node's version as esbuild names it, such as `node22`.
        work: An empty directory for what is made.

    Raises:
        BuildError: It cannot be bundled, or what it needs cannot be part of a bundle.
    """
    output = work / "bundle"
    output.mkdir()
    optional = sorted({_name(place) for place, about in project.packages.items() if place and about.get("optional")})
    asked = {
        "project": str(folder.resolve()),
        "esbuild": str(esbuild.resolve()),
        "output": str(output.resolve()),
        "entry": entry,
        "target": target,
        "optional": [name for name in optional if _is_native(folder.parent / "node_modules" / name)],
    }
    command = [tool("node"), str(ROOM / "bundle.mjs"), json.dumps(asked)]
    ran = subprocess.run(command, env=for_packages(work), capture_output=True, encoding="utf-8", errors="replace")
    if ran.returncode:
        raise BuildError(f"esbuild could not be run: {' '.join(ran.stderr.split())[-500:]}")
    told = json.loads(ran.stdout.splitlines()[-1])
    if told["errors"]:
        raise BuildError(_explain(told["errors"]))
    inputs = set(told["inputs"])
    _check_native(folder, inputs)
    _check_dynamic(told["warnings"])
    return Bundle(output, told["exports"], inputs)


def _explain(errors: Iterable[Mapping[str, Any]]) -> str:
    told = []
    for error in errors:
        text, place = error["text"], f"{error['file']} line {error['line']}"
        if native := UNBUNDLED.match(text):
            return _refuse_native([_name(native[1])])
        missing = UNRESOLVED.match(text)
        if missing and not missing[1].startswith((".", "/", "#")):
            text = f"imports {missing[1]}, which no package of package-lock.json has"
        told.append(f"{place}: {text}")
    return f"the server cannot be bundled: {'; '.join(told[:5])}"


def _check_native(folder: Path, inputs: Iterable[str]) -> None:
    used = {match[0] for name in inputs if (match := PLACE.match(name))}
    native = sorted({_name(place) for place in used if _is_native(folder / place)})
    if native:
        raise BuildError(_refuse_native(native))


def _refuse_native(names: list[str]) -> str:
    return (
        f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} compiled for one system, which cannot be part of a "
        "bundle: take a package in JavaScript or WebAssembly in its place"
    )


def _check_dynamic(warnings: Iterable[Mapping[str, Any]]) -> None:
    """Refuse the author's own imports of what only the running code names; packages' are tried at the trial start."""
    found = [f"{each['file']} line {each['line']}" for each in warnings if "node_modules/" not in each["file"]]
    if found:
        raise BuildError(
            f"{', '.join(found)} imports a module by a name that only the running code knows, which cannot be part of "
            "a bundle: import each module by its name, and choose among them"
        )


def _is_native(package: Path) -> bool:
    """Whether a package loads what is compiled for one system."""
    manifest = package / "package.json"
    if not manifest.is_file():
        return False
    about = json.loads(manifest.read_text("utf-8", errors="replace"))
    needs = {**about.get("dependencies", {}), **about.get("optionalDependencies", {})}
    return bool((package / "binding.gyp").exists() or about.get("gypfile") or NATIVE & needs.keys())


def _name(place: str) -> str:
    found = PACKAGE.findall(place)
    return found[-1] if found else place

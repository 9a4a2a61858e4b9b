"""Imports of the author's code that lead nowhere: found by reading it, on any machine, before anything is started."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .distributions import bringing
from .inputs import BuildError, Files
from .modules import Import, reached

RUNTIME = {
    *("awslambdaric", "boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "snapshot_restore_py"),
    "urllib3",
}
"""Modules that Lambda's Python runtimes bring (Developer Guide, "Runtime included SDK versions")."""


def check(entrypoint: str, files: Files, author: Files, source: Path) -> None:
    """Refuse modules of the author's that import what is nowhere, all at once.

    Args:
        entrypoint: The server's `module:attribute`.
        files: The author's, and those of all packages.
        author: The author's.
        source: The author's directory.
    """
    there = Places(files)
    lacking: dict[str, tuple[str, list[str]]] = {}
    for module in reached(entrypoint.partition(":")[0], author):
        for each in module.imports:
            for lost, whole in there.missing(each) if each.is_sure else ():
                lacking.setdefault(lost, (f"{lost} ({module.file} line {each.line})", []))[1].append(whole)
    if lacking:
        known = bringing([whole for _, wholes in lacking.values() for whole in wholes], source)
        told = ""
        for line, wholes in sorted(lacking.values()):
            names = sorted({known[whole] for whole in wholes if whole in known})
            told += f"\n    {line}{': ' if names else ''}{', '.join(names)}"
        raise BuildError(
            f"the server imports modules that no requirement brings; name the packages that have them:{told}"
        )


class Places:
    """Where modules can be imported from: the files of the zip, Python's standard library, and Lambda's runtime."""

    def __init__(self, files: Files) -> None:
        parts = [name.split("/") for name in files]
        code = [each for each in parts if each[-1].endswith((".py", ".so"))]
        self._folders = {tuple(each[:depth]) for each in parts for depth in range(1, len(each))}
        self._modules = {(*each[:-1], each[-1].split(".")[0]) for each in code}

    def missing(self, imported: Import) -> Iterator[tuple[str, str]]:
        """The modules of an import that are nowhere: by their names up to the part that is not there, and whole."""
        below = [name for name in imported.names if name != "*"] if imported.module else []
        for whole in [f"{imported.module}.{name}" for name in below] or filter(None, [imported.module]):
            if lost := self._first_missing(whole.split(".")):
                yield lost, whole

    def _first_missing(self, parts: list[str]) -> str | None:
        if parts[0] in sys.stdlib_module_names | RUNTIME:
            return None
        for depth in range(1, len(parts) + 1):
            place = tuple(parts[:depth])
            if place in self._modules or (*place, "__init__") in self._modules:
                return None  # what is below it, its own code alone can tell
            if place not in self._folders:
                return ".".join(place)
        return None

"""Tests and type stubs of packages, and when they are packed all the same: where code imports or reads them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .inputs import Files

TESTS, STUB = "tests", ".pyi"
IDLE = (TESTS, "benchmarks")
"""Folders whose modules read nothing unless another imports them: benchmarks read the tests of their package."""

NAME = rf"\b(?:{'|'.join(IDLE)})\b"
MENTIONS = re.compile(rf"^\s*(?:from|import)\b.*{NAME}|[\"'][\w./-]*{NAME}[\w./-]*[\"']")
"""Matches a line where such a folder may be read: to parse each module whose prose speaks of tests takes too long."""

READS_STUBS = "attach_stub"
"""The function of lazy_loader that reads a package's type stubs when it is imported."""


def unread(files: Files, author: Files) -> set[str]:
    """Names of the packages' tests and type stubs that no code of the zip imports or reads.

    A folder of tests stays where a module imports from it, or has its path (`a/tests/data` or `a.tests`) as a string;
    the type stubs of a package stay where it reads them, or where any module has the path of one in it.
    """
    idle = {name: folder for name in files.keys() - author.keys() if (folder := _folder(name))}
    stubs = {name for name in files.keys() - author.keys() if name.endswith(STUB)}
    kept: set[str] = set()
    readers: set[str] = set()
    modules = [name for name in files if name.endswith(".py") and name not in idle]
    while modules:
        named: set[str] = set()
        for name in modules:
            text = files[name].path.read_text("utf-8", errors="replace")
            if READS_STUBS in text:
                readers.add(files[name].owner)
            if STUB in text:
                readers.update(files[stub].owner for stub in re.findall(r"[\w./-]+\.pyi\b", text) if stub in stubs)
            if any(folder in text for folder in IDLE) and any(map(MENTIONS.search, text.splitlines())):
                named.update(folder for path in _paths(name, text) if (folder := _folder(f"{path}/")))
        modules = [name for name, folder in idle.items() if name.endswith(".py") and folder in named - kept]
        kept |= named
    unnamed = {name for name, folder in idle.items() if folder not in kept and TESTS in name.split("/")}
    return unnamed | {name for name in stubs if files[name].owner not in readers}


def _folder(name: str) -> str | None:
    """The outermost of the folders `IDLE` that a file is in: `a/tests` for `a/tests/b/tests/c.py`."""
    folders = name.split("/")[:-1]
    depth = next((depth for depth, folder in enumerate(folders, 1) if folder in IDLE), None)
    return "/".join(folders[:depth]) if depth else None


def _paths(name: str, text: str) -> Iterator[str]:
    """The places in the zip that a module, itself at `name`, imports from, or has a path of."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    package = Path(name).parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.replace(".", "/") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (node.module or "").split(".")
            yield from ("/".join(filter(None, [*base, *module, alias.name])) for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[\w./-]+", node.value):
            parts = re.split(r"[./]+", node.value.strip("./"))
            if len(parts) > 1:  # one name alone is compared with more often than opened
                yield from ("/".join([*package[:depth], *parts]) for depth in range(len(package) + 1))

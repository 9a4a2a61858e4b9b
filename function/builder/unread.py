"""Tests and type stubs of packages, and when they are packed all the same: where code imports or reads them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .inputs import Files

TESTS, STUB = "tests", ".pyi"
# Prose speaks of tests in many modules; to parse them all takes half a minute.
MENTIONS_TESTS = re.compile(r"^\s*(?:from|import)\b.*\btests\b|[\"'][\w./-]*\btests\b[\w./-]*[\"']", re.MULTILINE)
READS_STUBS = re.compile(r"\battach_stub\b")
"""Matches the function of lazy_loader that reads a package's type stubs when it is imported."""


def unread(files: Files, author: Files) -> set[str]:
    """Names of the packages' tests and type stubs that no code of the zip imports or reads.

    A folder of tests stays where a module imports from it, or has its path (`a/tests/data` or `a.tests`) as a string;
    the type stubs of a package stay where it reads them, or where any module has the path of one in it.
    """
    tests = {name: folder for name in files.keys() - author.keys() if (folder := _tests_folder(name))}
    stubs = {name for name in files.keys() - author.keys() if name.endswith(STUB)}
    kept: set[str] = set()
    readers: set[str] = set()
    modules = [name for name in files if name.endswith(".py") and name not in tests]
    while modules:
        named: set[str] = set()
        for name in modules:
            text = files[name].path.read_text("utf-8", errors="replace")
            if READS_STUBS.search(text):
                readers.add(files[name].owner)
            if STUB in text:
                readers.update(files[stub].owner for stub in re.findall(r"[\w./-]+\.pyi\b", text) if stub in stubs)
            if TESTS in text and MENTIONS_TESTS.search(text):
                named.update(folder for path in _paths(name, text) if (folder := _tests_folder(f"{path}/")))
        modules = [name for name, folder in tests.items() if name.endswith(".py") and folder in named - kept]
        kept |= named
    unnamed = {name for name, folder in tests.items() if folder not in kept}
    return unnamed | {name for name in stubs if files[name].owner not in readers}


def _tests_folder(name: str) -> str | None:
    """The outermost folder of tests that a file is in: `a/tests` for `a/tests/b/tests/c.py`."""
    folders = name.split("/")[:-1]
    return "/".join(folders[: folders.index(TESTS) + 1]) if TESTS in folders else None


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
            if len(parts) > 1:  # "tests" alone is compared with more often than opened
                yield from ("/".join([*package[:depth], *parts]) for depth in range(len(package) + 1))

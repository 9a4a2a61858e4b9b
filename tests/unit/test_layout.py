"""Which parts of the repository may use which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY

MAY_IMPORT = {
    "function": set(),
    "lab": {"function"},
    "benchmarks": {"function", "lab"},
    "verify": {"function", "lab"},
    "tests": {"function", "lab", "benchmarks", "verify"},
}
"""What each part may import, beside itself and installed packages."""


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_stands_below_it(part: str) -> None:
    used = {owner(module) for file in (REPOSITORY / part).rglob("*.py") for module in imported(file)}

    assert used - {None, part} <= MAY_IMPORT[part]


def imported(file: Path) -> Iterator[str]:
    """The modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def owner(module: str) -> str | None:
    """The part of the repository that a module belongs to; None: it is installed."""
    first = module.split(".")[0]
    if first in MAY_IMPORT:
        return first
    is_of_function = any((REPOSITORY / "function" / name).exists() for name in (first, f"{first}.py"))
    return "function" if is_of_function else None

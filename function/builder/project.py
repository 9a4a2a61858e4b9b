"""The author's project, as its pyproject.toml describes it; no build backend is run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .inputs import CONTRACT, BuildError, Target, read_toml
from .poetry import standard
from .requirements import normal
from .versions import allows

PROJECT = re.compile(CONTRACT["project_table"])
"""Matches in a pyproject.toml that describes a project, not only the settings of tools."""


class Project(NamedTuple):
    """What pyproject.toml says.

    Attributes:
        folder: Where it lies.
        table: Its table `[project]`, or what poetry's own table means in terms of that.
        tools: Its table `[tool]`.
    """

    folder: Path
    table: dict[str, Any]
    tools: dict[str, Any]

    @property
    def name(self) -> str:
        """The project's name, as written."""
        return str(self.table["name"])

    @property
    def dependencies(self) -> list[str]:
        """What it needs to run."""
        return list(self.table.get("dependencies", ()))

    def adds(self, name: str) -> list[str]:
        """What an extra of the project adds to its dependencies."""
        extras: dict[str, list[str]] = self.table.get("optional-dependencies", {})
        found = {normal(extra): lines for extra, lines in extras.items()}
        if normal(name) not in found:
            there = f"only {', '.join(extras)}" if extras else "none"
            raise BuildError(f"requirements.txt asks for the extra {name!r} of {self.name}, which has {there}")
        return found[normal(name)]


def read_project(source: Path) -> Project | None:
    """The project in a directory, None where there is none.

    Raises:
        BuildError: Its pyproject.toml cannot be read, or says what it needs in no form that a build knows.
    """
    file = source / "pyproject.toml"
    if not file.is_file() or not PROJECT.search(file.read_text("utf-8", errors="replace")):
        return None
    whole = read_toml(file)
    tools = whole.get("tool", {})
    table = dict(whole.get("project", {}))
    if "poetry" in tools:
        older = standard(tools["poetry"])
        given = {"dependencies": older["dependencies"]} if "dependencies" in table.get("dynamic", ()) else {}
        table = older | table | given if table else older
    check_kinds(table, {"name": str, "dependencies": list, "optional-dependencies": dict, "dynamic": list})
    if not table.get("name"):
        raise BuildError("pyproject.toml has a project without a name: write one")
    return Project(source, table, tools)


def check_kinds(table: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Refuse values of a table in pyproject.toml that are of another type than is read."""
    for key, kind in kinds.items():
        if not isinstance(table.get(key, kind()), kind):
            raise BuildError(f"pyproject.toml has {key} = {table[key]!r}, which is no {kind.__name__}: correct it")


def check_python(project: Project, target: Target) -> None:
    """Refuse a runtime that the project does not run on; its patch version is Lambda's, so the newest counts."""
    wanted = str(project.table.get("requires-python", ""))
    if not allows(wanted, f"{target.python}.99"):
        raise BuildError(
            f"pyproject.toml asks for Python {wanted}, but the runtime is {target.runtime}: set runtime to one that "
            "it allows (build.py: --runtime)"
        )


def roots(project: Project) -> list[str]:
    """Folders that are on the import path of the installed project, apart from its root: `src/`, and what it names.

    Such a folder is none where the project's code imports from it by its own name.
    """
    found = (_inside(folder) for folder in ["src", *_named_roots(project.tools)])
    return sorted({f"{folder}/" for folder in found if folder and (project.folder / folder).is_dir()})


def _named_roots(tools: dict[str, Any]) -> Iterator[str]:
    """Folders that settings of build backends name as such."""
    setuptools = tools.get("setuptools", {})
    yield setting(setuptools, "package-dir", "") or ""
    yield from setting(setuptools, "packages", "find", "where") or ()
    wheel = setting(tools, "hatch", "build", "targets", "wheel") or {}
    yield from (package.rpartition("/")[0] for package in wheel.get("packages", ()))
    yield from wheel.get("sources", ())
    yield from (package.get("from", "") for package in setting(tools, "poetry", "packages") or ())
    yield setting(tools, "pdm", "build", "package-dir") or ""
    yield setting(tools, "uv", "build-backend", "module-root") or ""


def _inside(folder: str) -> str:
    """A folder's plain name below the project, "" for what is no folder of its own there."""
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    return "" if ".." in parts or folder.startswith("/") else "/".join(parts)


def setting(table: Any, *keys: str) -> Any:
    """A value in nested tables, None where there is none."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table

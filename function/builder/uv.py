"""Settings of uv in a project: where packages come from, and which versions of them are taken whatever is required."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .inputs import BuildError
from .project import Project, check_kinds
from .requirements import REQUIREMENT, normal

OF_INDEXES = ("name", "url", "default", "explicit", "format", "authenticate")
"""What of an index's settings says where it is and who asks it."""

LISTS = ("index", "override-dependencies", "constraint-dependencies")
"""Settings that are lists."""

OPTIONS = {"index-url": "--index-url", "extra-index-url": "--extra-index-url", "find-links": "--find-links"}
"""Settings that are older than the list of indexes, and what installers call them."""


class Settings(NamedTuple):
    """What the table `[tool.uv]` says.

    Attributes:
        indexes: Tables of indexes, with what `OF_INDEXES` names.
        sources: Tables that name the index of a package, by the package.
        overrides: Requirements that hold instead of what packages require.
        constraints: Requirements that hold beside it.
        options: Lines of a requirements file.
    """

    indexes: tuple[dict[str, Any], ...] = ()
    sources: Mapping[str, list[dict[str, Any]]] = {}
    overrides: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def read_settings(project: Project) -> Settings:
    """What a project has uv do; its sources by path or address are read with its dependencies."""
    table = project.tools.get("uv", {})
    check_kinds(table, dict.fromkeys(LISTS, list) | {"sources": dict})
    sources = {normal(name): source for name, source in table.get("sources", {}).items()}
    listed = {name: source if isinstance(source, list) else [source] for name, source in sources.items()}
    wanted = {normal(line) for line in project.dependencies}
    return Settings(
        tuple(_index(index, project) for index in table.get("index", ())),
        {name: each for name, each in listed.items() if name in wanted and any("index" in source for source in each)},
        tuple(table.get("override-dependencies", ())),
        tuple(table.get("constraint-dependencies", ())),
        tuple(_options(table, project)),
    )


def for_uv(settings: Settings, pins: Mapping[str, str], work: Path) -> list[str]:
    """The options with which uv follows the settings, which it finds in the directory it runs in.

    Args:
        settings: What the project has uv do.
        pins: Versions of the host, which are taken whatever is required, by package.
        work: The directory.
    """
    options = []
    lines = [f"{name}=={version}" for name, version in pins.items()]
    lines += [line for line in settings.overrides if normal(line) not in pins]
    if lines:
        (work / "overrides.txt").write_text("\n".join(lines), "utf-8")
        options += ["--overrides", str(work / "overrides.txt")]
    if settings.indexes:
        (work / "pyproject.toml").write_text("\n".join(_pyproject(settings)), "utf-8")
        options += ["-r", str(work / "pyproject.toml")]
    return options


def for_pip(settings: Settings) -> list[str]:
    """The options with which pip asks the same indexes; refuses what it cannot do."""
    explicit = {index.get("name") for index in settings.indexes if index.get("explicit")}
    for name, sources in settings.sources.items():
        for source in sources:
            if source.get("index") in explicit:
                raise BuildError(
                    f"pyproject.toml takes {name} alone from the index {source['index']}, which pip cannot do: put uv "
                    "on PATH, or write a requirements.txt with --extra-index-url"
                )
    for line in settings.overrides:
        found = REQUIREMENT.fullmatch(line)
        if not found or found["marker"]:
            raise BuildError(
                f"pyproject.toml has the override {line!r}, which pip cannot follow: put uv on PATH, or write a "
                "requirements.txt, such as `uv export` makes"
            )
    indexes = [index for index in settings.indexes if not index.get("explicit")]
    return [f"{'--index-url' if index.get('default') else '--extra-index-url'} {index['url']}" for index in indexes]


def _index(index: Any, project: Project) -> dict[str, Any]:
    if not isinstance(index, dict) or not isinstance(index.get("url"), str):
        raise BuildError("pyproject.toml has an index of uv without an address: write its url")
    return {key: index[key] for key in OF_INDEXES if key in index} | {"url": _address(index["url"], project)}


def _options(table: Mapping[str, Any], project: Project) -> Iterator[str]:
    for key, option in OPTIONS.items():
        found = table.get(key, ())
        yield from (f"{option} {_address(place, project)}" for place in ([found] if isinstance(found, str) else found))


def _address(place: str, project: Project) -> str:
    """An address, or the place of a folder, which is relative to the project."""
    return place if "://" in place else str((project.folder / place).absolute())


def _pyproject(settings: Settings) -> Iterator[str]:
    """A project of the packages that have an index of their own; JSON's strings and booleans are those of TOML."""
    yield f'[project]\nname = "requirements"\nversion = "0"\ndependencies = {json.dumps(list(settings.sources))}'
    for index in settings.indexes:
        yield "[[tool.uv.index]]"
        yield from (f"{key} = {json.dumps(value)}" for key, value in index.items())
    yield "[tool.uv.sources]"
    for name, sources in settings.sources.items():
        tables = [", ".join(f"{key} = {json.dumps(value)}" for key, value in source.items()) for source in sources]
        yield f"{name} = [{', '.join(f'{{ {table} }}' for table in tables)}]"

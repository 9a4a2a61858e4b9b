"""The project's own metadata, as an installed one has it: for `importlib.metadata`, without its build backend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .archive import module_of
from .inputs import File, Files, say
from .project import Project, roots, setting

UNKNOWN = "0+unknown"
"""The version of a project whose version only its build backend could tell."""

ASSIGNED = re.compile(r"^(?:__version__|VERSION|version)\s*(?::\s*[\w.]+)?\s*=\s*[\"']v?([^\"'\s]+)[\"']", re.MULTILINE)
"""Matches a version that stands literally in a module."""

USUAL = ("__init__.py", "__about__.py", "_version.py", "version.py", "__version__.py")
"""Modules of a package in which a version often stands."""


def metadata_files(project: Project, author: Files, work: Path) -> Files:
    """The files of the project's `.dist-info` folder, written below `work`; `author` has those of its code."""
    version = _version(project, author)
    if version is None:
        say(
            f"note: the version of {project.name} is dynamic and stands nowhere as it is: importlib.metadata will say "
            f"{UNKNOWN}, unless pyproject.toml gets one"
        )
    folder = f"{re.sub(r'[-_.]+', '_', project.name)}-{version or UNKNOWN}.dist-info"
    contents = {
        "METADATA": _metadata(project, version or UNKNOWN),
        "entry_points.txt": "\n".join(_entry_points(project.table)),
        "top_level.txt": "".join(f"{module}\n" for module in sorted(filter(None, set(map(module_of, author))))),
    }
    files = {}
    for name, content in contents.items():
        path = work / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
        files[f"{folder}/{name}"] = File(path, project.name)
    return files


def _metadata(project: Project, version: str) -> str:
    """What METADATA says (PyPA specification, Core metadata)."""
    table = project.table
    headers: list[tuple[str, Any]] = [("Metadata-Version", "2.1"), ("Name", project.name), ("Version", version)]
    headers += [("Summary", table.get("description")), ("Requires-Python", table.get("requires-python"))]
    headers += [("Requires-Dist", line) for line in project.dependencies]
    return "".join(f"{key}: {' '.join(str(value).split())}\n" for key, value in headers if value)


def _entry_points(table: dict[str, Any]) -> Iterator[str]:
    """The lines of entry_points.txt (PyPA specification, Entry points)."""
    groups = {"console_scripts": table.get("scripts"), "gui_scripts": table.get("gui-scripts")}
    for group, entries in {**groups, **table.get("entry-points", {})}.items():
        if entries:
            yield f"[{group}]"
            yield from (f"{name} = {place}" for name, place in entries.items())
            yield ""


def _version(project: Project, author: Files) -> str | None:
    """The project's version, also where it is dynamic, as far as a file has it literally."""
    if project.table.get("version"):
        return str(project.table["version"])
    texts = (path.read_text("utf-8", errors="replace") for path in _places(project, author) if path.is_file())
    return next((version for text in texts if (version := _literal(text))), None)


def _places(project: Project, author: Files) -> Iterator[Path]:
    """Files that may have the version, the likeliest first: what settings name, an sdist's metadata, usual modules."""
    tools, folder = project.tools, project.folder
    named = [setting(tools, "hatch", "version", "path"), setting(tools, "pdm", "version", "path")]
    dynamic = setting(tools, "setuptools", "dynamic", "version") or {}
    files = dynamic.get("file") or []
    named += [files] if isinstance(files, str) else files
    yield from (folder / place for place in named if place)
    if attribute := dynamic.get("attr"):
        module = attribute.rpartition(".")[0].replace(".", "/")
        for root in ["", *roots(project)]:
            yield from (folder / f"{root}{module}{ending}" for ending in (".py", "/__init__.py"))
    yield folder / "PKG-INFO"
    yield from (file.path for usual in USUAL for name, file in sorted(author.items()) if name.split("/")[1:] == [usual])


def _literal(text: str) -> str | None:
    """The version in a module, in PKG-INFO, or in a file that holds it alone."""
    found = ASSIGNED.search(text) or re.search(r"^Version: (\S+)$", text, re.MULTILINE)
    found = found or re.fullmatch(r"\s*v?(\d[\w.+!-]*)\s*", text)
    return found[1] if found else None

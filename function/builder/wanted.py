"""What the author asks for: his requirements, and which of them give way to the versions of the host's lock.

requirements.txt wins over pyproject.toml, whose lock, if there is one, has the versions. What is declared binds; a
version that only a lock has gives way, as the lock was made without the host.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .inputs import BuildError, say
from .locks import LOCKS, Pins, read_lock
from .project import Project, setting
from .requirements import EXPORTED, REQUIREMENT, Line, check_requirements, normal, read_requirements
from .uv import Settings, read_settings
from .versions import EXACT, allows, around, below, locked

FLOORS = {"fastmcp": "4"}
"""The first versions that the host can serve of packages that it does not have; older ones may not say so."""

GUIDES = {
    "mcp": "https://py.sdk.modelcontextprotocol.io/v2/migration/",
    "fastmcp": "https://gofastmcp.com/getting-started/upgrading/from-fastmcp-3",
}
"""How servers come from a version before the host's."""

UNREAD = ("setup.py", "setup.cfg", "Pipfile", "environment.yml")
"""Files that may say what a server needs, and are not read."""


class Wanted(NamedTuple):
    """What an installer is asked for.

    Attributes:
        origin: The file that has the requirements.
        lock: The file that has `pins`.
        lines: Lines of a requirements file, as any folder may have it.
        constraints: Lines of a constraints file that must hold.
        pins: Those that give way, by the normalised name of their package.
        asked: Names of the packages that the author himself asks for.
        hashed: Whether each package must have a hash.
        uv: What the project has uv do.
    """

    origin: str
    lock: str | None
    lines: list[str]
    constraints: list[str]
    pins: Pins
    asked: set[str]
    hashed: bool = False
    uv: Settings = Settings()


def read_wanted(source: Path, project: Project | None, overrides: Collection[str] = ()) -> Wanted | None:
    """What the source directory asks for, None where that is nothing.

    Args:
        source: The directory.
        project: What its pyproject.toml says.
        overrides: Packages of which the host's version is taken whatever is asked for.

    Raises:
        BuildError: A line is not one that a build takes, or cannot be had beside the host.
    """
    if (source / "requirements.txt").is_file():
        return _of_requirements(source / "requirements.txt", project, overrides)
    if project:
        return _of_project(project, overrides)
    if unread := [name for name in UNREAD if (source / name).is_file()]:
        say(f"note: {' and '.join(unread)} is not read: what the server needs must be in requirements.txt")
    return None


def _of_requirements(file: Path, project: Project | None, overrides: Collection[str]) -> Wanted:
    lines = read_requirements(file)
    exported = bool(EXPORTED.search(file.read_text("utf-8", errors="replace")))
    declared = {normal(line): _specifier(line) for line in project.dependencies} if project else {}
    if declared:
        others = ["pyproject.toml", *(lock for lock in LOCKS if (file.parent / lock).is_file())]
        say(f"reading {file.name}, which wins over {' and '.join(others)}")
    lines = [line for line in lines if not line.itself] + ([] if exported else _itself(lines, project))
    hashed = any("--hash" in line.text or "--require-hashes" in line.text for line in lines)
    overriding = Settings(overrides=read_settings(project).overrides) if project else Settings()
    wanted = Wanted(file.name, file.name, [], [], {}, set(declared) if exported else set(), hashed, overriding)
    conflicts = []
    for line in lines:
        name = normal(line.text)
        text = _overridden(line.text, () if line.constrains else overrides, file.name)
        found = REQUIREMENT.fullmatch(text)
        specifier = found["specifier"] or "" if found else ""
        pin = EXACT.fullmatch(specifier.strip())
        gives_way = pin and (exported or declared) and _may_be_hosts(name, pin["version"], declared)
        if line.constrains:
            (wanted.pins.setdefault(name, []) if pin else wanted.constraints).append(line.text)
        elif not _fits(name, specifier) and not (found and found["marker"]) and not gives_way:
            conflicts.append(line.text)
        elif hashed and (gives_way or name in overrides) and name in locked():
            continue  # the host's own line is there, with its hashes
        elif found and gives_way and not hashed:
            rest = f"{found['marker'] or ''}"
            wanted.lines.append(f"{found['name']}{found['extras'] or ''} {rest}".strip())
            wanted.pins.setdefault(name, []).append(f"{found['name']}{specifier} {rest}".strip())
        else:
            wanted.lines.append(text)
        if not (line.constrains or (exported and declared) or line.text.startswith("-")):
            wanted.asked.add(name)
    _refuse(file.name, conflicts)
    return wanted


def _itself(lines: Iterable[Line], project: Project | None) -> list[Line]:
    """The requirements that `.` and `-e .[extra]` stand for in a file that no tool has written."""
    found = []
    for line in lines:
        if line.itself and not project:
            raise BuildError(
                f"{line.origin} has the source directory itself, but no pyproject.toml there says what it needs: "
                f"list that in {line.origin}"
            )
        if line.itself and project:
            extras = filter(None, (extra.strip() for extra in line.text.split(",")))
            texts = [*_dependencies(project), *(text for extra in extras for text in project.adds(extra))]
            found += [Line(text, line.origin) for text in texts]
    return found


def _of_project(project: Project, overrides: Collection[str]) -> Wanted | None:
    lines = [_overridden(line, overrides, "pyproject.toml") for line in _dependencies(project)]
    if not lines:
        return None
    uv = read_settings(project)
    constraints = [line for line in uv.constraints if normal(line) not in overrides]
    binding = [*lines, *constraints, *(line for line in uv.overrides if normal(line) not in overrides)]
    check_requirements(binding, "pyproject.toml")
    clear = [line for line in binding if (found := REQUIREMENT.fullmatch(line)) and not found["marker"]]
    _refuse("pyproject.toml", [line for line in clear if not _fits(normal(line), _specifier(line))])
    lock, pins = read_lock(project.folder)
    options = [*uv.options, *_poetrys_indexes(project.tools)]
    asked = {normal(line) for line in lines}
    return Wanted("pyproject.toml", lock, [*options, *lines], constraints, pins, asked, uv=uv)


def _dependencies(project: Project) -> list[str]:
    """What a project declares, where its wheels come from included."""
    lines = project.dependencies
    if not lines and "dependencies" in project.table.get("dynamic", ()):
        files = setting(project.tools, "setuptools", "dynamic", "dependencies", "file") or []
        if not files:
            raise BuildError(
                "pyproject.toml has dynamic dependencies, which only its build backend could tell, and that is not "
                "run: list them there, or in a requirements.txt, such as `uv export` makes"
            )
        paths = [project.folder / file for file in ([files] if isinstance(files, str) else files)]
        lines = [line.text for path in paths for line in read_requirements(path)]
    sources = {normal(name): source for name, source in (setting(project.tools, "uv", "sources") or {}).items()}
    return [_located(line, sources.get(normal(line), {}), project) for line in lines]


def _located(line: str, sources: Any, project: Project) -> str:
    """A dependency with the wheel that uv takes it from; refuses all that would have to be built."""
    for source in sources if isinstance(sources, list) else [sources]:
        place = str(next((source[key] for key in ("path", "url", "git") if key in source), ""))
        name = re.split(r"[=<>~!;\s]", line)[0]
        if place.endswith(".whl"):
            return f"{name} @ {place if 'url' in source else (project.folder / place).absolute().as_uri()}"
        if place or source.get("workspace"):
            raise BuildError(
                f"pyproject.toml takes {name} from {place or 'its workspace'}, which would be built from source on "
                "this machine and not for Lambda: name a released version or a wheel, or put the code itself into "
                "the source directory"
            )
    return line


def _poetrys_indexes(tools: dict[str, Any]) -> Iterator[str]:
    """The options that name the indexes of a project of poetry's."""
    for index in setting(tools, "poetry", "source") or ():
        if "url" in index and index.get("priority") != "explicit":
            main = index.get("priority") in ("primary", "default", None)
            yield f"{'--index-url' if main else '--extra-index-url'} {index['url']}"


def _may_be_hosts(name: str, pinned: str, declared: dict[str, str]) -> bool:
    """Whether a version that only a lock has may give way to another."""
    if declared:
        return _fits(name, declared.get(name, ""))
    host = locked().get(name, FLOORS.get(name, pinned))
    return host.split(".")[0] == pinned.split(".")[0]


def _fits(name: str, specifier: str) -> bool:
    """Whether a range has the version that the host has, or one that it can serve."""
    if name in FLOORS:
        return not below(specifier, FLOORS[name])
    return name not in locked() or allows(specifier, locked()[name])


def _refuse(origin: str, conflicts: list[str]) -> None:
    """Name all requirements that cannot be had beside the host, each with the range that can."""
    if conflicts:
        raise BuildError(f"{origin} conflicts with the host: {'; '.join(map(_conflict, conflicts))}")


def _conflict(line: str) -> str:
    name, text = normal(line), re.sub(r"\s+--.*", "", line)
    if name in FLOORS:
        version, host = FLOORS[name], f"serves {name} {FLOORS[name]}"
    else:
        version, host = locked()[name], f"is locked to {name}=={locked()[name]}"
    way = f", and see {GUIDES[name]} for what changes in the code" if name in GUIDES else ", or leave it out"
    return f"it asks for {text}, but the host {host}, so write {name}{around(version)}{way}"


def _overridden(line: str, overrides: Collection[str], origin: str) -> str:
    """A requirement without the range that the host's version is taken in spite of."""
    found = REQUIREMENT.fullmatch(line) if normal(line) in overrides else None
    if found and not _fits(normal(line), found["specifier"] or ""):
        say(f"note: {origin} asks for {line}, which is overridden: the host's version takes its place")
        return f"{found['name']}{found['extras'] or ''} {found['marker'] or ''}".strip()
    return line


def _specifier(line: str) -> str:
    found = REQUIREMENT.fullmatch(line)
    return found["specifier"] or "" if found else ""

"""The unpacked zip for this machine. Packages are installed once and kept; the author's files are copied each time."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import build
from builder import bytecode, imports, packages
from builder.inputs import FUNCTION, LOCK, File, Target, directory_files
from builder.node import server
from builder.node.install import NPM_FILES, install
from builder.node.project import ROOM, NodeProject
from builder.wanted import Wanted

KNOWN = "known.json"
"""File beside kept packages with what else `packages.install` says of them."""

KEPT_SECONDS = 30 * 24 * 3600
"""How long packages are kept that no server was started with, and what a server has left that was killed."""


def cache_folder() -> Path:
    """Where packages are kept, and folders are laid out."""
    base = os.environ.get("XDG_CACHE_HOME", "")  # XDG Base Directory Specification: a relative one is to be ignored
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "mcp-lambda"


def made(folder: Path) -> Path:
    """A folder, made if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def swept(folder: Path) -> Path:
    """A folder, made if there is none; what nobody has used for `KEPT_SECONDS` is removed from it."""
    for path in made(folder).iterdir():
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            remove(path)
    return folder


@contextmanager
def temporary(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A new folder for the length of a `with` block, which may close it; a second Ctrl-C does not keep it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        remove(folder)


def stage(arguments: argparse.Namespace, target: Target, folder: Path) -> dict[str, Path]:
    """Lay out in a new folder what the zip would hold, readable for all and writable for nobody.

    All packages are there, also those that a zip leaves out because the server needs none of them.

    Args:
        arguments: What the server is.
        target: This machine.
        folder: Where nothing is yet.

    Returns:
        The author's files, by their names in the folder.

    Raises:
        BuildError: It cannot be built.
    """
    given = argparse.Namespace(**vars(arguments), output=folder)
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-build-") as work:
        if target.is_node:
            packed, author = server.whole_files(given, target, Path(work), _keep_modules)
            files = server.with_map(packed, Path(work))
        else:
            whole = build.whole_files(given, target, Path(work), partial(_keep, arguments.source_dir))
            imports.check(whole.entrypoint, whole.files, whole.author, arguments.source_dir)
            files, author = whole.files, whole.author
        for parent in {(folder / name).parent for name in files}:
            parent.mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            _lay(file.path, folder / name)
    close(folder)
    return {name: file.path for name, file in author.items()}


def _keep(
    source: Path, wanted: Wanted | None, target: Target, work: Path, overrides: Collection[str]
) -> packages.Installed:
    """What `packages.install` gives, with the host and all bytecode: installed only once, and kept."""
    place = _packages() / _name(source, wanted, target, overrides)
    if not place.exists():
        swept(place.parent)
        _install(place, wanted, target, work, overrides)
    os.utime(place)
    known = json.loads((place / KNOWN).read_text("utf-8"))
    return packages.Installed(
        files={name: File(place / "files" / name, owner) for name, owner in known["files"].items()},
        asked=set(known["asked"]),
        brought=set(known["brought"]),
        requires={name: set(required) for name, required in known["requires"].items()},
    )


def _keep_modules(project: NodeProject, folder: Path) -> None:
    """Put into a folder what `install` does: installed only once, and kept."""
    known = hashlib.sha256(f"{sys.platform} {platform.machine()}".encode())
    for path in [place / name for place in (project.folder, ROOM) for name in NPM_FILES]:
        known.update((path.read_bytes() if path.is_file() else b"") + b"\0")
    place = _packages() / known.hexdigest()[:16]
    if not place.exists():
        swept(place.parent)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=place.parent) as work:
            install(project, Path(work) / "new")
            _settle(Path(work) / "new", place)
    os.utime(place)
    for path in place.iterdir():
        if path.is_dir():
            (folder / path.name).symlink_to(path)


def close(folder: Path) -> None:
    """Let nobody write into a folder and those below it; files in it are read-only already."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o555)


def remove(folder: Path) -> None:
    """Remove a folder that may be closed, with all in it."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)


def _install(place: Path, *asked: Any) -> None:
    with tempfile.TemporaryDirectory(prefix=".making-", dir=place.parent) as work:
        installed = packages.install(*asked)
        files = installed.files | build.package_files(build.HOST, build.SHARED)
        new = Path(work) / "new"
        for name, file in files.items():
            made((new / "files" / name).parent)
            _copy(file.path, new / "files" / name)
        files |= bytecode.compiled(sys.executable, files, new / "files")
        owners = {name: file.owner for name, file in files.items()}
        known = installed._asdict() | {"files": owners}
        (new / KNOWN).write_text(json.dumps(known, default=sorted), "utf-8")
        _settle(new, place)


def _settle(new: Path, place: Path) -> None:
    """Keep a folder in its place; another process may have been faster."""
    if not place.exists():
        new.rename(place)


def _packages() -> Path:
    return cache_folder() / "packages"


def _name(source: Path, wanted: Wanted | None, target: Target, overrides: Collection[str]) -> str:
    """A name that stands for all that packages depend on, wheels in the author's directory among them."""
    facts = [wanted, target, sorted(overrides) if wanted else [], sys.version, sys.platform]
    known = hashlib.sha256(json.dumps(facts, default=sorted).encode())
    own = [path for part in (build.HOST, build.SHARED, "builder") for _, path in directory_files(FUNCTION / part)]
    wheels = [path for _, path in directory_files(source.resolve()) if path.suffix == ".whl"]
    for path in [LOCK, *own, *wheels]:
        known.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return known.hexdigest()[:16]


def _lay(path: Path, place: Path) -> None:
    """Put a file in a place: linked where it is kept, as nobody may write it there; else copied."""
    if path.is_relative_to(_packages()):
        os.link(path, place)
    else:
        _copy(path, place)


def _copy(path: Path, place: Path) -> None:
    shutil.copyfile(path, place)
    place.chmod(0o555 if path.stat().st_mode & stat.S_IXUSR else 0o444)

"""The unpacked zip for this machine. Packages are installed once and kept; the author's files are copied each time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from builder import archive, bytecode, inputs, packages
from builder.author import author_files
from builder.inputs import FUNCTION, LOCK, BuildError, File, Files, Target, directory_files

HOST = ("mcp_lambda_host", "mcp_lambda_aws")
AUTHOR = "mcp_lambda_host/author.json"
OWNERS = "owners.json"

SAYS_PACKAGES = (".txt", ".in", ".toml", ".lock", ".whl")
"""Endings of files that may say which packages a server needs."""

KEPT_SECONDS = 30 * 24 * 3600
"""How long packages are kept that no server was started with."""


def cache_folder() -> Path:
    """Where packages are kept, and folders are laid out."""
    base = os.environ.get("XDG_CACHE_HOME", "")  # XDG Base Directory Specification: a relative one is to be ignored
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "mcp-lambda"


def made(folder: Path) -> Path:
    """A folder, made if there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def stage(source: Path, private_keys: Sequence[str], target: Target, folder: Path) -> dict[str, Path]:
    """Lay out in a new folder what the zip would hold, readable for all and writable for nobody.

    All packages are there, also those that a zip leaves out because the server needs none of them.

    Returns:
        The author's files, by their names in the folder.

    Raises:
        BuildError: It cannot be built.
    """
    author = author_files(source, private_keys)
    archive.check_shadowing(author, dict.fromkeys(sys.stdlib_module_names, "Python's standard library"))
    archive.check_shadowing(author, dict.fromkeys(HOST, "the host"))
    kept = kept_packages(source, target)
    archive.check_shadowing(author, {archive.module_of(name): file.owner for name, file in kept.items()})
    archive.check_collisions(author, kept)
    _make_folders(folder, [*kept, *author])
    for name, file in kept.items():
        os.link(file.path, folder / name)
    for name, file in author.items():
        _copy(file.path, folder / name)
    inputs.write_names(author, folder / AUTHOR)
    close(folder)
    return {name: file.path for name, file in author.items()}


def kept_packages(source: Path, target: Target) -> Files:
    """The packages of the host and of a server, the host itself, and their bytecode: installed now, or kept."""
    place = cache_folder() / "packages" / _key(source, target)
    if not place.exists():
        _sweep(made(place.parent))
        _install(source, target, place)
    os.utime(place)
    owners: dict[str, str] = json.loads((place / OWNERS).read_text("utf-8"))
    return {name: File(place / "files" / name, owner) for name, owner in owners.items()}


def close(folder: Path) -> None:
    """Let nobody write into a folder and those below it; files in it are read-only already."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o555)


def remove(folder: Path) -> None:
    """Remove a folder that may be closed, with all in it."""
    for path, _, _ in os.walk(folder):
        Path(path).chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)


def _install(source: Path, target: Target, place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".making-", dir=place.parent) as work:
        files = dict(packages.install(source / "requirements.txt", target, Path(work)).files)
        for package in HOST:
            found = directory_files(FUNCTION / package, f"{package}/")
            files |= {name: File(path, package) for name, path in found}
        made = Path(work) / "made"
        _make_folders(made / "files", files)
        for name, file in files.items():
            _copy(file.path, made / "files" / name)
        files |= bytecode.compiled(sys.executable, files, made / "files")
        (made / OWNERS).write_text(json.dumps({name: file.owner for name, file in files.items()}), "utf-8")
        if not place.exists():  # another process may have been faster
            made.rename(place)


def _key(source: Path, target: Target) -> str:
    """What the packages depend on, as a name."""
    known = hashlib.sha256(repr([target, sys.version, sys.platform]).encode())
    own = [path for part in (*HOST, "builder") for _, path in directory_files(FUNCTION / part)]
    asked = [path for _, path in directory_files(source) if path.suffix in SAYS_PACKAGES]
    for path in [LOCK, *own, *asked]:
        known.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    if (requirements := source / "requirements.txt").is_file():  # with those that it includes from elsewhere
        known.update("\n".join(packages.requirement_lines(requirements)).encode())
    return known.hexdigest()[:16]


def _sweep(folder: Path) -> None:
    """Remove what nobody has used for long."""
    for path in folder.glob("*"):
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            remove(path)


def _make_folders(folder: Path, names: Iterable[str]) -> None:
    for parent in {(folder / name).parent for name in names}:
        parent.mkdir(parents=True, exist_ok=True)


def _copy(path: Path, place: Path) -> None:
    try:
        shutil.copyfile(path, place)
    except OSError as error:
        raise BuildError(f"{path} cannot be copied: {error.strerror}") from None
    place.chmod(0o555 if path.stat().st_mode & stat.S_IXUSR else 0o444)

"""The whole, and the zip made of it."""

from __future__ import annotations

import os
import stat
import zipfile
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .inputs import BuildError, Files, say

# Bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, whose "250 MB" and "50 MB" are MiB.
UNPACKED_LIMIT = 262_144_000
ZIPPED_LIMIT = 52_428_800

# Bytes of a zip beside names, which stand there twice, and contents: headers of each file, and the end at most.
ENTRY_BYTES, END_BYTES = 30 + 46, 22 + 56 + 20

BYTECODE = ".pyc"
"""The ending of what the build itself adds: such files of the author's and of packages are never packed."""


def module_of(name: str) -> str | None:
    """The top-level module that a file of the zip is part of, None for data."""
    return name.split("/")[0].split(".")[0] if name.endswith((".py", ".so")) else None


def check_shadowing(author: Files, owners: Mapping[str | None, str]) -> None:
    """Refuse a file of the author's that would be imported in place of a module of `owners` (its name: whose it is).

    Lambda has /var/task, where the zip is unpacked, before everything else on sys.path.
    """
    for name in author:
        module = module_of(name)
        if module and module in owners:
            raise BuildError(f"{name} in the source directory hides the module {module} of {owners[module]}: rename it")


def shared_namespaces(author: Files, packages: Files) -> set[str | None]:
    """Top-level folders that are namespaces of the author's and of packages, which the import system merges.

    They have no `__init__.py`, or one that only says so (PEP 420, pkgutil).
    """
    both = {module_of(name) for name in author} & {module_of(name) for name in packages}
    return {name for name in both if all(_is_namespace(name, files) for files in (author, packages))}


def _is_namespace(folder: str | None, files: Files) -> bool:
    inits = [file for name, file in files.items() if name == f"{folder}/__init__.py"]
    return f"{folder}.py" not in files and all(b"extend_path" in file.path.read_bytes() for file in inits)


def check_collisions(author: Files, packages: Files, namespaces: Collection[str | None] = ()) -> None:
    """Refuse a file of the author's that would replace a package's, but for what makes a folder a namespace."""
    both = author.keys() & packages.keys() - {f"{namespace}/__init__.py" for namespace in namespaces}
    for name in sorted(both):
        raise BuildError(f"{name} in the source directory would replace a file of {packages[name].owner}: rename it")


def link(files: Files, directory: Path) -> None:
    """Lay the files out as Lambda unpacks them, as links."""
    for folder in {os.path.dirname(name) for name in files}:
        os.makedirs(directory / folder, exist_ok=True)
    for name, file in files.items():
        with suppress(FileExistsError):
            os.symlink(os.path.abspath(file.path), f"{directory}/{name}")


def unlink(files: Files, directory: Path) -> None:
    """Take files away again, with the folders that only they were in."""
    for name in files:
        os.unlink(directory / name)
        with suppress(OSError):  # something else is in it
            os.removedirs(os.path.dirname(directory / name))


class Written(NamedTuple):
    """A zip that was written, with its sizes in bytes."""

    files: Files
    zipped: int
    unpacked: int


def write_zip(files: Files, output: Path, zipped_limit: int | None = ZIPPED_LIMIT) -> Written:
    """Write all or nothing; without some of the bytecode where the zip would be too large with it.

    Order, times and permissions are fixed, so that the bytes are, but for what its owner may execute: all may.

    Raises:
        BuildError: It is too large without any bytecode, which only the build has added.
    """
    unpacked = {name: file.path.stat().st_size for name, file in files.items()}
    files = _fitting(files, unpacked, UNPACKED_LIMIT, "unpacked")
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        zipped = _write(files, partial)
        if zipped_limit is not None and partial.stat().st_size > zipped_limit:
            way_out = (
                ", or upload it through S3 with package_bucket (build.py: --through-s3), for which this is no limit"
            )
            files = _fitting(files, zipped, zipped_limit, "zipped", way_out)
            _write(files, partial)
        size = partial.stat().st_size
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)
    return Written(files, size, sum(unpacked[name] for name in files))


def _write(files: Files, place: Path) -> dict[str, int]:
    """Write a zip; what each file takes in it, in bytes, by its name."""
    taken = {}
    with zipfile.ZipFile(place, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            mode = 0o100755 if files[name].path.stat().st_mode & stat.S_IXUSR else 0o100644
            entry.create_system, entry.external_attr = 3, mode << 16  # Unix, or the mode would not count
            archive.writestr(entry, files[name].path.read_bytes(), zipfile.ZIP_DEFLATED)
            taken[name] = entry.compress_size + ENTRY_BYTES + 2 * len(name.encode())
    return taken


def _fitting(files: Files, sizes: Mapping[str, int], limit: int, kind: str, way_out: str = "") -> Files:
    """The files without the bytecode of as few packages as it takes to keep a limit, those with the most first."""
    total, bytecode, without = sum(sizes.values()) + END_BYTES, Counter[str](), Counter[str]()
    for name, file in files.items():
        (bytecode if name.endswith(BYTECODE) else without)[file.owner] += sizes[name]
    if without.total() + END_BYTES > limit:
        raise BuildError(
            f"{without.total():,} bytes {kind} are over Lambda's limit of {limit:,}: leave something out, largest are "
            f"{_told([owner for owner, _ in without.most_common(5)], without)}{way_out}"
        )
    heavy, rest = [], total
    for owner in sorted(bytecode, key=lambda owner: (-bytecode[owner], owner)):
        if rest > limit:
            heavy.append(owner)
            rest -= bytecode[owner]
    if heavy:
        told = _told(heavy, bytecode)
        say(
            f"note: {total:,} bytes {kind} are over Lambda's limit of {limit:,}, so there is no bytecode of {told}: "
            f"each cold start compiles what it imports of that, and is slower{way_out}"
        )
    return {name: file for name, file in files.items() if file.owner not in heavy or not name.endswith(BYTECODE)}


def _told(owners: Iterable[str], sizes: Mapping[str, int]) -> str:
    """Packages with their sizes, such as `numpy 2.3.5 (20.1 MB)`."""
    return ", ".join(f"{owner} ({megabytes(sizes[owner])})" for owner in owners)


def megabytes(size: int) -> str:
    """Bytes in AWS's unit, e.g. 9.8 MB."""
    return f"{size / 2**20:.1f} MB"

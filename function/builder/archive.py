"""The whole, and the zip made of it."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

from .inputs import BuildError, Files

# Bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, whose "250 MB" and "50 MB" are MiB.
UNPACKED_LIMIT = 262_144_000
ZIPPED_LIMIT = 52_428_800


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
    for name, file in files.items():
        place = directory / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_symlink():
            place.symlink_to(file.path.absolute())


def check_unpacked(files: Files) -> int:
    """The unpacked size in bytes; refuses more than Lambda takes."""
    sizes: dict[str, int] = {}
    for file in files.values():
        sizes[file.owner] = sizes.get(file.owner, 0) + file.path.stat().st_size
    total = sum(sizes.values())
    if total > UNPACKED_LIMIT:
        largest = sorted(sizes, key=lambda owner: (-sizes[owner], owner))[:5]
        raise BuildError(
            f"{total:,} bytes unpacked are over Lambda's limit of {UNPACKED_LIMIT:,}: leave something out, largest are "
            + ", ".join(f"{owner} ({megabytes(sizes[owner])})" for owner in largest)
        )
    return total


def write_zip(files: Files, output: Path) -> int:
    """Write all or nothing; the size in bytes.

    Order, times and permissions are fixed, so that the bytes are, but for what its owner may execute: all may.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                mode = 0o100755 if files[name].path.stat().st_mode & stat.S_IXUSR else 0o100644
                entry.create_system, entry.external_attr = 3, mode << 16  # Unix, or the mode would not count
                archive.writestr(entry, files[name].path.read_bytes(), zipfile.ZIP_DEFLATED)
        size = partial.stat().st_size
        if size > ZIPPED_LIMIT:
            raise BuildError(
                f"{size:,} bytes zipped are over Lambda's limit of {ZIPPED_LIMIT:,} for a direct upload: "
                "leave out what the server does not need"
            )
        os.replace(partial, output)
    finally:
        partial.unlink(missing_ok=True)
    return size


def megabytes(size: int) -> str:
    """Bytes in AWS's unit, e.g. 9.8 MB."""
    return f"{size / 2**20:.1f} MB"

#!/usr/bin/env python3
"""Build one Lambda zip: the host package, the author's directory and the dependencies of both.

With --authorizer it is the zip of the module's own authorizer instead, which needs no packages.

Wheels are resolved for the target (runtime and architecture), nothing is built from source, and the same input gives
the same bytes. Uses uv where it is on PATH, else this interpreter's pip, and otherwise the standard library only.
"""

from __future__ import annotations

import argparse
import importlib.util
import keyword
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
HOST = "mcp_lambda_host"
AUTHORIZER = "authorizer"

# The N of the newest manylinux_2_N that loads. python3.11 runs on Amazon Linux 2 (glibc 2.26; below 2_28 uv knows only
# 2_17), the others on Amazon Linux 2023 (2.34): https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
MANYLINUX = {"python3.11": 17, "python3.12": 34, "python3.13": 34}
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}

# Bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, whose "250 MB" and "50 MB" are MiB.
UNPACKED_LIMIT = 262_144_000
ZIPPED_LIMIT = 52_428_800

# Written by the installer, not by the wheel: absolute paths, or what differs between uv and pip.
INSTALLER_FILES = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
# Settings that would install elsewhere, less, or not at all; those that choose an index are kept.
DROPPED_SETTINGS = {"UV_COMPILE_BYTECODE", "UV_NO_DEPS"} | {
    f"PIP_{name}" for name in ("PREFIX", "ROOT", "USER", "REQUIRE_VIRTUALENV", "NO_DEPS", "DRY_RUN", "QUIET")
}

# What uv 0.13 and pip 23.2 to 26.3 say on one line, and what it means.
NO_WHEEL = "there is no wheel of {0} for {target}, and nothing is built from source: ask for a version that has one"
NOT_FOUND = "the package index has no {0}: correct the requirement, or use an index that has it"
REASONS = {
    r"(?:Wheels are (?:required|available)|found wheels) for `([^`]+)`": NO_WHEEL,
    r"(\S+) ha(?:s|ve) no (?:usable )?wheels": NO_WHEEL,
    r"(\S+) was not found in the package registry": NOT_FOUND,
    r"there (?:is|are) no versions? of (\S+)": NOT_FOUND,
    r"only \S+ is available and you require (\S+),": NOT_FOUND,
    r"No matching distribution found for (\S+)": (
        "the package index has no {0}, or no wheel of it for {target}: correct the name, or ask for another version"
    ),
}


class BuildError(Exception):
    """Ends the build; its text is one sentence for the user: the value, the limit, the reason, what to do."""


class Target(NamedTuple):
    """What the wheels must run on, e.g. `python3.13` and `arm64`."""

    runtime: str
    architecture: str

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture}"

    @property
    def python(self) -> str:
        """The interpreter's version, e.g. `3.13`."""
        return self.runtime.removeprefix("python")


class File(NamedTuple):
    """A file to pack: where it lies now, and the package (or part of the author's directory) it belongs to."""

    path: Path
    owner: str


if TYPE_CHECKING:  # Python 3.8 must get as far as being told that it is too old
    Files = dict[str, File]  # by the name in the zip, with "/" between its parts


def main(argv: list[str] | None = None) -> int:
    """Build as the command line says; 0, or 1 after one sentence on stderr (argparse itself exits with 2)."""
    arguments = parse_arguments(argv)
    try:
        if sys.version_info < (3, 11):  # noqa: UP036  (no installer checks it: any python3 may run this file)
            raise BuildError(f"needs Python 3.11 or newer, {sys.executable} is {platform.python_version()}")
        build(arguments)
    except (BuildError, OSError, UnicodeError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("interrupted, nothing was written")
    return 0


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line, `sys.argv` for None."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build the Lambda zip of one MCP server.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--source-dir", type=Path, help="the author's directory")
    what.add_argument("--authorizer", action="store_true", help="the module's own authorizer, for any runtime, instead")
    parser.add_argument("--output", type=Path, required=True, help="the zip to write")
    parser.add_argument("--entrypoint", default="server:mcp", help="module:attribute in that directory (%(default)s)")
    parser.add_argument("--runtime", default="python3.13", help=f"{', '.join(MANYLINUX)} (%(default)s)")
    parser.add_argument("--architecture", default="arm64", help=f"{', '.join(MACHINES)} (%(default)s)")
    return parser.parse_args(argv)


def fail(sentence: str) -> int:
    """Say on stderr why there is no zip; the exit code."""
    print(f"build.py: error: {sentence}", file=sys.stderr)
    return 1


def say(line: str) -> None:
    """One line of progress, seen at once behind a pipe too."""
    print(line, flush=True)


def build(arguments: argparse.Namespace) -> None:
    """Check what needs no network, install, check the whole, write the zip."""
    started = time.monotonic()
    check_output(arguments.output)
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-build-") as work:
        files = package_files(AUTHORIZER) if arguments.authorizer else server_files(arguments, Path(work))
        unpacked = check_unpacked(files)
        zipped = write_zip(files, arguments.output)
    sizes = f"{megabytes(zipped)} zipped, {megabytes(unpacked)} unpacked, {len(files):,} files"
    say(f"wrote {arguments.output}: {sizes}, {time.monotonic() - started:.1f} s")


def server_files(arguments: argparse.Namespace, work: Path) -> Files:
    """The files of the host, of the author's directory, and of the packages of both, installed below `work`."""
    target = check_target(arguments.runtime, arguments.architecture)
    source = check_source(arguments.source_dir, arguments.output)
    check_entrypoint(arguments.entrypoint, source)
    author = {name: File(path, f"{source.name}/{name.split('/')[0]}") for name, path in directory_files(source)}
    check_shadowing(author, dict.fromkeys(sys.stdlib_module_names, "Python's standard library"))
    check_shadowing(author, {HOST: "the host"})
    packages = install_packages(source / "requirements.txt", target, work)
    say(f"adding {source.name} ({len(author):,} files)")
    check_shadowing(author, {module_of(name): file.owner for name, file in packages.items()})
    check_collisions(author, packages)
    return {**packages, **package_files(HOST), **author}


def package_files(package: str) -> Files:
    """The files of a package that lies beside this script."""
    return {name: File(path, package) for name, path in directory_files(HERE / package, f"{package}/")}


# What the user asked for


def check_target(runtime: str, architecture: str) -> Target:
    """The target; refuses a runtime or an architecture that the host is not made for."""
    if runtime not in MANYLINUX:
        raise BuildError(f"runtime {runtime!r} is not one of {', '.join(MANYLINUX)}, which the host runs on")
    if architecture not in MACHINES:
        raise BuildError(f"architecture {architecture!r} is not one of {', '.join(MACHINES)}, which Lambda has")
    return Target(runtime, architecture)


def check_output(output: Path) -> None:
    """Refuse a place where no file can be."""
    if output.is_dir():
        raise BuildError(f"output {output} is a directory: name the zip file to write")


def check_source(source: Path, output: Path) -> Path:
    """The author's directory, resolved; refuses one that would hold its own zip."""
    if not source.is_dir():
        raise BuildError(f"source directory {source} {'is not a directory' if source.exists() else 'does not exist'}")
    root, place = source.resolve(), output.resolve()
    if place.is_relative_to(root) and not any(part.startswith(".") for part in place.relative_to(root).parts):
        raise BuildError(f"output {output} is inside the source directory {source} and would be packed into itself")
    return root


def check_entrypoint(entrypoint: str, source: Path) -> None:
    """Refuse an entrypoint that is not `module:attribute`, or whose module is no file of the author's directory."""
    module, _, attribute = entrypoint.partition(":")
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in [*module.split("."), attribute]):
        raise BuildError(f"entrypoint {entrypoint!r} is not module:attribute, for example server:mcp")
    candidates = [f"{module.replace('.', '/')}{ending}" for ending in (".py", "/__init__.py")]
    if not any((source / name).is_file() for name in candidates):
        raise BuildError(f"entrypoint {entrypoint!r} needs {' or '.join(candidates)} in {source}: there is neither")


def directory_files(root: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Name in the zip and path of each file, without hidden ones, caches and virtual environments.

    A link to a file counts as that file. A link to a directory may lead anywhere, or in a circle: it is refused, as is
    all else that has no content to copy.
    """
    for path in sorted(root.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__" or path.suffix == ".pyc":
            continue
        if path.is_file():
            yield f"{prefix}{path.name}", path
        elif path.is_symlink() or not path.is_dir():
            kind = "a link to a directory" if path.is_dir() else "a broken link or a special file"
            raise BuildError(f"{path} is {kind} and cannot be packed: put the files themselves there, or remove it")
        elif not (path / "pyvenv.cfg").exists():
            yield from directory_files(path, f"{prefix}{path.name}/")


# Packages


def install_packages(requirements: Path, target: Target, work: Path) -> Files:
    """The files of the host's lock and of the author's requirements, if any; installed below `work`."""
    lines = list(requirement_lines(requirements)) if requirements.is_file() else []
    check_requirements(lines)
    tool, command = installer(target)
    locked, asked = work / "locked", work / "asked"
    if lines:  # first, for that is where mistakes are
        say(f"resolving {requirements.parent.name}/{requirements.name} for {target} with {tool}")
        if tool == "pip" and not runs_like(target):
            say(f"note: pip reads markers like python_version for this machine, uv would read them for {target}")
        pins = work / "constraints.txt"  # without the lock's hashes, as with them pip wants some for every package
        pins.write_text("\n".join(re.findall(r"^\S+==[^\\\n]+", LOCK.read_text("utf-8"), re.MULTILINE)), "utf-8")
        run([*command, "--target", str(asked), "-c", str(pins), "-r", str(requirements)], target, work)
    say(f"resolving the host's locked packages for {target} with {tool}")
    run([*command, "--target", str(locked), "--require-hashes", "--no-deps", "-r", str(LOCK)], target, work)
    return {**installed_files(asked), **installed_files(locked)}  # of two equal names the one checked by hash


def requirement_lines(requirements: Path) -> Iterator[str]:
    """The lines of a requirements file and of the files it includes, joined at `\\`, without comments."""
    pending, seen = [requirements], set()
    while pending:
        path = pending.pop()
        seen.add(path)
        text = path.read_text("utf-8", errors="replace").replace("\\\n", " ")
        for line in filter(None, (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())):
            included = re.match(r"(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)", line)
            if not included:
                yield line
            elif (file := path.parent / included[1]) not in seen:
                pending.append(file)


def check_requirements(lines: list[str]) -> None:
    """Refuse what is not a wheel of an index: uv and pip build it, whatever `--only-binary` says."""
    for line in lines:
        if line.startswith(("-e", "--editable", "--no-binary")) or is_source(line):
            raise BuildError(
                f"requirements.txt has {line!r}, which would be built from source on this machine and not for Lambda: "
                "name a released version, or put the code itself into the source directory"
            )


def is_source(requirement: str) -> bool:
    """Whether a requirement is a path, or a link to anything but a wheel."""
    named = re.match(r"[\w.\-\[\], ]+@(.+)", requirement)
    location = re.split(r"[\s;#?]", (named[1] if named else requirement).strip())[0]
    if location.startswith("-") or not re.search(r"[/\\]|^\.", location):
        return False
    return "://" not in location or not location.endswith(".whl")


def installer(target: Target) -> tuple[str, list[str]]:
    """The tool's name, and its command line up to what to install and where."""
    machine, glibc = MACHINES[target.architecture], MANYLINUX[target.runtime]
    wheels = ["--only-binary", ":all:", "--no-compile", "--python-version", target.python]
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--color", "never", "--no-progress", "--python", sys.executable]
        return "uv", [*command, *wheels, "--python-platform", f"{machine}-manylinux_2_{glibc}"]
    if importlib.util.find_spec("pip"):
        oldest = {"aarch64": 17, "x86_64": 5}[machine]  # no tag implies another, but manylinux2014 the two before it
        tags = [*(f"manylinux_2_{minor}" for minor in range(glibc, oldest - 1, -1)), "manylinux2014"]
        abi = ["--implementation", "cp", "--abi", f"cp{target.python.replace('.', '')}"]
        platforms = [f"--platform={tag}_{machine}" for tag in tags]
        command = [sys.executable, "-m", "pip", "install", "--no-input", "--no-color", "--disable-pip-version-check"]
        return "pip", [*command, *wheels, *abi, *platforms]
    raise BuildError(f"neither is uv on PATH, nor has {sys.executable} pip: install one of them")


def runs_like(target: Target) -> bool:
    """Whether markers mean the same here as on the target."""
    here = (sys.platform, platform.machine(), "{}.{}".format(*sys.version_info))
    return here == ("linux", MACHINES[target.architecture], target.python)


def run(command: list[str], target: Target, work: Path) -> None:
    """Install, from a directory where no project's settings lie; a failure is explained in a BuildError."""
    env = {name: value for name, value in os.environ.items() if name not in DROPPED_SETTINGS} | {"TMPDIR": str(work)}
    ran = subprocess.run(command, cwd=work, env=env, capture_output=True, encoding="utf-8", errors="replace")
    if ran.returncode:
        raise BuildError(explain(ran.stdout + ran.stderr, target))


def explain(output: str, target: Target) -> str:
    """What an installer's messages mean, in a sentence; their last lines where that is not known."""
    lines = [line for line in output.splitlines() if line.strip()]
    text = " ".join(output.split())
    if re.search(r"Failed to fetch|Retry\(total=0,|network was disabled", text):
        last = next((line for line in reversed(lines) if "connection broken" in line), lines[-1])
        return f"the package index cannot be reached, check the network and its address ({last.strip()})"
    conflict = re.search(r"Because (.+?) and (\S+==\S+), we can conclude", text) or re.search(
        r"caused by: (.+?) The user requested \(constraint\) (\S+)", text
    )
    if conflict and re.search(rf"^{re.escape(conflict[2])}\s", LOCK.read_text("utf-8"), re.MULTILINE):
        return (
            f"requirements.txt conflicts with the host, which is locked to {conflict[2]} ({conflict[1]}): "
            "ask for a version that allows it, or leave the package out"
        )
    for pattern, sentence in REASONS.items():
        if found := re.search(pattern, text):
            return sentence.format(found[1], target=target)
    said = [line for line in lines if not line.startswith("WARNING")][-10:]
    return "\n    ".join([f"the packages could not be installed for {target}; the installer says:", *said])


def installed_files(directory: Path) -> Files:
    """What the wheels in a `--target` directory add to the zip: no scripts, no bytecode, nothing of this machine."""
    owners: dict[str, str] = {}
    for distribution in distributions(path=[str(directory)]):
        owner = f"{distribution.name} {distribution.version}"
        owners.update((str(file), owner) for file in distribution.files or ())
    found = ((path.relative_to(directory).as_posix(), path) for path in directory.rglob("*") if path.is_file())
    return {name: File(path, owners.get(name, name.split("/")[0])) for name, path in found if is_packed(name)}


def is_packed(name: str) -> bool:
    """Whether a file of a `--target` directory belongs into the zip."""
    parts = name.split("/")
    if parts[0].endswith(".dist-info"):
        return parts[-1] not in INSTALLER_FILES
    return parts[0] not in ("bin", ".lock") and "__pycache__" not in parts


# The whole


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


def check_collisions(author: Files, packages: Files) -> None:
    """Refuse a file of the author's that would replace a package's."""
    for name in sorted(author.keys() & packages.keys()):
        raise BuildError(f"{name} in the source directory would replace a file of {packages[name].owner}: rename it")


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
    """Write all or nothing; the size in bytes. Order, times and permissions are fixed, so that the bytes are."""
    output.parent.mkdir(parents=True, exist_ok=True)
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(partial, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.create_system, entry.external_attr = 3, 0o100644 << 16  # Unix, or the mode would not count
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


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that temporary files go then, too
    raise SystemExit(main())

"""The packages of the host and of the author, installed for the target."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from .environment import for_installers, is_for_installers
from .explain import explain
from .inputs import LOCK, MACHINES, MANYLINUX, BuildError, File, Files, Target, say

METADATA = {"METADATA", "entry_points.txt", "top_level.txt"}

# Options that choose an index, or what is taken from it. Others can have code run while something is installed.
OPTIONS = {
    *("-c", "-f", "-i", "-r", "--constraint", "--extra-index-url", "--find-links", "--hash", "--index-url"),
    *("--no-index", "--pre", "--prefer-binary", "--require-hashes", "--requirement", "--trusted-host"),
}


class Installed(NamedTuple):
    """The packages of the host and of the author; their names are normalised.

    Attributes:
        files: By their names in the zip.
        asked: What the author's requirements name.
        brought: What is there only because of them.
        requires: Names by the package that requires them, under whatever condition.
    """

    files: Files
    asked: set[str]
    brought: set[str]
    requires: dict[str, set[str]]


def install(requirements: Path, target: Target, work: Path) -> Installed:
    """Install the host's lock and the author's requirements, if any, below `work`."""
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
    found = {place: {normal(d.name): d for d in distributions(path=[str(place)])} for place in (asked, locked)}
    return Installed(
        files={**installed_files(asked), **installed_files(locked)},  # of two equal names the one checked by hash
        asked={normal(line) for line in lines if not line.startswith("-")},
        brought=found[asked].keys() - found[locked].keys(),
        requires={n: set(map(normal, d.requires or ())) for n, d in (found[asked] | found[locked]).items()},
    )


def install_some(wanted: Collection[str], target: Target, work: Path) -> Files:
    """The files of some packages of the host's lock, installed below `work`, without those that they require."""
    lock, place = work / "some.lock", work / "some"
    entries = re.findall(r"^\S+==(?:.*\\\n)*.*\n", LOCK.read_text("utf-8"), re.MULTILINE)
    lock.write_text("".join(entry for entry in entries if normal(entry) in wanted), "utf-8")
    tool, command = installer(target)
    say(f"resolving {', '.join(wanted)} for {target} with {tool}")
    run([*command, "--target", str(place), "--require-hashes", "--no-deps", "-r", str(lock)], target, work)
    return installed_files(place)


def normal(requirement: str) -> str:
    """The name of a requirement's package, normalised (PyPA specification, Names and normalization)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement.strip())[0]).lower()


def requirement_lines(requirements: Path) -> Iterator[str]:
    """The lines of a requirements file and of the files it includes, joined at `\\` as pip does, without comments."""
    pending, seen = [requirements], set()
    while pending:
        path = pending.pop()
        seen.add(path)
        text = re.sub(r"^[ \t]*#.*", "", path.read_text("utf-8", errors="replace"), flags=re.MULTILINE)
        text = text.replace("\\\n", "")
        for line in filter(None, (re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines())):
            yield line
            for included in re.findall(r"(?:^|\s)(?:-r|--requirement|-c|--constraint)[\s=]*(\S+)", line):
                if (file := path.parent / included) not in seen:
                    pending.append(file)


def check_requirements(lines: list[str]) -> None:
    """Refuse what is not a wheel of an index: uv and pip build it, whatever `--only-binary` says."""
    for line in lines:
        if line.startswith(("-e", "--editable", "--no-binary")) or is_source(line):
            raise BuildError(
                f"requirements.txt has {line!r}, which would be built from source on this machine and not for Lambda: "
                "name a released version, or put the code itself into the source directory"
            )
        for option in options(line):
            if option not in OPTIONS:
                raise BuildError(
                    f"requirements.txt has {line!r}, but {option} is not one of the options that a build takes "
                    f"({', '.join(sorted(OPTIONS))}), as others can have code run on this machine: leave it out"
                )
        for name in re.findall(r"\$\{(\w+)\}", line):
            if not is_for_installers(name):
                raise BuildError(
                    f"requirements.txt has ${{{name}}}, which installers are not given, as it may be a credential of "
                    f"who deploys: call it UV_{name} or PIP_{name}"
                )


def options(line: str) -> list[str]:
    """The names of the options in a line; pip and uv take abbreviated ones, too, and several in one line."""
    try:
        tokens = shlex.split(line)
    except ValueError:  # a quote without its end
        tokens = line.split()
    return [token.split("=")[0] if token.startswith("--") else token[:2] for token in tokens if token.startswith("-")]


def is_source(requirement: str) -> bool:
    """Whether a requirement is a path, or a link to anything but a wheel."""
    named = re.match(r"[\w.\-\[\], ]+@(.+)", requirement)
    location = re.split(r"[\s;#?]", (named[1] if named else requirement).strip())[0]
    if location.startswith("-") or not re.search(r"[/\\]|^\.", location):
        return False
    return "://" not in location or not location.endswith(".whl")


def installer(target: Target) -> tuple[str, list[str]]:
    """The tool's name, and its command line up to what to install and where."""
    machine, newest = MACHINES[target.architecture], MANYLINUX[target.runtime]
    wheels = ["--only-binary", ":all:", "--no-compile", "--python-version", target.python]
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--color", "never", "--no-progress", "--python", sys.executable]
        return "uv", [*command, *wheels, "--python-platform", f"{machine}-{newest}"]
    if importlib.util.find_spec("pip"):
        oldest = {"aarch64": 17, "x86_64": 5}[machine]  # no tag implies another, but manylinux2014 the two before it
        minors = range(int(newest.rpartition("_")[2]), oldest - 1, -1)
        tags = [*(f"manylinux_2_{minor}" for minor in minors), "manylinux2014"]
        abi = ["--implementation", "cp", "--abi", f"cp{target.python.replace('.', '')}"]
        platforms = [f"--platform={tag}_{machine}" for tag in tags]
        command = [sys.executable, "-m", "pip", "install", "--no-input", "--no-color", "--disable-pip-version-check"]
        return "pip", [*command, *wheels, *abi, *platforms]
    raise BuildError(f"neither is uv on PATH, nor has {sys.executable} pip: install one of them")


def runs_like(target: Target) -> bool:
    """Whether markers mean the same here as on the target."""
    return target.runs_here and "{}.{}".format(*sys.version_info) == target.python


def run(command: list[str], target: Target, work: Path) -> None:
    """Install, from a directory where no project's settings lie; a failure is explained in a BuildError."""
    env = for_installers() | {"TMPDIR": str(work)}
    ran = subprocess.run(command, cwd=work, env=env, capture_output=True, encoding="utf-8", errors="replace")
    if ran.returncode:
        raise BuildError(explain(ran.stdout + ran.stderr, target))


def installed_files(directory: Path) -> Files:
    """What the wheels in a `--target` directory add to the zip: no scripts, no bytecode, nothing of this machine."""
    owners: dict[str, str] = {}
    for distribution in distributions(path=[str(directory)]):
        owner = f"{distribution.name} {distribution.version}"
        owners.update((str(file), owner) for file in distribution.files or ())
    found = ((path.relative_to(directory).as_posix(), path) for path in directory.rglob("*") if path.is_file())
    return {name: File(path, owners.get(name, name.split("/")[0])) for name, path in found if is_packed(name)}


def is_packed(name: str) -> bool:
    """Whether a file of a `--target` directory may belong into the zip: what runs, and what programs look up."""
    parts = name.split("/")
    if parts[0].endswith(".dist-info"):
        return parts[-1] in METADATA
    return parts[0] not in ("bin", ".lock", "tests") and "__pycache__" not in parts

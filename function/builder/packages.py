"""The packages of the host and of the author, installed for the target."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from . import versions
from .archive import module_of
from .environment import for_installers
from .explain import explain, is_unreachable, names_package
from .inputs import LOCK, MACHINES, MANYLINUX, BuildError, File, Files, Target, say
from .requirements import normal
from .wanted import FLOORS, Wanted

METADATA = {"METADATA", "entry_points.txt", "top_level.txt"}

RETURNED = {
    *("aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp"),
    *("lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau"),
    *("telnetlib", "uu", "xdrlib"),
}
"""Modules that Python 3.12 or 3.13 dropped, and packages bring back."""

STANDARD = sys.stdlib_module_names - RETURNED

WITH_UV = "; put uv on PATH, which can take the host's {0} in spite of what others require, and pip cannot"


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

    def of(self, names: Collection[str]) -> Files:
        """The files of packages."""
        return {name: file for name, file in self.files.items() if normal(file.owner) in names}

    def built_on(self, package: str) -> Files:
        """The files of the author's packages that require a package."""
        return self.of({name for name in self.brought if package in self.requires[name]})


def install(wanted: Wanted | None, target: Target, work: Path, overrides: Collection[str] = ()) -> Installed:
    """Install the host's lock and what the author asks for, if anything, below `work`.

    Args:
        wanted: What the author asks for.
        target: What the packages must run on.
        work: A directory of this build alone.
        overrides: Packages of which the host's version is taken whatever another requires.
    """
    tool, command = installer(target)
    locked, asked = work / "locked", work / "asked"
    if wanted:  # first, for that is where mistakes are
        say(f"resolving {wanted.origin}{_with(wanted)} for {target} with {tool}")
        if tool == "pip" and not runs_like(target):
            say(f"note: pip reads markers like python_version for this machine, uv would read them for {target}")
        command_to_asked = [*command, *overriding(tool, overrides, work), "--target", str(asked)]
        install_wanted(command_to_asked, wanted, target, work, overrides if tool == "pip" else ())
    say(f"resolving the host's locked packages for {target} with {tool}")
    failure = run([*command, "--target", str(locked), "--require-hashes", "--no-deps", "-r", str(LOCK)], work)
    if failure is not None:
        raise BuildError(explain(failure, target))
    found = {place: {normal(d.name): d for d in distributions(path=[str(place)])} for place in (asked, locked)}
    if wanted:
        tell_changes(wanted, {name: distribution.version for name, distribution in found[asked].items()})
    for name, distribution in found[asked].items():
        for each in distribution.requires or () if name not in overrides else ():
            if normal(each) in overrides and re.search("==|<|~=", each):
                say(f"note: {name} asks for {each}, which is overridden: the host's version takes its place")
    replaced = {name for name in found[asked].keys() & set(overrides) if _differ(name, *found.values())}
    surplus = _needed_by_nothing_else(replaced, found[asked], wanted.lines) if wanted and replaced else set()
    of_asked = {name: file for name, file in installed_files(asked).items() if normal(file.owner) not in surplus}
    return Installed(
        files={**of_asked, **installed_files(locked)},  # of two equal names the one checked by hash
        asked=wanted.asked if wanted else set(),
        brought=found[asked].keys() - found[locked].keys() - surplus,
        requires={n: set(map(normal, d.requires or ())) for n, d in (found[asked] | found[locked]).items()},
    )


def install_some(wanted: Collection[str], target: Target, work: Path) -> Files:
    """The files of some packages of the host's lock, installed below `work`, without those that they require."""
    lock, place = work / "some.lock", work / "some"
    entries = re.findall(r"^\S+==(?:.*\\\n)*.*\n", LOCK.read_text("utf-8"), re.MULTILINE)
    lock.write_text("".join(entry for entry in entries if normal(entry) in wanted), "utf-8")
    tool, command = installer(target)
    say(f"resolving {', '.join(wanted)} for {target} with {tool}")
    failure = run([*command, "--target", str(place), "--require-hashes", "--no-deps", "-r", str(lock)], work)
    if failure is not None:
        raise BuildError(explain(failure, target))
    return installed_files(place)


def _differ(name: str, *places: Mapping[str, Distribution]) -> bool:
    return len({place[name].version for place in places}) > 1


def _needed_by_nothing_else(replaced: set[str], found: Mapping[str, Distribution], lines: Iterable[str]) -> set[str]:
    """The packages that nothing but some that are replaced requires, and these themselves."""
    needed, pending = set[str](), {normal(line) for line in lines}
    while pending := pending & found.keys() - needed - replaced:
        needed |= pending
        pending = {normal(requirement) for name in pending for requirement in found[name].requires or ()}
    return found.keys() - needed


def install_wanted(
    command: list[str], wanted: Wanted, target: Target, work: Path, replaceable: Collection[str] = ()
) -> None:
    """Install what the author asks for; each version that only a lock has gives way where it is in the way.

    Args:
        command: The installer's command line up to what to install.
        wanted: What the author asks for.
        target: What the packages must run on.
        work: A directory of this build alone.
        replaceable: Packages of the host that give way, too, as the host's versions take their place afterwards.
    """
    requirements, constraints = work / "requirements.txt", work / "constraints.txt"
    requirements.write_text("\n".join(wanted.lines), "utf-8")
    locked = re.findall(r"^\S+==[^\\\n]+", LOCK.read_text("utf-8"), re.MULTILINE)  # no hashes: pip wants all or none
    host = [line for line in locked if normal(line) not in replaceable]
    floors = [f"{name}>={version}" for name, version in FLOORS.items()]
    pins = {name: lines for name, lines in wanted.pins.items() if name not in versions.locked()}
    pins |= {normal(line): [line] for line in locked if normal(line) in replaceable}
    # Where each package must have a hash, those that the host has come with the hashes of its lock.
    within = ["-r", str(LOCK)] if wanted.hashed else ["-c", str(constraints)]
    while True:
        giving_way = (line for lines in pins.values() for line in lines)
        constraints.write_text("\n".join([*host, *floors, *wanted.constraints, *giving_way]), "utf-8")
        failure = run([*command, "-r", str(requirements), *within], work)
        if failure is None:
            return
        in_the_way = {name for name in pins if names_package(failure, name)}
        if not in_the_way or is_unreachable(failure):
            blamed = [name for name in replaceable if names_package(failure, name)]
            raise BuildError(explain(failure, target, wanted.origin) + (WITH_UV.format(blamed[0]) if blamed else ""))
        pins = {name: lines for name, lines in pins.items() if name not in in_the_way}


def tell_changes(wanted: Wanted, installed: Mapping[str, str]) -> None:
    """Say which versions of the lock gave way: those that the author asks for, or the host does not have, by name."""
    changed = {}
    for name, pins in wanted.pins.items():
        pinned = [found[1] for pin in pins if (found := re.search(r"==\s*([^\s;]+)", pin))]
        if name in installed and installed[name] not in pinned:
            changed[name] = f"{name} {installed[name]} instead of {' or '.join(pinned)}"
    named = [changed[name] for name in sorted(changed) if name in wanted.asked or name not in versions.locked()]
    others = len(changed) - len(named)
    if changed:
        told = [*named, f"{others} {'others' if named else 'packages'} of the host"] if others else named
        say(f"note: versions of the host go before those of {wanted.lock}: {', '.join(told)}")


def _with(wanted: Wanted) -> str:
    return f" with the versions of {wanted.lock}" if wanted.lock not in (None, wanted.origin) else ""


def installer(target: Target) -> tuple[str, list[str]]:
    """The tool's name, and its command line up to what to install and where."""
    machine, newest = MACHINES[target.architecture], MANYLINUX[target.runtime]
    wheels = ["--only-binary", ":all:", "--no-compile", "--python-version", target.python]
    if uv := shutil.which("uv"):
        command = [uv, "pip", "install", "--color", "never", "--no-progress", "--python", sys.executable]
        platform = [] if target.is_local else ["--python-platform", f"{machine}-{newest}"]
        return "uv", [*command, *wheels, *platform]
    if importlib.util.find_spec("pip"):
        oldest = {"aarch64": 17, "x86_64": 5}[machine]  # no tag implies another, but manylinux2014 the two before it
        minors = range(int(newest.rpartition("_")[2]), oldest - 1, -1)
        tags = [*(f"manylinux_2_{minor}" for minor in minors), "manylinux2014"]
        abi = ["--implementation", "cp", "--abi", f"cp{target.python.replace('.', '')}"]
        platforms = [] if target.is_local else [f"--platform={tag}_{machine}" for tag in tags]
        command = [sys.executable, "-m", "pip", "install", "--no-input", "--no-color", "--disable-pip-version-check"]
        return "pip", [*command, *wheels, *abi, *platforms]
    raise BuildError(f"neither is uv on PATH, nor has {sys.executable} pip: install one of them")


def overriding(tool: str, names: Collection[str], work: Path) -> list[str]:
    """The options with which uv takes the host's versions of packages whatever is required; pip has none."""
    if not names or tool != "uv":
        return []
    lines = [f"{name}=={versions.locked()[name]}" for name in names]
    (work / "overrides.txt").write_text("\n".join(lines), "utf-8")
    return ["--overrides", str(work / "overrides.txt")]


def runs_like(target: Target) -> bool:
    """Whether markers mean the same here as on the target."""
    return target.runs_here and "{}.{}".format(*sys.version_info) == target.python


def run(command: list[str], work: Path) -> str | None:
    """Install, from a directory where no project's settings lie; None, or what the installer says when it fails."""
    env = for_installers() | {"TMPDIR": str(work)}
    ran = subprocess.run(command, cwd=work, env=env, capture_output=True, encoding="utf-8", errors="replace")
    return ran.stdout + ran.stderr if ran.returncode else None


def installed_files(directory: Path) -> Files:
    """What the wheels in a `--target` directory add to the zip: no scripts, no bytecode, nothing of this machine."""
    owners: dict[str, str] = {}
    for distribution in distributions(path=[str(directory)]):
        owner = f"{distribution.name} {distribution.version}"
        owners.update((str(file), owner) for file in distribution.files or ())
    found = ((path.relative_to(directory).as_posix(), path) for path in directory.rglob("*") if path.is_file())
    files = {name: File(path, owners.get(name, name.split("/")[0])) for name, path in found if is_packed(name)}
    # Installed, they come after the standard library on the import path; in a zip on Lambda they would come before.
    backports = {name for name in files if module_of(name) in STANDARD}
    if backports:
        whose = sorted({files[name].owner for name in backports})
        say(f"leaving out modules of {', '.join(whose)}, in whose place Python's standard library is imported")
    return {name: file for name, file in files.items() if name not in backports}


def is_packed(name: str) -> bool:
    """Whether a file of a `--target` directory may belong into the zip: what runs, and what programs look up."""
    parts = name.split("/")
    if parts[0].endswith(".dist-info"):
        return parts[-1] in METADATA
    return parts[0] not in ("bin", ".lock", "tests") and "__pycache__" not in parts

"""The packages of the host and of the author, installed for the target."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import NamedTuple

from .archive import module_of
from .explain import explain
from .inputs import LOCK, BuildError, File, Files, Target, say
from .installers import installer, run, runs_like
from .requirements import normal
from .resolution import install_wanted, request_of, tell_changes
from .wanted import Wanted

METADATA = {"METADATA", "entry_points.txt", "top_level.txt"}

RETURNED = {
    *("aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp"),
    *("lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau"),
    *("telnetlib", "uu", "xdrlib"),
}
"""Modules that Python 3.12 or 3.13 dropped, and packages bring back."""

STANDARD = sys.stdlib_module_names - RETURNED


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
        versions = f" with the versions of {wanted.lock}" if wanted.lock not in (None, wanted.origin) else ""
        say(f"resolving {wanted.origin}{versions} for {target} with {tool}")
        if tool == "pip" and not runs_like(target):
            say(f"note: pip reads markers like python_version for this machine, uv would read them for {target}")
        own = work / "wanted"  # of the author's alone: uv looks for settings where it runs
        own.mkdir()
        install_wanted([*command, "--target", str(asked)], request_of(wanted, tool, overrides, own), target, own)
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

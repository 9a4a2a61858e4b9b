"""Requests to an installer: the author's requirements, with the versions of the host's lock where both have them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from . import versions
from .explain import explain, is_unreachable, names_package
from .inputs import LOCK, BuildError, Target, say
from .installers import run
from .locks import Pins
from .requirements import normal
from .uv import for_pip, for_uv
from .wanted import FLOORS, Wanted

WITH_UV = "; put uv on PATH, which can set aside what others require of {0}, and pip cannot"


class Request(NamedTuple):
    """What one of the installers is asked for.

    Attributes:
        origin: The file that has the requirements.
        hashed: Whether each package must have a hash.
        options: Of its command line.
        lines: Lines of a requirements file.
        constraints: Lines of a constraints file that must hold.
        pins: Those that give way, by the normalised name of their package.
        beyond: Packages of which uv alone can set aside what others require.
    """

    origin: str
    hashed: bool
    options: list[str]
    lines: list[str]
    constraints: list[str]
    pins: Pins
    beyond: set[str]


def request_of(wanted: Wanted, tool: str, overrides: Collection[str], work: Path) -> Request:
    """What a tool is asked for, to install what the author asks for beside the host.

    Args:
        wanted: What the author asks for.
        tool: `uv` or `pip`.
        overrides: Packages of which the host's version is taken whatever another requires.
        work: The directory that it runs in.
    """
    locked = versions.locked()
    host = {name: f"{name}=={version}" for name, version in locked.items()}
    pins = {name: lines for name, lines in wanted.pins.items() if name not in locked}
    constraints = [*(f"{name}>={version}" for name, version in FLOORS.items()), *wanted.constraints]
    own = {normal(line): line for line in wanted.uv.overrides}
    if tool == "uv":
        pinned = {name: locked[name] for name in [*overrides, *own] if name in locked}
        options = for_uv(wanted.uv, pinned, work)
        held = [*host.values(), *constraints]
        return Request(wanted.origin, wanted.hashed, options, wanted.lines, held, pins, beyond=set())
    # The host's versions take the place of those that pip installs then, with what only these required.
    pins |= {name: [host[name]] for name in overrides}
    held = [line for name, line in (own | host).items() if name not in overrides]
    lines = [*for_pip(wanted.uv), *wanted.lines]
    return Request(wanted.origin, wanted.hashed, [], lines, [*held, *constraints], pins, beyond={*overrides, *own})


def install_wanted(command: list[str], request: Request, target: Target, work: Path) -> None:
    """Install what the author asks for; each version that may give way does so where it is in the way.

    Args:
        command: The installer's command line up to what to install.
        request: What it is asked for.
        target: What the packages must run on.
        work: A directory of this installation alone.
    """
    requirements, constraints = work / "requirements.txt", work / "constraints.txt"
    requirements.write_text("\n".join(request.lines), "utf-8")
    # Where each package must have a hash, those that the host has come with the hashes of its lock.
    within = ["-r", str(LOCK)] if request.hashed else ["-c", str(constraints)]
    pins = request.pins
    while True:
        giving_way = (line for lines in pins.values() for line in lines)
        constraints.write_text("\n".join([*request.constraints, *giving_way]), "utf-8")
        failure = run([*command, *request.options, "-r", str(requirements), *within], work)
        if failure is None:
            return
        in_the_way = {name for name in pins if names_package(failure, name)}
        if not in_the_way or is_unreachable(failure):
            blamed = sorted(name for name in request.beyond if names_package(failure, name))
            way_out = WITH_UV.format(" and ".join(blamed)) if blamed else ""
            raise BuildError(f"{explain(failure, target, request.origin)}{way_out}")
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

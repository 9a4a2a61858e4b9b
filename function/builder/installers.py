"""The tools that install packages for the target: uv where it is on PATH, else the pip of this interpreter."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from .environment import for_installers
from .inputs import MACHINES, MANYLINUX, BuildError, Target


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


def runs_like(target: Target) -> bool:
    """Whether markers mean the same here as on the target."""
    return target.runs_here and "{}.{}".format(*sys.version_info) == target.python


def run(command: list[str], work: Path) -> str | None:
    """Install, from a directory where no project's settings lie; None, or what the installer says when it fails."""
    env = for_installers() | {"TMPDIR": str(work)}
    ran = subprocess.run(command, cwd=work, env=env, capture_output=True, encoding="utf-8", errors="replace")
    return ran.stdout + ran.stderr if ran.returncode else None

"""Installs packages with npm as they are locked, without running any code of theirs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from ..environment import for_npm
from ..inputs import BuildError, say
from .project import ROOM, NodeProject

OPTIONS = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--no-update-notifier"]
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")

OUT_OF_STEP = re.compile(r"can only install packages when your package.json and package-lock.json")
NOT_THERE = re.compile(r"E404.*?'?((?:@[\w.-]+/)?[\w.-]+@[\w.-]+)'? is not in this registry", re.DOTALL)
UNREACHABLE = re.compile(r"\b(?:ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET)\b")


def tool(name: str) -> str:
    """The path of a program of Node.js; refuses where there is none."""
    found = shutil.which(name)
    if found is None:
        raise BuildError(
            f"there is no {name} on PATH, which builds a server of Node.js: install Node.js 22 or newer with npm, or "
            "give the module a finished zip as package_file"
        )
    return found


def install(project: NodeProject, folder: Path) -> None:
    """Install a project's packages into a folder, and esbuild where they have none."""
    say(f"installing the {len(project.packages) - 1:,} packages of package-lock.json with npm")
    _npm_ci(folder, project.folder, "package-lock.json", "--include=dev")
    if (version := project.version("esbuild")) is not None:
        say(f"bundling with esbuild {version} of package-lock.json")
    else:
        _npm_ci(esbuild_in(folder, project), ROOM, "the module's own lock", "--omit=dev")


def esbuild_in(folder: Path, project: NodeProject) -> Path:
    """Where esbuild can be imported, when it has been installed: the project's own if it has one, else the module's."""
    return folder if project.version("esbuild") else folder / "esbuild"


def _npm_ci(folder: Path, locked: Path, lock: str, *options: str) -> None:
    """Install into a folder what another one has a lock for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in NPM_FILES:
        if (locked / name).is_file():
            shutil.copyfile(locked / name, folder / name)
    command = [tool("npm"), "ci", *OPTIONS, *options]
    ran = subprocess.run(command, cwd=folder, env=for_npm(), capture_output=True, encoding="utf-8", errors="replace")
    (folder / ".npmrc").unlink(missing_ok=True)  # it may have a password, and the folder may be kept
    if ran.returncode:
        raise BuildError(explain(ran.stdout + ran.stderr, lock))


def explain(output: str, lock: str) -> str:
    """What npm says when it fails, in a sentence."""
    text = re.sub(r"(?m)^npm (?:error|ERR!) ?", "", output)
    lines = [line.strip() for line in text.splitlines() if line.strip() and "complete log of this run" not in line]
    if OUT_OF_STEP.search(text):
        return f"{lock} does not fit package.json: run `npm install` and keep both"
    if missing := NOT_THERE.search(text):
        return f"the registry has no {missing[1]}, which {lock} asks for: correct it, or use a registry that has it"
    if UNREACHABLE.search(text):
        return f"the package registry cannot be reached, check the network and its address ({lines[-1]})"
    return f"npm could not install the packages of {lock}: {' '.join(lines[-6:])}"

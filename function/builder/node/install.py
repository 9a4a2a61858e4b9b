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
    """Install a project's packages into a folder that has its files."""
    say(f"installing the {len(project.packages) - 1:,} packages of package-lock.json with npm")
    for name in NPM_FILES:
        if (project.folder / name).is_file() and not (folder / name).exists():
            shutil.copyfile(project.folder / name, folder / name)
    _npm_ci(folder, "package-lock.json")


def bundler(project: NodeProject, folder: Path, work: Path) -> Path:
    """The folder from which esbuild can be imported: the project's own where its lock has it, else the module's."""
    if (version := project.version("esbuild")) is not None:
        say(f"bundling with esbuild {version} of package-lock.json")
        return folder
    place = work / "esbuild"
    place.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(ROOM / name, place / name)
    _npm_ci(place, "the module's own lock", "--omit=dev")
    return place


def _npm_ci(folder: Path, lock: str, *options: str) -> None:
    command = [tool("npm"), "ci", *OPTIONS, *(options or ["--include=dev"])]
    ran = subprocess.run(command, cwd=folder, env=for_npm(), capture_output=True, encoding="utf-8", errors="replace")
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

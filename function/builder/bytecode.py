"""Bytecode for the target: Lambda can keep none, so without it in the zip each cold start compiles every module."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from .archive import BYTECODE
from .environment import for_installers, for_packages
from .inputs import File, Files, Target

ROOT = "/var/task"
"""Where Lambda unpacks the zip; tracebacks show files there."""


def interpreter(target: Target) -> str | None:
    """The path of an interpreter of the target's version: this one, one on PATH, or one that uv brings."""
    if "{}.{}".format(*sys.version_info) == target.python:
        return sys.executable
    candidates = [[found] for found in [shutil.which(target.runtime)] if found]
    if uv := shutil.which("uv"):
        candidates.append([uv, "run", "--quiet", "--no-project", "--python", target.python, "python"])
    return next(filter(None, (_path_of(command, target) for command in candidates)), None)


def compiled(python: str, files: Files, stage: Path) -> Files:
    """The bytecode of all modules of `files`, which lie in `stage`, that can be compiled.

    It is loaded without a look at the source, whose time in a zip says nothing (unchecked hash, PEP 552). One process
    with a fixed order and hash seed, so that the same sources give the same bytes.
    """
    command = [python, "-P", "-S", "-m", "compileall", "-q", "-q", "--invalidation-mode", "unchecked-hash"]
    environment = for_packages(stage) | {"PYTHONHASHSEED": "0"}
    subprocess.run([*command, "-s", str(stage), "-p", ROOT, str(stage)], env=environment, capture_output=True)
    made = {path.relative_to(stage): path for path in stage.rglob("__pycache__/*.pyc")}
    return {name.as_posix(): File(path, files[_source_of(name)].owner) for name, path in made.items()}


def listed(files: Files, author: Files) -> bytes:
    """The modules of packages that have bytecode, for `mcp_lambda_host/sdk/listed.py`.

    One beside a compiled module of the same name is left out, as Python takes that one.
    """
    native = {name.split(".")[0] for name in files if name.endswith(".so")}
    sources = {_source_of(Path(name)) for name in files if name.endswith(BYTECODE)} - author.keys()
    modules = {source.removesuffix(".py").removesuffix("/__init__"): False for source in sources}
    modules |= {source.removesuffix("/__init__.py"): True for source in sources if source.endswith("/__init__.py")}
    found = {name.replace("/", "."): is_package for name, is_package in modules.items() if name not in native}
    return json.dumps(found, sort_keys=True).encode()


def _source_of(name: Path) -> str:
    """The source of a bytecode file: `a/__pycache__/b.cpython-313.pyc` is of `a/b.py`."""
    return (name.parents[1] / f"{name.name.rsplit('.', 2)[0]}.py").as_posix()


def _path_of(command: list[str], target: Target) -> str | None:
    """The path of the interpreter that a command starts, None if it is not the target's."""
    show = "import sys; print('{}.{}'.format(*sys.version_info), sys.implementation.name, sys.executable)"
    environment = {"UV_HTTP_RETRIES": "0", **for_installers()}  # without a network it is to be known soon
    ran = subprocess.run([*command, "-S", "-c", show], env=environment, capture_output=True, text=True)
    version, _, path = ran.stdout.strip().rpartition(" cpython ")
    return path if ran.returncode == 0 and version == target.python else None

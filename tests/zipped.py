"""Runs build.py as a user does, and looks into its zip."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path

import pytest

import build
from builder import inputs

SCRIPT = Path(build.__file__)
WITH_UV = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
ARM = inputs.Target("python3.13", "arm64")
INTEL = inputs.Target("python3.11", "x86_64")

needs_pip = pytest.mark.skipif(find_spec("pip") is None, reason="this environment has no pip")


def run_build(
    source: Path,
    output: Path,
    *options: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    trial: bool = False,
) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of build.py, run as a user would.

    Args:
        source: The author's directory.
        output: The zip.
        options: Further ones.
        cwd: Where it runs.
        env: Changes of the environment.
        trial: Whether the server is started, too; what tests pack is often none.
    """
    command = [sys.executable, str(SCRIPT), "--source-dir", str(source), "--output", str(output), *options]
    command += [] if trial else ["--no-trial-start"]
    ran = subprocess.run(command, cwd=cwd, env={**os.environ, **WITH_UV, **(env or {})}, capture_output=True, text=True)
    return ran.returncode, ran.stdout, ran.stderr


def for_target(target: inputs.Target) -> list[str]:
    return ["--runtime", target.runtime, "--architecture", target.architecture]


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def write_wheel(
    folder: Path,
    name: str,
    files: dict[str, str],
    executable: Collection[str] = (),
    *,
    version: str = "1",
    requires: Collection[str] = (),
    tag: str = "py3-none-any",
) -> None:
    """Write a wheel, which a build takes with `--find-links`."""
    folder.mkdir(parents=True, exist_ok=True)
    needs = "".join(f"Requires-Dist: {requirement}\n" for requirement in requires)
    metadata = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
        "RECORD": "".join(f"{file},,\n" for file in files),
    }
    inside = {f"{name}-{version}.dist-info/{file}": text for file, text in metadata.items()}
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as wheel:
        for file, text in {**files, **inside}.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = (0o100755 if file in executable else 0o100644) << 16
            wheel.writestr(entry, text)


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()

"""scripts/setup, on a machine where nothing is set up."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY

NEEDED = ("scripts/setup", "function/mcp_lambda_host/contract.json")
LOCK = "tests/requirements.lock"
PACKAGES = ("iniconfig", "uv")
COMMANDS = ("bash", "basename", "cmp", "cp", "dirname", "grep", "rm", "sed", "sort")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock has two packages, on a machine without Terraform and Node.js."""
    for name in (*NEEDED, LOCK):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    (tmp_path / LOCK).write_text("".join(map(locked, PACKAGES)))
    for command in COMMANDS:
        (tmp_path / command).symlink_to(f"/usr/bin/{command}")
    (tmp_path / "python3").symlink_to(sys.executable)
    return tmp_path


def locked(package: str) -> str:
    """The lines of a package in the tests' lock, with its hashes."""
    found = re.search(rf"^{package}==.+(?:\n .+)*\n", (REPOSITORY / LOCK).read_text(), re.MULTILINE)
    assert found, f"{LOCK} has no {package}"
    return found[0]


def set_up(checkout: Path) -> subprocess.CompletedProcess[str]:
    command = [str(checkout / "scripts/setup"), "--client"]
    environ = os.environ | {"PATH": str(checkout)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_an_environment_has_what_its_lock_has_and_is_made_once(checkout: Path) -> None:
    first, second = set_up(checkout), set_up(checkout)

    assert (first.returncode, first.stdout) == (0, f"setting up .venv from {LOCK}\n"), first.stderr
    assert (second.returncode, second.stdout + second.stderr) == (0, "")
    installed = {found.name.split("-")[0] for found in checkout.glob(".venv/lib/*/site-packages/*.dist-info")}
    assert installed - {"pip", "setuptools"} == {"iniconfig", "uv"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_that_is_not_the_locked_one_is_refused_and_the_environment_is_not_made(
    checkout: Path, package: str
) -> None:
    lock = checkout / LOCK
    other = re.sub("sha256:[0-9a-f]+", f"sha256:{'0' * 64}", locked(package))
    lock.write_text(lock.read_text().replace(locked(package), other))

    refused = set_up(checkout)

    assert refused.returncode == 1
    assert re.match(rf"setup: .+ of {LOCK} could not be installed$", refused.stderr.splitlines()[-1])
    assert not (checkout / ".venv/made-from").exists()
    assert not list(checkout.glob(f".venv/lib/*/site-packages/{package}-*"))

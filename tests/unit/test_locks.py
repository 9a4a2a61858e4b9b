"""Locks are installed with --no-deps: a package that is missing from one would be missing where it is needed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from builder import inputs
from lab.local_aws import REPOSITORY

LOCKS = [*sorted(REPOSITORY.glob("*/requirements*.lock")), REPOSITORY / "examples/cdk/requirements.txt"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.parent.name}/{lock.name}")
def test_a_lock_has_all_that_its_packages_require_here_with_their_extras(lock: Path, tmp_path: Path) -> None:
    resolved = resolve(lock, tmp_path)

    assert resolved.returncode == 0, resolved.stderr


@pytest.mark.parametrize("package", ["email-validator", "h11"])
def test_a_package_that_only_another_one_requires_would_be_missed_by_name(package: str, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    whole = (REPOSITORY / "tests/requirements-proxy.lock").read_text()
    lock.write_text(re.sub(rf"^{package}==.*?(?=^\S)", "", whole, flags=re.MULTILINE | re.DOTALL))

    assert f"`{package}`" in resolve(lock, tmp_path).stderr


@pytest.mark.parametrize("architecture", inputs.MACHINES)
@pytest.mark.parametrize("runtime", inputs.MANYLINUX)
def test_the_hosts_lock_has_a_wheel_of_each_package_for_each_target(
    runtime: str, architecture: str, tmp_path: Path
) -> None:
    options = ["--only-binary", ":all:", "--no-deps", "--python-version", runtime.removeprefix("python")]
    platform = f"{inputs.MACHINES[architecture]}-{inputs.MANYLINUX[runtime]}"

    resolved = resolve(inputs.LOCK, tmp_path, *options, "--python-platform", platform)

    assert resolved.returncode == 0, resolved.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.parent.name}/{lock.name}")
def test_a_lock_names_no_package_index(lock: Path) -> None:
    assert "://" not in lock.read_text()


def resolve(lock: Path, directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Resolve a lock anew; uv refuses what is required, whether by an extra or not, and has no hash in the lock."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "pip", "install", "--dry-run", "--require-hashes", "--python", sys.executable]
    where = ["--target", str(directory / "packages")]
    return subprocess.run([*command, *options, *where, "-r", str(lock)], capture_output=True, text=True, check=False)

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY, copy_of_repository


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory, provider: dict[str, str]) -> Path:
    """A copy of the module, its examples and these tests, so that nothing is left behind in the repository."""
    copy = copy_of_repository(tmp_path_factory.mktemp("checkout"))
    for part in ("tests/plan", "tests/mocks"):
        shutil.copytree(REPOSITORY / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "examples/github-actions/server.zip").touch()  # which its workflow builds
    return copy

from __future__ import annotations

from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from tests.plan.offline import terraform


@pytest.mark.parametrize("file", sorted(REPOSITORY.glob("tests/plan/*.tftest.hcl")), ids=lambda file: file.name)
def test_terraform_tests_pass(file: Path, checkout: Path) -> None:
    terraform("init", directory=checkout)
    tested = terraform("test", "-test-directory=tests/plan", f"-filter=tests/plan/{file.name}", directory=checkout)
    assert tested.returncode == 0, tested.stdout + tested.stderr

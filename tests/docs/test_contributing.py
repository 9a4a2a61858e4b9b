"""CONTRIBUTING.md and .pre-commit-config.yaml name what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from lab.local_aws import REPOSITORY

PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text()
LOCKS = sorted(REPOSITORY.glob("*/requirements*.lock"))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.parent.name}/{lock.name}")
def test_a_lock_is_listed_and_its_source_says_how_it_is_made(lock: Path) -> None:
    name = str(lock.relative_to(REPOSITORY))
    sources = REPOSITORY.glob("*/requirements*.in")

    assert f"`{name}`" in PAGE
    assert len([source for source in sources if f" -o {name}\n" in source.read_text()]) == 1


def test_the_hooks_run_commands_of_the_check_script() -> None:
    (local,) = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text())["repos"]
    check = (REPOSITORY / "scripts/check").read_text()
    commands = [
        command.removeprefix(".venv/bin/")
        for hook in local["hooks"]
        for command in re.sub(r"^bash -c '(.+)'$", r"\1", hook["entry"]).split(" && ")
    ]

    assert {hook["language"] for hook in local["hooks"]} == {"system"}
    assert [command for command in commands if f"\n{command}\n" not in check] == []

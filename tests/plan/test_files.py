"""Terraform's files: their names, and the length of their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from lab.readme import hcl

FOLDERS = ("*.tf", "fronts/*/*.tf", "lambda/*.tf", "examples/*/*.tf", "tests/**/*.tf", "verify/stack/*.tf")
FILES = sorted(file for folder in FOLDERS for file in REPOSITORY.glob(folder))
TOPICS = sorted(file.stem.removeprefix("variables_") for file in REPOSITORY.glob("variables_*.tf"))


@pytest.mark.parametrize("topic", TOPICS)
def test_variables_stand_beside_the_file_of_their_topic(topic: str) -> None:
    assert hcl(f"variables_{topic}.tf").keys() == {"variable"}
    assert "variable" not in hcl(f"{topic}.tf")


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_a_line_has_120_columns_at_most(file: Path) -> None:
    lines = file.read_text().splitlines()

    assert [number for number, line in enumerate(lines, start=1) if len(line) > 120] == []

"""The module's files are named by what is in them."""

from __future__ import annotations

import pytest

from lab.local_aws import REPOSITORY
from lab.readme import hcl

TOPICS = sorted(file.stem.removeprefix("variables_") for file in REPOSITORY.glob("variables_*.tf"))


@pytest.mark.parametrize("topic", TOPICS)
def test_variables_stand_beside_the_file_of_their_topic(topic: str) -> None:
    assert hcl(f"variables_{topic}.tf").keys() == {"variable"}
    assert "variable" not in hcl(f"{topic}.tf")

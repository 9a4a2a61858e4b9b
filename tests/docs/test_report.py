"""docs/report.md names the options that there are."""

from __future__ import annotations

import re

from lab.local_aws import REPOSITORY


def test_the_table_has_the_options_of_the_report() -> None:
    given = re.findall(r'group\.addoption\("(--\w+)"', (REPOSITORY / "tests/conftest.py").read_text())
    shown = re.findall(r"^\| `(--\w+)` \|", (REPOSITORY / "docs/report.md").read_text(), re.MULTILINE)

    assert shown == given

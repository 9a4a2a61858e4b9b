"""docs/verify-aws.md names the options, the groups and the rows that there are."""

from __future__ import annotations

import re

import pytest

from lab.local_aws import REPOSITORY
from verify import spend
from verify.__main__ import GROUPS, PARTS, ROWS, parse_arguments

PAGE = (REPOSITORY / "docs/verify-aws.md").read_text()


def test_the_tables_have_the_options_and_the_groups_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--help"])
    given = re.findall(r"^  (--\w+)", capsys.readouterr().out, re.MULTILINE)
    rows = re.findall(r"^\| (.+?) \|", PAGE, re.MULTILINE)

    assert [row.strip("`") for row in rows if row.startswith("`")] == given
    assert [row for row in rows if row in {group.name for group in GROUPS}] == [group.name for group in GROUPS]


def test_the_rows_of_the_example_exist_and_the_page_is_right_on_time_and_cost() -> None:
    (named,) = re.findall(r"--only ([\w -]+)$", PAGE, re.MULTILINE)

    assert [name for name in named.split() if name not in ROWS] == []
    assert f"about {spend.MINUTES} minutes" in PAGE
    assert spend.total(PARTS - {"dashboard"}) < 1

"""docs/changing.md has what the tests change on a live stack, and they change every input."""

from __future__ import annotations

from lab.readme import REPOSITORY, blocks, section
from tests.integration.changes import rows

TABLE = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in section("Each input", REPOSITORY / "docs/changing.md").splitlines()
    if line.startswith("| `")
]


def test_every_input_is_changed_on_a_live_stack() -> None:
    assert {name.strip("`") for name, *_ in rows()} == blocks("variable").keys()


def test_the_page_has_a_row_for_each_change_that_is_tried_and_says_what_callers_notice() -> None:
    assert [cells[:3] for cells in TABLE] == rows()
    assert all(applies == "1" and words for *_, applies, words in TABLE)

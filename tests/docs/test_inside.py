"""docs/inside.md describes the files that there are."""

from __future__ import annotations

import re

from lab.local_aws import REPOSITORY

PAGE = (REPOSITORY / "docs" / "inside.md").read_text()
HOST = REPOSITORY / "function" / "mcp_lambda_host"
NAMED = set(re.findall(r"`((?:\w+/)*\w+\.py)`", PAGE))


def test_every_module_that_is_named_exists() -> None:
    assert NAMED
    assert [name for name in sorted(NAMED) if not any((root / name).exists() for root in (HOST, REPOSITORY))] == []


def test_every_module_of_the_hosts_top_and_every_room_is_described() -> None:
    top = {path.name for path in HOST.glob("*.py")} - {"__init__.py"}
    rooms = {path.parent.name for path in HOST.glob("*/__init__.py")}
    (table,) = re.findall(r"^\| room \|.+?\n\n", PAGE, re.MULTILINE | re.DOTALL)

    assert top <= set(re.findall(r"`(\w+\.py)`", table))
    assert {f"`{room}/`" for room in rooms} <= set(re.findall(r"`\w+/`", table))


def test_every_part_of_the_function_is_described() -> None:
    parts = {path.parent.name for path in HOST.parent.glob("*/__init__.py")} | {
        p.name for p in HOST.parent.glob("*.py")
    }

    assert [part for part in sorted(parts) if part not in PAGE] == []


def test_every_terraform_file_that_is_named_exists_and_has_the_locals_that_are_named_before_it() -> None:
    named = re.findall(r"`([\w.]+)`(?: and `(\w+)`)? in `((?:\w+/)*\w+\.tf)`", PAGE)
    files = set(re.findall(r"`(?!variables_TOPIC|TOPIC)((?:\w+/)*\w+\.tf)`", PAGE))

    assert [file for file in sorted(files) if not (REPOSITORY / file).exists()] == []
    assert len(named) == 5
    for *names, file in named:
        text = (REPOSITORY / file).read_text()
        assert [name for name in filter(None, names) if f"  {name.removeprefix('local.')} " not in text] == []

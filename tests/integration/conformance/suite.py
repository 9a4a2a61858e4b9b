"""The official conformance suite, run against a URL, and what it found."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Node = Callable[..., subprocess.CompletedProcess[str]]
"""Runs a command of node_modules with the Node that is installed there."""

SCENARIOS = Path(__file__).with_name("scenarios.mjs")

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
    scored = _scored(node, requirements)
    node("conformance", "server", "--url", url, "--requirements", requirements, "-o", str(directory), check=False)
    checks = _checks(directory)
    return [Scenario(name, name in scored, checks[name]) for name in [*scored, *sorted(checks.keys() - set(scored))]]


def judge(node: Node, url: str, scenarios: Iterable[tuple[str, str]], directory: Path) -> list[Scenario]:
    """Judge the server at `url` in some scenarios, one after the other.

    Args:
        node: Runs the suite.
        url: Of the MCP endpoint.
        scenarios: Versions of the protocol, each with the name of a scenario.
        directory: For the suite's files; made.
    """
    wanted = list(scenarios)
    names = [f"{version}/{name}" for version, name in wanted]
    ran = node("node", str(SCENARIOS), url, str(directory), *names, check=False)
    nothing = {"id": "judged", "status": "FAILURE", "errorMessage": f"the suite judged nothing: {ran.stderr}"}
    return [Scenario(name, True, _checks(directory / version).get(name, [nothing])) for version, name in wanted]


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


def _checks(directory: Path) -> dict[str, list[dict[str, Any]]]:
    """The suite's records below a directory, by scenario."""
    found = {DIRECTORY.fullmatch(path.parent.name): path for path in directory.glob("*/checks.json")}
    return {match["scenario"]: json.loads(path.read_text()) for match, path in found.items() if match}


@cache
def _scored(node: Node, requirements: str) -> list[str]:
    """The names below the heading of the server's scenarios."""
    listed = node("conformance", "list", "--server", "--requirements", requirements).stdout
    _, _, below = listed.partition("Server scenarios")
    names = below.split("\n\n")[0].splitlines()[1:]
    return [name.strip().removeprefix("- ") for name in names]

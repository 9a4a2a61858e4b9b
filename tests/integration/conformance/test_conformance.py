"""The official conformance suite, against the module's URL on the local AWS."""

from __future__ import annotations

import json
import re

import pytest

from lab.local_aws import REPOSITORY

from .suite import REQUIREMENTS, Results, totals

SCORED = {"2026-07-28": 37, "2025-11-25": 30}

BACK_CHANNEL = (
    "In the handshake era a server asks its client in the middle of a call, and the answer comes in a request of its "
    "own, which may reach any environment. Only a server that is one process can do that; 2026-07-28 has rounds."
)
EXPECTED_FAILURES: dict[str, dict[str, str]] = {
    "2026-07-28": {},
    "2025-11-25": {
        "tools-call-sampling": BACK_CHANNEL,
        "tools-call-elicitation": BACK_CHANNEL,
        "elicitation-sep1034-defaults": BACK_CHANNEL,
        "elicitation-sep1330-enums": BACK_CHANNEL,
    },
}
EXPECTED_WARNINGS: dict[str, dict[str, str]] = {
    "2026-07-28": {},
    "2025-11-25": {
        "server-sse-multiple-streams": "It ends early where there is no session id, which a stateless server has not.",
    },
}


@pytest.mark.parametrize("requirements", REQUIREMENTS)
def test_what_the_specification_requires_passes_unless_it_needs_a_back_channel(
    results: Results, requirements: str
) -> None:
    scored = [scenario for scenario in results[requirements] if scenario.scored]
    failed = {scenario.name: scenario.failures for scenario in scored if scenario.failures}
    expected = EXPECTED_FAILURES[requirements]

    assert {name: why for name, why in failed.items() if name not in expected} == {}
    assert expected.keys() - failed.keys() == set(), "these pass now: take them out of EXPECTED_FAILURES"
    assert len(scored) == SCORED[requirements]


@pytest.mark.parametrize("requirements", REQUIREMENTS)
def test_what_the_specification_recommends_is_done_unless_it_needs_a_session(
    results: Results, requirements: str
) -> None:
    scored = [scenario for scenario in results[requirements] if scenario.scored]
    warned = {scenario.name: scenario.warnings for scenario in scored if scenario.warnings}
    expected = EXPECTED_WARNINGS[requirements]

    assert {name: why for name, why in warned.items() if name not in expected} == {}
    assert expected.keys() - warned.keys() == set(), "these pass now: take them out of EXPECTED_WARNINGS"


@pytest.mark.parametrize("name", ["http-header-validation", "http-custom-header-server-validation"])
def test_headers_that_repeat_the_body_reach_the_server_through_the_gateway(results: Results, name: str) -> None:
    (scenario,) = (scenario for scenario in results["2026-07-28"] if scenario.name == name)

    assert not scenario.scored, "it has become a requirement: this test is not needed any more"
    assert scenario.failures == []


def test_the_suite_was_answered_by_several_environments(results: Results) -> None:
    checks = json.dumps([scenario.checks for scenarios in results.values() for scenario in scenarios])

    assert len(set(re.findall(r"environment [0-9a-f]{32}", checks))) > 2


def test_the_page_on_conformance_shows_what_the_suite_found(results: Results) -> None:
    assert "\n".join(totals(results)) in (REPOSITORY / "docs/conformance.md").read_text()

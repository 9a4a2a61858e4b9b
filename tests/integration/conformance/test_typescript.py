"""The official conformance suite and the TypeScript client, against a server in TypeScript on the local AWS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lab.events import modern
from lab.local_aws import LocalAWS
from tests.integration.conftest import Deployment, Endpoint

from .suite import REQUIREMENTS, Node, run
from .test_conformance import EXPECTED_FAILURES, EXPECTED_WARNINGS, SCORED

HERE = Path(__file__).parent
ENVIRONMENTS = 6  # reserved in main.tf


@pytest.fixture(scope="module")
def typescript(deploy: Callable[..., Deployment], aws: LocalAWS, repository: Path) -> Endpoint:
    """The server, served by several execution environments."""
    root = repository / "tests/integration/conformance/typescript"
    shutil.copytree(HERE / "typescript", root)
    _, endpoint = deploy("tests/integration/conformance/typescript", origin=aws.endpoint)
    with ThreadPoolExecutor(ENVIRONMENTS) as pool:
        answers = list(pool.map(lambda _: endpoint.call(modern, "occupy"), range(ENVIRONMENTS)))
    assert len({json.dumps(answer["result"]["content"]) for answer in answers}) > 1
    return endpoint


@pytest.mark.parametrize("requirements", REQUIREMENTS)
def test_a_server_in_typescript_conforms_as_one_in_python_does(
    typescript: Endpoint, node: Node, tmp_path: Path, requirements: str
) -> None:
    scored = [scenario for scenario in run(node, typescript.url, requirements, tmp_path) if scenario.scored]

    assert len(scored) == SCORED[requirements]
    assert {each.name for each in scored if each.failures} == EXPECTED_FAILURES[requirements].keys()
    assert {each.name for each in scored if each.warnings} == EXPECTED_WARNINGS[requirements].keys()


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
def test_the_typescript_client_uses_it_in_both_eras(typescript: Endpoint, node: Node, mode: str) -> None:
    seen: dict[str, Any] = json.loads(node("node", "client.mjs", typescript.url, mode).stdout)

    assert (seen["called"], seen["progress"], seen["failed"]) == ("Done.", [0, 50, 100], True)
    assert seen["unknown"] == -32602
    assert seen["completed"] == ["paris", "park", "party"]
    if mode != "legacy":
        assert seen["questions"] == ["Your name?", "Your colour?"]

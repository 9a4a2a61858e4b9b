"""The official conformance suite and the TypeScript client, against a server in TypeScript on the local AWS."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.events import modern
from lab.local_aws import LocalAWS
from tests.integration.conftest import Deployment, Endpoint

from .conftest import FRONTS
from .suite import REQUIREMENTS, Node, run
from .test_conformance import EXPECTED_FAILURES, EXPECTED_WARNINGS, SCORED

HERE = Path(__file__).parent
ENVIRONMENTS = 6  # reserved in main.tf


@pytest.fixture(scope="module")
def root(repository: Path) -> Path:
    """The stack, with a directory of its own."""
    root = repository / "tests/integration/conformance/typescript"
    return shutil.copytree(HERE / "typescript", root, dirs_exist_ok=True)  # other tests may have come in between


@pytest.fixture(scope="module")
def deployed(deploy: Callable[..., Deployment], aws: LocalAWS, root: Path) -> Endpoint:
    """The server behind the HTTP API; a REST API leads to another one with the same code."""
    return deploy("tests/integration/conformance/typescript", origin=aws.endpoint)[1]


@pytest.fixture(scope="module", params=FRONTS)
def typescript(request: pytest.FixtureRequest, deployed: Endpoint, aws: LocalAWS) -> Endpoint:
    """The server behind each front, served by several execution environments."""
    rest = replace(deployed, url=aws.url(deployed.outputs["rest_api_id"], stage="live"))
    endpoint = rest if request.param == "rest" else deployed
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


def test_the_inspector_lists_its_tools(typescript: Endpoint, node: Node) -> None:
    options = ["--transport", "http", "--protocol-era", "auto", "--method", "tools/list"]
    listed = json.loads(node("mcp-inspector", "--cli", typescript.url, *options).stdout)

    assert "test_simple_text" in {tool["name"] for tool in listed["tools"]}


@pytest.mark.usefixtures("deployed")
def test_the_zip_has_a_source_map_where_its_environment_asks_for_one(root: Path) -> None:
    maps = []
    for zipped in (root / ".terraform" / "mcp-lambda").glob("*.zip"):
        with zipfile.ZipFile(zipped) as archive:
            maps.append([name for name in archive.namelist() if name.endswith(".map")])

    assert maps == [["mcp_lambda_server.mjs.map"]] * len(FRONTS)

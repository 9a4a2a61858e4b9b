"""A new version is tried on a share of the calls, promoted, and rolled back, on the local AWS.

It keeps an alias's weights and splits no traffic: which version a share of the calls gets is AWS's own part.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.events import message_of, modern, tool_call
from tests.integration.conftest import Deployment, Endpoint

SERVER = """
import os
from mcp.server.mcpserver import MCPServer
mcp = MCPServer("rollout")

@mcp.tool()
def release() -> str:
    return os.environ["RELEASE"]
"""

Apply = Callable[[dict[str, str]], Deployment]


@pytest.fixture(scope="module")
def apply(deploy: Callable[..., Deployment], repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Apply:
    """Apply the tests' own stack around that server, with some of its variables."""
    source = tmp_path_factory.mktemp("rollout")
    (source / "server.py").write_text(SERVER)
    root = repository / "tests/integration/rollout"
    root.mkdir()
    shutil.copy(repository / "tests/integration/stack/main.tf", root)
    return lambda variables: deploy(
        "tests/integration/rollout", name="rollout", module_source_dir=str(source), **variables
    )


def release(number: int, **variables: Any) -> dict[str, str]:
    """The variables of a release: its number is in the environment, a change of which alone makes a new version."""
    values = {"environment": {"RELEASE": str(number)}} | variables
    return {name: json.dumps(value) for name, value in values.items()}


def live(endpoint: Endpoint) -> tuple[str, dict[str, float]]:
    """The version that the alias points to, and the shares of others."""
    alias = endpoint.client("lambda").get_alias(FunctionName="rollout", Name="live")
    return alias["FunctionVersion"], alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def answer_of(endpoint: Endpoint, version: str) -> str:
    """What a version by its number answers."""
    event = json.dumps(tool_call(modern, "release"))
    invoked = endpoint.client("lambda").invoke(FunctionName="rollout", Qualifier=version, Payload=event)
    return str(message_of(json.load(invoked["Payload"]))["result"]["structuredContent"]["result"])


def answer(endpoint: Endpoint) -> str:
    """What clients are answered."""
    return str(endpoint.call(modern, "release")["result"]["structuredContent"]["result"])


def test_a_version_is_tried_promoted_and_rolled_back_at_the_same_url(apply: Apply) -> None:
    _, endpoint = apply(release(1))
    assert (live(endpoint), answer(endpoint)) == (("1", {}), "1")

    apply(release(2, canary={"stable_version": 1, "weight": 0.25}))
    assert live(endpoint) == ("1", {"2": 0.25})
    assert [answer_of(endpoint, version) for version in ("1", "2")] == ["1", "2"]

    apply(release(2))
    assert (live(endpoint), answer(endpoint)) == (("2", {}), "2")

    _, last = apply(release(3, rollback_to=1))
    assert (live(endpoint), answer(endpoint)) == (("1", {}), "1")
    assert answer_of(endpoint, "3") == "3"
    assert last.url == endpoint.url

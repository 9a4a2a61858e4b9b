"""Clients that others have written, against the module's URL on the local AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Endpoint

from .browser import Pages, find_chromium
from .suite import Node


@pytest.mark.parametrize(
    ("mode", "version"), [("legacy", "2025-11-25"), ("auto", "2026-07-28"), ("2026-07-28", "2026-07-28")]
)
def test_the_typescript_client_lists_calls_reads_prompts_and_completes(
    judged: Endpoint, node: Node, mode: str, version: str
) -> None:
    seen = _typescript(node, judged.url, mode)

    assert seen["version"] == version
    assert "test_simple_text" in seen["tools"]
    assert "test://static-text" in seen["resources"]
    assert seen["templates"] == ["test://template/{id}/data"]
    assert "test_simple_prompt" in seen["prompts"]
    assert seen["called"] == "Done."
    assert seen["progress"] == [0, 50, 100]
    assert seen["failed"] is True
    assert seen["unknown"] == -32602
    assert json.loads(seen["read"])["id"] == "7"
    assert seen["prompted"].startswith("Say a and b to environment ")
    assert seen["completed"] == ["paris", "park", "party"]


def test_the_typescript_client_of_the_handshake_era_is_refused_its_stream_and_goes_on(
    judged: Endpoint, node: Node
) -> None:
    requests = _typescript(node, judged.url, "legacy")["requests"]

    assert [request for request in requests if request.startswith("GET")] == ["GET 405"]
    assert set(requests) == {"GET 405", "POST 200", "POST 202"}


def test_the_typescript_client_answers_questions_in_several_rounds(judged: Endpoint, node: Node) -> None:
    seen = _typescript(node, judged.url, "2026-07-28")

    assert seen["questions"] == ["Your name?", "Your colour?"]
    assert seen["answered"].count("environment ") == 3


@pytest.mark.parametrize("era", ["modern", "legacy", "auto"])
def test_the_inspector_lists_the_tools(judged: Endpoint, node: Node, era: str) -> None:
    options = ["--transport", "http", "--protocol-era", era, "--method", "tools/list"]
    listed = json.loads(node("mcp-inspector", "--cli", judged.url, *options).stdout)

    assert "test_simple_text" in {tool["name"] for tool in listed["tools"]}


@pytest.fixture(scope="module")
def chromium(node: Node, page_script: Path) -> str:
    """The browser, for which the page's script is bundled."""
    found = find_chromium()
    if not found:
        pytest.skip("there is no Chromium on PATH: install it, on Debian by apt-get install chromium")
    node("rolldown", "page.mjs", "--file", str(page_script), "--format", "esm", "--platform", "browser")
    return found


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_web_page_of_an_origin_that_may_call_lists_and_calls(
    judged: Endpoint, pages: Pages, chromium: str, tmp_path: Path, mode: str
) -> None:
    seen = pages.visit(chromium, tmp_path, pages.allowed, url=judged.url, mode=mode)

    assert "test_x_mcp_header" in seen.get("tools", []), seen
    assert seen["text"].startswith("north, environment ")


def test_a_web_page_of_another_origin_is_refused(judged: Endpoint, pages: Pages, chromium: str, tmp_path: Path) -> None:
    seen = pages.visit(chromium, tmp_path, pages.foreign, url=judged.url, mode="auto")

    assert "Failed to fetch" in seen["error"]


def _typescript(node: Node, url: str, mode: str) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(node("node", "client.mjs", url, mode).stdout)
    return seen

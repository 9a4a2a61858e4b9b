"""Servers that exist are deployed as they are, or with two lines beside them, and list their tools in both eras.

A FastMCP of the package fastmcp and FastAPI with MCP mounted are examples, which test_demo.py deploys.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab import local_aws
from lab.events import Era, handshake, message_in, modern
from lab.local_aws import REPOSITORY, LocalAWS
from tests.integration.conftest import Endpoint
from tests.sdists import project
from tests.zipped import write

LOW_LEVEL = """
from mcp.server import Server
from mcp.types import ListToolsResult, Tool

async def tools(ctx, params):
    return ListToolsResult(tools=[Tool(name="count", input_schema={"type": "object"})])

server = Server("stock", on_list_tools=tools)
"""
TWO_LINES = "from mcp_server_time.server import create_server\nmcp = create_server(local_tz='UTC')\n"

TOOLS = {
    "function": {"fetch"},
    "two-lines": {"convert_time", "get_current_time"},
    "sdk-1": {"list_users", "get_user", "create_user"},
    "low-level": {"count"},
}
"""Tools of each server, by what kind it is."""


@pytest.fixture(scope="module")
def endpoints(aws: LocalAWS, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Endpoint]:
    """The servers, deployed by one apply."""
    work = tmp_path_factory.mktemp("existing")
    servers: dict[str, dict[str, Any]] = {
        "function": {
            "source_dir": project("mcp-server-fetch", "2026.10.24", work),
            "entrypoint": "mcp_server_fetch.server:create_server",  # below src/, where the plan looks, too
        },
        "two-lines": {
            "source_dir": write(project("mcp-server-time", "2026.10.19", work), {"lambda_server.py": TWO_LINES}),
            "entrypoint": "lambda_server:mcp",
        },
        "sdk-1": {"source_dir": project("awslabs.iam-mcp-server", "1.0.25", work), "sdk_1": True},
        "low-level": {"source_dir": write(work / "low-level", {"stock.py": LOW_LEVEL})},
    }
    root = shutil.copytree(REPOSITORY / "tests/integration/existing", repository / "tests/integration/existing")
    terraform = local_aws.stack(root, aws.environ)
    terraform.apply(tf_vars={"servers": json.dumps(servers, default=str)})
    outputs = json.loads((root / "terraform.tfstate").read_text())["outputs"]
    return {name: Endpoint(aws.url(api), aws=aws) for name, api in outputs["api_ids"]["value"].items()}


@pytest.mark.parametrize("kind", TOOLS)
@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_a_server_that_exists_lists_its_tools(endpoints: dict[str, Endpoint], era: Era, kind: str) -> None:
    listed = message_in(endpoints[kind].post(era("tools/list")).text)["result"]["tools"]

    assert {tool["name"] for tool in listed} >= TOOLS[kind]

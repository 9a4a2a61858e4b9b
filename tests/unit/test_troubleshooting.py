"""docs/troubleshooting.md: every message it quotes is one that a run says."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import build
from builder import inputs
from builder.explain import explain
from lab.events import http_event, message_of, modern, tool_call
from lab.local_aws import REPOSITORY
from lab.settings import PLAIN
from mcp_lambda_host.errors import StartError
from mcp_lambda_host.settings import Settings
from tests.unit.conftest import Deploy

PAGE = (REPOSITORY / "docs" / "troubleshooting.md").read_text()
QUOTED = [line for block in re.findall(r"^```text\n(.+?)^```$", PAGE, re.M | re.S) for line in block.splitlines()]

AWS_SAYS = {
    '{"message":"Internal Server Error"}',
    '{"message":"Too Many Requests"}',
    '{"message":"Service Unavailable"}',
    '{"message":"Unauthorized"}',
    '{"message":"Forbidden"}',
    '{"message":"Not Found"}',
    '{"message":"Specified ReservedConcurrentExecutions for function decreases account\'s '
    'UnreservedConcurrentExecution below its minimum value of [10]."}',
}
"""What no run here can say: AWS's own words."""

SERVER = """
    import asyncio
    from mcp.server.mcpserver import MCPServer

    mcp = MCPServer("orders")

    @mcp.tool()
    async def waits() -> str:
        await asyncio.sleep(20)

    @mcp.tool()
    def exports() -> str:
        return "x" * 7_000_000
"""
WITH_LIFESPAN = """
    import asyncio
    from contextlib import asynccontextmanager
    from mcp.server.mcpserver import MCPServer

    @asynccontextmanager
    async def lifespan(server):
        {first}
        yield

    mcp = MCPServer("orders", lifespan=lifespan)
"""
TARGET = inputs.Target("python3.13", "arm64")


def comparable(message: str) -> str:
    """A message without what differs between two runs: numbers, the names of the tests' modules, and their places."""
    message = re.sub(r"author_\d+", "server", message)
    message = re.sub(r"\S+/(?=(?:server\.py|python[\d.]*)\b)", "/", message)
    return re.sub(r"\d+(?:[.,]\d+)*", "#", re.sub(r"/python[\d.]*", "/python", message))


def error_of(answer: dict[str, Any]) -> str:
    return str(message_of(answer)["error"]["message"])


def answers(deploy: Deploy) -> list[str]:
    """What the host answers."""
    scopes = {"tools/waits": frozenset({"orders:write"})}
    return [
        error_of(deploy(SERVER)(tool_call(modern, "waits"), 1.0)),
        error_of(deploy(SERVER)(tool_call(modern, "exports"))),
        error_of(deploy("mcp = 1")(modern("tools/list"))),
        error_of(deploy(SERVER, required_scopes=scopes)(tool_call(modern, "waits"))),
        error_of(deploy(SERVER)(http_event("POST", "/mcp", "{}", origin="https://evil.example"))),
        error_of(deploy(SERVER)(http_event("POST", "/mcp", "{}", host="mcp.internal"))),
        error_of(deploy(SERVER)(http_event("GET", "/mcp"))),
    ]


def log_lines(deploy: Deploy, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the host's log says of servers that cannot be started."""
    deploy("", entrypoint="server:mcp")
    deploy("app = 1")
    deploy("import lxml")
    deploy("import os\nif 'TABLE' not in os.environ: raise RuntimeError('TABLE is not set')")
    deploy("mcp = {}")
    deploy(WITH_LIFESPAN.format(first="raise RuntimeError('the database is gone')"))
    deploy(WITH_LIFESPAN.format(first="await asyncio.sleep(20)"), init_seconds=0.3)
    said = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    with pytest.raises(StartError) as refused:
        Settings.from_json(json.dumps({name: value for name, value in PLAIN.items() if name != "tracing"}))
    return [*said, str(refused.value)]


def build_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What build.py says of mistakes, and of what an installer says."""

    def attempt(links: Mapping[str, str] = {}, /, **files: str) -> None:
        source = tmp_path / str(len(list(tmp_path.iterdir())))
        source.mkdir()
        for name, to in links.items():
            (source / name).symlink_to(to)
        for name, text in {"server.py": 'from mcp.server import MCPServer\nmcp = MCPServer("a")\n', **files}.items():
            (source / name).write_text(text)
        assert build.main(["--source-dir", str(source), "--output", str(tmp_path / "orders.zip")]) == 1

    attempt(**{"json.py": ""})
    attempt(**{"requirements.txt": "-e ../shared\n"})
    attempt(**{"client.pem": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n"})
    attempt({"linked.txt": ".env"}, **{".env": "SECRET=1"})
    with monkeypatch.context() as machine:
        machine.setattr(shutil, "which", lambda name: None)
        machine.setattr(importlib.util, "find_spec", lambda name: None)
        attempt()
    pin = next(line.split()[0] for line in inputs.LOCK.read_text().splitlines() if line.startswith("starlette=="))
    for said in (
        "hint: Wheels are required for `docopt` because building from source is disabled for all packages",
        "Because no-such-package was not found in the package registry and you require it",
        f"Because you require starlette<1.0 and {pin}, we can conclude that the requirements are unsatisfiable.",
    ):
        build.fail(explain(said, TARGET))
    return capsys.readouterr().err.splitlines()


@pytest.fixture
def said(
    deploy: Deploy,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> set[str]:
    packages = tmp_path / "packages"
    packages.mkdir()
    lines = [*answers(deploy), *log_lines(deploy, caplog), *build_errors(packages, capsys, monkeypatch)]
    return {comparable(line) for line in lines}


def test_every_message_on_the_page_is_what_a_run_says(said: set[str]) -> None:
    # seen in tests/integration/test_ci.py, and Terraform's own words
    of_terraform = (
        *("Error: reading ZIP file", "Somebody has changed code"),
        *("Error: Invalid", "Error: Provider", "Call to function"),
    )
    quoted = [line for line in QUOTED if not line.startswith(of_terraform)]

    assert len(quoted) > 15
    assert [line for line in quoted if comparable(line) not in said] == []


def test_what_is_quoted_from_aws_is_marked_as_such() -> None:
    assert set(re.findall(r"^```json\n(.+?)\n```$", PAGE, re.M | re.S)) == AWS_SAYS

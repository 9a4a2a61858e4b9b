from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from builder.node.bundle import bundle
from builder.node.project import ROOM, NodeProject
from lab.events import MODERN, Event, modern
from lab.settings import settings_variable
from serving import environments
from serving.environments import Environment, Function
from tests.aws_services import CREDENTIALS
from tests.integration.conftest import COMMANDS
from tests.unit.conftest import Deploy
from tests.unit.conftest import deploy as deploy  # the fixture
from tests.unit.conftest import services as services

SERVER = Path(__file__).with_name("server")

LAST = "resources/subscribe"
"""A method that the newer protocol has no more: a failure, so it has its line whatever the settings are."""

Exchange = tuple[dict[str, Any], list[dict[str, Any]]]
"""An answer, and the request lines that were written for it."""

Host = Callable[[Event, float, dict[str, Any]], Exchange]
"""Answers an event with the seconds that are left, under settings."""


NODES = {"node": COMMANDS / "node", "node22": Path(shutil.which("node22") or "")}
"""The newest Node.js, and the oldest that Lambda has, where there is one."""


@pytest.fixture(params=["python", *(name for name, path in NODES.items() if path.name)])
def host(request: pytest.FixtureRequest) -> Host:
    """Each host with the same server."""
    if request.param == "python":
        found: Host = request.getfixturevalue("python_host")
        return found
    start: Callable[[Path], Host] = request.getfixturevalue("node_hosts")
    return start(NODES[request.param])


@pytest.fixture
def python_host(deploy: Deploy, capsys: pytest.CaptureFixture[str]) -> Host:
    def answer(event: Event, seconds: float, changes: dict[str, Any]) -> Exchange:
        lists = ("origins", "scopes", "scope_claims", "advertised_scopes")
        fields: dict[str, Any] = {name: frozenset(value) if name in lists else value for name, value in changes.items()}
        if "required_scopes" in fields:
            needed = fields["required_scopes"]
            fields["required_scopes"] = {name: frozenset(scopes) for name, scopes in needed.items()}
        function = deploy((SERVER / "server.py").read_text(), **fields)
        capsys.readouterr()
        answered = function(event, seconds)
        return answered, lines_in(capsys.readouterr().out.splitlines())

    return answer


@pytest.fixture(scope="session")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the zip of the server in TypeScript."""
    root = tmp_path_factory.mktemp("node")
    code, place = root / "packages" / "code", root / "task"
    shutil.copytree(SERVER, code)
    modules = ROOM / "node_modules"
    if not modules.exists():
        pytest.fail(f"there is no {modules}: run scripts/setup --tests")
    (root / "packages" / "node_modules").symlink_to(modules)
    made = bundle(NodeProject(code, {}), code, "server.ts", esbuild=ROOM, target="node22", work=root)
    (place / "mcp_lambda_host").mkdir(parents=True)
    shutil.copy(made.folder / "server.mjs", place)
    shutil.copy(made.folder / "handler.mjs", place / "mcp_lambda_host")
    about = {"entrypoint": "server:default", "bundle": "server.mjs"}
    (place / "mcp_lambda_host" / "author.json").write_text(json.dumps(about))
    return place


@pytest.fixture(scope="session")
def node_hosts(task: Path) -> Iterator[Callable[[Path], Host]]:
    """The host under a Node.js: one process for each set of settings, which answers all its events."""
    log: Queue[str] = Queue()
    started: list[Environment] = []

    @cache
    def start(node: Path, settings: str, variables: frozenset[tuple[str, str]]) -> Environment:
        function = Function(task, task.parent, settings_variable(**json.loads(settings)), dict(variables), 60)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(environments, "NODE", [str(node), *environments.NODE[1:]])
            started.append(Environment(function, log.put))
        return started[-1]

    def host(node: Path) -> Host:
        def answer(event: Event, seconds: float, changes: dict[str, Any]) -> Exchange:
            of_aws = {(name, value) for name, value in os.environ.items() if name in {"AWS_ENDPOINT_URL", *CREDENTIALS}}
            environment = start(node, json.dumps({"entrypoint": None} | changes), frozenset(of_aws))
            answered = environment.invoke(event, seconds)
            environment.invoke(modern(LAST))
            return answered, list(iter(lambda: next_line(log), None))

        return answer

    yield host
    for environment in started:
        environment.close()


@pytest.fixture
def node_host(node_hosts: Callable[[Path], Host]) -> Host:
    return node_hosts(NODES["node"])


def next_line(log: Queue[str]) -> dict[str, Any] | None:
    """The next request line; None: it is the last one, before which all others were written."""
    while True:
        for line in lines_in([log.get(timeout=10)]):
            return None if (line.get("era"), line.get("method")) == (MODERN, LAST) else line


def lines_in(printed: list[str]) -> list[dict[str, Any]]:
    """The request lines among what was printed."""
    records = [json.loads(line) for line in printed if line.startswith("{")]
    return [record for record in records if "durationMs" in record]

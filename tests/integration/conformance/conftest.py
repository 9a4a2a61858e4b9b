from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.events import modern
from lab.local_aws import REPOSITORY, LocalAWS
from tests.integration.conftest import Deployment, Endpoint

from .suite import REQUIREMENTS, Node, Results, run, table, totals

HERE = Path(__file__).parent
TABLES = REPOSITORY / ".build" / "conformance.md"
RESULTS = pytest.StashKey[Results]()
ENVIRONMENTS = 6  # reserved in main.tf
RUNTIMES = {"typescript": {"runtime": "nodejs22.x"}}
OTHERS = 2


@pytest.fixture(scope="package", params=["server", "typescript"])
def judged(
    request: pytest.FixtureRequest, deploy: Callable[..., Deployment], aws: LocalAWS, repository: Path
) -> Iterator[Endpoint]:
    """The server that the suite asks for, in Python and then in TypeScript under the same URL, served by several
    execution environments by turns."""
    root = repository / "tests/integration/conformance"
    shutil.copytree(HERE / request.param, root / request.param, ignore=shutil.ignore_patterns("__pycache__", "*_cache"))
    shutil.copy(HERE / "main.tf", root)
    variables = {"source_dir": str(root / request.param), "origin": aws.endpoint}
    _, endpoint = deploy("tests/integration/conformance", **variables, **RUNTIMES.get(request.param, {}))
    with ThreadPoolExecutor(ENVIRONMENTS) as pool:  # started now: some limits of the suite are shorter than a start
        answers = list(pool.map(lambda _: endpoint.call(modern, "occupy"), range(ENVIRONMENTS)))
    assert all("result" in answer for answer in answers)
    with _others_calling(endpoint):
        yield endpoint


@pytest.fixture(scope="package")
def results(
    judged: Endpoint, node: Node, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Results:
    """What the suite found for each set of requirements; written as tables to .build/conformance.md."""
    directory = tmp_path_factory.mktemp("conformance")
    found = {name: run(node, judged.url, name, directory / name) for name in REQUIREMENTS}
    TABLES.parent.mkdir(exist_ok=True)
    TABLES.write_text("\n".join([*totals(found), "", *table(found), ""]))
    pytestconfig.stash[RESULTS] = found
    return found


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if RESULTS in config.stash:
        terminalreporter.section(f"conformance, all of it in {TABLES.relative_to(REPOSITORY)}")
        terminalreporter.write_line("\n".join(totals(config.stash[RESULTS])))


@contextmanager
def _others_calling(endpoint: Endpoint) -> Iterator[None]:
    """Other callers, who keep now this environment busy and now that one."""
    done = threading.Event()

    def call() -> None:
        while not done.is_set():
            assert "result" in endpoint.call(modern, "occupy")

    with ThreadPoolExecutor(OTHERS) as pool:
        callers = [pool.submit(call) for _ in range(OTHERS)]
        try:
            yield
        finally:
            done.set()
    for caller in callers:
        caller.result()

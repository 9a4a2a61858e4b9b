from __future__ import annotations

import json
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

from .browser import Pages, serving
from .suite import REQUIREMENTS, Node, Results, run, table, totals

HERE = Path(__file__).parent
FRONTS = ("http", "rest")
RESULTS = pytest.StashKey[dict[str, Results]]()
ENVIRONMENTS = 6  # reserved in main.tf
OTHERS = 3  # of whom two are busy most of the time, so that the suite has the third environment


@pytest.fixture(scope="package", params=FRONTS)
def front(request: pytest.FixtureRequest) -> str:
    """The kind of API: what clients see does not depend on it."""
    return str(request.param)


@pytest.fixture(scope="package")
def page_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the script of the tests' web page is."""
    return tmp_path_factory.mktemp("page") / "page.js"


@pytest.fixture(scope="package")
def pages(page_script: Path) -> Iterator[Pages]:
    """A page under an origin that may call, and under one that may not."""
    with serving(page_script) as started:
        yield started


@pytest.fixture(scope="package")
def judged(
    deploy: Callable[..., Deployment],
    pack: Callable[[Path], Path],
    aws: LocalAWS,
    repository: Path,
    front: str,
    pages: Pages,
) -> Iterator[Endpoint]:
    """The server that the suite asks for, served by several execution environments by turns."""
    root = repository / f"tests/integration/conformance-{front}"
    root.mkdir(exist_ok=True)
    shutil.copy(HERE / "main.tf", root)
    origins = json.dumps([aws.endpoint, pages.allowed])
    variables = {"package_file": str(pack(HERE / "server")), "origins": origins, "front": front}
    _, endpoint = deploy(f"tests/integration/{root.name}", **variables)
    with ThreadPoolExecutor(ENVIRONMENTS) as pool:  # started now: some limits of the suite are shorter than a start
        answers = list(pool.map(lambda _: endpoint.call(modern, "occupy"), range(ENVIRONMENTS)))
    assert all("result" in answer for answer in answers)
    with _others_calling(endpoint):
        yield endpoint


@pytest.fixture(scope="package")
def results(
    judged: Endpoint, front: str, node: Node, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Results:
    """What the suite found for each set of requirements; written as tables to a file in .build."""
    directory = tmp_path_factory.mktemp("conformance")
    found = {name: run(node, judged.url, name, directory / name) for name in REQUIREMENTS}
    file = tables_file(front)
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join([*totals(found), "", *table(found), ""]))
    pytestconfig.stash.setdefault(RESULTS, {})[front] = found
    return found


def tables_file(front: str) -> Path:
    """Where the tables of a front are written."""
    return REPOSITORY / ".build" / f"conformance-{front}.md"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for front, found in config.stash.get(RESULTS, {}).items():
        file = tables_file(front).relative_to(REPOSITORY)
        terminalreporter.section(f"conformance behind front = {front}, all of it in {file}")
        terminalreporter.write_line("\n".join(totals(found)))


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

"""What a deployed function carries and imports: counts, which are the same on every machine, as seconds are not."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import cold, processes, warm
from benchmarks.zips import LOCK, OFFICIAL, TOOLS, Zip, make_writable, ours, usual
from lab.events import modern, tool_call

MODULES = 495  # 491 on Python 3.11, those of the standard library included
MODELS = 12  # 10; the protocol has some 500, and the first call uses some 200, whose schemas the build has made

TEXTS = 230  # 218 on Python 3.11, mostly annotations that Pydantic has as texts; without those of the build 810

LOOKED_FOR = 205  # 196 on Python 3.11, mostly its own; without the list of the build 440


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zip]:
    """The zip of the benchmarks, for this machine."""
    work = tmp_path_factory.mktemp("lean")
    yield ours(work / "zip", [OFFICIAL, TOOLS])
    make_writable(work)


@pytest.fixture(scope="module")
def called(function: Zip) -> dict[str, Any]:
    """What came of the first call of a fresh process; see benchmarks/probes/first_call.py."""
    return processes.first_call(function, tool_call(modern, cold.TOOL, **cold.ARGUMENTS), watch=True)


def test_the_first_call_needs_more_modules_only_on_purpose(called: dict[str, Any]) -> None:
    assert len(called["modules"]) <= MODULES


def test_the_first_call_collects_the_fields_of_few_models(called: dict[str, Any]) -> None:
    assert called["models"] <= MODELS


def test_the_first_call_compiles_few_texts_as_the_build_has_compiled_the_others(called: dict[str, Any]) -> None:
    assert called["texts"] <= TEXTS


def test_the_first_call_looks_for_few_modules_as_the_build_has_listed_the_others(called: dict[str, Any]) -> None:
    assert called["looked_for"] <= LOOKED_FOR


def run(code: str, *arguments: Path) -> Any:
    """What the code prints as JSON, in a new process like Lambda's."""
    command: list[str | Path] = [processes.PYTHON, *processes.LIKE_LAMBDA, "-c", code, *arguments]
    return json.loads(subprocess.check_output(command, stderr=subprocess.DEVNULL))


COMPARE = """
import importlib.machinery, json, sys
sys.path.insert(0, sys.argv[1])
from mcp_lambda_host.sdk import listed
finder, places, others = listed._Finder(), {}, []
for name in sorted(finder.modules):
    path = places.get(name.rpartition(".")[0])
    spec, plain = (find(name, path) for find in (finder.find_spec, importlib.machinery.PathFinder.find_spec))
    if path is None and "." in name:
        continue  # in a namespace
    places[name] = plain.submodule_search_locations
    both = [
        [each.name, each.origin, each.cached, each.has_location, each.submodule_search_locations, each.loader.path]
        + [each.loader.is_package(name), each.loader.get_code(name), each.loader.get_filename(name)]
        for each in (spec, plain)
    ]
    others += [name] if both[0] != both[1] else []
elsewhere = finder.find_spec("anyio.abc", ["/elsewhere", *places["anyio"]])
print(json.dumps([len(places), others, elsewhere]))
"""


def test_a_listed_module_is_found_where_python_would_find_it(function: Zip) -> None:
    count, others, elsewhere = run(COMPARE, function.directory)

    assert count > 400
    assert (others, elsewhere) == ([], None)


WRONG = """
import json, sys
sys.path.insert(0, sys.argv[1])
from mcp_lambda_host.own_log import logger
from mcp_lambda_host.sdk import lean, listed
said = []
logger.addFilter(lambda record: said.append(record.getMessage()) or True)
listed.FILE = sys.argv[2]
print(json.dumps([lean.import_lean("mcp_lambda_host.environment"), said]))
"""


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, []), ('{"anyio": false}', ["No such file"]), ("[", ["Expecting value"])],
    ids=["no list", "a wrong one", "an unreadable one"],
)
def test_modules_are_looked_for_where_the_list_does_not_do(
    function: Zip, tmp_path: Path, content: str | None, said: list[str]
) -> None:
    file = tmp_path / "listed.json"
    if content:
        file.write_text(content)
    is_lean, lines = run(WRONG, function.directory, file)

    assert is_lean
    assert len(lines) == len(said)
    assert all(word in line for word, line in zip(said, lines, strict=True))


def test_warm_calls_leave_no_objects_behind(function: Zip) -> None:
    stayed = warm.memory(function, list(warm.EVENTS.values()), calls=2_000, every=1_000)

    assert stayed["objects_a_call"] < 0.5  # some hundred come and go


def test_the_zip_is_at_most_three_quarters_of_what_pip_installs_though_it_has_bytecode(
    function: Zip, tmp_path: Path
) -> None:
    installed = usual(tmp_path / "zip", LOCK, [OFFICIAL, TOOLS])
    make_writable(tmp_path)

    assert function.zipped_bytes <= 0.75 * installed.zipped_bytes


def test_the_first_call_compiles_nothing_of_the_zip(called: dict[str, Any]) -> None:
    assert not called["compiled"]


@pytest.mark.parametrize("module", ["fastapi", "httpx2", "mcp.client", "mcp_lambda_host.sdk.sdk_1", "uvicorn"])
def test_the_first_call_never_imports_what_only_others_need(called: dict[str, Any], module: str) -> None:
    assert not [name for name in called["modules"] if f"{name}.".startswith(f"{module}.")]

"""What a server never imports is not packed, and whatever leads to it brings it back."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.inputs import LOCK
from builder.installers import runs_like
from builder.left_out import LEFT_OUT, STATE, named_by_signs
from builder.requirements import normal
from lab.settings import settings_variable
from tests.zipped import INTEL, for_target, names, run_build, write, write_wheel

PLAIN = """
from mcp.server import MCPServer

mcp = MCPServer("plain")

@mcp.tool()
def double(number: int) -> int:
    return 2 * number
"""

Build = Callable[..., set[str]]


def packages_in(zipped: Path) -> set[str]:
    """The packages whose metadata is in the zip."""
    found = (re.fullmatch(r"([^/]+?)-[^/-]+\.dist-info/METADATA", name) for name in names(zipped))
    return {normal(match[1]) for match in found if match}


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Build a server of these files; the packages of `LEFT_OUT` that the zip has all the same."""

    def packed(code: str = "", requirements: str = "") -> set[str]:
        source = write(tmp_path / "server", {"server.py": PLAIN + code, "requirements.txt": requirements})
        exit_code, _, error = run_build(source, tmp_path / "a.zip", *for_target(INTEL))
        assert (exit_code, error) == (0, "")
        return packages_in(tmp_path / "a.zip") & LEFT_OUT

    return packed


def test_all_that_is_ever_left_out_is_in_the_lock() -> None:
    locked = {normal(line) for line in re.findall(r"^\S+==", LOCK.read_text(), re.MULTILINE)}

    assert locked >= LEFT_OUT


def test_a_plain_server_is_packed_without_and_answers_in_a_bare_interpreter(build: Build, tmp_path: Path) -> None:
    assert build() == set()

    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(tmp_path / "task")
    code = """
import json, sys
sys.path.insert(0, sys.argv[1])
sys.path.append(sys.argv[2])
from mcp_lambda_host.handler import handler
from lab import events
answers = [handler(event, events.Context()) for event in (
    events.tool_call(events.modern, "double", number=21),
    events.tool_call(events.handshake, "double", number=21),
    events.modern("tools/call", {"name": "double", "arguments": {"number": 1}, "requestState": "v1.forged"}),
)]
print(json.dumps([events.message_of(answer) for answer in answers]))
"""
    repository = str(Path(__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code, str(tmp_path / "task"), repository],
        capture_output=True,
        text=True,
        env=settings_variable(request_state_parameter="/unread"),
    )
    assert ran.returncode == 0, ran.stderr
    new, old, forged = json.loads(ran.stdout.splitlines()[-1])
    assert new["result"]["content"][0]["text"] == old["result"]["content"][0]["text"] == "42"
    assert forged["error"]["code"] == -32602


@pytest.mark.parametrize(
    ("code", "packed"),
    [
        ("from mcp.client import Client", LEFT_OUT),
        ("from mcp import ClientSession", LEFT_OUT),
        ("import mcp", LEFT_OUT),
        ("from mcp.server.mcpserver.resources import HttpResource", LEFT_OUT),
        ("from mcp_types import InputRequiredResult", STATE),
        ("from mcp.server.mcpserver import Resolve", STATE),
        ("from mcp.server.request_state import RequestStateSecurity", STATE),
        ("from pathlib import Path\nhere = Path('.').resolve()", set()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_code_that_mentions_it_brings_it_back(tmp_path: Path, code: str, packed: set[str]) -> None:
    (tmp_path / "server.py").write_text(PLAIN + code)

    assert named_by_signs([tmp_path / "server.py"]) == packed


def test_an_import_brings_back_its_package_and_one_that_fails_in_a_trial_all(build: Build) -> None:
    assert build("def later():\n    import os, uvicorn") == {"uvicorn", "click", "h11"}
    assert build("from starlette import testclient") == LEFT_OUT


def test_a_requirement_brings_back_what_it_needs_but_one_of_the_host_does_not(build: Build) -> None:
    assert build(requirements="requests\nUvicorn>=0.30\nmcp>=2\n") == {"idna", "uvicorn", "click", "h11"}


# Tests and type stubs

ATTACH_STUB = """
import importlib, os

def attach_stub(package, file):
    stub = os.path.splitext(file)[0] + ".pyi"
    if not os.path.exists(stub):
        raise ValueError(f"Cannot load imports from non-existent stub {stub!r}")
"""
DYNAMIC = "import importlib\nimportlib.import_module(__name__ + '.' + 'te' + 'sts')\n"


def build_with(work: Path, packages: dict[str, dict[str, str]], code: str = "", *, trial: bool = False) -> str:
    """Build a server that imports packages of these files; what the build says on stderr."""
    for package, files in packages.items():
        write_wheel(work / "wheels", package, {f"{package}/{name}": text for name, text in files.items()})
    requirements = "\n".join([f"--find-links {work / 'wheels'}", *packages])
    imports = "".join(f"import {package}\n" for package in packages)
    files = {"server.py": f"{imports}mcp = None\n{code}", "requirements.txt": requirements}
    return run_build(write(work / "server", files), work / "a.zip", *for_target(INTEL), trial=trial)[2]


def packed_of(work: Path, package: str) -> set[str]:
    """What of a package is in the zip, without bytecode."""
    named = {name.removeprefix(f"{package}/") for name in names(work / "a.zip") if name.startswith(f"{package}/")}
    return {name for name in named if not name.endswith(".pyc")}


def packed_with(work: Path, package: str, files: dict[str, str], code: str = "") -> set[str]:
    """What of a package of these files is in the zip of a server that imports it, without bytecode."""
    assert build_with(work, {package: files}, code) == ""
    return packed_of(work, package)


READING = {
    "stars_named": ("__init__.py", "from .tests.runner import RUNNER"),
    "stars_whole": ("__init__.py", "from . import tests"),
    "stars_by_name": ("__init__.py", "from stars_by_name.tests import runner"),
    "stars_absolute": ("deep/down.py", "import stars_absolute.tests.runner"),
    "stars_relative": ("deep/down.py", "from ..tests import (\n    runner,\n)"),
    "stars_dynamic": ("deep/down.py", "import importlib\nimportlib.import_module('stars_dynamic.tests')"),
    "stars_data": ("deep/down.py", "from pathlib import Path\nDATA = Path(__file__).parents[1] / 'tests/data.txt'"),
}
"""Packages that import or read their tests: the module that does it, and its code."""

CODE = {"__init__.py": "", "deep/__init__.py": "", "deep/down.py": ""}
RUN = {"tests/__init__.py": "", "tests/runner.py": "RUNNER = 1\n", "tests/data.txt": "", "tests/tests/test_a.py": ""}
OTHER = {"other/__init__.py": '"""See the tests."""\nHERE = "tests"', "other/tests/test_b.py": "", "stars.pyi": ""}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory with one zip of all packages that import or read their tests, as a build takes seconds."""
    work = tmp_path_factory.mktemp("reading")
    packages = {name: CODE | {module: f"{code}\n"} | RUN | OTHER for name, (module, code) in READING.items()}
    assert build_with(work, packages) == ""
    return work


@pytest.mark.parametrize("package", READING)
def test_tests_are_packed_where_their_package_imports_or_reads_them(package: str, reading: Path) -> None:
    assert packed_of(reading, package) == {*CODE, *RUN, "other/__init__.py"}


def test_tests_are_packed_where_another_package_or_the_server_imports_them(tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "a/tests/__init__.py": "from ...b.tests import more\n",
        "b/tests/more.py": "",
        "tests/c.py": "",
    }

    assert packed_with(tmp_path, "stars", files, "import stars.a.tests") == files.keys() - {"tests/c.py"}


def test_tests_that_only_benchmarks_read_are_packed_where_code_imports_those(tmp_path: Path) -> None:
    files = {
        "__init__.py": "",
        "benchmarks/__init__.py": "",
        "benchmarks/suite.py": "from stars.tests import runner\n",
        "tests/runner.py": "",
    }

    assert packed_with(tmp_path, "stars", files) == files.keys() - {"tests/runner.py"}
    assert packed_with(tmp_path, "stars", files, "import stars.benchmarks.suite") == files.keys()


def test_type_stubs_are_packed_where_their_package_reads_them(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "lazily", {"lazily/__init__.py": ATTACH_STUB, "lazily/types.pyi": ""})
    files = {"__init__.py": "import lazily\nlazily.attach_stub(__name__, __file__)\n", "__init__.pyi": "", "io.pyi": ""}

    assert packed_with(tmp_path, "images", files, "import lazily") == files.keys()


@pytest.mark.skipif(not runs_like(INTEL), reason=f"a trial import for {INTEL} runs on such a machine only")
def test_a_package_that_misses_its_tests_in_a_trial_ends_the_build_by_name(tmp_path: Path) -> None:
    files = {"__init__.py": DYNAMIC, "tests/__init__.py": ""}
    said = build_with(tmp_path, {"stars": files})
    assert said.startswith(
        "build.py: error: stars 1 cannot be imported without its tests and type stubs, which are left"
    )
    assert "(ModuleNotFoundError: No module named 'stars.tests'): name what it reads" in said

    assert packed_with(tmp_path, "stars", files, "NEEDED = 'stars/tests'") == files.keys()


def test_what_fails_with_tests_and_type_stubs_too_does_not_end_the_build(tmp_path: Path) -> None:
    files = {"__init__.py": "import not_there\n", "tests/test_a.py": ""}

    assert packed_with(tmp_path, "stars", files) == {"__init__.py"}


@pytest.mark.skipif(not runs_like(INTEL), reason=f"a trial start for {INTEL} runs on such a machine only")
def test_a_start_is_tried_without_tests_after_a_failed_import_was_tried_with_them(tmp_path: Path) -> None:
    files = {"__init__.py": "", "broken.py": "import not_there\n", "later.py": DYNAMIC.replace("__name__", "'stars'")}
    code = "try:\n    import stars.broken\nexcept ImportError:\n    __import__('stars.' + 'later')\n"

    said = build_with(tmp_path, {"stars": files | {"tests/__init__.py": ""}}, code, trial=True)

    assert "would not start on Lambda" in said
    assert "stars.tests" in said

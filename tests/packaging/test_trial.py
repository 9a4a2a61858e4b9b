"""A start of the server before it is packed: what would end it on Lambda ends the build, and the rest is said."""

from __future__ import annotations

import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from builder import inputs, trial
from builder.inputs import BuildError, File
from builder.installers import runs_like
from tests.sdists import project
from tests.zipped import ARM, INTEL, for_target, run_build, write, write_wheel

GREETS = "from mcp.server import MCPServer\nmcp = MCPServer('shop')\n@mcp.tool()\ndef greet() -> str: ...\n"
SERVER = "from mcp.server import MCPServer\nmcp = MCPServer('shop')\n"

runs_here = pytest.mark.skipif(not runs_like(INTEL), reason=f"a trial start for {INTEL} runs on such a machine only")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a zip with a server has in it; each test puts its own server there."""
    work = tmp_path_factory.mktemp("trial")
    source = write(work / "server", {"server.py": SERVER, "requirements.txt": "python-dateutil\npydantic-settings\n"})
    code, said, error = run_build(source, work / "a.zip", *for_target(INTEL), trial=True)
    assert (code, error) == (0, "")
    assert "started the server for a trial; it lists 0 tools\n" in said
    with zipfile.ZipFile(work / "a.zip") as archive:
        archive.extractall(work / "stage")
    shutil.rmtree(work / "stage" / "__pycache__")
    return work / "stage"


@pytest.fixture
def start(stage: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Start a server of this code for a trial; what is said of it, or why it is refused."""

    def tried(
        code: str, known: trial.Variables | None = None, names: Mapping[str, Sequence[str]] = inputs.NO_NAMES
    ) -> str:
        (stage / "server.py").write_text(code)
        inputs.write_author(
            {"server.py": File(stage / "server.py", "server")},
            "server:mcp",
            sdk_1_compatibility=False,
            output=stage / "mcp_lambda_host" / "author.json",
        )
        try:
            trial.check(sys.executable, stage, "server:mcp", trial.Known(known or {}, names), stage)
        except BuildError as error:
            return f"refused: {error}"
        return capsys.readouterr().out

    return tried


Start = Callable[..., str]

ENDS = {
    "an exception": ("mcp = 1 / 0", "server.py line 1: ZeroDivisionError: division by zero"),
    "a missing attribute": (
        SERVER.replace("mcp = ", "server = "),
        "has no attribute 'mcp'; it defines MCPServer, server",
    ),
    "a wrong type": ("mcp = {}", "'server:mcp' is of type dict; it must be an MCPServer"),
    "a module of a package": ("from dateutil import nowhere", "ImportError: cannot import name 'nowhere'"),
    "a module that is imported by name": (
        "import importlib\nimportlib.import_module('yaml')",
        "there is no module 'yaml'; is it in requirements.txt? (yaml comes with pyyaml)",
    ),
    "a file beside the code": (
        "import logging, pathlib\nlogging.FileHandler(pathlib.Path(__file__).parent / 'a.log')",
        "line 2: OSError: [Errno 30] Read-only file system: 'a.log' (on Lambda only files below /tmp can be written)",
    ),
    "a file in the working directory": ("open('a.txt', 'w')", "Read-only file system: 'a.txt'"),
    "a folder in the home directory": (
        "import pathlib\n(pathlib.Path.home() / '.shop').mkdir(parents=True)",
        "Read-only file system: '/home/sbx_user1051",
    ),
    "a database beside the code": ("import sqlite3\nsqlite3.connect('a.db')", "Read-only file system: 'a.db'"),
    "a metadata look-up": (
        "from importlib.metadata import version\nversion('shop')",
        "no metadata of a package 'shop'",
    ),
    "an end of Python": ("import os\nos._exit(3)", "ends Python when it is started, with exit code 3"),
    "a lifespan": (
        "from contextlib import asynccontextmanager\nfrom mcp.server import MCPServer\n"
        "@asynccontextmanager\nasync def life(server):\n    raise RuntimeError('closed on Sundays')\n    yield\n"
        "mcp = MCPServer('shop', lifespan=life)",
        "The server's lifespan failed at start: RuntimeError: closed on Sundays",
    ),
    "a missing module, whatever the environment lacks": (
        "import os\nos.getenv('SHOP')\nimport yaml",
        "there is no module 'yaml'",
    ),
}


@runs_here
@pytest.mark.parametrize("case", ENDS)
def test_what_would_end_the_start_on_lambda_ends_the_build(start: Start, case: str) -> None:
    code, words = ENDS[case]
    said = start(code)

    assert said.startswith("refused: the server ")
    assert words in said
    assert "/var/task" not in said


NEEDS = {
    "a variable": ("import os\nos.environ['SHOP']", "needs SHOP from environment or secrets; without that it ends so"),
    "a variable, softly": (
        "import os\nif not os.getenv('SHOP'):\n    raise SystemExit('set it up')",
        "needs SHOP from environment or secrets; without that it ends so: The entrypoint 'server:mcp' could not be "
        "loaded: server.py line 3: SystemExit: set it up",
    ),
    "a secret": ("import os\nos.environ['TOKEN']", "needs TOKEN, whose value the account has; without that"),
    "settings": (
        "from pydantic_settings import BaseSettings\nclass Shop(BaseSettings):\n    table: str\nShop()",
        "needs a field of its settings from environment or secrets",
    ),
    "a service": ("import socket\nsocket.create_connection(('db.internal', 5432))", "needs the network; without that"),
    "an address": ("import socket\nsocket.create_connection(('192.0.2.1', 5432), 1)", "needs the network; without"),
    "what Lambda brings": ("import boto3", "needs boto3, which Lambda's runtime brings in a version of its own"),
}


@runs_here
@pytest.mark.parametrize("case", NEEDS)
def test_what_the_account_alone_can_give_is_said_and_ends_no_build(start: Start, case: str) -> None:
    code, words = NEEDS[case]

    assert words in start(code, {"TOKEN": None})


@runs_here
def test_a_start_has_the_functions_variables_and_no_others_and_may_write_to_temporary_files(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of who deploys")
    code = (
        "import os, tempfile, sqlite3\nfrom mcp.server import MCPServer\n"
        "assert os.environ['AWS_SECRET_ACCESS_KEY'] == 'trial' and os.environ['AWS_REGION']\n"
        "tempfile.TemporaryFile().write(b'a')\nsqlite3.connect(':memory:')\nprint('said by the server')\n"
        "mcp = MCPServer(os.environ['SHOP'])\n@mcp.tool()\ndef greet(): ..."
    )

    assert start(code, {"SHOP": "corner"}) == "started the server for a trial; it lists 1 tools\n"


NAMED = {
    "a scope for no tool": (
        {"required_scopes": ["tools/greet", "tools/sell"], "tasks": []},
        "required_scopes names what the server 'shop' does not have: tools/sell.",
    ),
    "a scope for no resource": (
        {"required_scopes": ["resources/shop://price"], "tasks": []},
        "required_scopes names what the server 'shop' does not have: resources/shop://price.",
    ),
    "a task of no tool": (
        {"required_scopes": [], "tasks": ["greet", "report"]},
        "tasks.tools names what the server 'shop' does not have: report.",
    ),
}


@runs_here
@pytest.mark.parametrize("case", NAMED)
def test_an_input_that_names_what_the_server_has_not_ends_the_build(start: Start, case: str) -> None:
    names, words = NAMED[case]

    assert start(GREETS, names=names) == f"refused: the server would not start on Lambda: {words}"


@runs_here
def test_inputs_that_name_what_the_server_has_end_no_build(start: Start) -> None:
    said = start(GREETS, names={"required_scopes": ["tools/greet"], "tasks": ["greet"]})

    assert said == "started the server for a trial; it lists 1 tools\n"


@runs_here
def test_a_server_that_takes_no_tasks_ends_a_build_with_tasks(start: Start) -> None:
    said = start("from mcp.server import Server\nmcp = Server('shop')", names={"required_scopes": [], "tasks": ["a"]})

    assert said.startswith("refused: the server would not start on Lambda: tasks needs an MCPServer")


@runs_here
def test_a_server_that_registers_in_its_main_is_told_that_it_has_no_tools(start: Start) -> None:
    assert "note: what a server registers in its main() is not there on Lambda" in start(SERVER)


# What is read where nothing can be started


def test_all_modules_that_are_nowhere_are_named_at_once_with_what_brings_them(tmp_path: Path) -> None:
    code = (
        "import PIL.Image, yaml\nfrom bs4 import BeautifulSoup\nimport helper, boto3, json\n"
        "try:\n    import ujson\nexcept ImportError:\n    pass\n"
        "def later():\n    import pandas\nmcp = None\n"
    )
    source = write(tmp_path / "server", {"server.py": code, "helper.py": "import nowhere.at_all\n"})

    exit_code, _, error = run_build(source, tmp_path / "a.zip", *for_target(ARM), trial=True)

    assert exit_code == 1
    assert error == (
        "build.py: error: the server imports modules that no requirement brings; name the packages that have them:\n"
        "    PIL (server.py line 1): pillow\n"
        "    bs4 (server.py line 2): beautifulsoup4\n"
        "    nowhere (helper.py line 1)\n"
        "    yaml (server.py line 1): pyyaml\n"
    )


def test_what_an_environment_of_the_authors_has_names_the_package_of_a_module(tmp_path: Path) -> None:
    stock = {"acme/stock/__init__.py": "", "acme/stock/count.py": "", "corner/till/cash.py": ""}
    write_wheel(tmp_path / "wheels", "acme_price", {"acme/price.py": ""})
    write_wheel(tmp_path / "wheels", "acme_stock_client", stock)
    code = "import acme.price, acme.stock.count\nfrom acme import nowhere\nimport httpx, corner.till.cash\nmcp = None\n"
    files = {
        "server.py": code,
        "requirements.txt": f"--find-links {tmp_path / 'wheels'}\nacme_price\n",
        ".venv/pyvenv.cfg": "",
    }
    source = write(tmp_path / "server", files)
    with zipfile.ZipFile(tmp_path / "wheels" / "acme_stock_client-1-py3-none-any.whl") as wheel:
        wheel.extractall(source / ".venv" / "lib" / "python3.11" / "site-packages")

    _, _, error = run_build(source, tmp_path / "a.zip", "--entrypoint", "server:mcp", *for_target(ARM), trial=True)

    assert error.splitlines()[1:] == [
        "    acme.nowhere (server.py line 2)",
        "    acme.stock (server.py line 1): acme-stock-client",
        "    corner (server.py line 3): acme-stock-client",
        "    httpx (server.py line 3): httpx, which mcp 2 no longer brings",
    ]


@pytest.mark.skipif(ARM.runs_here, reason="a trial start is done here")
def test_a_build_says_that_it_could_only_read(tmp_path: Path) -> None:
    source = write(tmp_path / "server", {"server.py": "mcp = undefined\n"})

    code, said, _ = run_build(source, tmp_path / "a.zip", *for_target(ARM), trial=True)

    assert code == 0
    assert (
        "note: the server was not started for a trial, as no Python of the target runs here; its imports were" in said
    )


@pytest.mark.parametrize("text", ["[]", "TABLE=1", '{"PORT": 80}'])
def test_an_environment_that_is_no_object_of_texts_is_refused(text: str, tmp_path: Path) -> None:
    code, _, error = run_build(tmp_path, tmp_path / "a.zip", "--environment", text)

    assert code == 2
    assert 'must be a JSON object of strings and nulls, such as {"TABLE": "orders"}' in error


@pytest.mark.parametrize("text", ["[]", "tools/add", '{"tasks": "report"}', '{"tasks": [1]}', '{"scopes": []}'])
def test_names_that_are_no_object_of_lists_are_refused(text: str, tmp_path: Path) -> None:
    code, _, error = run_build(tmp_path, tmp_path / "a.zip", "--names", text)

    assert code == 2
    assert 'must be a JSON object of lists, such as {"required_scopes": ["tools/add"], "tasks": ["report"]}' in error


# Real servers


@runs_here
def test_a_real_server_that_logs_beside_its_code_is_refused(tmp_path: Path) -> None:
    source = project("excel-mcp-server", "0.1.8", tmp_path)
    (source / "requirements.txt").write_text("openpyxl\ntyper\n")
    options = ["--sdk-1-compatibility", *for_target(INTEL)]

    code, said, error = run_build(source, tmp_path / "a.zip", *options, trial=True)

    assert code == 1
    assert "the server is excel_mcp.server:mcp\n" in said
    assert "excel-mcp.log' (on Lambda only files below /tmp can be written)" in error

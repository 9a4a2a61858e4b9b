"""A project builds as it is: pyproject.toml, its lock, its layout and its metadata, without its build backend."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.author import author_files
from builder.inputs import BuildError
from builder.installers import runs_like
from builder.metadata import UNKNOWN, metadata_files
from builder.project import check_python, read_project
from tests.sdists import project as released
from tests.zipped import ARM, INTEL, for_target, names, run_build, write, write_wheel

PYPROJECT = '[project]\nname = "acme.orders"\nversion = "1.4"\n'
BACKEND = '[build-system]\nrequires = []\nbuild-backend = "never_run"\n'

Staged = Callable[..., list[str]]


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    """The names in the zip of a project's files; those of pyproject.toml's own is left away."""

    def stage(pyproject: str = PYPROJECT, entrypoint: str = "", **files: str) -> list[str]:
        source = write(tmp_path / "orders", {"pyproject.toml": pyproject, **files})
        found = author_files(source, [], read_project(source), entrypoint)
        return sorted(name for name in found if name != "pyproject.toml")

    return stage


def metadata(source: Path, work: Path) -> importlib.metadata.Distribution:
    """What importlib.metadata finds of a project in the zip."""
    project = read_project(source)
    assert project
    metadata_files(project, author_files(source, [], project), work)
    (found,) = importlib.metadata.distributions(path=[str(work)])
    return found


# Layouts


def test_what_an_installed_project_has_on_its_import_path_lies_at_the_root_of_the_zip(staged: Staged) -> None:
    flat = {"orders/server.py": "", "orders/prompts/welcome.md": "", "main.py": "", "data/prices.json": ""}
    source = {f"src/{name}": "" for name in ("acme/stock/server.py", "acme/stock/docs/guide.md", "helper.py")}

    assert staged(**flat, **source) == sorted([*flat, "acme/stock/server.py", "acme/stock/docs/guide.md", "helper.py"])


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.setuptools.package-dir]\n"" = "lib"',
        '[tool.setuptools.packages.find]\nwhere = ["lib"]',
        '[tool.hatch.build.targets.wheel]\npackages = ["lib/orders"]',
        '[tool.hatch.build.targets.wheel]\nsources = ["lib"]',
        '[[tool.poetry.packages]]\ninclude = "orders"\nfrom = "./lib/"',
        '[tool.pdm.build]\npackage-dir = "lib"',
        '[tool.uv.build-backend]\nmodule-root = "lib"',
    ],
)
def test_a_folder_that_the_build_backend_takes_packages_from_is_on_the_import_path_too(
    staged: Staged, settings: str
) -> None:
    assert staged(f"{PYPROJECT}{settings}\n", **{"lib/orders/server.py": ""}) == ["orders/server.py"]


@pytest.mark.parametrize(
    ("files", "entrypoint"),
    [
        ({"src/__init__.py": "", "src/server.py": ""}, ""),
        ({"src/server.py": "from src.tools import double\n", "src/tools.py": ""}, ""),
        ({"src/server.py": ""}, "src.server:mcp"),
    ],
    ids=["it has __init__.py", "code imports it", "the entrypoint names it"],
)
def test_a_src_folder_that_is_a_package_itself_stays_one(
    staged: Staged, files: dict[str, str], entrypoint: str
) -> None:
    assert staged(entrypoint=entrypoint, **files) == sorted(files)


def test_without_a_project_src_is_on_the_import_path_where_the_entrypoint_is_only_there(tmp_path: Path) -> None:
    only = write(tmp_path / "only", {"src/orders/server.py": "", "server.py": ""})
    both = write(tmp_path / "both", {"src/server.py": "", "server.py": ""})

    assert "orders/server.py" in author_files(only, [], None, "orders.server:mcp")
    assert "src/server.py" in author_files(both, [], None, "server:mcp")


def test_two_files_for_one_place_are_refused(staged: Staged) -> None:
    with pytest.raises(BuildError, match=r"src/a\.py and a\.py would both be a\.py on the import path: rename"):
        staged(**{"a.py": "", "src/a.py": ""})


def test_a_namespace_may_be_shared_with_a_package(tmp_path: Path) -> None:
    marker = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
    write_wheel(tmp_path / "wheels", "acme_stock", {"acme/__init__.py": marker, "acme/stock.py": "COUNT = 3\n"})
    requirements = f"--find-links {tmp_path / 'wheels'}\nacme_stock\n"
    files = {"acme/__init__.py": marker, "acme/orders.py": "mcp = None", "requirements.txt": requirements}
    source = write(tmp_path / "orders", {**files, "pyproject.toml": PYPROJECT})

    code, _, error = run_build(source, tmp_path / "a.zip", "--entrypoint", "acme.orders:mcp")

    assert (code, error) == (0, "")
    assert {"acme/__init__.py", "acme/orders.py", "acme/stock.py"} <= set(names(tmp_path / "a.zip"))


# What is not the server

AROUND = [
    *("tests/test_server.py", "test/data.json", "test_server.py", "conftest.py", "noxfile.py", "notebooks/try.ipynb"),
    *("Dockerfile", "Dockerfile.dev", "docker-compose.yml", "compose.prod.yaml", "dist/orders-1.4.tar.gz", "PKG-INFO"),
    *("build/lib/orders/server.py", "orders.egg-info/PKG-INFO", "node_modules/x/index.js", "azure-pipelines.yml"),
    *("docs/guide.md", "examples/client.py", "images/logo.png", "README.md", "demo.gif", "wheels/a-1-py3-none-any.whl"),
    *("env/pyvenv.cfg", "env/lib/site.py", "uv.lock", "pylock.toml"),
]


def test_what_is_not_the_server_is_left_out_and_told_with_its_size(
    staged: Staged, capsys: pytest.CaptureFixture[str]
) -> None:
    inside = [f"orders/{name}" for name in ("tests/data.json", "docs/guide.md", "images/logo.png", "notebook.ipynb")]
    files = dict.fromkeys([*AROUND, *inside, "orders/server.py", "LICENSE"], "")

    assert staged(**files | {"demo.gif": "x" * 5_000_000}) == sorted([*inside, "orders/server.py", "LICENSE"])
    said = capsys.readouterr().out
    assert "leaving out what is not the server: demo.gif (4,883 kB), " in said
    tops = {name.split("/")[0] + "/" * ("/" in name) for name in AROUND}
    assert [top for top in tops if f" {top} (" not in said] == []


def test_docs_and_images_that_the_code_names_are_packed(staged: Staged) -> None:
    code = 'DOCS = Path(__file__).parent / "docs"\nICON = open("/var/task/icon.png")\n'
    files = {"server.py": code, "docs/guide.md": "", "icon.png": "", "README.md": "", "images/logo.png": ""}

    assert staged(**files) == ["docs/guide.md", "icon.png", "server.py"]


def test_a_directory_that_is_no_project_is_packed_as_a_whole(tmp_path: Path) -> None:
    files = dict.fromkeys(["server.py", "tests/data.json", "docs/guide.md", "Dockerfile", "README.md"], "")
    source = write(tmp_path, {**files, "pyproject.toml": "[tool.ruff]\nline-length = 120\n"})

    assert author_files(source, []).keys() == files.keys() | {"pyproject.toml"}


# Metadata


def test_importlib_metadata_knows_the_project(tmp_path: Path) -> None:
    more = (
        'description = "Orders\\nof all"\nrequires-python = ">=3.11"\ndependencies = ["anyio>=4"]\n'
        '[project.scripts]\norders = "orders.server:main"\n'
        '[project.entry-points."orders.plugins"]\ncsv = "orders.csv"\n'
    )
    files = {"pyproject.toml": PYPROJECT + more, "src/orders/server.py": "", "src/single.py": ""}

    found = metadata(write(tmp_path / "orders", files), tmp_path / "work")

    assert (found.name, found.version) == ("acme.orders", "1.4")
    assert (found.metadata["Summary"], found.metadata["Requires-Python"]) == ("Orders of all", ">=3.11")
    assert found.requires == ["anyio>=4"]
    points = {(point.group, point.name, point.value) for point in found.entry_points}
    assert points == {("console_scripts", "orders", "orders.server:main"), ("orders.plugins", "csv", "orders.csv")}
    assert (found.read_text("top_level.txt") or "").split() == ["orders", "single"]


DYNAMIC = '[project]\nname = "orders"\ndynamic = ["version"]\n'


@pytest.mark.parametrize(
    ("settings", "file", "text"),
    [
        ('[tool.hatch.version]\npath = "src/orders/about.py"', "src/orders/about.py", '__version__ = "2.7.1"\n'),
        (
            '[tool.setuptools.dynamic]\nversion = {attr = "orders.info.VERSION"}',
            "src/orders/info.py",
            "VERSION='2.7.1'",
        ),
        ('[tool.setuptools.dynamic]\nversion = {file = "VERSION"}', "VERSION", "2.7.1\n"),
        ('[tool.pdm.version]\nsource = "file"\npath = "orders/v.py"', "orders/v.py", '__version__: str = "2.7.1"'),
        ("", "orders/__init__.py", '"""Orders."""\n\n__version__ = "2.7.1"\n'),
        ('[tool.hatch.version]\nsource = "vcs"', "src/orders/_version.py", 'version = "2.7.1"\n'),
        ("", "PKG-INFO", "Metadata-Version: 2.4\nName: orders\nVersion: 2.7.1\n"),
    ],
)
def test_a_dynamic_version_is_read_where_it_stands_as_it_is(
    tmp_path: Path, settings: str, file: str, text: str
) -> None:
    source = write(tmp_path / "orders", {"pyproject.toml": f"{DYNAMIC}{settings}\n", file: text})

    assert metadata(source, tmp_path / "work").version == "2.7.1"


def test_a_version_that_only_the_build_backend_knows_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"pyproject.toml": DYNAMIC, "orders/__init__.py": "__version__ = read()\n"}

    assert metadata(write(tmp_path / "orders", files), tmp_path / "work").version == UNKNOWN
    assert (
        f"note: the version of orders is dynamic and stands nowhere as it is: importlib.metadata will say {UNKNOWN}"
        in (capsys.readouterr().out)
    )


# What is refused


@pytest.mark.parametrize(
    ("pyproject", "says"),
    [
        ("[project]\nname = \n", "pyproject.toml cannot be read as TOML (Invalid value (at line 2, column 8)"),
        ('[project]\nversion = "1"\n', "pyproject.toml has a project without a name: write one"),
        (f'{PYPROJECT}dependencies = "mcp"\n', "pyproject.toml has dependencies = 'mcp', which is no list: correct it"),
    ],
)
def test_a_pyproject_that_cannot_be_read_is_refused(tmp_path: Path, pyproject: str, says: str) -> None:
    with pytest.raises(BuildError) as refused:
        read_project(write(tmp_path, {"pyproject.toml": pyproject}))
    assert str(refused.value).startswith(says)


def test_a_runtime_that_the_project_does_not_run_on_is_refused(tmp_path: Path) -> None:
    project = read_project(write(tmp_path, {"pyproject.toml": f'{PYPROJECT}requires-python = ">=3.12.1,<3.14"\n'}))
    assert project

    check_python(project, ARM)  # Python 3.13
    check_python(project, ARM._replace(runtime="python3.12"))  # which has a later patch version there
    with pytest.raises(BuildError, match=r"asks for Python >=3\.12\.1,<3\.14, but the runtime is python3\.11: set"):
        check_python(project, INTEL)


# As fast as requirements.txt

LOCK = """
version = 1
[[package]]
name = "colorama"
version = "0.4.5"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "pydantic"
version = "2.0.1"
source = { registry = "https://pypi.org/simple" }
"""


def test_a_project_with_a_lock_takes_no_more_calls_of_the_installer_than_requirements_txt(tmp_path: Path) -> None:
    log, uv = tmp_path / "log", tmp_path / "bin" / "uv"
    write(tmp_path, {"bin/uv": f'#!/bin/sh\necho "$*" >> {log}\nexec {Path(sys.executable).with_name("uv")} "$@"\n'})
    uv.chmod(0o755)
    needs = ["colorama", "pydantic>=2"]
    pyproject = f"{PYPROJECT}dependencies = {needs}\n"
    kinds = {
        "requirements": {"requirements.txt": "\n".join(needs)},
        "project": {"pyproject.toml": pyproject, "uv.lock": LOCK},
    }

    calls = {}
    for kind, files in kinds.items():
        source = write(tmp_path / kind, {**files, "server.py": "mcp = None\n"})
        env = {"PATH": f"{uv.parent}:{os.environ['PATH']}"}
        code, _, error = run_build(source, tmp_path / f"{kind}.zip", *for_target(INTEL), env=env)
        assert (code, error) == (0, "")
        calls[kind] = log.read_text().splitlines()
        log.unlink()

    assert len(calls["project"]) == len(calls["requirements"]) >= 2
    assert "colorama-0.4.5.dist-info/METADATA" in names(tmp_path / "project.zip")


# A real project


def test_a_real_project_builds_to_the_same_bytes_though_its_tests_have_changed_and_finds_its_own_version(
    tmp_path: Path,
) -> None:
    source = released("mcp-server-git", "2026.10.19", tmp_path)
    (gitpython,) = re.findall(r'^name = "gitpython"\nversion = "(.+)"', (source / "uv.lock").read_text(), re.MULTILINE)
    two_lines = "from mcp_server_git.server import create_server\nmcp = create_server(None)\n"
    write(source, {"lambda_server.py": two_lines})
    options = ["--entrypoint", "lambda_server:mcp", *for_target(INTEL)]
    code, said, error = run_build(source, tmp_path / "a.zip", *options)
    write(source, {"tests/test_more.py": "", "README.md": "", ".github/workflows/more.yml": ""})
    run_build(source, tmp_path / "b.zip", *options)

    assert (code, error) == (0, "")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert "resolving pyproject.toml with the versions of uv.lock for python3.11 on x86_64 with uv" in said
    packed = names(tmp_path / "a.zip")
    assert {"mcp_server_git/server.py", f"gitpython-{gitpython}.dist-info/METADATA", "pyproject.toml"} <= set(packed)
    assert not [name for name in packed if name.startswith(("src/", "tests/", "uv.lock", "README"))]
    if runs_like(INTEL):
        with zipfile.ZipFile(tmp_path / "a.zip") as archive:
            archive.extractall(tmp_path / "task")
        show = """
import sys; sys.path.insert(0, sys.argv[1])
from mcp_lambda_host.sdk import lean; lean.import_lean("mcp_lambda_host.environment")
from mcp_server_git.server import SERVER_VERSION; print(SERVER_VERSION)
"""
        command = [sys.executable, "-I", "-S", "-B", "-c", show, str(tmp_path / "task")]
        ran = subprocess.run(command, capture_output=True, text=True)
        assert (ran.stdout, ran.stderr) == ("2026.10.19\n", "")

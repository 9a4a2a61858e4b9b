"""When a package is built: applied without an AWS account, as the package alone needs none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.installers import runs_like
from lab.local_aws import REPOSITORY
from tests.plan.offline import OVERRIDE, terraform
from tests.plan.refused import PARAMETER, RIGHT
from tests.zipped import INTEL

NEWEST = REPOSITORY / "lab" / "newest"
PACKAGE = "-target=module.mcp.terraform_data.package"
TOKEN = {"type": "token", "ssm_parameter": PARAMETER}
KEY = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n"

Stack = Callable[..., Path]


@pytest.fixture(params=["oldest", "newest"])
def either_terraform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Terraform on PATH, and the newest: since 1.13, a file function must give at apply what it gave at plan."""
    if request.param == "newest":
        monkeypatch.setenv("PATH", f"{NEWEST}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def stack(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Write a stack with one call of the module, and server.py beside it, initialised; its directory."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def write(**inputs: Any) -> Path:
        where = {"source": os.path.relpath(checkout, tmp_path), "source_dir": "${path.module}"}
        call = RIGHT | where | ({"trial_start": False} if "source_dir" not in inputs else {}) | inputs
        (tmp_path / "main.tf.json").write_text(json.dumps({"provider": {"aws": {}}, "module": {"mcp": call}}))
        (tmp_path / "server.py").write_text("import helper\nmcp = helper\n")
        (tmp_path / "helper.py").touch()
        (tmp_path / OVERRIDE.name).write_text(OVERRIDE.read_text())
        succeed("init", directory=tmp_path)
        return tmp_path

    return write


def succeed(*arguments: str, directory: Path) -> str:
    ran = terraform(*arguments, directory=directory)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def packed(stack: Path) -> set[str]:
    """The names in the one zip that was built."""
    (zipped,) = (stack / ".terraform" / "mcp-lambda").glob("*.zip")
    with zipfile.ZipFile(zipped) as archive:
        return set(archive.namelist())


@pytest.mark.usefixtures("either_terraform")
def test_a_server_beside_its_stack_is_built_once_and_without_the_state(stack: Stack) -> None:
    directory = stack()
    for number in (1, 2):  # the second plan finds the state that the first apply has left
        succeed("plan", PACKAGE, f"-out=weekly-{number}.tfplan", directory=directory)
        said = succeed("apply", f"weekly-{number}.tfplan", directory=directory)
        assert f"{2 - number} added, 0 changed, 0 destroyed" in said

    assert (directory / "terraform.tfstate").exists()
    assert {"server.py", "helper.py"} <= packed(directory)
    assert not [name for name in packed(directory) if "tf" in name.split("/")[0]]


@pytest.mark.usefixtures("either_terraform")
def test_a_saved_plan_can_be_applied_though_bytecode_has_appeared_since(stack: Stack, checkout: Path) -> None:
    directory = stack()
    for folder in list(checkout.rglob("__pycache__")):
        shutil.rmtree(folder)
    succeed("plan", PACKAGE, "-out=saved.tfplan", directory=directory)
    for place in (directory, checkout / "function"):  # as when somebody runs the server, or an earlier build has
        subprocess.run([sys.executable, "-m", "compileall", "-q", str(place)], check=False)
        assert list(place.rglob("*.pyc"))

    succeed("apply", "saved.tfplan", directory=directory)


PROJECT = {
    "pyproject.toml": '[project]\nname = "orders"\nversion = "1"\n[tool.pdm.build]\npackage-dir = "./lib"\n',
    "uv.lock": "version = 1\n",
    "lib/orders/server.py": "ICON = 'icon.png'\n",
    "lib/orders/tests/data.json": "",
    "tests/test_server.py": "",
    "Dockerfile": "",
    "notebooks/try.ipynb": "",
    "README.md": "",
    "docs/guide.md": "",
    "docs/needs.txt": "",
    "icon.png": "",
}


def test_a_project_is_built_again_for_what_a_build_reads_and_not_for_its_tests_and_documents(stack: Stack) -> None:
    directory = stack(source_dir="${path.module}/orders", entrypoint="orders.server:mcp")
    for name, text in PROJECT.items():
        (directory / "orders" / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / "orders" / name).write_text(text)

    def build_id() -> Any:
        succeed("plan", PACKAGE, "-out=next.tfplan", directory=directory)
        shown = json.loads(succeed("show", "-json", "next.tfplan", directory=directory))
        (package,) = shown["planned_values"]["root_module"]["child_modules"][0]["resources"]
        return package["values"]["triggers_replace"]

    def change(*names: str) -> None:
        for name in names:
            (directory / "orders" / name).write_text("# changed\n")

    first = build_id()
    change("tests/test_server.py", "Dockerfile", "notebooks/try.ipynb", "README.md", "docs/guide.md")
    assert build_id() == first
    found = [first]
    for name in ("uv.lock", "icon.png", "docs/needs.txt"):
        change(name)
        found.append(build_id())
    assert len(set(found)) == len(found)


def test_a_private_key_is_packed_only_where_the_stack_names_it(stack: Stack) -> None:
    directory = stack()
    (directory / "certs").mkdir()
    (directory / "certs" / "it's mine.pem").write_text(KEY)

    refused = terraform("apply", PACKAGE, "-auto-approve", directory=directory)
    assert "certs/it's mine.pem in the source directory holds a private key" in " ".join(refused.stderr.split())

    stack(private_keys=["certs/it's mine.pem"])
    succeed("apply", PACKAGE, "-auto-approve", directory=directory)
    assert "certs/it's mine.pem" in packed(directory)


SERVER = """
import os
from mcp.server import MCPServer

shop = MCPServer(os.environ["SHOP"])
if "TOKEN" in os.environ:
    raise SystemExit(os.environ["TOKEN"])
TOKEN = os.environ["TOKEN"]
"""


@pytest.mark.skipif(not runs_like(INTEL), reason=f"a trial start for {INTEL} runs on such a machine only")
def test_a_build_finds_the_server_and_starts_it_with_the_environment_but_no_secret(stack: Stack) -> None:
    directory = stack(
        trial_start=True,
        runtime=INTEL.runtime,
        architecture=INTEL.architecture,
        environment={"SHOP": 'it\'s "ours"', "LICENCE": '${sensitive("AB-12")}'},
        secrets={"TOKEN": PARAMETER},
    )
    (directory / "server.py").write_text(SERVER)

    said = succeed("apply", PACKAGE, "-auto-approve", directory=directory)

    assert "the server is server:shop" in said
    assert "the trial start ended where the server needs TOKEN, whose value the account has" in said
    assert "AB-12" not in said


@pytest.mark.skipif(not runs_like(INTEL), reason=f"a trial start for {INTEL} runs on such a machine only")
def test_a_build_refuses_inputs_that_name_what_the_server_has_not(stack: Stack) -> None:
    directory = stack(
        trial_start=True,
        runtime=INTEL.runtime,
        architecture=INTEL.architecture,
        auth={"type": "jwt", "issuer": "https://example.com", "audience": ["a"]},
        required_scopes={"tools/sell": ["sell"]},
    )
    (directory / "server.py").write_text("from mcp.server import MCPServer\nmcp = MCPServer('shop')\n")

    refused = terraform("apply", PACKAGE, "-auto-approve", directory=directory)

    said = " ".join((refused.stdout + refused.stderr).split())
    assert refused.returncode == 1
    assert "would not start on Lambda: required_scopes names what the server 'shop' does not have: tools/sell." in said


def test_a_directory_without_a_lock_of_npm_is_refused_at_plan_for_node(stack: Stack) -> None:
    said = " ".join(terraform("plan", PACKAGE, directory=stack(runtime="nodejs22.x")).stderr.replace("│", "").split())

    assert 'runtime is "nodejs22.x", but' in said
    assert "has no package-lock.json and no package.json: the build installs what npm has locked" in said


def test_a_machine_without_python_is_told_so_when_it_is_to_build(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = stack()
    only_terraform = directory / ".bin"
    only_terraform.mkdir()
    command = only_terraform / "terraform"
    command.write_text(f'#!/bin/sh\nexec "{shutil.which("terraform")}" "$@"\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(only_terraform))

    said = " ".join(terraform("apply", PACKAGE, "-auto-approve", directory=directory).stderr.split())

    assert (
        "There is no python3 on PATH, which builds the package: install Python 3.11 or newer and uv or pip, "
        "or give the module a finished zip as package_file." in said
    )
    assert "not found" not in said


@pytest.mark.parametrize("directory", ["C:/stacks/orders", "//share/stacks/orders"])
@pytest.mark.parametrize(
    ("inputs", "way_out"),
    [
        ({}, "or give the module a finished zip as package_file"),
        (
            {"auth": TOKEN, "source_dir": None, "package_file": "server.zip"},
            "or choose another auth.type than token, or than jwt behind a REST API",
        ),
    ],
)
def test_windows_is_refused_at_plan_where_something_is_to_be_built(
    stack: Stack, checkout: Path, inputs: dict[str, Any], way_out: str, directory: str
) -> None:
    root = stack(**inputs)
    (root / "server.zip").touch()
    override = checkout / "windows_override.tf"
    override.write_text(f'locals {{\n  working_directory = "{directory}"\n}}\n')
    try:
        said = " ".join(terraform("plan", directory=root).stderr.replace("│", "").split())
    finally:
        override.unlink()

    assert f'Terraform runs on Windows here (in "{directory}")' in said
    assert f"run it on Linux or macOS, or in WSL, {way_out}." in said

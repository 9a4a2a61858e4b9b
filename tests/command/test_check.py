"""What `check.py` says of a server, and the command that it is a part of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from lab.readme import code
from tests.zipped import needs_pip, write

from .conftest import CHECK, Run

FUNCTION = REPOSITORY / "function"

PAGE = REPOSITORY / "docs" / "local.md"
(SHOP,) = code("python", PAGE.read_text())


def test_it_prints_the_tools_prompts_and_resources_as_the_page_shows_them(run: Run, tmp_path: Path) -> None:
    template = '@mcp.resource("shop://prices/{item}")\ndef price_of(item: str) -> str:\n    return "7"\n'
    write(tmp_path, {"server/server.py": SHOP + template, "shop.env": "CURRENCY=EUR"})

    ended = run(CHECK, str(tmp_path / "server"), "--env-file", str(tmp_path / "shop.env"))

    (shown,) = code("console", PAGE.read_text())
    assert shown.startswith("$ mcp-lambda check server --env-file shop.env\n")
    assert ended.stdout == shown.partition("\n")[2] + "  shop://prices/{item}\n", ended.stderr
    assert ended.returncode == 0


def test_it_says_why_a_server_cannot_be_started(run: Run, tmp_path: Path) -> None:
    server = write(tmp_path, {"server/server.py": SHOP}) / "server"

    ended = run(CHECK, str(server))

    reason, last = ended.stderr.splitlines()[-2:]
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"{server / 'server.py'} line 6: KeyError: 'CURRENCY'" in reason
    assert last == "check.py: error: the server could not be started, for the reason above"


NEWER = [f"python3.{minor}" for minor in range(11, 15) if (3, minor) != sys.version_info[:2]]


@pytest.mark.parametrize("python", NEWER)
def test_a_server_starts_under_another_runtime_of_lambdas(run: Run, python: str) -> None:
    found = shutil.which(python)
    if not found or subprocess.run([found, "-c", ""], capture_output=True).returncode:
        pytest.skip(f"there is no {python} on PATH")

    ended = run(CHECK, str(REPOSITORY / "examples/basic/server"), python=found)

    assert ended.returncode == 0, ended.stderr
    assert "working_days(start, end, holidays?)" in ended.stdout


FILES = {
    "build": FUNCTION / "build.py",
    "check": FUNCTION / "check.py",
    "cost": FUNCTION / "cost.py",
    "new-key": FUNCTION / "authorizer" / "new_key.py",
    "serve": FUNCTION / "serve.py",
}


@pytest.mark.parametrize("command", FILES)
def test_each_command_is_a_file_that_needs_the_standard_library_alone(command: str, tmp_path: Path) -> None:
    words = [sys.executable, "-I", "-S", str(FILES[command]), "--help"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)

    assert ended.stdout.startswith(f"usage: {FILES[command].name} "), ended.stderr


def test_a_git_url_brings_the_command(tmp_path: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".*", "node_modules")
    shutil.copytree(FUNCTION, tmp_path / "repository" / "function", ignore=ignored)
    git = ["git", "-C", str(tmp_path / "repository"), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All"]):
        subprocess.run([*git, *words], check=True)
    uv = [str(Path(sys.executable).with_name("uv")), "tool", "run", "--python", sys.executable]
    command = [*uv, "--from", f"git+file://{tmp_path}/repository#subdirectory=function", "mcp-lambda"]

    def said(*words: str) -> str:
        environ = {**os.environ, "UV_TOOL_DIR": str(tmp_path / "tools")}
        ended = subprocess.run([*command, *words], cwd=tmp_path, env=environ, capture_output=True, text=True)
        return ended.stdout + ended.stderr

    commands = re.findall(r"^  ([\w-]+)  ", said("--help").partition("commands:\n")[2], re.MULTILINE)
    assert sorted(commands) == sorted(FILES)
    assert "usage: mcp-lambda serve " in said("serve", "--help")
    assert "mcp-lambda check: error: source directory nix does not exist" in said("check", "nix")
    assert "**$0.90**" in said("cost", "--requests", "0", "--metrics", "0")


@needs_pip
def test_pip_installs_the_command_from_its_folder(tmp_path: Path) -> None:
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--target", str(tmp_path), str(FUNCTION)], check=True)

    read = {path for ending in ("py", "json", "lock") for path in FUNCTION.rglob(f"*.{ending}")}
    own = {path.relative_to(FUNCTION) for path in read if "node_modules" not in path.parts}
    left_out = [str(path) for path in own if not (tmp_path / "mcp_lambda" / path).exists()]
    assert left_out == ["prune.py"]  # which Terraform alone runs
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(
        [tmp_path / "bin" / "mcp-lambda", "check", "nix"], env=environ, capture_output=True, text=True
    )

    assert (ended.returncode, ended.stderr) == (
        1,
        "mcp-lambda check: error: source directory nix does not exist\n",
    )

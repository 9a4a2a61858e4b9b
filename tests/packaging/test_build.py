from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import pytest

from builder import archive, inputs, installers
from builder.author import author_files
from builder.explain import explain
from builder.requirements import check_requirements
from tests.zipped import ARM, INTEL, SCRIPT, WITH_UV, for_target, names, needs_pip, run_build, write, write_wheel

E_MACHINE = {"arm64": 183, "x86_64": 62}  # EM_AARCH64, EM_X86_64 of the ELF header

SERVER = """\
import colorama
from lib.prices import PRICE
from mcp.client import Client  # for which nothing is left out
from mcp.server import MCPServer

mcp = MCPServer("orders")
"""


@pytest.fixture(scope="session")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An author's directory with one of everything that may lie there."""
    root = write(
        tmp_path_factory.mktemp("author") / "orders",
        {
            "server.py": SERVER,
            "lib/prices.py": "PRICE = 1\n",
            "settings.local.py": "DEBUG = True\n",
            "tools/convert": "#!/bin/sh\n",
            "json/prices.txt": "data in a directory named like a module\n",
            "requirements.txt": "colorama==0.4.6  # https://example.com/why\n",
            ".env": "SECRET=1\n",
            ".git/config": "\n",
            "__pycache__/server.cpython-311.pyc": "\n",
            "lib/old.pyc": "\n",
            "env/pyvenv.cfg": "\n",
            "env/lib/module.py": "\n",
        },
    )
    (root / "linked.txt").symlink_to(root / "json" / "prices.txt")
    (root / "server.py").chmod(0o666)
    (root / "tools/convert").chmod(0o700)
    return root


@pytest.fixture(scope="session")
def arm_zip(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("arm") / "new" / "orders.zip"
    code, _, error = run_build(orders, output, *for_target(ARM))
    assert (code, error) == (0, "")
    return output


@pytest.fixture(scope="session")
def intel_zip(orders: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("intel") / "orders.zip"
    code, _, error = run_build(orders, output, *for_target(INTEL))
    assert (code, error) == (0, "")
    return output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The smallest author's directory."""
    return write(tmp_path / "tiny", {"server.py": "mcp = None\n"})


@pytest.fixture
def refusal(source: Path, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Runs a build that must fail in one sentence, and see that an earlier zip is all that is there afterwards."""
    output = write(tmp_path / "out", {"orders.zip": "the earlier zip"}) / "orders.zip"
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def refuse(*options: str, source_dir: Path = source, **env: str) -> str:
        code, _, error = run_build(source_dir, output, *options, env={"TMPDIR": str(temporary), **env})
        assert code == 1
        assert error.startswith("build.py: error: ")
        assert "Traceback" not in error
        return error.removeprefix("build.py: error: ").rstrip("\n")

    yield refuse
    assert output.read_text() == "the earlier zip"
    assert os.listdir(output.parent) == ["orders.zip"]
    assert os.listdir(temporary) == []


# What is in the zip


def test_the_zip_holds_the_host_the_authors_files_and_the_packages_of_both(arm_zip: Path) -> None:
    packed = names(arm_zip)
    for module in ("mcp_lambda_host", "mcp_lambda_aws", "mcp", "mangum", "colorama"):
        assert f"{module}/__init__.py" in packed
    assert len(packed) == len(set(packed))


def test_of_the_authors_directory_all_is_packed_but_hidden_files_caches_and_virtual_environments(
    arm_zip: Path, orders: Path
) -> None:
    mine = {path.relative_to(orders).as_posix() for path in orders.rglob("*") if path.is_file()} & set(names(arm_zip))
    code = {"server.py", "settings.local.py", "lib/prices.py", "tools/convert"}
    assert mine == code | {"json/prices.txt", "requirements.txt", "linked.txt"}
    with zipfile.ZipFile(arm_zip) as archive:
        assert archive.read("linked.txt") == (orders / "json" / "prices.txt").read_bytes()


def test_nothing_in_the_zip_names_this_machine_or_is_a_script_a_stub_or_a_test(arm_zip: Path) -> None:
    packed = names(arm_zip)
    assert [name for name in packed if re.search(r"^bin/|^\.lock$|\.pyi$|/tests/", name)] == []
    metadata = {name.split("/")[-1] for name in packed if ".dist-info/" in name}
    assert metadata <= {"METADATA", "entry_points.txt", "top_level.txt"}


def test_every_module_is_compiled_for_the_target_and_loaded_without_a_look_at_its_source(intel_zip: Path) -> None:
    with zipfile.ZipFile(intel_zip) as packed:
        sources = {name for name in packed.namelist() if name.endswith(".py")}
        compiled = {name: packed.read(name) for name in packed.namelist() if name.endswith(".pyc")}
    assert len(compiled) == len(sources)
    unchecked_hash = (1).to_bytes(4, "little")  # PEP 552
    assert {content[4:8] for content in compiled.values()} == {unchecked_hash}
    if installers.runs_like(INTEL):
        assert {content[:4] for content in compiled.values()} == {MAGIC_NUMBER}
    assert b"/var/task/server.py" in compiled["__pycache__/server.cpython-311.pyc"]


def test_bytecode_depends_on_nothing_around_the_build(orders: Path, intel_zip: Path, tmp_path: Path) -> None:
    around = write(tmp_path / "around", {"struct.py": "raise RuntimeError\n"})
    strange = {"PYTHONPYCACHEPREFIX": str(tmp_path / "elsewhere"), "PYTHONOPTIMIZE": "1"}
    assert run_build(orders, tmp_path / "b.zip", *for_target(INTEL), cwd=around, env=strange)[0] == 0

    assert names(intel_zip) == names(tmp_path / "b.zip")
    assert intel_zip.read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert not installers.runs_like(INTEL) or "__pycache__/settings.local.cpython-311.pyc" in names(intel_zip)


def test_without_an_interpreter_of_the_target_the_build_says_what_that_costs(source: Path, tmp_path: Path) -> None:
    only_uv = tmp_path / "bin"
    only_uv.mkdir()
    (only_uv / "uv").symlink_to(Path(sys.executable).parent / "uv")
    nothing_to_find = {"PATH": str(only_uv), "UV_PYTHON_DOWNLOADS": "never", "UV_PYTHON_PREFERENCE": "only-managed"}

    code, said, _ = run_build(source, tmp_path / "a.zip", *for_target(ARM), env=nothing_to_find)

    assert code == 0
    assert (
        "note: no Python 3.13 here that can compile, and no uv that could bring one: without bytecode in the zip"
        in said
    )
    assert not any(name.endswith(".pyc") for name in names(tmp_path / "a.zip"))


def test_entries_are_sorted_with_one_time_and_can_be_read_by_everybody(arm_zip: Path) -> None:
    with zipfile.ZipFile(arm_zip) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {oct(entry.external_attr >> 16) for entry in entries} == {"0o100644", "0o100755"}
    assert {entry.create_system for entry in entries} == {3}


def test_files_that_can_be_executed_still_can_in_the_authors_directory_and_in_packages(
    source: Path, tmp_path: Path
) -> None:
    write_wheel(
        tmp_path / "wheels", "tool", {"tool/bin/run": "#!/bin/sh\n", "tool/data": ""}, executable={"tool/bin/run"}
    )
    write(source, {"requirements.txt": f"--find-links {tmp_path / 'wheels'}\ntool\n", "convert": "#!/bin/sh\n"})
    (source / "convert").chmod(0o700)
    assert run_build(source, tmp_path / "a.zip")[0] == 0
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        mode = {name: oct(packed.getinfo(name).external_attr >> 16) for name in packed.namelist()}
    assert (mode["convert"], mode["tool/bin/run"]) == ("0o100755", "0o100755")
    assert (mode["server.py"], mode["tool/data"]) == ("0o100644", "0o100644")


def test_the_same_input_gives_the_same_bytes_from_any_place_inside_any_virtual_environment(
    arm_zip: Path, orders: Path, tmp_path: Path
) -> None:
    shutil.copytree(orders, tmp_path / "elsewhere" / "orders", copy_function=shutil.copy)
    write(tmp_path, {"pyproject.toml": '[tool.uv]\nno-binary = true\nconstraint-dependencies = ["mcp<1"]\n'})
    active = {"VIRTUAL_ENV": str(tmp_path), "UV_SYSTEM_PYTHON": "1", "UV_COMPILE_BYTECODE": "1"}
    code, progress, _ = run_build(Path("elsewhere/orders"), Path("again.zip"), cwd=tmp_path, env=active)
    assert code == 0
    assert (tmp_path / "again.zip").read_bytes() == arm_zip.read_bytes()
    assert progress.splitlines()[:4] == [
        "the server is server:mcp",
        "resolving requirements.txt for python3.13 on arm64 with uv",
        "resolving the host's locked packages for python3.13 on arm64 with uv",
        "adding orders (7 files)",
    ]
    number = r"[\d,.]+"
    sizes = rf"{number} MB zipped, {number} MB unpacked, {len(names(arm_zip)):,} files, {number} s"
    assert re.fullmatch(rf"wrote again\.zip: {sizes}", progress.splitlines()[-1])


@needs_pip
def test_pip_gives_the_same_zip_as_uv(arm_zip: Path, orders: Path, tmp_path: Path) -> None:
    settings = {"PIP_USER": "1", "PIP_ROOT": str(tmp_path / "root"), "PIP_REQUIRE_VIRTUALENV": "1"}
    code, progress, error = run_build(orders, tmp_path / "pip.zip", env={"PATH": str(tmp_path), **settings})
    assert (code, error) == (0, "")
    assert "with pip" in progress
    assert "note: pip reads markers like python_version for this machine" in progress
    assert names(tmp_path / "pip.zip") == names(arm_zip)
    assert (tmp_path / "pip.zip").read_bytes() == arm_zip.read_bytes()


@pytest.mark.parametrize("target", [ARM, INTEL], ids=str)
def test_every_compiled_module_is_for_the_target(target: inputs.Target, request: pytest.FixtureRequest) -> None:
    path: Path = request.getfixturevalue({ARM: "arm_zip", INTEL: "intel_zip"}[target])
    with zipfile.ZipFile(path) as archive:
        compiled = {name: archive.read(name)[:20] for name in archive.namelist() if name.endswith(".so")}
    assert len(compiled) >= 4  # cffi, cryptography, pydantic-core, rpds-py
    assert {int.from_bytes(header[18:20], "little") for header in compiled.values()} == {E_MACHINE[target.architecture]}
    tag = f"cpython-{target.python.replace('.', '')}-{inputs.MACHINES[target.architecture]}-linux-gnu"
    assert [name for name in compiled if not name.endswith((f".{tag}.so", ".abi3.so"))] == []


@pytest.mark.skipif(not installers.runs_like(INTEL), reason=f"the zip for {INTEL} runs on such a machine only")
def test_the_unpacked_zip_imports_in_a_bare_interpreter(intel_zip: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(intel_zip) as archive:
        archive.extractall(tmp_path)
    code = "import sys; sys.path.insert(0, sys.argv[1]); import mcp, fastapi, mangum, server; print(server.__file__)"
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path
    )
    assert (ran.stdout.strip(), ran.stderr) == (str(tmp_path / "server.py"), "")


def test_no_module_for_python311_needs_a_newer_glibc_than_amazon_linux_2_has(intel_zip: Path) -> None:
    with zipfile.ZipFile(intel_zip) as archive:
        compiled = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".so"))
    needs = {int(minor) for minor in re.findall(rb"GLIBC_2\.(\d+)", compiled)}
    assert needs
    assert max(needs) <= 26


COLORAMA = "colorama==0.4.6 \\\n    --hash=sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6\n"


def test_requirements_with_hashes_are_installed(source: Path, tmp_path: Path) -> None:
    write(source, {"requirements.txt": COLORAMA})
    code, _, error = run_build(source, tmp_path / "orders.zip")
    assert (code, error) == (0, "")
    assert "colorama/__init__.py" in names(tmp_path / "orders.zip")


# What is refused before anything is fetched


def test_an_unknown_runtime_is_refused(refusal: Callable[..., str]) -> None:
    assert refusal("--runtime", "python3.9").startswith(
        "runtime 'python3.9' is not one of python3.11, python3.12, python3.13, python3.14"
    )


def test_an_unknown_architecture_is_refused(refusal: Callable[..., str]) -> None:
    assert refusal("--architecture", "aarch64").startswith("architecture 'aarch64' is not one of arm64, x86_64")


@pytest.mark.parametrize(
    "entrypoint", ["server", "server:", ":mcp", "server:a.b", "my-server:mcp", "a..b:mcp", "class:x"]
)
def test_a_malformed_entrypoint_is_refused(refusal: Callable[..., str], entrypoint: str) -> None:
    assert refusal("--entrypoint", entrypoint).startswith(f"entrypoint {entrypoint!r} is not module:attribute")


def test_an_entrypoint_whose_module_is_not_there_is_refused(refusal: Callable[..., str]) -> None:
    assert "needs app/main.py or app/main/__init__.py in " in refusal("--entrypoint", "app.main:mcp")


@pytest.mark.parametrize("path", ["app/main.py", "app/main/__init__.py"])
def test_a_dotted_entrypoint_names_a_file_or_a_package(source: Path, path: str) -> None:
    inputs.check_entrypoint("app.main:mcp", source, author_files(write(source, {path: ""}), []))


def test_a_missing_source_directory_is_refused(refusal: Callable[..., str], tmp_path: Path) -> None:
    assert refusal(source_dir=tmp_path / "missing").endswith("missing does not exist")


def test_a_file_as_source_directory_is_refused(refusal: Callable[..., str], source: Path) -> None:
    assert refusal(source_dir=source / "server.py").endswith("server.py is not a directory")


def test_an_output_inside_the_source_directory_is_refused(source: Path) -> None:
    code, _, error = run_build(source, source / "build" / "orders.zip")
    assert code == 1
    assert "would be packed into itself" in error
    assert os.listdir(source) == ["server.py"]


def test_an_output_in_a_hidden_directory_of_the_source_is_not_packed_and_so_allowed(source: Path) -> None:
    assert inputs.check_source(source, source / ".build" / "orders.zip") == source


def test_an_output_that_is_a_directory_is_refused(source: Path, tmp_path: Path) -> None:
    code, _, error = run_build(source, tmp_path)
    assert (code, error) == (1, f"build.py: error: output {tmp_path} is a directory: name the zip file to write\n")


@pytest.mark.parametrize(("to", "kind"), [("..", "a link to a directory"), ("gone", "a broken link or a special file")])
def test_a_link_that_cannot_be_copied_is_refused(refusal: Callable[..., str], source: Path, to: str, kind: str) -> None:
    (source / "data").symlink_to(to)
    assert f"{source / 'data'} is {kind} and cannot be packed" in refusal()


@pytest.mark.parametrize(
    "line",
    [
        "-e ./tool",
        "--editable=tool",
        "./tool",
        "../tool",
        "/tool",
        "packages/tool",
        "tool @ file:///tmp/tool",
        "git+https://example.com/tool.git",
        "tool @ git+ssh://git@example.com/tool.git@v1",
        "tool @ https://example.com/tool-1.tar.gz#sha256=0",
        "--no-binary :all:",
        "--no-binary=tool",
    ],
)
def test_a_requirement_that_would_be_built_from_source_is_refused(
    refusal: Callable[..., str], source: Path, line: str
) -> None:
    write(source, {"requirements.txt": "-r more/these.txt\n", "more/these.txt": f"{line}  # ours\n"})
    assert refusal().startswith(f"requirements.txt has {line!r}, which would be built from source")


@pytest.mark.parametrize(
    ("lines", "option"),
    [
        ("--edit ./tool", "--edit"),
        ("--edit=./tool", "--edit"),
        ("--pre --edit ./tool", "--edit"),
        ("--no-bin :all:", "--no-bin"),
        ("--only-binary :none:", "--only-binary"),  # takes back what the build asks for
        ("--req hidden.txt", "--req"),
        ("--pre '--edit' ./tool", "--edit"),
        ("--ed\\\nit ./tool", "--edit"),
        ("# a comment has no next line \\\n--edit ./tool", "--edit"),
        ("-qe ./tool", "-q"),
        ("--pre -r also.txt", "--edit"),
        ("tool --global-option=x", "--global-option"),
        ("tool --config-settings=x", "--config-settings"),
        ("--proxy http://example.com", "--proxy"),
    ],
)
def test_an_option_that_is_not_known_to_be_harmless_is_refused(
    refusal: Callable[..., str], source: Path, lines: str, option: str
) -> None:
    write(source, {"requirements.txt": f"-r more/these.txt\n{lines}\n", "more/these.txt": "", "also.txt": "--edit x"})
    said = refusal()
    assert said.startswith("requirements.txt has ")
    assert f"{option} is not one of the options that a build takes (--constraint, --extra-index-url, " in said


def test_a_variable_that_installers_are_not_given_is_refused_by_name(refusal: Callable[..., str], source: Path) -> None:
    index = "--index-url https://${UV_USER}:${INDEX_TOKEN}@example.com/simple\n"
    said = refusal(source_dir=write(source, {"requirements.txt": index}))
    assert said.startswith("requirements.txt has ${INDEX_TOKEN}, which installers are not given")


@pytest.mark.parametrize(
    "line",
    [
        "requests[socks]>=2,<3",
        'tomli ; python_version < "3.11"',
        "requests==2.0 --hash=sha256:00",
        "tool @ https://example.com/tool-1-py3-none-any.whl#sha256=00",
        "--find-links ./wheels",
        "-f./wheels --no-index",
        "-i https://${PIP_LOGIN}:${UV_INDEX_TOKEN}@example.com/simple --extra-index-url https://example.com/simple",
        "--index-url https://build:${UV_INDEX_PASSWORD}@packages.example.com/simple",  # docs/deploying-from-ci.md
        "--index-url=https://example.com/simple",
    ],
)
def test_a_requirement_that_can_be_a_wheel_is_left_to_the_installer(line: str) -> None:
    check_requirements([line], "requirements.txt")


def test_a_missing_included_requirements_file_is_named(refusal: Callable[..., str], source: Path) -> None:
    write(source, {"requirements.txt": "-r base.txt\n"})
    assert refusal().endswith(f"No such file or directory: '{source / 'base.txt'}'")


def test_without_uv_and_pip_there_is_one_clear_line(source: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-I",
        "-S",
        str(SCRIPT),
        "--source-dir",
        str(source),
        "--output",
        str(tmp_path / "a.zip"),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(source)})
    assert ran.returncode == 1
    assert ran.stderr == f"build.py: error: neither is uv on PATH, nor has {sys.executable} pip: install one of them\n"


OLD = r"build\.py: error: needs Python 3\.11 or newer, \S+ is 3\.\d+\.\d+\n"


def test_an_old_interpreter_can_read_the_script_and_is_told_that_it_is_too_old() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 8))
    run = f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    pretend = f"import runpy, sys; sys.version_info = (3, 8, 18); {run}"
    ran = subprocess.run(
        [sys.executable, "-c", pretend, "--source-dir=x", "--output=y"], capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert re.fullmatch(OLD, ran.stderr)


@pytest.mark.parametrize("old", ["python3.8", "python3.9", "python3.10"])
def test_a_real_old_interpreter_is_told_so_too(old: str) -> None:
    if not shutil.which(old) or subprocess.run([old, "--version"], capture_output=True).returncode:
        pytest.skip(f"there is no {old} here")
    ran = subprocess.run([old, SCRIPT, "--source-dir=x", "--output=y"], capture_output=True, text=True)
    assert ran.returncode == 1
    assert re.fullmatch(OLD, ran.stderr)


def test_a_command_line_without_an_output_is_a_usage_error() -> None:
    ran = subprocess.run([sys.executable, SCRIPT, "--source-dir", "x"], capture_output=True, text=True)
    assert (ran.returncode, "--output" in ran.stderr) == (2, True)


# What is refused because of other modules


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("json.py", "json of Python's standard library"),
        ("json/tables.py", "json of Python's standard library"),
        ("mcp_lambda_host/__init__.py", "mcp_lambda_host of the host"),
        ("mcp_lambda_aws.py", "mcp_lambda_aws of the host"),
        ("mcp.py", "mcp of mcp 2."),
        ("jwt/claims.py", "jwt of PyJWT 2."),
        ("typing_extensions.py", "typing_extensions of typing_extensions 4."),
    ],
)
def test_a_file_that_hides_a_module_is_refused(
    refusal: Callable[..., str], source: Path, file: str, module: str
) -> None:
    said = refusal(source_dir=write(source, {file: ""}))
    assert said.startswith(f"{file} in the source directory hides the module {module}")
    assert said.endswith(": rename it")


def test_a_data_file_that_would_replace_a_packages_is_refused(refusal: Callable[..., str], source: Path) -> None:
    said = refusal(source_dir=write(source, {"mcp/py.typed": "mine"}))
    assert said.startswith("mcp/py.typed in the source directory would replace a file of mcp 2.")


# What is refused because of sizes


def test_over_the_unpacked_limit_the_five_largest_packages_are_named(refusal: Callable[..., str], source: Path) -> None:
    write(source, {"models/small.bin": ""})
    with (source / "models" / "large.bin").open("wb") as file:
        file.truncate(archive.UNPACKED_LIMIT - 5_000_000)
    said = refusal()
    assert "bytes unpacked are over Lambda's limit of 262,144,000" in said
    largest = said.partition("largest are ")[2]
    assert re.match(r"tiny/models \(245\.2 MB\), pydantic_core [\d.]+ \([\d.]+ MB\), ", largest)
    assert len(largest.split(", ")) == 5


def test_over_the_limit_of_a_direct_upload_nothing_is_written(tmp_path: Path) -> None:
    noise = write(tmp_path, {"out/orders.zip": "the earlier zip"}) / "noise.bin"
    noise.write_bytes(os.urandom(archive.ZIPPED_LIMIT))
    with pytest.raises(
        inputs.BuildError, match=r"zipped are over Lambda's limit of 52,428,800: .+ with package_bucket"
    ):
        archive.write_zip({"noise.bin": inputs.File(noise, "tiny")}, tmp_path / "out" / "orders.zip")
    assert os.listdir(tmp_path / "out") == ["orders.zip"]
    assert (tmp_path / "out" / "orders.zip").read_text() == "the earlier zip"


def noise(folder: Path, **sizes: int) -> inputs.Files:
    """Files of so many bytes that no zip makes smaller, each a package of its own, but for those of one name."""
    folder.mkdir()
    for name, size in sizes.items():
        (folder / name).write_bytes(os.urandom(size))
    return {name: inputs.File(folder / name, name.split(".")[0]) for name in sizes}


MIB = 2**20


def test_bytecode_gives_way_to_the_limit_of_a_direct_upload_the_most_of_one_package_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = noise(
        tmp_path / "files",
        **{"server.bin": 40 * MIB, "a.py": 1, "a.pyc": 2 * MIB, "b.py": 1, "b.pyc": 9 * MIB, "c.pyc": 4 * MIB},
    )

    written = archive.write_zip(files, tmp_path / "a.zip")

    assert set(names(tmp_path / "a.zip")) == files.keys() - {"b.pyc"} == written.files.keys()
    assert written.zipped == (tmp_path / "a.zip").stat().st_size <= archive.ZIPPED_LIMIT
    said = capsys.readouterr().out
    assert (
        "so there is no bytecode of b (9.0 MB): each cold start compiles what it imports of that, and is slower" in said
    )

    assert archive.write_zip(files, tmp_path / "b.zip", zipped_limit=None).files.keys() == files.keys()
    assert capsys.readouterr().out == ""


def test_the_unpacked_limit_does_not_count_bytecode_which_gives_way_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = noise(tmp_path / "files", **{"a.bin": 1, "a.pyc": 1, "b.pyc": 1})
    for name, size in {"a.bin": 245, "a.pyc": 2, "b.pyc": 4}.items():
        os.truncate(files[name].path, size * MIB)

    written = archive.write_zip(files, tmp_path / "a.zip")

    assert (sorted(written.files), written.unpacked) == (["a.bin", "a.pyc"], 247 * MIB)
    assert "so there is no bytecode of b (4.0 MB)" in capsys.readouterr().out


# What the package index does not have


@pytest.mark.parametrize(
    ("requirement", "says"),
    [
        (
            "starlette<1.0",
            "requirements.txt conflicts with the host: it asks for starlette<1.0, but the host is locked to "
            "starlette=={}, so write starlette>=",
        ),
        (
            "sqlmodel==0.0.8",
            "requirements.txt conflicts with the host, which is locked to pydantic=={} (sqlmodel==0.0.8 depends on ",
        ),
        ("docopt==0.6.2", "there is no wheel of docopt for python3.13 on arm64, and nothing is built from source"),
        ("pywin32", "there is no wheel of pywin32 for python3.13 on arm64, and nothing is built from source"),
        ("requests==99.0", "the package index has no requests==99.0: correct the requirement"),
        ("requests>=99", "the package index has no requests>=99: correct the requirement"),
        ("no-such-package-0f2c", "the package index has no no-such-package-0f2c: correct the requirement"),
        ("requests=2", "the packages could not be installed for python3.13 on arm64; the installer says:\n    error: "),
    ],
)
def test_uv_failures_are_told_apart(refusal: Callable[..., str], source: Path, requirement: str, says: str) -> None:
    said = refusal(source_dir=write(source, {"requirements.txt": f"{requirement}\n"}))
    pattern = re.escape(says).replace(r"\{\}", r"[\d.]+")
    assert re.match(pattern, said), said
    assert "\x1b" not in said


def test_a_wheel_whose_hash_is_another_is_refused(refusal: Callable[..., str], source: Path) -> None:
    write(source, {"requirements.txt": COLORAMA.replace("4f1d", "0000")})
    said = refusal()
    assert said.startswith("the packages could not be installed for python3.13 on arm64; the installer says:\n    ")
    assert "Hash mismatch for `colorama==0.4.6`" in said


def test_a_line_of_the_hosts_lock_without_hashes_is_refused(source: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(SCRIPT.parent, tmp_path / "function", ignore=shutil.ignore_patterns("node_modules"))
    lock = (copy / "requirements.lock").read_text()
    write(copy, {"requirements.lock": re.sub(r"(mangum==\S+) \\\n(    --hash=.*\n)+", r"\1\n", lock)})
    command = [sys.executable, str(copy / "build.py"), "--source-dir", str(source), "--output", str(tmp_path / "a.zip")]
    ran = subprocess.run(command, env={**os.environ, **WITH_UV}, capture_output=True, text=True)
    assert ran.returncode == 1
    assert "must have a hash, but none were provided for: mangum==" in " ".join(ran.stderr.split())


def test_an_index_out_of_reach_is_said_to_be_so(refusal: Callable[..., str]) -> None:
    nowhere = {"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple", "UV_NO_CACHE": "1", "UV_HTTP_RETRIES": "0"}
    assert refusal(**nowhere).startswith("the package index cannot be reached, check the network and its address (")


PIP_CONFLICT = """\
ERROR: Cannot install -r requirements.txt (line 1) because these package versions have conflicting dependencies.

The conflict is caused by:
    fastmcp 2.3.0 depends on mcp<2.0.0 and >=1.8.0
    The user requested (constraint) {pin}

To fix this you could try to:
1. loosen the range of package versions you've specified
"""
PIP_NOT_FOUND = """\
ERROR: Could not find a version that satisfies the requirement docopt (from versions: none)
ERROR: No matching distribution found for docopt
"""
PIP_UNREACHABLE = """\
WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError': /simple/idna/
ERROR: No matching distribution found for idna
"""


@pytest.mark.parametrize(
    ("output", "says"),
    [
        (PIP_CONFLICT, "conflicts with the host, which is locked to {pin} (fastmcp 2.3.0 depends on mcp<2.0.0 and"),
        (PIP_NOT_FOUND, "the package index has no docopt, or no wheel of it for python3.13 on arm64"),
        (PIP_UNREACHABLE, "cannot be reached, check the network and its address (WARNING: Retrying (Retry(total=0,"),
        ("WARNING: old\nERROR: Oh\n", "installed for python3.13 on arm64; the installer says:\n    ERROR: Oh"),
    ],
    ids=["conflict", "not found", "unreachable", "anything else"],
)
def test_what_pip_says_is_told_apart(output: str, says: str) -> None:
    pin = next(line.split()[0] for line in inputs.LOCK.read_text().splitlines() if line.startswith("mcp=="))
    assert says.replace("{pin}", pin) in explain(output.replace("{pin}", pin), ARM)


# When it is stopped


def test_a_terminated_build_leaves_nothing_behind(source: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # an index that never answers
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        env = {**os.environ, **WITH_UV, "TMPDIR": str(temporary), "UV_DEFAULT_INDEX": index, "UV_NO_CACHE": "1"}
        command = [sys.executable, str(SCRIPT), "--source-dir", str(source), "--output", str(tmp_path / "orders.zip")]
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
            silent.accept()  # by then uv waits for it
            running.send_signal(signal.SIGTERM)
            _, error = running.communicate(timeout=20)
    assert (running.returncode, error) == (1, "build.py: error: interrupted, nothing was written\n")
    assert os.listdir(temporary) == []
    assert not (tmp_path / "orders.zip").exists()

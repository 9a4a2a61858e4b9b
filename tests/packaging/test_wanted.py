"""What the author asks for: where it is read, what of it binds, and what gives way to the host's versions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from builder.inputs import LOCK, BuildError
from builder.poetry import standard
from builder.project import read_project
from builder.uv import for_pip
from builder.versions import allows, below, locked
from builder.wanted import Wanted, read_wanted
from tests.zipped import ARM, for_target, names, needs_pip, run_build, write, write_wheel

SERVER = {"server.py": "mcp = None\n"}
HOST = locked()["pydantic"]  # 2.x, as the ranges below assume
PROJECT = '[project]\nname = "orders"\nversion = "1"\n'

Read = Callable[..., Wanted]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """What a directory with these files asks for."""

    def ask(**files: str) -> Wanted:
        source = write(tmp_path, files)
        wanted = read_wanted(source, read_project(source))
        assert wanted
        return wanted

    return ask


@pytest.fixture
def refusal(read: Read) -> Callable[..., str]:
    """Why such a directory is refused."""

    def refuse(**files: str) -> str:
        with pytest.raises(BuildError) as refused:
            read(**files)
        return str(refused.value)

    return refuse


def project(*dependencies: str, more: str = "") -> str:
    return f"{PROJECT}dependencies = {list(dependencies)}\n{more}"


# Where it is read

UV_LOCK = """
version = 1
[[package]]
name = "orders"
version = "1"
source = { editable = "." }
[[package]]
name = "Typing_Inspection"
version = "0.4"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "tool"
version = "2"
source = { git = "https://example.com/tool.git" }
[[package]]
name = "numpy"
version = "1.26"
source = { registry = "https://pypi.org/simple" }
resolution-markers = ["python_full_version < '3.12'"]
[[package]]
name = "numpy"
version = "2.1"
source = { registry = "https://pypi.org/simple" }
resolution-markers = ["python_full_version >= '3.12'", "sys_platform == 'win32'"]
"""
PYLOCK = """
lock-version = "1.0"
[[packages]]
name = "numpy"
version = "2.1"
wheels = [{ url = "https://example.com/numpy-2.1-py3-none-any.whl" }]
[[packages]]
name = "orders"
directory = { path = "." }
"""
POETRY_LOCK = """
[[package]]
name = "numpy"
version = "2.1"
markers = {main = "python_version >= '3.11'", dev = "os_name == 'nt'"}
[[package]]
name = "numpy"
version = "1.26"
markers = "python_version < '3.11'"
[[package]]
name = "tool"
version = "2"
[package.source]
type = "git"
url = "https://example.com/tool.git"
[[package]]
name = "inner"
version = "3"
[package.source]
type = "legacy"
url = "https://example.com/simple"
"""


@pytest.mark.parametrize(
    ("lock", "text", "pins"),
    [
        (
            "uv.lock",
            UV_LOCK,
            {
                "typing-inspection": ["typing-inspection==0.4"],
                "numpy": [
                    "numpy==1.26 ; (python_full_version < '3.12')",
                    "numpy==2.1 ; (python_full_version >= '3.12') or (sys_platform == 'win32')",
                ],
            },
        ),
        ("pylock.toml", PYLOCK, {"numpy": ["numpy==2.1"]}),
        (
            "poetry.lock",
            POETRY_LOCK,
            {
                "numpy": [
                    "numpy==2.1 ; (python_version >= '3.11') or (os_name == 'nt')",
                    "numpy==1.26 ; (python_version < '3.11')",
                ],
                "inner": ["inner==3"],
            },
        ),
    ],
)
def test_what_pyproject_declares_is_asked_for_with_the_versions_of_its_lock(
    read: Read, lock: str, text: str, pins: dict[str, list[str]]
) -> None:
    dependencies = ["numpy>=1; python_version > '3'", "httpx[http2]", "Typing-inspection"]

    wanted = read(**{"pyproject.toml": project(*dependencies), lock: text})

    assert wanted == Wanted("pyproject.toml", lock, dependencies, [], pins, {"numpy", "httpx", "typing-inspection"})


def test_requirements_txt_wins_over_pyproject_and_its_lock_and_that_is_said(
    read: Read, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = read(**{"pyproject.toml": project("numpy"), "uv.lock": UV_LOCK, "requirements.txt": "httpx\n"})

    assert (wanted.origin, wanted.lines, wanted.pins) == ("requirements.txt", ["httpx"], {})
    assert "reading requirements.txt, which wins over pyproject.toml and uv.lock\n" in capsys.readouterr().out


def test_what_is_not_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert read_wanted(write(tmp_path, SERVER | {"setup.py": "", "Pipfile": ""}), None) is None
    assert capsys.readouterr().out.startswith("note: setup.py and Pipfile is not read: what the server needs must be")


def test_dynamic_dependencies_are_read_from_the_file_that_setuptools_takes_them_from(read: Read) -> None:
    settings = '[tool.setuptools.dynamic]\ndependencies = {file = ["needs/base.in"]}\n'
    pyproject = f'{PROJECT}dynamic = ["dependencies"]\n{settings}'

    assert read(**{"pyproject.toml": pyproject, "needs/base.in": "httpx  # why\n"}).lines == ["httpx"]


def test_indexes_of_a_project_are_given_to_the_installer(read: Read, tmp_path: Path) -> None:
    addresses = 'index-url = "https://a.example"\nextra-index-url = ["https://b.example"]\nfind-links = ["./wheels"]'
    older = f"[tool.uv]\n{addresses}\n"
    poetry = '[[tool.poetry.source]]\nname = "c"\nurl = "https://c.example"\npriority = "supplemental"\n'

    assert read(**{"pyproject.toml": project("httpx", more=older)}).lines == [
        "--index-url https://a.example",
        "--extra-index-url https://b.example",
        f"--find-links {tmp_path / 'wheels'}",
        "httpx",
    ]
    assert "--extra-index-url https://c.example" in read(**{"pyproject.toml": project("httpx", more=poetry)}).lines


def test_pip_asks_the_indexes_that_a_project_has_for_uv(read: Read, tmp_path: Path) -> None:
    indexes = '[[tool.uv.index]]\nurl = "https://a.example"\ndefault = true\n[[tool.uv.index]]\nurl = "simple"\n'

    assert for_pip(read(**{"pyproject.toml": project("httpx", more=indexes)}).uv) == [
        "--index-url https://a.example",
        f"--extra-index-url {tmp_path / 'simple'}",
    ]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("[tool.uv]\nindex = 1\n", "pyproject.toml has index = 1, which is no list: correct it"),
        ("[[tool.uv.index]]\nname = 'a'\n", "pyproject.toml has an index of uv without an address: write its url"),
        (
            "[tool.uv]\noverride-dependencies = [\"tool; python_version > '99'\"]",
            "pyproject.toml has the override \"tool; python_version > '99'\", which pip cannot follow: put uv on PATH",
        ),
    ],
)
def test_settings_of_uv_that_cannot_be_followed_are_refused(read: Read, more: str, says: str) -> None:
    with pytest.raises(BuildError) as refused:
        for_pip(read(**{"pyproject.toml": project("httpx", more=more)}).uv)
    assert str(refused.value).startswith(says)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (
            'tool = { git = "https://example.com/t.git" }',
            "takes tool from https://example.com/t.git, which would be built",
        ),
        ('tool = { path = "../tool" }', "takes tool from ../tool, which would be built from source"),
        ("tool = { workspace = true }", "takes tool from its workspace, which would be built from source"),
    ],
)
def test_a_dependency_that_is_no_release_is_refused(refusal: Callable[..., str], more: str, says: str) -> None:
    said = refusal(**{"pyproject.toml": project("tool>=1", more=f"[tool.uv.sources]\n{more}\n")})
    assert said.startswith(f"pyproject.toml {says}")


def test_dependencies_that_only_a_build_backend_knows_are_refused(refusal: Callable[..., str]) -> None:
    said = refusal(**{"pyproject.toml": f'{PROJECT}dynamic = ["dependencies"]\n'})
    assert said.startswith("pyproject.toml has dynamic dependencies, which only its build backend could tell")


@pytest.mark.parametrize(
    ("wanted", "requirements"),
    [
        ("^1.2.3", ["tool>=1.2.3,<2"]),
        ("^0.2.3", ["tool>=0.2.3,<0.3"]),
        ("^0.0.3", ["tool>=0.0.3,<0.0.4"]),
        ("~1.2.3", ["tool>=1.2.3,<1.3"]),
        ("~1", ["tool>=1,<2"]),
        ("~=1.2", ["tool~=1.2"]),
        ("*", ["tool"]),
        ("1.2.*", ["tool==1.2.*"]),
        ("1.2.3", ["tool==1.2.3"]),
        (">=1.2 <2,!=1.5", ["tool>=1.2,<2,!=1.5"]),
        ({"version": "^1", "extras": ["a", "b"]}, ["tool[a,b]>=1,<2"]),
        ({"version": "*", "python": ">=3.9,<4"}, ["tool ; python_version >= '3.9' and python_version < '4'"]),
        (
            {"version": "1", "markers": "os_name == 'nt'", "platform": "win32"},
            ["tool==1 ; (os_name == 'nt') and sys_platform == 'win32'"],
        ),
        (
            [{"version": "1", "python": "<3.12"}, {"version": "2", "python": ">=3.12"}],
            ["tool==1 ; python_version < '3.12'", "tool==2 ; python_version >= '3.12'"],
        ),
        (
            {"url": "https://example.com/tool-1-py3-none-any.whl"},
            ["tool @ https://example.com/tool-1-py3-none-any.whl"],
        ),
        ({"git": "https://example.com/tool.git"}, ["tool @ git+https://example.com/tool.git"]),
        ({"version": "1", "optional": True}, []),
    ],
    ids=str,
)
def test_poetrys_table_is_read_in_the_terms_of_the_standard(wanted: object, requirements: list[str]) -> None:
    table = standard({"name": "orders", "version": "1", "dependencies": {"python": "^3.11", "tool": wanted}})

    assert table["dependencies"] == requirements
    assert table["requires-python"] == ">=3.11,<4"


def test_a_choice_of_ranges_in_poetrys_table_is_refused(refusal: Callable[..., str]) -> None:
    poetry = '[tool.poetry]\nname = "orders"\nversion = "1"\n[tool.poetry.dependencies]\ntool = "^1 || ^3"\n'
    assert refusal(**{"pyproject.toml": poetry}).startswith("pyproject.toml asks for tool '^1 || ^3', a choice that")


# What binds, and what gives way

PIN = "pydantic==2.0.1"
VIA = "    # via orders\n"


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": f"{PIN}\n"},
        {"requirements.txt": "pydantic==2.0.1\n", "pyproject.toml": project("pydantic<2.1")},
        {"requirements.txt": "pydantic<2.1\n", "pyproject.toml": project("pydantic")},
        {"pyproject.toml": project(PIN)},
        {"requirements.txt": f"pydantic==1.10\n{VIA}"},
    ],
    ids=["a pin", "a pin outside the declared range", "a range", "a declared pin", "another major version"],
)
def test_what_conflicts_is_refused_with_both_sides_and_the_range_that_works(
    refusal: Callable[..., str], files: dict[str, str]
) -> None:
    major, minor, _ = HOST.split(".")
    said = refusal(**files)
    origin = min(files, key=lambda name: name != "requirements.txt")
    assert re.match(rf"{origin} conflicts with the host: it asks for pydantic(==2\.0\.1|<2\.1|==1\.10), but the ", said)
    assert said.endswith(f"locked to pydantic=={HOST}, so write pydantic>={major}.{minor},<3, or leave it out")


@pytest.mark.parametrize("setting", ["constraint-dependencies", "override-dependencies"])
def test_what_uv_is_told_of_the_hosts_packages_binds_as_what_is_declared(
    read: Read, refusal: Callable[..., str], setting: str
) -> None:
    def settings(requirement: str) -> dict[str, str]:
        return {"pyproject.toml": project("httpx", more=f'[tool.uv]\n{setting} = ["{requirement}"]\n')}

    assert refusal(**settings("pydantic<2.1")).startswith(
        "pyproject.toml conflicts with the host: it asks for pydantic<2"
    )
    assert "which would be built from source" in refusal(**settings("tool @ git+https://example.com/tool.git"))
    read(**settings("pydantic>=2"))


def test_all_conflicts_are_named_at_once_with_the_guides_to_the_hosts_versions(refusal: Callable[..., str]) -> None:
    said = refusal(**{"pyproject.toml": project("mcp[cli]>=1.23,<2", "anyio<4", "fastmcp>=2,<4", "pydantic>=2")})

    assert said.startswith(
        "pyproject.toml conflicts with the host: it asks for mcp[cli]>=1.23,<2, but the host is locked"
    )
    assert "so write mcp>=2.3,<3, and see https://py.sdk.modelcontextprotocol.io/v2/migration/ for what changes" in said
    assert "; it asks for anyio<4, but the host is locked to anyio==4." in said
    assert (
        "; it asks for fastmcp>=2,<4, but the host serves fastmcp 4, so write fastmcp>=4.0,<5, and see https://gof"
        in said
    )
    assert "pydantic" not in said


@pytest.mark.parametrize(
    "files",
    [
        {"requirements.txt": f"{PIN}\n{VIA}"},
        {"requirements.txt": f"{PIN}\n", "pyproject.toml": project("pydantic>=2,<3")},
        {"requirements.txt": f"# This file was autogenerated by uv\n{PIN}\n"},
        {"requirements.txt": f"# This file was autogenerated by uv\n{PIN}\n", "pyproject.toml": project("httpx")},
    ],
    ids=["exported", "declared in a range", "exported by its first line", "not declared"],
)
def test_a_version_that_only_a_lock_has_gives_way(read: Read, files: dict[str, str]) -> None:
    wanted = read(**files)

    assert (wanted.lines, wanted.pins) == (["pydantic"], {"pydantic": [PIN]})


def test_a_hash_for_each_package_is_kept_and_those_of_the_host_come_from_its_lock(read: Read) -> None:
    exported = f"{PIN} --hash=sha256:00\nhttpx==0.28 \\\n    --hash=sha256:11\n"

    wanted = read(**{"requirements.txt": exported})

    assert (wanted.hashed, wanted.lines, wanted.pins) == (True, ["httpx==0.28     --hash=sha256:11"], {})


@pytest.mark.parametrize("line", ["-e .", ".", "./", "--editable=.", "-e file:.", "-e {root}", "file://{root}"])
def test_the_source_directory_itself_in_an_exported_file_is_no_package(read: Read, tmp_path: Path, line: str) -> None:
    exported = f"{line.format(root=tmp_path)}\nhttpx==0.28\n    # via orders\n"

    wanted = read(**{"requirements.txt": exported, "pyproject.toml": project("httpx", "anyio")})

    assert wanted.lines == ["httpx"]
    assert wanted.asked == {"httpx", "anyio"}


def test_in_a_file_by_hand_it_stands_for_what_the_project_declares_with_the_extras_that_are_asked_for(
    read: Read, refusal: Callable[..., str]
) -> None:
    extras = '[project.optional-dependencies]\npdf_reader = ["pypdf>=5"]\n'
    files = {"pyproject.toml": project("httpx>=0.28", more=extras)}

    assert read(**files, **{"requirements.txt": "-e .\n"}).lines == ["httpx>=0.28"]
    assert read(**files, **{"requirements.txt": ".[PDF-reader]\n"}).lines == ["httpx>=0.28", "pypdf>=5"]
    said = refusal(**files, **{"requirements.txt": ".[excel]\n"})
    assert said == "requirements.txt asks for the extra 'excel' of orders, which has only pdf_reader"
    said = refusal(**{"requirements.txt": ".\n", "pyproject.toml": ""})
    assert said.startswith("requirements.txt has the source directory itself, but no pyproject.toml there says what")


@pytest.mark.parametrize(
    ("specifier", "holds"),
    [
        *(("", True), (">=2.1,<3", True), ("==2.3.4", True), ("==2.3.*", True), ("==2.3", False), ("<2.3.4", False)),
        *(("~=2.1", True), ("~=2.3.1", True), ("~=2.2.1", False), ("!=2.3.4", False), ("!=2.4.*", True)),
        *((">2.3.4", False), (">2.3.4rc1", True), ("<=2.3.4rc1", False), ("<=2.3.4", True), ("===2.3.4", True)),
        ("!=2.4", True),
    ],
)
def test_a_range_is_compared_as_installers_do(specifier: str, holds: bool) -> None:
    assert allows(specifier, "2.3.4") is holds


@pytest.mark.parametrize(
    ("specifier", "ends"),
    [
        *(("", False), (">=2,<3", True), ("<4", True), ("<4.1", False), ("<=4", False), ("==3.2.1", True)),
        *(("~=3.0", True), ("==4.2.3", False), ("==3.*", True)),
    ],
)
def test_a_range_that_ends_before_a_release_is_told_apart(specifier: str, ends: bool) -> None:
    assert below(specifier, "4") is ends


# With an installer

INSTALLERS = ["uv", pytest.param("pip", marks=needs_pip)]
Build = Callable[..., tuple[int, str, str]]


@pytest.fixture(params=INSTALLERS)
def build(request: pytest.FixtureRequest, tmp_path: Path) -> Build:
    """Build a server with one of the installers, which have only wheels in a folder beside the host's."""
    env = {} if request.param == "uv" else {"PATH": str(tmp_path)}

    def run(**files: str) -> tuple[int, str, str]:
        source = write(tmp_path / "orders", SERVER | files)
        return run_build(source, tmp_path / "a.zip", "--no-trial-start", *for_target(ARM), env=env)

    return run


def test_a_pin_that_is_in_the_way_gives_way_and_that_is_said(build: Build, tmp_path: Path) -> None:
    for version, needs in ("1", "pydantic<2"), ("2", "pydantic>=2"):
        write_wheel(tmp_path / "wheels", "acme_stock", {"acme_stock.py": ""}, version=version, requires=[needs])
    write_wheel(tmp_path / "wheels", "acme_price", {"acme_price.py": ""}, version="1")
    write_wheel(tmp_path / "wheels", "acme_price", {"acme_price.py": ""}, version="2")
    exported = "acme_price==1\n    # via orders\nacme_stock==1\n    # via orders\n"

    code, said, error = build(**{"requirements.txt": f"--find-links {tmp_path / 'wheels'}\n{exported}"})

    assert (code, error) == (0, "")
    assert "note: versions of the host go before those of requirements.txt: acme-stock 2 instead of 1\n" in said
    assert {"acme_price-1.dist-info/METADATA", "acme_stock-2.dist-info/METADATA"} <= set(names(tmp_path / "a.zip"))


OWN_INDEX = """
[tool.uv.sources]
acme-stock = {{ index = "acme" }}
[[tool.uv.index]]
name = "acme"
url = "simple"
{kind} = true
"""


def write_index(folder: Path) -> None:
    """An index with one package and another of a name that the public one has too."""
    for name in ("acme-stock", "colorama"):
        module = name.replace("-", "_")
        write_wheel(folder / name, module, {f"{module}.py": ""})
        write(folder / name, {"index.html": f'<a href="{module}-1-py3-none-any.whl">{module}-1-py3-none-any.whl</a>'})


def test_uv_takes_a_package_and_no_other_from_an_index_of_its_own_and_pip_says_that_it_cannot(
    build: Build, tmp_path: Path
) -> None:
    write_index(tmp_path / "orders" / "simple")

    code, said, error = build(
        **{"pyproject.toml": project("acme_stock>=1", "colorama", more=OWN_INDEX.format(kind="explicit"))}
    )

    if "with pip" in said:
        assert "takes acme-stock alone from the index acme, which pip cannot do: put uv on PATH" in error
    else:
        assert (code, error) == (0, "")
        assert {"acme_stock.py", "colorama/__init__.py"} <= set(names(tmp_path / "a.zip"))


def test_the_hosts_packages_come_from_where_they_always_do(tmp_path: Path) -> None:
    write_index(tmp_path / "orders" / "simple")
    pyproject = project("acme_stock", more=OWN_INDEX.format(kind="default"))
    source = write(tmp_path / "orders", SERVER | {"pyproject.toml": pyproject})

    code, _, error = run_build(source, tmp_path / "a.zip", "--no-trial-start", *for_target(ARM))

    assert (code, error) == (0, "")
    assert {"acme_stock.py", "mcp/__init__.py"} <= set(names(tmp_path / "a.zip"))


def test_a_version_that_uv_is_told_to_take_whatever_is_required_is_taken_and_pip_says_where_it_cannot(
    build: Build, tmp_path: Path
) -> None:
    write_wheel(tmp_path / "orders" / "wheels", "acme_stock", {"acme_stock.py": ""}, requires=["colorama<0.4.5"])
    settings = '[tool.uv]\nfind-links = ["wheels"]\noverride-dependencies = ["colorama=={0}"]\n'

    def built(version: str) -> tuple[int, str, str]:
        return build(**{"pyproject.toml": project("acme_stock", more=settings.format(version))})

    code, said, error = built("0.4.6")

    if "with pip" in said:
        assert "put uv on PATH, which can set aside what others require of colorama, and pip cannot" in error
        code, _, error = built(version := "0.4.4")  # which nobody objects to
    else:
        version = "0.4.6"
    assert (code, error) == (0, "")
    assert f"colorama-{version}.dist-info/METADATA" in names(tmp_path / "a.zip")


def test_a_wheel_by_its_path_from_the_file_that_names_it_is_installed(build: Build, tmp_path: Path) -> None:
    write_wheel(tmp_path / "orders" / "needs" / "wheels", "acme_stock", {"acme_stock.py": ""})
    write_wheel(tmp_path / "orders" / "needs", "acme_price", {"acme_price.py": ""})
    needs = "./wheels/acme_stock-1-py3-none-any.whl\nacme_price @ file:acme_price-1-py3-none-any.whl\n"

    code, said, error = build(**{"requirements.txt": "-r needs/all.txt\n", "needs/all.txt": needs})

    assert (code, error) == (0, "")
    packed = names(tmp_path / "a.zip")
    assert {"acme_stock.py", "acme_price.py"} <= set(packed)
    assert not [name for name in packed if name.endswith(".whl")]
    assert "leaving out what is not the server: needs/ (" in said


def test_a_wheel_for_another_machine_and_one_that_is_not_there_are_refused(build: Build, tmp_path: Path) -> None:
    write_wheel(tmp_path / "orders", "acme_stock", {"acme_stock.py": ""}, tag="cp313-cp313-win_amd64")

    _, _, other = build(**{"requirements.txt": "./acme_stock-1-cp313-cp313-win_amd64.whl\n"})
    _, _, missing = build(**{"requirements.txt": "./acme_stock-2-py3-none-any.whl\n"})

    assert "error: acme_stock-1-cp313-cp313-win_amd64.whl is a wheel, but not for python3.13 on arm64: add one" in other
    assert (
        "requirements.txt has './acme_stock-2-py3-none-any.whl', but there is no such file: correct the path" in missing
    )


def test_an_exported_file_with_hashes_and_older_versions_than_the_hosts_is_installed(
    build: Build, tmp_path: Path
) -> None:
    host = re.findall(r"--hash=\S+", LOCK.read_text())
    write_wheel(tmp_path / "wheels", "acme_stock", {"acme_stock.py": ""}, requires=["pydantic"])  # the host has hashes
    own = hashlib.sha256((tmp_path / "wheels" / "acme_stock-1-py3-none-any.whl").read_bytes()).hexdigest()
    exported = (
        f"--find-links {tmp_path / 'wheels'}\n-e .\npydantic==2.0.1 \\\n    {host[0]}\n"
        f"acme-stock==1 --hash=sha256:{own}\n"
        "colorama==0.4.6 \\\n    --hash=sha256:4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6\n"
    )

    pyproject = project("pydantic>=2", "colorama", "acme_stock")
    code, _, error = build(**{"requirements.txt": exported, "pyproject.toml": pyproject})

    assert (code, error) == (0, "")
    packed = names(tmp_path / "a.zip")
    assert {f"pydantic-{HOST}.dist-info/METADATA", "colorama-0.4.6.dist-info/METADATA"} <= set(packed)
    assert "uvicorn/__init__.py" not in packed  # what the server does not need is not there because of the host's lock


@pytest.mark.parametrize("requirement", ["acme_tool", "fastmcp<3"])
def test_no_version_that_the_host_cannot_serve_is_taken_because_newer_ones_conflict(
    build: Build, tmp_path: Path, requirement: str
) -> None:
    write_wheel(tmp_path / "wheels", "acme_tool", {"acme_tool.py": ""}, requires=["fastmcp<3"])

    code, _, error = build(**{"requirements.txt": f"--find-links {tmp_path / 'wheels'}\n{requirement}\n"})

    assert code == 1
    assert "requirements.txt conflicts with the host" in error
    assert re.search(r"the host,? (which )?serves fastmcp 4", error)

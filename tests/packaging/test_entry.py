"""The server is found in the code, or the build shows what to write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from builder import entry
from builder.inputs import BuildError, File
from tests.sdists import project
from tests.zipped import ARM, for_target, run_build, write

NEW = "from mcp.server import MCPServer\n"


def files_of(source: Path) -> dict[str, File]:
    """The Python files below a directory, as an author's."""
    return {path.relative_to(source).as_posix(): File(path, "server") for path in source.rglob("*.py")}


REAL = {
    "awslabs.iam-mcp-server": ("1.0.25", "", "awslabs.iam_mcp_server.server:mcp"),
    "duckduckgo-mcp-server": ("0.4.0", "src", "duckduckgo_mcp_server.server:mcp"),
    "excel-mcp-server": ("0.1.8", "", "excel_mcp.server:mcp"),
    "mcp-server-calculator": ("0.2.1", "src", "mcp_server_calculator.calculator:mcp"),
    "mcp-server-fetch": ("2026.10.24", "src", "mcp_server_fetch.server:create_server"),
    "mcp-server-qdrant": ("0.8.1", "src", "mcp_server_qdrant.server:mcp"),
    "mcp-text-editor": ("1.0.2", "src", "mcp_text_editor.server:app"),
    "mcp-youtube-transcript": ("0.3.5", "src", "mcp_youtube_transcript:server"),
}
"""Releases with their version, the folder that is on the import path, and the server."""


@pytest.mark.parametrize("name", REAL)
def test_the_one_server_of_a_real_project_is_found(name: str, tmp_path: Path) -> None:
    version, root, entrypoint = REAL[name]

    assert entry.find(files_of(project(name, version, tmp_path) / root), name) == entrypoint


NOT_NAMED = {
    "awslabs.aws-documentation-mcp-server": (
        "1.1.30",
        "",
        "has several servers: set entrypoint to one of awslabs.aws_documentation_mcp_server.server_aws:mcp, "
        "awslabs.aws_documentation_mcp_server.server_aws_cn:mcp",
    ),
    "mcp-server-git": (
        "2026.10.19",
        "src",
        "write two lines in a file lambda_server.py, `from mcp_server_git.server import create_server` and "
        '`mcp = create_server(repository=...)`, and set entrypoint = "lambda_server:mcp"',
    ),
    "mcp-server-time": (
        "2026.10.19",
        "src",
        "`from mcp_server_time.server import create_server` and `mcp = create_server(local_tz=...)`",
    ),
    "mcp-server-sqlite": (
        "2025.4.25",
        "src",
        "mcp_server_sqlite/server.py line 164 makes it inside main(), which does not return it: write `return server` "
        "in place of lines 371 to 384, then write two lines in a file lambda_server.py, `from mcp_server_sqlite.server "
        'import main` and `async def mcp(): return await main(db_path=...)`, and set entrypoint = "lambda_server:mcp"',
    ),
}


@pytest.mark.parametrize("name", NOT_NAMED)
def test_where_a_real_project_has_none_or_several_the_build_shows_what_to_write(name: str, tmp_path: Path) -> None:
    version, root, words = NOT_NAMED[name]
    source = project(name, version, tmp_path) / root

    code, said, error = run_build(source, tmp_path / "a.zip", *for_target(ARM))

    assert (code, "resolving" in said) == (1, False)
    assert words in error


FOUND = {
    "server:mcp before any other": (
        {"server.py": "from other import mcp\n", "other.py": f"{NEW}mcp = MCPServer()\n"},
        "",
    ),
    "an object before functions": (
        {"shop.py": f"{NEW}def make():\n    return MCPServer()\nshop = make()\n"},
        "shop:shop",
    ),
    "a function": (
        {"shop.py": f"{NEW}async def make(name='x'):\n    mcp = MCPServer(name)\n    return mcp\n"},
        "shop:make",
    ),
    "a subclass": ({"a/b.py": f"{NEW}class Shop(MCPServer[int]): ...\nshop: Shop = Shop()\n"}, "a.b:shop"),
    "a subclass of another module": (
        {
            "base.py": f"{NEW}class Base(MCPServer): ...\nclass Shop(Base): ...\n",
            "shop.py": "from base import Shop  # of mcp\nshop = Shop()\n",
        },
        "shop:shop",
    ),
    "a type parameter": ({"shop.py": f"{NEW}shop = MCPServer[int]('x')\n"}, "shop:shop"),
    "another name": ({"shop.py": "from fastmcp import FastMCP as Fast\nshop = Fast('x')\n"}, "shop:shop"),
    "a package": ({"shop/__init__.py": "import fastmcp\nshop = fastmcp.FastMCP('x')\n"}, "shop:shop"),
    "an application": ({"web.py": "from fastapi import FastAPI\napp = FastAPI()  # with mcp\n"}, "web:app"),
    "none in tests": (
        {"shop.py": f"{NEW}shop = MCPServer()\n", "tests/fake.py": f"{NEW}fake = MCPServer()\n"},
        "shop:shop",
    ),
    "none of another kind": (
        {"shop.py": f"{NEW}shop = MCPServer()\n", "web.py": "from x import Server\nserver = Server()  # no mcp\n"},
        "shop:shop",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_a_server_is_found(case: str, tmp_path: Path) -> None:
    files, entrypoint = FOUND[case]

    assert entry.find(files_of(write(tmp_path, files)), "server") == (entrypoint or "server:mcp")


REFUSED = {
    "none": ("x = 1\n", None, "server has no server that could be found: set entrypoint to the module and"),
    "a missing attribute": (
        f"{NEW}shop = MCPServer()\n",
        "server:app",
        "does not define; in this code there is server:shop",
    ),
    "none at all": ("x = 1\n", "server:app", "names app, which server.py does not define; it defines x"),
    "inside main": (
        f"{NEW}def main():\n    MCPServer('x').run()\n",
        "server:mcp",
        "does not define: server.py line 2 makes it inside main(), which does not return it: "
        "write `return MCPServer('x')` in place of line 3, and set entrypoint = \"server:main\"",
    ),
    "a function with arguments that makes no server": (
        f"{NEW}def make(name):\n    return MCPServer(name)\ndef serve(name):\n    make(name).run()\n",
        "server:serve",
        "needs name, which nobody gives it: write two lines in a file lambda_server.py, `from server import make`",
    ),
    "one of two functions with arguments": (
        f"{NEW}def build(name):\n    return MCPServer(name)\ndef make(name):\n    return MCPServer(name)\n",
        "server:make",
        "needs name, which nobody gives it: write two lines in a file lambda_server.py, `from server import make`",
    ),
    "an asynchronous function with arguments": (
        f"{NEW}async def make(table):\n    return MCPServer(table)\n",
        "server:make",
        "`from server import make` and `async def mcp(): return await make(table=...)`, and set entrypoint",
    ),
    "an asynchronous function with arguments that has the default's name": (
        f"{NEW}async def mcp(table):\n    return MCPServer(table)\n",
        "server:mcp",
        "`from server import mcp` and `async def server(): return await mcp(table=...)`, and set entrypoint = "
        '"lambda_server:server"',
    ),
    "a function with arguments": (
        f"{NEW}def make(name, *, table, size=1):\n    return MCPServer(name)\n",
        "server:make",
        "needs name, table, which nobody gives it: write two lines in a file lambda_server.py, "
        '`from server import make` and `mcp = make(name=..., table=...)`, and set entrypoint = "lambda_server:mcp"',
    ),
}


MAKES = "from mcp.server import MCPServer\ndef main():\n    mcp = MCPServer('x')\n    mcp.tool()(print)\n"
KEPT = {
    "run": (f"{MAKES}    mcp.run()\n", "`return mcp` in place of line 5"),
    "run on a loop": (f"{MAKES}    asyncio.run(mcp.run_stdio_async())\n", "`return mcp` in place of line 5"),
    "run as an application": (
        f"{MAKES}    uvicorn.run(mcp.streamable_http_app())\n",
        "`return mcp` in place of line 5",
    ),
    "run by choice": (
        f"{MAKES}    if HTTP:\n        mcp.run('http')\n    else:\n        mcp.run()\n",
        "`return mcp` in place of lines 5 to 8",
    ),
    "made and run in one statement": (
        f"{NEW}def main():\n    try:\n        mcp = MCPServer('x')\n        mcp.run()\n    finally:\n        end()\n",
        "`return mcp` in place of line 5",
    ),
    "made by choice": (
        f"{NEW}def main():\n    if X:\n        mcp = MCPServer('x')\n    else:\n        mcp = 1\n    mcp.run()\n",
        "`return mcp` in place of line 7",
    ),
    "handed on": (f"{NEW}def main():\n    serve(MCPServer('x'))\n", "`return MCPServer('x')` in place of line 3"),
    "not run": (MAKES, "`return mcp` at its end"),
    "a command": (
        f"{NEW}import click\n@click.command()\ndef main():\n    MCPServer('x').run()\n",
        "a function of its own, without decorators, that makes it and returns it",
    ),
}


@pytest.mark.parametrize("case", KEPT)
def test_where_a_function_keeps_its_server_the_lines_to_write_are_shown(case: str, tmp_path: Path) -> None:
    code, words = KEPT[case]

    with pytest.raises(BuildError) as refused:
        entry.find(files_of(write(tmp_path, {"shop.py": code})), "server")

    assert f"makes it inside main(), which does not return it: write {words}" in str(refused.value)


def test_the_lines_that_are_shown_make_a_server_that_is_found(tmp_path: Path) -> None:
    write(tmp_path, {"shop.py": f"{MAKES}    return mcp\n"})  # as is said of "run"

    assert entry.find(files_of(tmp_path), "server") == "shop:main"


@pytest.mark.parametrize("case", REFUSED)
def test_an_entrypoint_that_is_not_there_is_refused_before_anything_is_installed(case: str, tmp_path: Path) -> None:
    code, entrypoint, words = REFUSED[case]
    source = write(tmp_path / "server", {"server.py": code})
    options = [] if entrypoint is None else ["--entrypoint", entrypoint]

    exit_code, said, error = run_build(source, tmp_path / "a.zip", *options)

    assert (exit_code, said) == (1, "")
    assert words in error


def test_all_that_stands_in_the_way_of_a_real_server_is_said_at_once(tmp_path: Path) -> None:
    source = project("mcp-server-qdrant", "0.8.1", tmp_path)  # made for fastmcp 2
    pyproject = (source / "pyproject.toml").read_text()
    (source / "pyproject.toml").write_text(re.sub("requires-python = .+", 'requires-python = "<3.13"', pyproject))

    code, said, error = run_build(source, tmp_path / "a.zip", "--entrypoint", "nowhere:mcp", *for_target(ARM))

    assert (code, "resolving" in said) == (1, False)
    assert "pyproject.toml asks for Python <3.13, but the runtime is python3.13: set runtime to one" in error
    assert "entrypoint 'nowhere:mcp' needs nowhere.py or nowhere/__init__.py in" in error
    assert "it asks for fastmcp==2.7.0, but the host serves fastmcp 4, so write fastmcp>=4.0,<5, and see" in error


@pytest.mark.parametrize(
    "code",
    [
        "from other import *",
        "def __getattr__(name): ...",
        "if True:\n    app = 1",
        "try:\n    app = 1\nexcept ValueError:\n    raise",
        "with open('a') as app:\n    pass",
        "for app in []: ...",
        "(app := 1)",
        "a, app = 1, 2",
    ],
)
def test_a_name_that_code_may_bind_is_not_refused(code: str, tmp_path: Path) -> None:
    entry.check("server:app", files_of(write(tmp_path, {"server.py": code})))

    with pytest.raises(BuildError):
        entry.check("server:nowhere_else", files_of(write(tmp_path, {"server.py": "app = 1"})))

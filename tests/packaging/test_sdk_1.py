"""Servers that are written for SDK 1: refused at build with the way out, or run on SDK 2 where that is asked for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder import sdk_1
from builder.inputs import File
from builder.installers import runs_like
from lab.local_aws import REPOSITORY
from lab.settings import settings_variable
from tests.sdists import project
from tests.zipped import INTEL, for_target, names, needs_pip, run_build, write, write_wheel

pytestmark = pytest.mark.skipif(not runs_like(INTEL), reason=f"the servers run on {INTEL} alone")

REAL = {
    "awslabs.aws_documentation_mcp_server.server_aws:mcp": ("awslabs.aws-documentation-mcp-server", "1.1.30", 5),
    "awslabs.aws_location_server.server:mcp": ("awslabs.aws-location-mcp-server", "2.0.21", 8),
    "awslabs.aws_pricing_mcp_server.server:mcp": ("awslabs.aws-pricing-mcp-server", "1.0.34", 9),
    "awslabs.iam_mcp_server.server:mcp": ("awslabs.iam-mcp-server", "1.0.25", 29),
    "awslabs.postgres_mcp_server.server:mcp": ("awslabs.postgres-mcp-server", "1.1.11", 7),
    "duckduckgo_mcp_server.server:mcp": ("duckduckgo-mcp-server", "0.4.0", 2),
    "mcp_server_calculator.calculator:mcp": ("mcp-server-calculator", "0.2.1", 1),
    "mcp_youtube_transcript:server": ("mcp-youtube-transcript", "0.3.5", 1),
}
"""Releases of servers for SDK 1 with the number of their tools, by entrypoint."""

REQUIREMENTS = """
mcp[cli]>=1.23.0,<2.0.0
aiorwlock
beautifulsoup4
boto3
httpx
humanize
loguru
markdownify
psycopg[pool]
requests
youtube-transcript-api
"""

ALL = """
from contextlib import asynccontextmanager

from pydantic import AnyUrl, BaseModel
from mcp import McpError
from mcp.server.fastmcp import Context, FastMCP, Image
from mcp.server.fastmcp.exceptions import FastMCPError, ToolError
from mcp.server.fastmcp.prompts import base
from mcp.server.fastmcp.resources import TextResource
from mcp.server.session import ServerSession
from mcp.shared.context import RequestContext
from mcp.types import INVALID_PARAMS, Cursor, ErrorData, Resource, Tool, ToolAnnotations

assert issubclass(ToolError, FastMCPError)
assert Tool(name="t", inputSchema={"type": "object"}).inputSchema == {"type": "object"}
assert Resource(uri=AnyUrl("notes://one"), name="one").uri == "notes://one"

@asynccontextmanager
async def lifespan(server: FastMCP):
    yield {"opened_by": server.name}

mcp = FastMCP("all", "Ask for anything.", lifespan=lifespan, host="0.0.0.0", port=8080, stateless_http=True,
              dependencies=("httpx",), log_level="WARNING")
mcp.settings.mount_path = "/all"
mcp._mcp_server.version = "1.2"
assert (mcp.settings.port, mcp.settings.json_response) == (8080, False)

class Note(BaseModel):
    text: str

def token_of(context: RequestContext[ServerSession, dict, None]) -> object:
    return context.meta.progressToken if context.meta else None

@mcp.tool(annotations=ToolAnnotations(readOnlyHint=True))
async def about(note: Note, ctx: Context[ServerSession, dict, None], cursor: Cursor | None = None) -> dict:
    await ctx.info(message="looked")
    await ctx.log("debug", message="looked", logger_name="all")
    return {
        "note": note.text,
        "server": ctx.fastmcp.name,
        "same": mcp.get_context().request_id == ctx.request_id,
        "opened_by": ctx.request_context.lifespan_context["opened_by"],
        "client": ctx.client_id,
        "token": token_of(ctx.request_context),
    }

@mcp.tool()
def fail() -> str:
    try:
        raise McpError(ErrorData(code=INVALID_PARAMS, message="no such note", data={"note": 1}))
    except McpError as error:
        raise ToolError(f"{error}: {error.error.data}")

@mcp.tool()
def picture() -> Image:
    return Image(data=b"GIF", format="gif")

mcp.add_resource(TextResource(uri=AnyUrl("notes://all"), name="all", text="none"))

@mcp.prompt()
def ask(topic: str) -> list[base.Message]:
    return [base.UserMessage(f"What of {topic}?"), base.AssistantMessage("Nothing.")]

if __name__ == "__main__":
    mcp.run(transport="sse", mount_path="/all")
"""

WEB = """
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("web")

@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b

app = mcp.streamable_http_app()
"""

RUN = """
import json, sys
sys.path.insert(0, sys.argv[1])
sys.path.append(sys.argv[2])
from mcp_lambda_host.handler import handler
from lab import events
answers = [
    [events.message_of(handler(era(method, params), events.Context())) for method, params in json.loads(sys.argv[3])]
    for era in (events.modern, events.handshake)
]
print(json.dumps(answers), file=sys.__stdout__)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One zip of all the servers, which share a build as it takes the longest, unpacked; and what the build said."""
    work = tmp_path_factory.mktemp("sdk-1")
    imports = "".join(f"import {entrypoint.partition(':')[0]}\n" for entrypoint in REAL)
    files = {
        "all_1.py": ALL,
        "web_1.py": WEB,
        "every.py": f"{imports}from all_1 import mcp\n",
        "requirements.txt": REQUIREMENTS,
    }
    source = write(work / "servers", files)
    for entrypoint, (name, version, _) in REAL.items():
        release, package = project(name, version, work), re.split("[.:]", entrypoint)[0]
        root = release / "src" if (release / "src").is_dir() else release
        shutil.copytree(root / package, source / package, dirs_exist_ok=True)
    options = ["--entrypoint", "every:mcp", "--sdk-1-compatibility", *for_target(INTEL)]
    code, said, error = run_build(source, work / "a.zip", *options, trial=True)
    assert (code, error) == (0, "")
    with zipfile.ZipFile(work / "a.zip") as archive:
        archive.extractall(work / "task")
    return work / "task", said


@pytest.fixture
def ask(built: tuple[Path, str]) -> Callable[..., list[list[dict[str, Any]]]]:
    """The answers of a server in a bare interpreter to requests, in each of the two eras."""

    def answers(entrypoint: str, *requests: tuple[str, dict[str, Any]]) -> list[list[dict[str, Any]]]:
        command = [sys.executable, "-I", "-S", "-B", "-c", RUN, str(built[0]), str(REPOSITORY), json.dumps(requests)]
        ran = subprocess.run(command, capture_output=True, text=True, env=settings_variable(entrypoint=entrypoint))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        found: list[list[dict[str, Any]]] = json.loads(ran.stdout.splitlines()[-1])
        return found

    return answers


Ask = Callable[..., list[list[dict[str, Any]]]]


@pytest.mark.parametrize("entrypoint", REAL, ids=lambda entrypoint: "==".join(REAL[entrypoint][:2]))
def test_a_real_server_lists_its_tools_in_both_eras(ask: Ask, entrypoint: str) -> None:
    for (listed,) in ask(entrypoint, ("tools/list", {})):
        assert len(listed["result"]["tools"]) == REAL[entrypoint][2]


def test_a_server_for_sdk_1_finds_what_it_uses(ask: Ask) -> None:
    meta = {"progressToken": 7, "client_id": "laptop"}
    calls = [
        ("tools/call", {"name": "about", "arguments": {"note": {"text": "a"}}, "_meta": meta}),
        ("tools/call", {"name": "fail", "arguments": {}}),
        ("tools/call", {"name": "picture", "arguments": {}}),
        ("resources/read", {"uri": "notes://all"}),
        ("prompts/get", {"name": "ask", "arguments": {"topic": "tea"}}),
        ("tools/list", {}),
    ]
    for answers in ask("all_1:mcp", *calls):
        about, failed, picture, resource, prompt, listed = (answer["result"] for answer in answers)
        assert json.loads(about["content"][0]["text"]) == {
            "note": "a",
            "server": "all",
            "same": True,
            "opened_by": "all",
            "client": "laptop",
            "token": 7,
        }
        assert (failed["isError"], failed["content"][0]["text"]) == (
            True,
            "Error executing tool fail: no such note: {'note': 1}",
        )
        assert picture["content"][0]["mimeType"] == "image/gif"
        assert resource["contents"][0]["text"] == "none"
        assert [message["content"]["text"] for message in prompt["messages"]] == ["What of tea?", "Nothing."]
        assert listed["tools"][0]["annotations"]["readOnlyHint"] is True


def test_an_application_that_a_server_for_sdk_1_makes_of_itself_remembers_no_sessions(ask: Ask) -> None:
    for (called,) in ask("web_1:app", ("tools/call", {"name": "add", "arguments": {"a": 1, "b": 2}})):
        assert called["result"]["structuredContent"] == {"result": 3}


def test_the_build_names_once_what_is_overridden_and_what_means_nothing(built: tuple[Path, str]) -> None:
    said = built[1]

    assert said.count("asks for mcp[cli]>=1.23.0,<2.0.0, which is overridden") == 1
    (ignored,) = [line for line in said.splitlines() if "means nothing" in line]
    assert "means nothing: host, mount_path, port, stateless_http (all_1.py line " in ignored


def test_the_build_and_the_host_know_the_same_names(built: tuple[Path, str]) -> None:
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from mcp_lambda_host.sdk import sdk_1\n"
        "print(json.dumps([sorted([m, n] for m in sdk_1.NAMES for n in sdk_1.NAMES[m]), sorted(sdk_1.TRANSPORT)]))"
    )
    ran = subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code, str(built[0])], capture_output=True, text=True)

    assert json.loads(ran.stdout) == [sorted(map(list, sdk_1.CARRIED)), sorted(sdk_1.TRANSPORT)]


# A pin below 2 in the metadata of a package

TOOL = {"acme_tool.py": "from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('tool')\n"}
FOR_TOOL = "note: acme-tool asks for mcp<2, which is overridden: the host's version takes its place\n"


def built_with(installer: str, work: Path, *requirements: str) -> tuple[int, str, str]:
    """A build, with one of the installers, of a server whose packages lie as wheels in a folder."""
    lines = [f"--find-links {work / 'wheels'}", *requirements]
    source = write(work / "shop", {"server.py": "from acme_tool import mcp\n", "requirements.txt": "\n".join(lines)})
    env = {} if installer == "uv" else {"PATH": str(work)}
    options = ["--sdk-1-compatibility", *for_target(INTEL)]
    return run_build(source, work / f"{installer}.zip", *options, env=env, trial=True)


@needs_pip
def test_uv_and_pip_take_the_hosts_sdk_in_place_of_the_one_that_a_package_requires(tmp_path: Path) -> None:
    needs = ["mcp<2", "colorama"]
    write_wheel(tmp_path / "wheels", "acme_tool", TOOL, requires=needs)

    said = []
    for installer in ("uv", "pip"):
        code, lines, error = built_with(installer, tmp_path, "acme_tool")
        assert (code, error) == (0, "")
        said += [lines]

    assert [lines.count(FOR_TOOL) for lines in said] == [1, 1]
    packed = names(tmp_path / "pip.zip")
    assert packed == names(tmp_path / "uv.zip")
    assert "colorama/__init__.py" in packed
    assert not [name for name in packed if name.startswith(("httpx/", "mcp/server/fastmcp/"))]  # of SDK 1 alone


@needs_pip
def test_pip_says_that_uv_can_where_packages_require_sdks_that_exclude_each_other(tmp_path: Path) -> None:
    write_wheel(tmp_path / "wheels", "acme_tool", TOOL, requires=["mcp<2"])
    write_wheel(tmp_path / "wheels", "acme_other", {"acme_other.py": ""}, requires=["mcp>=2"])

    code, _, error = built_with("pip", tmp_path, "acme_tool", "acme_other")

    assert code == 1
    assert "put uv on PATH, which can set aside what others require of mcp, and pip cannot" in error
    assert built_with("uv", tmp_path, "acme_tool", "acme_other")[0] == 0


# Refused before anything is installed


def refusal(source: Path, entrypoint: str, *options: str) -> str:
    """What a build says that must fail, before it installs anything."""
    output = source.with_suffix(".zip")
    code, said, error = run_build(source, output, "--entrypoint", entrypoint, *options)
    assert (code, said, output.exists()) == (1, "", False)
    return error.removeprefix("build.py: error: ")


def test_a_server_for_sdk_1_is_refused_with_the_rename_the_guide_and_the_switch(tmp_path: Path) -> None:
    release = project("mcp-server-calculator", "0.2.1", tmp_path)
    said = refusal(release / "src", "mcp_server_calculator.calculator:mcp")

    assert "FastMCP of mcp.server.fastmcp is MCPServer of mcp.server.mcpserver, and McpError is MCPError" in said
    assert sdk_1.GUIDE in said
    assert "sdk_1_compatibility = true (build.py: --sdk-1-compatibility)" in said
    assert "mcp_server_calculator/calculator.py line 4: from mcp.server.fastmcp import FastMCP" in said


LOW_LEVEL = {
    "arxiv-mcp-server": ("0.8.2", "arxiv_mcp_server.server:server", "arxiv_mcp_server/server.py line 85: @server.list"),
    "mcp-server-fetch": ("2025.4.7", "mcp_server_fetch.server:serve", "server.py line 223: @server.call_tool (a low"),
    "mcp-server-sqlite": ("2025.4.25", "mcp_server_sqlite.server:main", "server.py line 185: @server.read_resource"),
    "mcp-server-time": (
        "2025.9.25",
        "mcp_server_time.server:serve",
        "line 128: @server.list_tools (a low-level Server",
    ),
    "mcp-text-editor": ("1.0.2", "mcp_text_editor.server:app", "takes a function of two parameters as on_call_tool)"),
}


@pytest.mark.parametrize("name", LOW_LEVEL)
def test_a_low_level_server_for_sdk_1_is_refused_by_file_and_line_with_the_switch_too(
    name: str, tmp_path: Path
) -> None:
    version, entrypoint, words = LOW_LEVEL[name]
    source = project(name, version, tmp_path) / "src"

    plain, compatible = refusal(source, entrypoint), refusal(source, entrypoint, "--sdk-1-compatibility")

    assert plain == compatible
    assert words in plain
    assert "sdk_1_compatibility" not in plain
    assert sdk_1.GUIDE in plain


CANNOT_RUN = {
    "elicitation": ("async def ask(ctx):\n    await ctx.elicit('sure?', dict)", "server.py line 4: ctx.elicit (no"),
    "sampling": ("async def ask(ctx):\n    await ctx.session.create_message([])", "line 4: ctx.session.create_message"),
    "tables of handlers": ("mcp._mcp_server.request_handlers.clear()", "line 3: mcp._mcp_server.request_handlers"),
    "in a module of the server's": ("import helper", "helper.py line 1: @server.list_tools"),
}


@pytest.mark.parametrize("case", CANNOT_RUN)
def test_what_cannot_be_carried_is_refused_by_file_and_line(case: str, tmp_path: Path) -> None:
    code, words = CANNOT_RUN[case]
    server = f"from mcp.server.fastmcp import FastMCP\nmcp = FastMCP('x')\n{code}\n"
    files = {"server.py": server, "helper.py": "@server.list_tools()\nasync def tools(): ...\n"}

    assert words in refusal(write(tmp_path / "server", files), "server:mcp", "--sdk-1-compatibility")


NOT_OF_SDK_1 = {
    "a module that is not reached": "",
    "where it is tried": "try:\n    from mcp.server.fastmcp import FastMCP\nexcept ImportError:\n    FastMCP = None\n",
    "where it is suppressed": "with suppress(ImportError):\n    from mcp.server.fastmcp import FastMCP\n",
    "for type checkers": "if TYPE_CHECKING:\n    from mcp.server.fastmcp import FastMCP\n",
    "a program": "if __name__ == '__main__':\n    from mcp.server.fastmcp import FastMCP\n",
    "SDK 2 that asks": "async def ask(ctx):\n    await ctx.elicit('sure?', dict)\n",
}


@pytest.mark.parametrize("case", NOT_OF_SDK_1)
def test_what_is_not_imported_at_start_makes_no_server_for_sdk_1(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path, {"server.py": NOT_OF_SDK_1[case], "old.py": "from mcp.server.fastmcp import FastMCP\n"})
    files = {path.name: File(path, "server") for path in source.iterdir()}

    for is_compatible in (False, True):
        sdk_1.check("server:mcp", files, {}, is_compatible=is_compatible)
    assert capsys.readouterr().out == ""


def test_a_name_that_sdk_2_lacks_is_refused_once_its_files_are_there(tmp_path: Path) -> None:
    source = write(tmp_path / "server", {"server.py": "from mcp.shared.session import BaseSession\nmcp = None\n"})
    code, _, error = run_build(source, tmp_path / "a.zip", "--sdk-1-compatibility", *for_target(INTEL))

    assert code == 1
    assert "server.py line 1: from mcp.shared.session import BaseSession (SDK 2 has nothing in its place)" in error

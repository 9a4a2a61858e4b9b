"""A server on the author's machine answers as it would on Lambda."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from mcp.client import Client

from lab.events import Era, handshake, http_event, message_in, modern, tool_call
from lab.local_aws import REPOSITORY
from tests.integration.conftest import COMMANDS
from tests.process.conftest import AS_ANOTHER_USER
from tests.zipped import write

from .conftest import SERVE, SHOP, Run, Serve, Served, held

FAILURE = "\nraise LookupError('no table')\n"
CLAIMS = {"sub": "ada", "scope": ["orders:read", "orders:write"], "level": 3}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write(
        tmp_path_factory.mktemp("source"),
        {
            "server/server.py": dedent(SHOP),
            "claims.json": json.dumps(CLAIMS),
            "secrets.env": "# of the shop\n\nTOKEN=a=b \nexport QUOTED='x y'\nAWS_REGION=eu-west-1\n",
        },
    )
    return root / "server"


@pytest.fixture(scope="module")
def shop(serve: Serve, source: Path) -> Served:
    return serve(source, "--env-file", str(source.parent / "secrets.env"), SHELL_SECRET="hunter2")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_of_either_era_lists_and_calls_tools(shop: Served, mode: str) -> None:
    async def session() -> tuple[set[str], str]:
        async with Client(shop.url, mode=mode) as client:
            tools = {tool.name for tool in (await client.list_tools()).tools}
            return tools, (await client.call_tool("price", {})).content[0].text  # type: ignore[union-attr]

    tools, price = asyncio.run(session())

    assert (tools >= {"price", "leave"}, price) == (True, "7")


def test_the_inspector_lists_the_tools_by_the_command_that_is_printed(shop: Served, tmp_path: Path) -> None:
    (options,) = re.findall("npx @modelcontextprotocol/inspector (.+)", shop.said())
    environ = {"PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}

    listed = subprocess.run(
        ["mcp-inspector", *options.split()], env=environ, capture_output=True, text=True, timeout=60
    )

    assert "price" in {tool["name"] for tool in json.loads(listed.stdout)["tools"]}, listed.stderr


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/mcp", 405),
        ("POST", "/mcp/", 200),
        ("GET", "/health", 200),
        ("HEAD", "/health", 200),
        ("GET", "/x", 404),
    ],
)
def test_the_hosts_own_answers_are_those_of_lambda(shop: Served, method: str, path: str, status: int) -> None:
    body = handshake("ping")["body"] if method == "POST" else None

    assert shop.send(http_event(method, path, body)).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "rebound.example"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost:6274"}, 200),
        ({"origin": "http://localhost:3000"}, 403),
    ],
)
def test_the_host_check_lets_in_loopback_and_the_inspectors_page_alone(
    shop: Served, headers: dict[str, str], status: int
) -> None:
    answer = shop.send(handshake("ping"), **headers)

    assert answer.status_code == status
    assert answer.headers.get("access-control-allow-origin") == (headers["origin"] if status == 200 else None)


def test_a_preflight_of_the_inspectors_page_may_send_what_it_asks_for(shop: Served) -> None:
    asked = {"origin": "http://localhost:6274", "access-control-request-headers": "mcp-protocol-version"}

    answer = shop.send(http_event("OPTIONS", "/mcp"), **asked)

    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["access-control-allow-headers"] == "mcp-protocol-version"


def test_an_environment_has_what_lambda_gives_it_and_the_files_of_variables_alone(shop: Served) -> None:
    variables = json.loads(shop.text(tool_call(modern, "variables")))

    assert (variables["TOKEN"], variables["QUOTED"], variables["AWS_REGION"]) == ("a=b", "x y", "eu-west-1")
    assert variables["AWS_LAMBDA_FUNCTION_VERSION"] == "1"
    assert "SHELL_SECRET" not in variables


def test_requests_at_the_same_time_are_answered_by_environments_of_their_own(shop: Served, tmp_path: Path) -> None:
    with held(shop, tmp_path) as call:
        other = shop.text(tool_call(modern, "process"))

    assert other != call.result()


def test_another_environment_opens_what_one_has_sealed(shop: Served, tmp_path: Path) -> None:
    sealed = message_in(shop.send(tool_call(modern, "book")).text)["result"]["requestState"]
    answers = {"sure": {"action": "accept", "content": {}}}
    retried = modern("tools/call", {"name": "book", "inputResponses": answers, "requestState": sealed})
    with held(shop, tmp_path) as call:  # by the environment that was last idle
        booked = shop.text(retried)

    assert booked.startswith("booked by ")
    assert booked != f"booked by {call.result()}"


def test_a_tool_past_its_deadline_is_answered_in_time_and_one_that_holds_pythons_lock_is_ended(
    serve: Serve, source: Path
) -> None:
    served = serve(source, "--timeout", "1")
    for era in (modern, handshake):
        error = message_in(served.send(tool_call(era, "sleep", seconds=5)).text)["error"]

        assert (error["code"], error["data"]["limitSeconds"]) == (504, pytest.approx(0.5, abs=0.1))

    assert served.send(tool_call(modern, "lock")).status_code == 500
    served.wait_for("Ended an execution environment that gave no answer within 1 s, as Lambda does")
    assert served.text(tool_call(modern, "price")) == "7"


def test_a_tool_that_ends_the_process_fails_its_request_alone(shop: Served) -> None:
    failed = shop.send(tool_call(modern, "leave"))

    assert (failed.status_code, failed.json()) == (500, {"message": "Internal Server Error"})
    shop.wait_for("ended by itself (exit code 3); the next request starts another")
    assert shop.text(tool_call(modern, "price")) == "7"


def test_each_request_has_a_line_of_json_and_nobody_is_known(shop: Served) -> None:
    def is_one_of_both(line: dict[str, Any]) -> bool:
        return line.get("tool") == "caller" or str(line.get("message")).startswith("GET /health")

    before = len(shop.log(is_one_of_both, times=0))

    assert shop.text(tool_call(modern, "caller")) == "nobody"
    shop.send(http_event("GET", "/health"))

    called, asked = shop.log(is_one_of_both, before + 2)[before:]
    assert (called["tool"], called["outcome"], called.get("subject")) == ("caller", "ok", None)
    assert (asked["message"], asked["outcome"]) == ("GET /health 200", "ok")


def test_what_a_tool_raises_is_logged_with_its_text_and_the_line_in_the_authors_file(
    shop: Served, source: Path
) -> None:
    shop.send(tool_call(modern, "fail"))

    (record,) = shop.log(lambda line: line.get("errorType") == "LookupError")
    assert record["errorMessage"] == "no such order"
    assert f'File "{source}/server.py", line ' in record["stackTrace"][-1]


def test_the_code_cannot_be_written_and_tmp_can_by_a_user_without_rights(
    serve: Serve, environ: dict[str, str], shop: Served, source: Path, tmp_path: Path
) -> None:
    cache = shutil.copytree(environ["XDG_CACHE_HOME"], tmp_path / "cache")
    if AS_ANOTHER_USER:
        for path in [cache, *cache.rglob("*")]:
            os.chown(path, 65534, 65534)
    served = serve(source, prefix=AS_ANOTHER_USER, XDG_CACHE_HOME=str(cache))

    result = message_in(served.send(tool_call(modern, "writable")).text)["result"]

    assert result["structuredContent"]["result"] == ["/tmp/mcp-lambda-new"]  # noqa: S108
    assert served.end() == 0


def test_a_caller_has_the_claims_of_the_identity_file(serve: Serve, source: Path) -> None:
    served = serve(source, "--identity", str(source.parent / "claims.json"))

    assert served.text(tool_call(modern, "caller")) == "ada ['orders:read', 'orders:write'] 3"
    assert [line["subject"] for line in served.log(lambda line: "outcome" in line)] == ["ada"]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return write(tmp_path / "server", {"server.py": dedent(SHOP)})


def test_a_second_start_installs_nothing_and_ctrl_c_leaves_nothing_but_the_packages(
    serve: Serve, environ: dict[str, str], own: Path, shop: Served
) -> None:
    served = serve(own)
    cache = Path(environ["XDG_CACHE_HOME"], "mcp-lambda")
    folders = set(cache.iterdir())

    assert "resolving" not in served.said()
    assert served.end() == 0
    assert "Traceback" not in served.said()
    assert len(folders - set(cache.iterdir())) == 1


def test_a_change_is_served_without_an_installation_and_a_broken_one_is_waited_for(serve: Serve, own: Path) -> None:
    served = serve(own, "--reload", "--entrypoint", "server:mcp")
    server, installed = own / "server.py", served.said().count("resolving")

    server.write_text(dedent(SHOP).replace("return 7", "return 8"))
    served.wait_for("started anew")
    assert served.text(tool_call(modern, "price")) == "8"

    server.write_text(f"import not_there\n{dedent(SHOP)}")
    served.wait_for("cannot be built: the server imports modules that no requirement brings")
    served.wait_for("waiting for a change")
    assert served.text(tool_call(modern, "price")) == "8"

    server.write_text(dedent(SHOP) + FAILURE)
    served.wait_for("waiting for a change", times=2)
    answer = served.send(tool_call(modern, "price"))
    assert (answer.status_code, "could not be started" in answer.text) == (500, True)
    (line, *_) = served.log(lambda line: "LookupError: no table" in line.get("message", ""))
    assert f"{server} line " in line["message"]

    server.rename(own / "elsewhere.py")
    served.wait_for("cannot be built: entrypoint 'server:mcp' needs server.py")

    server.write_text(dedent(SHOP))
    served.wait_for("started anew", times=2)
    assert served.text(tool_call(modern, "price")) == "7"
    assert served.said().count("resolving") == installed
    assert served.end() == 0


PROJECT = """
    from importlib.metadata import version
    from mcp.server.fastmcp import FastMCP

    mcp = FastMCP("old", port=9000)

    @mcp.tool()
    def of() -> str:
        return version("shop")

    @mcp.tool()
    def fail() -> str:
        raise LookupError("no such order")
"""


def test_a_project_for_sdk_1_is_served_as_it_is_packed(serve: Serve, tmp_path: Path) -> None:
    files = {"pyproject.toml": '[project]\nname = "shop"\nversion = "1.2"\n', "src/shop/server.py": dedent(PROJECT)}
    served = serve(write(tmp_path, files), "--entrypoint", "shop.server:mcp", "--sdk-1-compatibility")

    assert served.text(tool_call(handshake, "of")) == "1.2"
    served.send(tool_call(handshake, "fail"))
    (record,) = served.log(lambda line: line.get("errorType") == "LookupError")
    assert f'File "{tmp_path}/src/shop/server.py", line ' in record["stackTrace"][-1]


def test_a_request_is_answered_by_the_version_that_it_came_to(serve: Serve, own: Path, tmp_path: Path) -> None:
    served = serve(own, "--reload")
    with held(served, tmp_path) as call:
        (own / "server.py").write_text(dedent(SHOP).replace("return 7", "return 8"))
        served.wait_for("started anew")
        assert served.text(tool_call(modern, "price")) == "8"

    assert call.result().isdecimal()


def test_a_server_in_typescript_is_served_in_both_eras_and_its_packages_are_installed_once(
    serve: Serve, tmp_path: Path
) -> None:
    source = shutil.copytree(REPOSITORY / "examples/typescript/server", tmp_path / "server")
    served = serve(source, "--reload", PATH=f"{COMMANDS}{os.pathsep}{os.environ['PATH']}")
    server = source / "server.ts"
    code = server.read_text()

    def days(era: Era) -> str:
        return served.text(tool_call(era, "days_between", start="2026-12-01", end="2026-12-25"))

    assert [days(era) for era in (modern, handshake)] == ["24", "24"]
    assert served.send(http_event("GET", "/mcp")).status_code == 405

    server.write_text(code.replace("/ DAY)", "/ DAY) + 1"))
    served.wait_for("started anew")
    assert days(modern) == "25"

    server.write_text(code + "export default 1;\n")
    served.wait_for("cannot be built: the server cannot be bundled: server.ts line")
    assert days(modern) == "25"

    server.write_text(code + '\nthrow new Error("no table");\n')
    served.wait_for("waiting for a change", times=2)
    answer = served.send(tool_call(modern, "days_between"))
    assert (answer.status_code, "could not be started" in answer.text) == (500, True)
    said = {line["message"] for line in served.log(lambda line: "no table" in line.get("message", ""))}
    line = len(code.splitlines()) + 2
    assert said == {f"The entrypoint 'server:default' could not be loaded: {server} line {line}: Error: no table"}

    server.write_text(code)
    served.wait_for("started anew", times=2)
    assert days(modern) == "24"
    assert served.said().count("installing the") == 1
    assert served.end() == 0


BAD: dict[str, tuple[list[str], str]] = {
    "no directory": (["{root}/nix"], "source directory {root}/nix does not exist"),
    "no module": (
        ["{root}/empty", "--entrypoint", "server:mcp"],
        "entrypoint 'server:mcp' needs server.py or server/__init__.py",
    ),
    "no server": (["{root}/empty"], "empty has no server that could be found"),
    "another entrypoint": (
        ["{root}/server", "--port", "0", "--entrypoint", "server.py"],
        "'server.py' is not module:attribute",
    ),
    "a taken port": (
        ["{root}/server", "--port", "{port}"],
        "--port is {port}, but another program listens there",
    ),
    "a port that is none": (["{root}/server", "--port", "65536"], "--port is 65536, but must be 0 to 65535"),
    "a long timeout": (["{root}/server", "--timeout", "30"], "--timeout is 30, but must be 1 to 29: API Gateway gives"),
    "no file": (["{root}/server", "--env-file", "{root}/nix"], "{root}/nix cannot be read: No such file or directory"),
    "a broken line": (
        ["{root}/server", "--env-file", "{root}/broken.env"],
        "line 2 of {root}/broken.env is not NAME=value, a comment that begins with #, or empty",
    ),
    "a name of Lambda's": (
        ["{root}/server", "--env-file", "{root}/lambdas.env"],
        "line 1 of {root}/lambdas.env sets LAMBDA_TASK_ROOT, but names of this kind belong to Lambda",
    ),
    "no object": (
        ["{root}/server", "--identity", "{root}/list.json"],
        '--identity {root}/list.json is no JSON object, but must be the claims of a token, such as {{"sub": "me"',
    ),
    "no JSON": (["{root}/server", "--identity", "{root}/broken.env"], "--identity {root}/broken.env is no JSON: "),
    "no start": (["{root}/failing"], "the server could not be started, for the reason above: "),
}


@pytest.mark.parametrize(("words", "says"), BAD.values(), ids=BAD)
def test_what_cannot_be_served_is_refused_in_one_sentence(
    run: Run, tmp_path: Path, words: list[str], says: str
) -> None:
    write(
        tmp_path,
        {
            "server/server.py": dedent(SHOP),
            "failing/server.py": dedent(SHOP) + FAILURE,
            "empty/notes.txt": "",
            "broken.env": "A=1\nhunter2\n",
            "lambdas.env": "LAMBDA_TASK_ROOT=x",
            "list.json": "[1]",
        },
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        known = {"root": tmp_path, "port": taken.getsockname()[1]}
        ended = run(SERVE, *(word.format(**known) for word in words))

    last = ended.stderr.splitlines()[-1]
    assert (ended.returncode, last.startswith("serve.py: error: ")) == (1, True)
    assert says.format(**known) in last
    assert "Traceback" not in ended.stderr
    assert "hunter2" not in ended.stderr

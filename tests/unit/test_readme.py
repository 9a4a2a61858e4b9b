"""README.md says what the files say."""

from __future__ import annotations

import os
import re

import pytest
from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from benchmarks.chart import draw
from builder import inputs
from lab.events import Era, handshake, message_of, modern, text_of, tool_call
from lab.readme import README, REPOSITORY, TABLES, blocks, code, hcl, results, shown, table
from mcp_lambda_host.contract import SECONDS_TO_ANSWER
from tests.unit.conftest import Deploy

REWRITE = "run `.venv/bin/python -m lab.readme` to write the tables anew"
TEXT = README.read_text()


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_the_rows_that_the_files_have(name: str) -> None:
    expected, found = table(name), shown(name)
    missing = [row for row in expected if row not in found]
    extra = [row for row in found if row not in expected]

    assert not missing + extra, "\n".join(["", REWRITE, "missing:", *missing, "extra:", *extra])
    assert found == expected, f"the order differs: {REWRITE}"


def test_the_chart_and_the_prose_show_the_results_of_the_benchmarks() -> None:
    machine = results()["machine"]

    assert (REPOSITORY / "benchmarks/chart.svg").read_text() == draw(results()["cold"])
    assert f"on Python {machine['runtime'].removeprefix('python')} and {machine['architecture']}" in TEXT


def test_the_terraform_example_is_the_module_block_of_the_basic_example() -> None:
    main = (REPOSITORY / "examples/basic/main.tf").read_text()

    assert code("hcl") == re.findall(r'^module "mcp" \{\n.*?^\}\n', main, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_the_server_of_the_example_answers(deploy: Deploy, era: Era) -> None:
    (server,) = code("python")
    function = deploy(server)

    (tool,) = message_of(function(era("tools/list")))["result"]["tools"]
    answer = function(tool_call(era, tool["name"], start="2026-12-01", end="2026-12-25"))

    assert text_of(answer) == "24"


def test_a_newcomer_is_given_two_commands() -> None:
    (block,) = code("bash")

    assert [line.split()[0] for line in block.splitlines()] == ["scripts/demo", "scripts/test"]


def test_every_command_names_files_that_exist_and_scripts_that_can_be_run() -> None:
    lines = [*code("bash")[0].splitlines(), *re.findall(r"`((?:scripts|\.venv)/[^`]+)`", TEXT)]
    words = {word for line in lines for word in line.split("#")[0].split() if "/" in word}
    paths = {word for word in words if "://" not in word and not word.startswith(".venv/")}

    assert paths >= {"scripts/test", "tests/integration"}
    assert not {path for path in paths if not (REPOSITORY / path).exists()}
    assert not {path for path in paths if path.startswith("scripts/") and not os.access(REPOSITORY / path, os.X_OK)}


def test_the_limits_are_those_of_the_code() -> None:
    terraform = hcl("versions.tf")["terraform"][0]
    runtimes = [runtime.removeprefix("python") for runtime in inputs.MANYLINUX]
    oldest, newest = HANDSHAKE_PROTOCOL_VERSIONS[0], HANDSHAKE_PROTOCOL_VERSIONS[-1]
    limits = [
        f"{SECONDS_TO_ANSWER} s before",
        f"{DEFAULT_MAX_REQUEST_BODY_SIZE // 2**20} MiB",
        f"hashicorp/aws `{terraform['required_providers'][0]['aws']['version']}`",
        f"Terraform `{terraform['required_version']}`",
        f"`timeout_seconds` is at most {blocks('variable')['timeout_seconds']['default']}",
        *MODERN_PROTOCOL_VERSIONS,
        f"{newest} back to {oldest}",
        f"Python {', '.join(runtimes[:-1])} or {runtimes[-1]}",
        f"Python {runtimes[0]} to {runtimes[-1]} only",
    ]

    assert not [limit for limit in limits if limit not in TEXT]


def test_every_link_into_the_repository_resolves() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", TEXT)

    assert links
    assert not [link for link in links if not (REPOSITORY / link).exists()]


def test_every_example_is_introduced() -> None:
    examples = {f"](examples/{example.parent.name})" for example in REPOSITORY.glob("examples/*/main.tf")}

    assert not {example for example in examples if example not in TEXT}

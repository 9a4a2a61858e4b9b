"""README.md, docs/reference.md and docs/benchmarks.md say what the files say."""

from __future__ import annotations

import os
import re

import pytest
from mcp.server.transport_security import DEFAULT_MAX_REQUEST_BODY_SIZE
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

from benchmarks.chart import draw
from builder import inputs
from lab import figures
from lab.demo import CALLS, ERAS
from lab.events import Era, handshake, message_of, modern, text_of, tool_call
from lab.readme import BENCHMARKS, README, REPOSITORY, TABLES, blocks, code, hcl, section, shown, table
from mcp_lambda_host import __version__
from mcp_lambda_host.contract import SECONDS_TO_ANSWER
from tests.unit.conftest import Deploy

SOURCE = f"git::https://github.com/example/terraform-aws-mcp-lambda.git?ref=v{__version__}"
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
    machine = figures.results()["machine"]

    assert (REPOSITORY / "benchmarks/chart.svg").read_text() == draw(figures.zips())
    said = f"on Python {machine['runtime'].removeprefix('python')} and {machine['architecture']}"
    assert said in BENCHMARKS.read_text()
    assert f"| 1.00 | {figures.results()['cold'][figures.OURS]['ratio']:.2f} |" in TEXT


def test_the_terraform_example_is_the_module_block_of_the_basic_example() -> None:
    main = (REPOSITORY / "examples/basic/main.tf").read_text()
    (block,) = re.findall(r'^module "mcp" \{\n.*?^\}\n', main, re.MULTILINE | re.DOTALL)
    for_the_local_aws = r"^ +(?:runtime|architecture) += var\..+\n"
    expected = re.sub(for_the_local_aws, "", block, flags=re.MULTILINE).replace('"../.."', f'"{SOURCE}"')

    assert [unaligned(shown) for shown in code("hcl", TEXT)] == [unaligned(expected)]


def unaligned(block: str) -> str:
    return re.sub(r" +=", " =", block)


def test_the_first_screen_says_what_it_is_and_has_the_module_block_and_the_command() -> None:
    lines = TEXT.splitlines()

    assert lines[2].startswith("A Terraform module that turns an MCP server")
    assert lines.index("```hcl") < lines.index("## Try it") < 25
    assert len(lines) <= 130


def test_the_version_is_the_same_wherever_it_is_named() -> None:
    named = {
        file: re.search(pattern, (REPOSITORY / file).read_text(), re.MULTILINE)
        for file, pattern in {
            "function/pyproject.toml": r'^version = "(.+)"$',
            "CHANGELOG.md": r"^## \[?(\d[\w.]*)",
            "SECURITY.md": r"^\| ([\d.]+x) \| yes \|$",
        }.items()
    }

    assert {file: found[1] for file, found in named.items() if found} == {
        "function/pyproject.toml": __version__,
        "CHANGELOG.md": __version__,
        "SECURITY.md": f"{__version__.rpartition('.')[0]}.x",
    }


def test_the_picture_of_the_demonstration_has_its_tools_and_both_eras() -> None:
    drawn = (REPOSITORY / "docs/demo.svg").read_text()

    assert "](docs/demo.svg)" in TEXT
    assert [name for name, _ in CALLS["basic"] if name not in drawn] == []
    assert [era for era in ERAS.values() if era not in drawn] == []
    assert str(REPOSITORY) not in drawn


@pytest.mark.parametrize("era", [modern, handshake], ids=["2026-07-28", "handshake"])
def test_the_server_of_the_example_answers(deploy: Deploy, era: Era) -> None:
    (server,) = code("python", TEXT)
    function = deploy(server)

    (tool,) = message_of(function(era("tools/list")))["result"]["tools"]
    answer = function(tool_call(era, tool["name"], start="2026-12-01", end="2026-12-25"))

    assert text_of(answer) == "24"


def test_a_newcomer_is_given_two_commands() -> None:
    (block,) = code("bash", section("Try it"))

    assert [line.split()[0] for line in block.splitlines()] == ["scripts/demo", "scripts/test"]


def test_the_commands_that_deploy_name_an_example_and_an_output_of_it() -> None:
    (block,) = code("bash", section("Deploy it to AWS"))
    (directory,) = re.findall(r"^cd (\S+)$", block, re.MULTILINE)
    outputs = {name for output in hcl(f"{directory}/main.tf")["output"] for name in output}

    assert set(re.findall(r"terraform output -raw (\w+)", block)) <= outputs
    assert set(re.findall(r"^terraform (\w+)", block, re.MULTILINE)) == {"init", "apply", "destroy"}


def test_every_command_names_files_that_exist_and_scripts_that_can_be_run() -> None:
    lines = [*code("bash", section("Try it"))[0].splitlines(), *re.findall(r"`((?:scripts|\.venv)/[^`]+)`", TEXT)]
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
        f"Python {runtimes[0]} to {runtimes[-1]}",
        f"Node.js {' or '.join(name.removeprefix('node') for name in inputs.NODE.values())}",
    ]

    assert not [limit for limit in limits if limit not in TEXT]


def test_every_link_into_the_repository_resolves() -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", TEXT)

    assert links
    assert not [link for link in links if not (REPOSITORY / link).exists()]


def test_every_example_is_introduced() -> None:
    examples = {path for path in REPOSITORY.glob("examples/*") if path.is_dir()}

    assert [path for path in examples if f"](examples/{path.name})" not in TEXT] == []
    assert examples == {path.parent for path in REPOSITORY.glob("examples/*/README.md")}

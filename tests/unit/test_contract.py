"""What Terraform, the host, the authorizer and the builder must agree on stands in one file."""

from __future__ import annotations

import json
import re

import pytest

import build
from authorizer import keys
from builder import inputs
from lab.local_aws import REPOSITORY
from lab.readme import blocks
from mcp_lambda_host import contract

FILE = REPOSITORY / "function" / "mcp_lambda_host" / "contract.json"
CONTRACT = json.loads(FILE.read_text())
SOURCES = [
    *REPOSITORY.glob("function/node/**/*.ts"),
    *REPOSITORY.glob("*.tf"),
    *REPOSITORY.glob("fronts/*/*.tf"),
    *REPOSITORY.glob("lambda/*.tf"),
    *(path for path in REPOSITORY.glob("function/**/*.py") if "__pycache__" not in path.parts),
]


def test_the_names_of_the_hosts_variables_are_some_that_no_author_can_take() -> None:
    for name in (contract.SETTINGS_VARIABLE, contract.LOCAL_KEY_VARIABLE):
        assert name.startswith(tuple(CONTRACT["reserved_prefixes"]))


@pytest.mark.parametrize(
    "fact",
    [
        CONTRACT["settings_variable"],
        CONTRACT["local_key_variable"],
        f'{CONTRACT["mcp_path"]}"',
        f'{CONTRACT["health_path"]}"',
        CONTRACT["metadata_path"],
        f'"{CONTRACT["metric_namespace"]}/',
        *(f'"{name}"' for key, name in CONTRACT["metrics"].items() if key != "duration"),  # Lambda has one, too
        '"TRACE", "DEBUG"',
        '"hash", "plain"',
        '"server", "tools"',
        *CONTRACT["runtimes"].values(),
        *(f'"{name}"' for name in CONTRACT["node_runtimes"]),
        CONTRACT["left_out"],
        CONTRACT["virtual_environment_file"],
    ],
)
def test_no_source_repeats_it(fact: str) -> None:
    assert [path.name for path in SOURCES if fact in path.read_text()] == []


def test_the_default_runtime_is_the_newest_that_each_provider_knows_which_the_module_takes() -> None:
    (floor,) = re.findall(r'version = ">= ([\d.]+),', (REPOSITORY / "versions.tf").read_text())
    later = [name for name, first in CONTRACT["runtimes_by_provider"].items() if version(first) > version(floor)]
    known = [runtime for runtime in CONTRACT["runtimes"] if runtime not in later]

    assert blocks("variable")["runtime"]["default"] == known[-1]
    assert build.parse_arguments(["--authorizer", "--output", "x"]).runtime == known[-1]


def version(text: str) -> list[int]:
    return [int(number) for number in text.split(".")]


def test_the_authorizer_and_the_builder_read_it() -> None:
    assert keys.SCOPE.pattern == CONTRACT["scope"]
    assert (CONTRACT["runtimes"], CONTRACT["architectures"]) == (inputs.MANYLINUX, inputs.MACHINES)
    assert CONTRACT["node_runtimes"] == inputs.NODE
    assert re.compile(CONTRACT["left_out"]) == inputs.LEFT_OUT

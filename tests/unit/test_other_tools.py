"""The examples of SAM and CDK say what Terraform says, so that a change of the module is not forgotten there."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from textwrap import dedent

import pytest
import yaml

from lab.local_aws import REPOSITORY
from lab.readme import blocks
from mcp_lambda_host.contract import MCP_PATH, METADATA_PATH, METRIC_NAMESPACE, METRICS, SETTINGS_VARIABLE
from mcp_lambda_host.settings import Settings
from tests.filters import filter_pattern

SAM, CDK = REPOSITORY / "examples/sam", REPOSITORY / "examples/cdk"
TEXTS = {"sam": (SAM / "template.yaml").read_text(), "cdk": (CDK / "app.py").read_text()}
PAGE = (REPOSITORY / "docs/sam-and-cdk.md").read_text()


def settings_of(tool: str) -> dict[str, object]:
    """The settings that an example gives the host; what is known at a deployment alone is a placeholder or a name."""
    if tool == "sam":
        (block,) = re.findall(rf"{SETTINGS_VARIABLE}: !Sub \|\n(.+?)\n\n", TEXTS["sam"], re.S)
        found: dict[str, object] = json.loads(dedent(block))
        return found
    objects = [node for node in ast.walk(ast.parse(TEXTS["cdk"])) if isinstance(node, ast.Dict)]
    (settings,) = [node for node in objects if len(node.keys) > 10]
    return {
        ast.literal_eval(key): ast.literal_eval(value) if is_literal(value) else ast.unparse(value)
        for key, value in zip(settings.keys, settings.values, strict=True)
        if key
    }


def is_literal(node: ast.expr) -> bool:
    return not any(isinstance(part, ast.Name) for part in ast.walk(node))


@pytest.mark.parametrize("tool", TEXTS)
def test_an_example_gives_the_host_every_setting_and_no_other(tool: str) -> None:
    given = settings_of(tool)

    assert list(given) == [field.name for field in fields(Settings)]
    assert Settings.from_json(json.dumps(given | {"entrypoint": "server:mcp"})).auth_type == "jwt"


@pytest.mark.parametrize("tool", TEXTS)
def test_an_example_has_the_paths_and_metrics_of_the_contract(tool: str) -> None:
    text = TEXTS[tool]

    assert set(re.findall(r"/(?:mcp|[.]well-known/[\w/-]+)\b", text)) >= {
        MCP_PATH,
        METADATA_PATH,
        METADATA_PATH + MCP_PATH,
    }
    assert {METRICS["tool_errors"], METRICS["tool_calls"]} <= set(re.findall(r"Tool\w+", text))
    assert f"{METRIC_NAMESPACE}/" in text


@pytest.mark.parametrize("tool", TEXTS)
def test_an_example_counts_calls_by_their_lines_and_pays_for_no_line_of_lambdas_as_the_module_does(tool: str) -> None:
    assert f"'{filter_pattern('server')}'" in TEXTS[tool]
    level = blocks("variable")["system_log_level"]["default"]
    assert re.search(rf"(SystemLogLevel: |system_log_level_v2=\S+){level}\b", TEXTS[tool])


def test_the_tests_run_the_versions_of_the_cdk_example() -> None:
    shown, tested = (
        set(re.findall(r"^\S+==\S+|--hash=\S+", file.read_text(), re.MULTILINE))
        for file in (CDK / "requirements.txt", REPOSITORY / "tests/requirements-cloudformation.lock")
    )

    assert shown
    assert shown <= tested


@pytest.mark.parametrize("tool", TEXTS)
def test_the_page_shows_the_pipeline_of_an_example_with_the_actions_of_the_terraform_one(tool: str) -> None:
    workflow = (REPOSITORY / f"examples/{tool}/deploy.yml").read_text()
    used = {
        step["uses"] for job in yaml.safe_load(workflow)["jobs"].values() for step in job["steps"] if "uses" in step
    }
    pinned = (REPOSITORY / "examples/github-actions/deploy.yml").read_text()

    assert f"```yaml\n{workflow}```" in PAGE
    assert used
    assert [action for action in used if action not in pinned] == []

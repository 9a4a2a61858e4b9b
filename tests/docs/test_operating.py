"""docs/operating.md has every alarm with its causes and commands; its commands, and those for trouble, are AWS's."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from lab.local_aws import REPOSITORY
from lab.readme import front_output, hcl
from mcp_lambda_host.contract import METRICS

PAGE = (REPOSITORY / "docs" / "operating.md").read_text()
ALARMS = hcl("alarm_table.tf")["locals"][0]["alarm_table"]
WITH_TROUBLES = PAGE + (REPOSITORY / "docs" / "troubleshooting.md").read_text()
SETTING_UP, *BLOCKS = re.findall(r"^```bash\n(.+?)^```$", WITH_TROUBLES, re.MULTILINE | re.DOTALL)

REQUEST_LINE = set(re.findall(r"`(\w+)`", PAGE.partition("| key | what it says |")[2].partition("\n\n")[0]))
ACCESS_LOG = {*hcl("front.tf")["locals"][0]["access_log"]}
PLATFORM = {"level", "message", "type", "record.status"} | {
    f"record.metrics.{name}" for name in ("maxMemoryUsedMB", "memorySizeMB")
}
"""Keys of Lambda's own lines in JSON (Developer Guide, Advanced logging controls; Telemetry API, platform.report)."""

LANGUAGE = {
    "filter", "fields", "stats", "sort", "limit", "by", "as", "and", "or", "not", "in", "like", "desc",
    "count", "pct", "max", "bin", "ispresent",
}  # fmt: skip
"""Words of Logs Insights."""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose `aws` only checks what it is given, and whose other commands do nothing."""
    directory = tmp_path_factory.mktemp("bin")
    checking = f'exec "{sys.executable}" "{REPOSITORY}/tests/aws_cli.py" "$@"'
    for name, script in {"aws": checking, "terraform": "", "curl": ""}.items():
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    return os.environ | {"PATH": f"{directory}:{os.environ['PATH']}"}


def run(script: str, shell: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-euo", "pipefail", "-c", script]
    return subprocess.run(command, env=shell, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("key", ALARMS)
def test_every_alarm_has_a_section_with_its_causes_and_where_to_look(key: str) -> None:
    (section,) = re.findall(rf"^### {key}\n(.+?)^##", PAGE, re.MULTILINE | re.DOTALL)

    assert "```bash" in section or re.search(r"whose commands tell the cause", section)


@pytest.mark.parametrize("key", ALARMS)
def test_the_table_of_alarms_says_what_alarms_tf_says(key: str) -> None:
    alarm = ALARMS[key]
    (row,) = re.findall(rf"^\| \[`{key}`\]\(#{key}\) \| (.+) \|$", PAGE, re.MULTILINE)
    looks_at, rings_at, over = row.split(" | ")
    front = front_output("http", "facts")["metrics"]
    named = {f"${{local.front_metrics.{key}}}": name for key, name in front.items()}
    named |= {f"${{local.counted.{key}}}": name for key, name in METRICS.items()}
    named |= {"${local.refusals.metric}": METRICS["auth_refused"]}  # with an access log
    metrics = [named.get(name, name) for name in (alarm["metric"], alarm["per"]) if name]
    unit = " %" if alarm["per"] else ""

    assert looks_at.startswith(" per ".join(metrics))
    assert over.startswith(f"{alarm['period'] * alarm['periods'] // 60} minute")
    assert rings_at == f"{alarm['threshold']}{unit}" or "${" in alarm["threshold"]


def test_no_other_alarm_is_spoken_of() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == ALARMS.keys()


@pytest.mark.parametrize("block", BLOCKS)
def test_the_commands_can_be_pasted_into_a_shell(block: str, shell: dict[str, str]) -> None:
    ran = run(SETTING_UP + block, shell)

    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    "wrong",
    [
        "aws lambda get-aliases --function-name x",
        "aws lambda get-alias --function x --name live",
        "aws lambda get-alias --function-name x",
        "aws logs start-query --log-group-name x --start-time now --end-time 1 --query-string x",
    ],
)
def test_a_command_that_aws_does_not_know_would_be_found(wrong: str, shell: dict[str, str]) -> None:
    assert run(wrong, shell).returncode != 0


@pytest.mark.parametrize(("group", "query"), re.findall(r"^insights \"(\S+)\" '(.+)'$", WITH_TROUBLES, re.MULTILINE))
def test_the_queries_ask_for_what_is_in_the_log(group: str, query: str) -> None:
    known = ACCESS_LOG if "apigateway" in group else REQUEST_LINE | PLATFORM
    without_texts = re.sub(r"\"[^\"]*\"|/[^/]*/|\b\d+m?\b", "", query)
    named = set(re.findall(r"[@\w]+(?:\.\w+)*", without_texts))
    made = set(re.findall(r" as (\w+)", query))

    assert named - LANGUAGE - made - {"@timestamp"} <= known


def test_the_request_line_is_explained_key_by_key() -> None:
    assert {
        "requestId", "traceId", "era", "method", "tool", "name", "outcome", "errorCode", "durationMs", "coldStart",
        "initDurationMs", "memoryMB", "weight", "subject", "task", "taskStep", "taskAgeMs",
    } <= REQUEST_LINE  # fmt: skip


def test_the_picture_is_there() -> None:
    pictures = re.findall(r"!\[[^]]+\]\((\S+)\)", PAGE)

    assert pictures
    assert all((REPOSITORY / "docs" / picture).exists() for picture in pictures)

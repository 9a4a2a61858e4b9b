"""scripts/verify-aws before it makes anything, and what it tells of what it has seen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from verify import report, spend
from verify.__main__ import GROUPS, PARTS, ROWS
from verify.account import Account
from verify.calls import Run
from verify.rows import Group, Result, Seen, UnseenError, Verdict, result_of
from verify.terraform import Stack

ACCOUNT = Account("111122223333", None, "user/ada", "eu-west-1", is_local=False, can_reserve=True, can_log=True)
LOCAL = Account("000000000000", None, "root", "eu-west-1", is_local=True, can_reserve=True, can_log=True)
KEY = {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(ACCOUNT, Stack(tmp_path), "key", outputs={"there": {}})


def verify(*words: str, tmp_path: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command where there are no credentials but those that are given, and nobody to ask."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", "PYTHONPATH": "function"}
    command = [sys.executable, "-m", "verify", *words]
    return subprocess.run(
        command, cwd=REPOSITORY, env=own | nowhere | environ, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "there are no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its like."),
        (KEY, "there is no region: give --region, such as --region eu-west-1, or set AWS_REGION."),
        (
            KEY | {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"},
            'AWS cannot be asked with these credentials in eu-west-1: Could not connect to the endpoint URL: "http://127.0'
            '.0.1:9/"',
        ),
        (
            {"AWS_PROFILE": "missing"},
            "AWS cannot be asked with these credentials: The config profile (missing) could not be found",
        ),
    ],
)
def test_without_credentials_or_a_region_one_sentence_says_so(
    tmp_path: Path, environ: dict[str, str], sentence: str
) -> None:
    ran = verify(tmp_path=tmp_path, **environ)

    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", f"verify-aws: {sentence}\n")


def test_a_row_that_there_is_not_is_refused_and_the_list_names_those_that_there_are(tmp_path: Path) -> None:
    refused = verify("--only", "nonsense", tmp_path=tmp_path)
    listed = verify("--list", tmp_path=tmp_path)

    assert refused.returncode == 2
    assert len(refused.stderr.splitlines()) == 1
    assert [line.split(":")[0] for line in listed.stdout.splitlines()] == list(ROWS)


def test_every_row_has_a_name_of_its_own_and_a_sentence() -> None:
    rows = [row for group in GROUPS for row in group.rows]

    assert len({row.name for row in rows}) == len(rows)
    assert [row.name for row in rows if not re.fullmatch(r"[^\n]+\.", row.sentence) or not row.expected] == []


def test_what_goes_wrong_in_a_row_is_its_result_and_no_end_of_the_others(run: Run) -> None:
    group = Group("group")

    @group.row("no error", "there")
    def breaks(run: Run) -> Seen:
        raise ConnectionError("reset")

    @group.row("no error", "there")
    def has_no_quota(run: Run) -> Seen:
        raise UnseenError("the quota is too low")

    @group.row("no error", "there", "missing")
    def has_no_stack(run: Run) -> Seen:
        raise AssertionError

    @group.row("no error", "there")
    def sees(run: Run) -> Seen:
        return Seen(False, "an error")

    assert [result_of(row, run)[1:] for row in group.rows] == [
        (Verdict.UNSEEN, "ConnectionError: reset"),
        (Verdict.UNSEEN, "the quota is too low"),
        (Verdict.UNSEEN, "there is no missing"),
        (Verdict.DIFFERS, "an error"),
    ]


def test_on_the_local_aws_a_row_that_it_cannot_show_is_not_emulated(run: Run) -> None:
    group = Group("group")

    @group.row("no error", not_emulated="it does something else")
    def sees(run: Run) -> Seen:
        return Seen(True, "no error")

    run.account = LOCAL
    assert result_of(group.rows[0], run)[1:] == (Verdict.NOT_EMULATED, "it does something else")
    run.account = ACCOUNT
    assert result_of(group.rows[0], run)[1:] == (Verdict.HOLDS, "no error")


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("arn:aws:lambda:eu-west-1:111122223333:function:x", "arn:aws:lambda:eu-west-1:ACCOUNT:function:x"),
        (
            "https://abcde12345.execute-api.eu-west-1.amazonaws.com/mcp",
            "https://API_ID.execute-api.eu-west-1.amazonaws.com/mcp",
        ),
        ("apigateway:eu-west-1::/apis/abcde12345/routes", "apigateway:eu-west-1::/apis/API_ID/routes"),
        ("Bearer eyJhbGciOi.eyJzdWIiOi.c2lnbmVk", "Bearer TOKEN"),
        ("ASIAIOSFODNN7EXAMPLE", "KEY_ID"),
        (
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123",
            "https://cognito-idp.eu-west-1.amazonaws.com/POOL_ID",
        ),
        ("key/1234abcd-12ab-34cd-56ef-1234567890ab", "key/UUID"),
        ("12 times 200 in 1234567890 s", "12 times 200 in 1234567890 s"),
    ],
)
def test_what_is_told_names_no_account_and_opens_nothing(secret: str, shown: str) -> None:
    assert report.redacted(secret) == shown


def test_an_account_is_told_by_its_last_digits() -> None:
    assert str(ACCOUNT) == "…3333"


def test_the_report_is_a_table_of_each_group_with_what_was_expected_and_seen() -> None:
    group = GROUPS[1]
    results = [Result(group.rows[0], Verdict.DIFFERS, "a|b"), Result(group.rows[1], Verdict.NOT_EMULATED, "why")]
    lines = report.page(["2026-11-28"], GROUPS, results).splitlines()
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines if line.startswith("|")]

    assert lines[0] == "# What AWS shows"
    assert [line for line in lines if line.startswith("## ")] == [f"## {group.name}"]
    assert "1 different, 1 not emulated." in lines
    assert [(row[0], row[1], row[4]) for row in cells[2:]] == [
        ("✗", group.rows[0].name, "a\\|b"),
        ("-", group.rows[1].name, "not emulated: why"),
    ]


def test_the_bill_adds_up_and_each_part_adds_to_it() -> None:
    lines = [float(cell) for cell in re.findall(r"\$([\d.]+) +\|$", spend.bill(PARTS), re.MULTILINE)]

    assert lines
    assert f"**${sum(lines):.2f}**" in spend.bill(PARTS)
    assert all(spend.total(PARTS - {part}) < spend.total(PARTS) for part in ("dashboard", "provisioned", "keyed"))

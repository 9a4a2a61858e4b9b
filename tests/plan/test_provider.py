"""The stand-in for the AWS provider, which the other tests take, changes nothing but the time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from tests.plan.offline import NOBODY, OVERRIDE, plan, stack, terraform
from tests.plan.test_platform import EVERYTHING
from tests.plan.test_refusals import write_stack


def test_a_plan_with_the_stand_in_is_the_providers_own(
    checkout: Path, provider: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []
    for name in ("stand-in", "own"):
        directory = tmp_path / name
        directory.mkdir()
        server = REPOSITORY / "examples/basic/server"
        calls = {front: EVERYTHING | {"front": front, "source_dir": str(server)} for front in ("http", "rest")}
        write_stack(calls, checkout, directory)
        plans.append(plan(stack(directory)))
        for variable in provider:
            monkeypatch.delenv(variable, raising=False)

    assert plans[0] == plans[1] != {}


def test_a_provider_is_used_again_where_the_same_one_is_wanted(
    provider: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sockets = Path(provider["TF_CLI_CONFIG_FILE"]).parent
    (tmp_path / "main.tf").write_text('provider "aws" {}\n\nresource "aws_cloudwatch_log_group" "server" {}\n')
    shutil.copy(OVERRIDE, tmp_path)
    terraform("init", directory=tmp_path)
    started = []
    for region in ("eu-west-1", "eu-west-1", "eu-north-1"):
        monkeypatch.setitem(NOBODY, "AWS_REGION", region)
        before = set(sockets.glob("plugin*"))
        assert terraform("plan", directory=tmp_path).returncode == 0
        started.append(len(set(sockets.glob("plugin*")) - before))

    assert started == [1, 0, 1]


def test_what_stands_in_is_no_file_with_the_name_of_a_provider(provider: dict[str, str]) -> None:
    (named,) = Path(provider["TF_CLI_CONFIG_FILE"]).parent.glob("mirror/**/terraform-provider-aws_v*")

    assert named.is_symlink()

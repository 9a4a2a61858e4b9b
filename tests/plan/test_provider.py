"""The stand-in for the AWS provider, which the other tests take, changes nothing but the time."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from tests.plan.offline import plan, stack
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

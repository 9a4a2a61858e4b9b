"""What a deployed function carries and imports: counts, which are the same on every machine, as seconds are not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import cold, processes, warm
from benchmarks.zips import OFFICIAL, TOOLS, Zip, make_writable, ours
from events import modern, tool_call

ZIP_BYTES = 9_900_000  # 9,795,671 for Python 3.11 on x86_64
MODULES = 715  # 700 there, those of the standard library included


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zip]:
    """The zip of the benchmarks, for this machine."""
    work = tmp_path_factory.mktemp("lean")
    yield ours(work / "zip", [OFFICIAL, TOOLS])
    make_writable(work)


@pytest.fixture(scope="module")
def called(function: Zip) -> dict[str, Any]:
    """What came of the first call of a fresh process; see benchmarks/probes/first_call.py."""
    return processes.first_call(function, tool_call(modern, cold.TOOL, **cold.ARGUMENTS), watch=True)


def test_the_zip_has_grown_only_on_purpose(function: Zip) -> None:
    assert function.zipped_bytes <= ZIP_BYTES


def test_the_first_call_needs_more_modules_only_on_purpose(called: dict[str, Any]) -> None:
    assert len(called["modules"]) <= MODULES


def test_warm_calls_leave_no_objects_behind(function: Zip) -> None:
    assert warm.memory(function, calls=2_000, every=1_000)["objects_a_call"] < 0.5  # some hundred come and go

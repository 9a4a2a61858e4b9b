"""What a deployed function carries and imports: counts, which are the same on every machine, as seconds are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import cold, processes, warm
from benchmarks.zips import LOCK, OFFICIAL, TOOLS, Zip, make_writable, ours, usual
from lab.events import modern, tool_call

MODULES = 495  # 491 on Python 3.11, those of the standard library included
MODELS = 12  # 10; the protocol has some 500, and the first call uses some 200, whose schemas the build has made

TEXTS = 230  # 218 on Python 3.11, mostly annotations that Pydantic has as texts; without those of the build 810


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


def test_the_first_call_needs_more_modules_only_on_purpose(called: dict[str, Any]) -> None:
    assert len(called["modules"]) <= MODULES


def test_the_first_call_collects_the_fields_of_few_models(called: dict[str, Any]) -> None:
    assert called["models"] <= MODELS


def test_the_first_call_compiles_few_texts_as_the_build_has_compiled_the_others(called: dict[str, Any]) -> None:
    assert called["texts"] <= TEXTS


def test_warm_calls_leave_no_objects_behind(function: Zip) -> None:
    stayed = warm.memory(function, list(warm.EVENTS.values()), calls=2_000, every=1_000)

    assert stayed["objects_a_call"] < 0.5  # some hundred come and go


def test_the_zip_is_at_most_three_quarters_of_what_pip_installs_though_it_has_bytecode(
    function: Zip, tmp_path: Path
) -> None:
    installed = usual(tmp_path / "zip", LOCK, [OFFICIAL, TOOLS])
    make_writable(tmp_path)

    assert function.zipped_bytes <= 0.75 * installed.zipped_bytes


def test_the_first_call_compiles_nothing_of_the_zip(called: dict[str, Any]) -> None:
    assert not called["compiled"]


@pytest.mark.parametrize("module", ["fastapi", "httpx2", "mcp.client", "mcp_lambda_host.sdk.sdk_1", "uvicorn"])
def test_the_first_call_never_imports_what_only_others_need(called: dict[str, Any], module: str) -> None:
    assert not [name for name in called["modules"] if f"{name}.".startswith(f"{module}.")]

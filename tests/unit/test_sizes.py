"""Which memory size is advised, and what is said of an answer that is none."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from benchmarks.memory import main
from benchmarks.reports import Report
from benchmarks.sizes import Size, compared
from benchmarks.tool_call import refused


def sized(memory: int, cold: float, warm: float) -> Size:
    """A size of which one cold and one warm call were measured; the cold one spends its time with the start."""
    return Size(memory, "arm64", [Report(warm, round(cold + warm), cold)], [Report(warm, round(warm))])


def test_a_tool_that_waits_is_advised_the_smallest_size() -> None:
    sizes = [sized(256, 2000, 300), sized(1024, 600, 290), sized(3008, 500, 288)]

    assert "Take memory_mb = 256; it is 1024." in compared(sizes, 1024)


def test_a_tool_that_computes_is_advised_the_size_that_is_faster_for_the_same_money() -> None:
    sizes = [sized(256, 2000, 800), sized(512, 1000, 400), sized(1024, 500, 200), sized(3008, 450, 120)]

    assert "Take memory_mb = 1024; it is 256." in compared(sizes, 256)


def test_a_quick_tool_is_advised_the_size_with_the_shorter_start() -> None:
    sizes = [sized(256, 3000, 2), sized(512, 1500, 2), sized(1024, 700, 2)]

    assert "Take memory_mb = 1024; it is 256." in compared(sizes, 256)


def test_a_million_calls_cost_their_requests_and_their_billed_milliseconds() -> None:
    # 0.99 × 100 + 0.01 × 1100 = 110 ms of 1 GB: a million are $1.47 at $0.0000133334; $1.00 and $0.20 for requests.
    assert round(sized(1024, 1000, 100).dollars, 2) == 2.67


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "no HTTP response: null"),
        ({"errorMessage": "Task timed out"}, 'no HTTP response: {"errorMessage": "Task timed out"}'),
        ({"statusCode": 421, "body": "foreign"}, "421: foreign"),
        ({"statusCode": 200, "body": "<html>"}, "no MCP message: <html>"),
        ({"statusCode": 200, "body": "[]"}, "no MCP message: []"),
        ({"statusCode": 200, "body": '{"error": {"message": "too slow"}}'}, "with an error: too slow"),
        ({"statusCode": 200, "body": 'event: message\ndata: {"result": {"content": []}}\n\n'}, None),
    ],
)
def test_what_is_no_result_of_a_tool_is_named(answer: Any, says: str | None) -> None:
    assert refused(json.loads(json.dumps(answer))) == says


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--sizes 512", "--sizes has .512., but must be two different sizes or more: there is nothing to compare."),
        ("--sizes 512 512", "--sizes has .512, 512., but must be two different sizes or more: .*"),
        ("--sizes 64 512", "--sizes has .64, 512., but Lambda gives a function 128 to 10240 MB."),
        ("--warm 0", "--rounds and --warm must be 1 or more: without a call there is no median."),
        ("--warm 100", "that makes 1010 calls, but no more than 1000 are made: take fewer sizes, rounds or .*"),
        ("[1]", "argument ARGUMENTS: '.1.' is not a JSON object, such as .*"),
        ("{x", "argument ARGUMENTS: invalid JSON object value: '{x'"),
    ],
)
def test_a_command_that_cannot_be_is_refused_before_anything_is_called(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["toolbox", "add", *words.split()])

    assert ended.value.code == 2
    assert re.fullmatch(f"python -m benchmarks.memory: {says}\n", capsys.readouterr().err)

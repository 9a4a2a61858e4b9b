"""The log is short for people, and JSON for everything else."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from serving.terminal import Terminal, with_own_paths

REQUEST = {
    "timestamp": "2026-11-28T05:05:44.123Z",
    "level": "INFO",
    "era": "2026-07-28",
    "tool": "price",
    "outcome": "ok",
    "durationMs": 9.6,
    "coldStart": True,
    "arguments": '{"long": true}',
}
ERROR = {
    "timestamp": "2026-11-28T05:05:44.123Z",
    "level": "ERROR",
    "message": "Tool 'price' raised",
    "logger": "mcp.server",
    "stackTrace": [
        '  File "/task/mcp/server.py", line 1, in call\n',
        '  File "/home/me/server.py", line 3, in price\n',
    ],
    "errorType": "KeyError",
    "errorMessage": "'apple'",
}


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(output: io.StringIO, *lines: str) -> list[str]:
    terminal = Terminal(output)
    for line in lines:
        terminal.log(line, Path("/task"))
    return output.getvalue().splitlines()


@pytest.fixture(autouse=True)
def _colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_a_file_gets_the_lines_as_they_are() -> None:
    lines = [json.dumps(REQUEST), json.dumps(ERROR), "printed by the author"]

    assert shown(io.StringIO(), *lines) == lines


def test_a_screen_gets_a_request_in_short_and_in_colour() -> None:
    (line,) = shown(Screen(), json.dumps(REQUEST))

    assert line.endswith("m tools/call price  \033[32mok\033[0m  10 ms  \033[2mcold start\033[0m")


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    (line,) = shown(Screen(), json.dumps(REQUEST))

    assert line.endswith(" tools/call price  ok  10 ms  cold start")
    assert "\033" not in line


def test_a_screen_gets_the_authors_own_lines_of_a_traceback_alone() -> None:
    _, *trace = shown(Screen(), json.dumps(ERROR))

    assert trace == ['  File "/home/me/server.py", line 3, in price', "KeyError: 'apple'"]


@pytest.mark.parametrize("logger", ["mangum.http", "mcp.server.streamable_http"])
def test_what_libraries_say_of_each_request_is_left_out(logger: str) -> None:
    record = {"timestamp": REQUEST["timestamp"], "level": "INFO", "message": "POST /mcp 200", "logger": logger}

    assert shown(io.StringIO(), json.dumps(record)) == []


@pytest.mark.parametrize(
    "line", ["", "{", "[1]", '{"timestamp": 1}', '{"logger": "x"}', '{"logger": 1}', '"text"', json.dumps({"a": 1})]
)
def test_what_the_author_prints_is_shown_as_it_is(line: str) -> None:
    assert shown(Screen(), line) == [line]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("at /task/server.py line 1: x", "at /home/me/server.py line 1: x"),
        ('{"trace": "File \\"/task/lib/a.py\\", line 2"}', '{"trace": "File \\"/home/me/lib/a.py\\", line 2"}'),
        ("at /task/mcp/server.py line 1", "at /task/mcp/server.py line 1"),
        ("at /taskforce/server.py", "at /taskforce/server.py"),
    ],
)
def test_a_copy_of_the_authors_file_has_the_name_of_the_file(line: str, expected: str) -> None:
    files: dict[str, Any] = {name: Path("/home/me") / name for name in ("server.py", "lib/a.py")}

    assert with_own_paths(line, Path("/task"), files) == expected

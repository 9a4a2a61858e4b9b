"""A sampled call of a tool is a subsegment for the X-Ray daemon."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.events import MODERN, Event, handshake, modern, tool_call
from tests.unit.conftest import Deploy
from tests.unit.test_log import SHOP
from tests.unit.test_start import FUNCTION

SAMPLED = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0"


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where the daemon listens, on loopback; Lambda tells its address to the function."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.setblocking(False)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "{}:{}".format(*listening.getsockname()))
        yield listening


def received(daemon: socket.socket) -> list[dict[str, Any]]:
    """The documents that have come since; on loopback they are there when they are sent."""
    documents: list[dict[str, Any]] = []
    while True:
        try:
            header, _, document = daemon.recv(65_536).partition(b"\n")
        except BlockingIOError:
            return documents
        assert json.loads(header) == {"format": "json", "version": 1}
        documents.append(json.loads(document))


def test_a_call_is_a_subsegment_of_the_invocation(
    deploy: Deploy, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    function = deploy(SHOP, tracing=True)
    begun = time.time()
    function(tool_call(modern, "add", a=1, b=2))

    (subsegment,) = received(daemon)
    assert begun <= subsegment.pop("start_time") <= subsegment.pop("end_time") <= time.time() + 0.001
    assert len(bytes.fromhex(subsegment.pop("id"))) == 8
    assert subsegment == {
        "type": "subsegment",
        "name": "add",
        "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
        "parent_id": "53995c3f42cd8ad8",
        "error": False,
        "fault": False,
        "annotations": {"outcome": "ok", "era": MODERN},
    }


def test_it_says_whether_the_tool_or_the_server_failed(
    deploy: Deploy, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    function = deploy(SHOP, tracing=True)
    function(tool_call(handshake, "fail", reason="no stock"))
    function(tool_call(modern, "wait"), seconds=0.7)
    function(tool_call(modern, "invented <by> a client"))

    told = [(s["name"], s["error"], s["fault"], s["annotations"]["outcome"]) for s in received(daemon)]
    assert told == [
        ("fail", True, False, "tool_error"),
        ("wait", False, True, "deadline"),
        ("tools/call", True, False, "error"),
    ]


@pytest.mark.parametrize("header", [SAMPLED.replace("Sampled=1", "Sampled=0"), "", "Root", None])
def test_what_is_not_sampled_is_not_sent(
    deploy: Deploy, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, header: str | None
) -> None:
    if header is not None:
        monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    deploy(SHOP, tracing=True)(tool_call(modern, "add", a=1, b=2))

    assert received(daemon) == []


@pytest.mark.parametrize("event", [modern("tools/list"), handshake("ping")], ids=["list", "ping"])
def test_other_methods_are_not_sent(
    deploy: Deploy, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch, event: Event
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    deploy(SHOP, tracing=True)(event)

    assert received(daemon) == []


def test_a_daemon_that_is_away_costs_no_call(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", SAMPLED)
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", "127.0.0.1:9")
    function = deploy(SHOP, tracing=True)

    assert [function(tool_call(modern, "add", a=1, b=2))["statusCode"] for _ in range(3)] == [200] * 3


def test_what_is_off_is_not_imported() -> None:
    program = "import sys, mcp_lambda_host.environment; print('mcp_lambda_host.telemetry.tracing' in sys.modules)"

    ran = subprocess.run([sys.executable, "-c", program], cwd=FUNCTION, capture_output=True, text=True)

    assert ran.stdout == "False\n"

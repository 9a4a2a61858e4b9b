from __future__ import annotations

import itertools
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from typing import Any, Protocol, TextIO, cast

import pytest
from mangum.types import LambdaContext

from lab.events import Context, Event
from lab.settings import settings
from mcp_lambda_host import environment, own_log
from mcp_lambda_host.environment import INIT_SECONDS, Environment
from mcp_lambda_host.errors import StartError
from tests.aws_services import CREDENTIALS, Services, running

Answer = dict[str, Any]
NUMBER = itertools.count()
LIVING: list[Environment] = []
"""An environment lives as long as its process, here as on Lambda."""


class Function(Protocol):
    """A function in one execution environment: called with an event, answers as to the gateway."""

    def __call__(self, event: Event, seconds: float = 30.0) -> Answer: ...


Deploy = Callable[..., Function]


class RequestLines(logging.StreamHandler[TextIO]):
    """Writes request lines alone."""

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, "line"):
            self.stream.write(f"{record.line}\n")


class Others(logging.Handler):
    """Passes the host's other records on to where pytest keeps those of `logging`."""

    def __init__(self, kept: logging.Handler) -> None:
        super().__init__()
        self.kept = kept

    def emit(self, record: logging.LogRecord) -> None:
        if not hasattr(record, "line"):
            self.kept.handle(record)


@pytest.fixture(scope="session", autouse=True)
def many_threads() -> Iterator[None]:
    """Have the limit of an environment's threads leave room for those of all tests, which share this process."""
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(environment, "MOST_THREADS", 100_000)
        yield


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Deploy]:
    """Start an environment around the source of an author's module, as its initialisation phase does."""

    def start(source: str, attribute: str = "mcp", init_seconds: float = INIT_SECONDS, **changes: Any) -> Function:
        module = f"author_{next(NUMBER)}"
        (tmp_path / f"{module}.py").write_text(dedent(source))
        monkeypatch.syspath_prepend(tmp_path)
        entrypoint = changes.pop("entrypoint", f"{module}:{attribute}")
        started = Environment(settings(entrypoint=entrypoint, **changes), os.environ)
        LIVING.append(started)
        own_log.logger.handlers = [RequestLines(sys.stdout), Others(caplog.handler)]
        with suppress(StartError):
            started.open(init_seconds)
            started.rehearse()
        return lambda event, seconds=30.0: started.answer(event, cast(LambdaContext, Context(seconds)))

    monkeypatch.setattr(own_log.logger, "handlers", [])
    yield start
    for name in [name for name in sys.modules if name.startswith("author_")]:
        del sys.modules[name]


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """What the host takes for AWS."""
    state = Services()
    with running(state):
        monkeypatch.setenv("AWS_ENDPOINT_URL", state.url)
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        yield state

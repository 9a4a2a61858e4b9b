"""One round of a task in the worker: a call of a tool whose answer goes to the table."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from starlette.types import Scope

from mcp_lambda_aws.service import ServiceError

from ..messages import parse_response
from ..own_log import logger
from ..sdk.extensions import ReportingSession
from ..settings import TaskSettings
from ..telemetry.calls import Call
from .events import TASK, key_in, round_of
from .outcomes import Outcome, failure, outcome_of
from .store import OPEN, Store, Task, TooLargeError

WORK = "mcp_lambda_host.work"
"""Key of the `Work` in the ASGI scope."""

RESERVE_SECONDS = 3.0
"""Kept of the worker's time to write that a tool was too late: Lambda kills without a word."""

BEAT_SECONDS = 5.0
"""How often a worker says that it is alive and asks whether its task is still wanted; each is a write."""

GAP_SECONDS = 1.0
"""Least time between two of these, however often a tool reports."""

LEAST_SECONDS = 1.5
"""With less time left nothing is tried again."""

MOST_PAUSE = 10.0

LONGEST_MESSAGE = 1000
"""Characters of a tool's report that are kept."""


class Work:
    """A round that this worker has claimed.

    Args:
        store: Keeps the task.
        task: As it was claimed.

    Attributes:
        task: As it was claimed.
        stop: Is done once the task is no longer wanted: its client has cancelled it.
        state: What the tool wants to be told when it is called anew.
    """

    def __init__(self, store: Store, task: Task) -> None:
        self.task = task
        self.stop: Future[None] = Future()
        self.state: str | None = None
        self._store = store
        self._message: str | None = None
        self._news = threading.Event()
        self._ended = threading.Event()

    def report(self, text: str) -> None:
        """Take what the tool reports for the task's status message."""
        self._message = text[:LONGEST_MESSAGE]
        self._news.set()

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Say for as long as this lasts that the worker is alive, from a thread: a tool may block the event loop."""
        threading.Thread(target=self._beat, name="task-lease", daemon=True).start()
        try:
            yield
        finally:
            self._ended.set()
            self._news.set()

    def _beat(self) -> None:
        while True:
            self._news.wait(BEAT_SECONDS)
            if self._ended.is_set():
                return
            self._news.clear()
            message, self._message = self._message, None
            try:
                wanted = self._store.renew(self.task.id, self.task.worker or "", message)
            except ServiceError as error:
                logger.warning("The task goes on, although nobody could be told so: %s", error)
                self._message = self._message or message
            else:
                if wanted is None:
                    self.stop.set_result(None)
                    return
            if self._ended.wait(GAP_SECONDS):
                return


class Rounds:
    """SDK middleware that gives a tool the answers of its client, and takes its reports and its state.

    It stands inside the SDK's own that seals request state: the table is not the client, and a seal would end before
    the client has answered.
    """

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer one message."""
        work: Work | None = ctx.request.scope.get(WORK) if ctx.request else None
        if work is None or ctx.method != "tools/call":
            return await call_next(ctx)
        task = work.task
        own = len(key_in(task.round, ""))
        given = {"inputResponses": {key[own:]: answer for key, answer in task.answers.items()}} if task.answers else {}
        state = {"requestState": task.state} if task.state is not None else {}
        params = {**(ctx.params or {}), **given, **state}
        result = await call_next(replace(ctx, params=params, session=ReportingSession(ctx.session, work.report)))
        if isinstance(result, dict) and result.get("resultType") == "input_required":
            work.state = result.pop("requestState", None)
        return result


def perform(
    settings: TaskSettings,
    variables: Mapping[str, str],
    scope: Scope,
    call: Call,
    seconds_left: Callable[[], float],
    answer: Callable[[Work], dict[str, Any]],
) -> None:
    """Claim a round, run it, and keep what came of it.

    Args:
        settings: Where tasks are kept.
        variables: The process's environment variables.
        scope: The ASGI scope of the client's request; gets the `Work`.
        call: Learns what came of the task.
        seconds_left: Time until Lambda ends the invocation.
        answer: Gives the proxy response to the request; may end the process.

    Raises:
        ServiceError: The table cannot be reached for as long as this invocation may last.
    """
    call.in_worker = True
    event = scope["aws.event"]
    named = round_of(event)
    if named is None:
        logger.error("This function runs tasks alone, and the event is for none.")
        return
    task_id, round_ = named
    store = Store(settings, variables, pauses=lambda: growing_pauses(seconds_left))
    task = store.claim(task_id, round_, secrets.token_hex(8))
    if task is None:
        logger.info("Round %s of the task has begun before, or the task is over: nothing is done.", round_)
        call.outcome = "duplicate"
        call.note_task(task_id)
        return
    scope[WORK] = work = Work(store, task)
    with work.alive():
        try:
            response = answer(work)
        except BaseException:
            keep(store, task, failure(500, "The worker had to end."))
            raise
        outcome = outcome_of(parse_response(response["body"]))
        if work.stop.done():
            ended = None
        elif outcome.get("result", {}).get("resultType") == "input_required":
            ended = park(store, work, outcome["result"].get("inputRequests") or {}, event)
        else:
            ended = keep(store, task, outcome)
    is_over = ended is not None and ended.status not in OPEN
    age = store.clock() - task.created if is_over else None
    call.note_task(task.id, ended.status if ended else "given up", age)


def park(store: Store, work: Work, questions: Mapping[str, Any], event: Mapping[str, Any]) -> Task | None:
    """Have the task wait for its client; None: it is over."""
    task = work.task
    context = {name: value for name, value in event["requestContext"].items() if name != TASK}
    asked = {key_in(task.round + 1, key): question for key, question in questions.items()}
    try:
        return store.park(task.id, task.worker or "", asked, work.state, {**event, "requestContext": context})
    except TooLargeError as error:
        what = "The request and what the tool asks its client have"
        return store.finish(task.id, task.worker or "", too_large(what, error))


def keep(store: Store, task: Task, outcome: Outcome) -> Task | None:
    """End the task with its outcome; None: it is over already."""
    try:
        return store.finish(task.id, task.worker or "", outcome)
    except TooLargeError as error:
        return store.finish(task.id, task.worker or "", too_large("The result has", error))


def too_large(what: str, error: TooLargeError) -> Outcome:
    """The outcome that names the sizes of what could not be kept."""
    said = f"{what} {error.size:,} bytes, {error.compressed:,} compressed, and a task keeps {error.limit:,}: "
    data = {"bytes": error.size, "compressedBytes": error.compressed, "limitBytes": error.limit}
    return failure(413, f"{said}return less at a time.", **data)


def growing_pauses(seconds_left: Callable[[], float]) -> Iterator[float]:
    """Pauses between attempts, for as long as there is time for one more."""
    pause = 0.2
    while seconds_left() > LEAST_SECONDS + pause:
        yield pause
        pause = min(2 * pause, MOST_PAUSE)

"""The event loop on which the application lives."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from anyio import to_thread
from mangum.exceptions import LifespanFailure
from mangum.protocols import HTTPCycle, LifespanCycle
from mangum.protocols.http import HTTPCycleState
from mangum.types import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .errors import LateStartError, StartError

T = TypeVar("T")
EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?:: |$)")
"""Matches the line of a traceback that names the exception."""


LOGGER = logging.getLogger("mangum.http")
"""Mangum's own, by which it tells that the application has failed."""


class LoopEndedError(Exception):
    """The event loop has ended while something waited for it: the author's code has made it exit."""


class StoppedError(Exception):
    """Nobody wants the answer to a request any more."""


class Parts:
    """Collects an answer's body for Mangum, whose own buffer would copy it while the server still has it, too."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes) -> None:
        """Add a part; one that is empty would have the only other one copied."""
        if part:
            self._parts.append(part)

    def getvalue(self) -> bytes:
        """The whole body."""
        return b"".join(self._parts)

    def close(self) -> None:
        """Let go of the parts."""
        self._parts.clear()


class Messages:
    """Gives the application its request and the end of it; Mangum's own queue takes some thirty functions for that."""

    def __init__(self, body: bytes) -> None:
        self._request: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        self._last: asyncio.Future[Message] = asyncio.get_running_loop().create_future()

    async def get(self) -> Message:
        """The request at first, then the last message, as often as it is asked for."""
        return self._request.pop() if self._request else await asyncio.shield(self._last)

    async def put(self, message: Message) -> None:
        """Add the last message."""
        self._last.set_result(message)


class Cycle(HTTPCycle):
    """Mangum's one request and its answer, with a buffer and a queue that cost less."""

    def __init__(self, scope: Scope, body: bytes) -> None:
        self.scope = scope
        self.state = HTTPCycleState.REQUEST
        self.logger = LOGGER
        self.buffer = Parts()  # type: ignore[assignment] # has what Mangum uses of a buffer
        self.app_queue = Messages(body)  # type: ignore[assignment] # and of a queue


class Runner:
    """One event loop in a thread of its own, with the author's lifespan open on it until it is abandoned.

    Mangum alone opens the lifespan anew for each event, but the SDK's session manager may run only once. And on a loop
    in the handler's own thread, a tool that blocks it would block the deadline too.

    Code that is bound to the thread that imported it works, as under uvicorn: the author's module is imported there.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._cycle_of_lifespan: LifespanCycle | None = None
        self._abandoned = asyncio.Event()
        self._ended: Future[None] = Future()
        self._waiting: set[SimpleQueue[Any]] = set()

    def start(self, load: Callable[[], T]) -> T:
        """Start the loop's thread, and have a function called there before the loop turns.

        The function may run a loop of its own. Context variables that it sets hold for what the caller does next, and
        so for requests. What it raises is raised here, and the thread ends.

        Raises:
            StartError: The process can start no more threads.
        """
        context = copy_context()
        loaded: Future[T] = Future()
        live = partial(self._live, partial(context.run, load), loaded)
        try:
            threading.Thread(target=live, name="mcp-event-loop", daemon=True).start()
        except RuntimeError as error:
            alive = threading.active_count()
            raise StartError(f"The server has no thread to run on: {error}; {alive} are alive.") from None
        found = loaded.result()
        for variable, value in context.items():
            if variable.get(None) is not value:
                variable.set(value)
        return found

    def open(self, app: ASGIApp, *, lifespan: ASGIApp, seconds: float) -> None:
        """Open the author's lifespan.

        Args:
            app: Serves the requests.
            lifespan: The author's application; what is mounted in another never sees the lifespan of its own.
            seconds: How long the lifespan may take to start.

        Raises:
            StartError: The lifespan failed, or did not start within `seconds`.
        """
        self.app = app
        try:
            self.state = self.run(self._open(lifespan), seconds)
        except TimeoutError:
            raise LateStartError(f"The server's lifespan failed at start: not started within {seconds:.1f} s") from None
        except LoopEndedError:
            raise StartError("The server's lifespan failed at start: it has ended the event loop") from None
        except LifespanFailure as error:
            raise StartError(f"The server's lifespan failed at start: {_cause(str(error))}") from None

    def serve(self, scope: Scope, body: bytes, seconds: float, stop: Future[None] | None = None) -> Response:
        """The application's answer to one request, whole.

        Args:
            scope: The ASGI scope.
            body: The request's body.
            seconds: How long it may take.
            stop: Is done once nobody wants the answer any more.

        Raises:
            StoppedError: Nobody wants it any more; the request is cancelled as after a timeout.
            TimeoutError: There was none within `seconds`. The request is cancelled, but may go on: anyio does not
                abandon the thread of a synchronous tool, and code that blocks the loop cannot be interrupted.
            LoopEndedError: The loop has ended before the application had answered.
        """
        if seconds <= 0:  # not begun, rather than done behind the back of a client that was told it is too late
            raise TimeoutError
        return self.run(self._cycle({**scope, "state": self.state.copy()}, body), seconds, stop)

    def run(self, coroutine: Coroutine[Any, Any, T], seconds: float, stop: Future[None] | None = None) -> T:
        """What a coroutine returns on the loop.

        Raises:
            StoppedError: `stop` was done before it returned, and it is cancelled.
            TimeoutError: It did not return within `seconds`, and is cancelled.
            LoopEndedError: The loop has ended before it returned.
        """
        # Less than half of what asyncio.run_coroutine_threadsafe and concurrent.futures.wait cost, in each request.
        ended: SimpleQueue[asyncio.Future[T] | Future[None]] = SimpleQueue()  # what has come to its end, in this order
        begun: list[asyncio.Task[T]] = []

        def begin() -> None:
            begun.append(self.loop.create_task(coroutine))
            begun[0].add_done_callback(ended.put)

        self._waiting.add(ended)
        try:
            self.loop.call_soon_threadsafe(begin)
            if stop:
                stop.add_done_callback(ended.put)
            first = ended.get(timeout=seconds)
        except RuntimeError:  # the loop has ended
            coroutine.close()
            raise LoopEndedError from None
        except Empty:
            first = None
        finally:
            self._waiting.discard(ended)
        if first is self._ended or (begun and first is begun[0] and first.cancelled()):
            raise LoopEndedError
        if isinstance(first, asyncio.Future):
            return first.result()
        with suppress(RuntimeError):  # as above
            self.loop.call_soon_threadsafe(lambda: begun[0].cancel())
        raise StoppedError if first else TimeoutError

    @property
    def ended(self) -> bool:
        """Whether the author's lifespan, once started, or the loop has come to its end by itself.

        The loop ends with a SystemExit in a task of the author's: asyncio lets that through.
        """
        return self._ended.done() or (self._has_lifespan and self._lifespan.done())

    def responds(self, seconds: float = 0.2) -> bool:
        """Whether the loop still turns and has a thread for a synchronous tool; anyio has 40, late ones keep theirs."""
        try:
            self.run(to_thread.run_sync(lambda: None), seconds)
        except (TimeoutError, LoopEndedError, RuntimeError):  # the last: it has none, and can start no more
            return False
        return True

    def abandon(self) -> None:
        """Close the lifespan and let the thread end, as soon as what blocks the loop returns."""
        if not self._ended.done():
            asyncio.run_coroutine_threadsafe(self._end(), self.loop)

    def rest(self, seconds: float = 2.0) -> bool:
        """Close the lifespan and end what else runs on the loop, which goes on.

        Returns:
            Whether all of it has ended in time. If not, the loop has ended with it.
        """
        with suppress(TimeoutError, LoopEndedError):
            if self.run(self._rest(), seconds):
                return True
        self.abandon()
        wait({self._ended}, seconds)
        return False

    def _live(self, load: Callable[[], T], loaded: Future[T]) -> None:
        asyncio.set_event_loop(self.loop)  # for modules that ask for it, although it does not turn yet
        try:
            try:
                loaded.set_result(load())
            except BaseException as error:
                loaded.set_exception(error)
                return
            # A task for as long as the loop lives, which anyio takes for the owner of its worker threads: else each
            # request would start a thread for its synchronous tool, and end it.
            self._life = self.loop.create_task(self._abandoned.wait())
            self.loop.run_until_complete(self._life)
            self.loop.run_until_complete(_cancel_all_but(None))
        finally:
            self.loop.close()
            self._ended.set_result(None)
            for waiting in list(self._waiting):
                waiting.put(self._ended)

    async def _rest(self) -> bool:
        await self._close_lifespan()
        return await _cancel_all_but(self._life)

    async def _end(self) -> None:
        await self._close_lifespan()
        self._abandoned.set()

    async def _close_lifespan(self) -> None:
        with suppress(LifespanFailure, TimeoutError):
            if self._cycle_of_lifespan:
                await asyncio.wait_for(self._cycle_of_lifespan.shutdown(), timeout=1)

    async def _open(self, lifespan: ASGIApp) -> dict[str, Any]:
        self._cycle_of_lifespan = cycle = LifespanCycle(lifespan, "auto")  # type: ignore[arg-type] # Mangum has other words for it
        self._lifespan = asyncio.create_task(cycle.run())  # kept, since the loop holds its tasks only weakly
        await cycle.startup()
        self._has_lifespan = not self._lifespan.done()
        return cycle.lifespan_state

    async def _cycle(self, scope: Scope, body: bytes) -> Response:
        cycle = Cycle(scope, body)
        await cycle.run(self._until_cancelled)
        if cycle.state is not HTTPCycleState.COMPLETE:
            return {"status": 500, "headers": [], "body": b""}
        headers = [[name, _as_utf8(value)] for name, value in cycle.headers]
        body, cycle.body = cycle.body, b""  # what the server leaves to the garbage collector refers to the cycle
        return {"status": cycle.status, "headers": headers, "body": b"" if scope["method"] == "HEAD" else body}

    async def _until_cancelled(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Mangum would log the end of a late request as a failure of the application, with a traceback.
        try:  # noqa: SIM105  (quicker than suppress)
            await self.app(scope, receive, send)
        except asyncio.CancelledError:
            pass


async def _cancel_all_but(kept: asyncio.Task[Any] | None) -> bool:
    """Cancel what the author's code and libraries have left running; none of it may hold up a snapshot for long.

    Returns:
        Whether all of it has ended.
    """
    left = asyncio.all_tasks() - {asyncio.current_task(), kept}
    for task in left:
        task.cancel()
    if left:
        _, left = await asyncio.wait(left, timeout=0.5)
    return not left


def _as_utf8(value: bytes) -> bytes:
    """The value of a header as Mangum reads it; Starlette writes Latin-1 (RFC 9110 section 5.5)."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1").encode()
    return value


def _cause(traceback: str) -> str:
    """The line that names the exception in the traceback that Starlette reports; the last such line for a group."""
    lines = [line.strip(" |+-") for line in traceback.splitlines()]
    named = [line for line in lines if EXCEPTION.match(line) and "ExceptionGroup" not in line]
    return (named or list(filter(None, lines)) or [""])[-1]

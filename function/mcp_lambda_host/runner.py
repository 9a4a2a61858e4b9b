"""The event loop on which the application lives."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from mangum.exceptions import LifespanFailure
from mangum.protocols import HTTPCycle, LifespanCycle
from mangum.protocols.http import HTTPCycleState
from mangum.types import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from .errors import StartError

T = TypeVar("T")


class Runner:
    """One event loop in a thread of its own, with the author's lifespan open on it until the process ends.

    Mangum alone opens the lifespan anew for each event, but the SDK's session manager may run only once. And on a loop
    in the handler's own thread, a tool that blocks it would block the deadline too.

    Args:
        app: Serves the requests.
        lifespan: The author's application; what is mounted in another never sees the lifespan of its own.
        seconds: For the lifespan to start.

    Raises:
        StartError: The lifespan failed, or did not start within `seconds`.
    """

    def __init__(self, app: ASGIApp, *, lifespan: ASGIApp, seconds: float) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="mcp-event-loop", daemon=True).start()
        try:
            self.state = self._run(self._open(lifespan), seconds)
        except (LifespanFailure, TimeoutError) as error:
            self.abandon()
            # Starlette reports a whole traceback, whose last line has the cause.
            reason = (str(error).strip().splitlines() or [f"not started within {seconds:.1f} s"])[-1]
            raise StartError(f"The server's lifespan failed at start: {reason}") from None

    def serve(self, scope: Scope, body: bytes, seconds: float) -> Response:
        """The application's answer to one request, whole.

        Raises:
            TimeoutError: There was none within `seconds`. The request is cancelled, but may go on: anyio does not
                abandon the thread of a synchronous tool, and code that blocks the loop cannot be interrupted.
        """
        return self._run(self._cycle({**scope, "state": self.state.copy()}, body), seconds)

    def responds(self, seconds: float = 0.2) -> bool:
        """Whether the loop still turns; False while something blocks it."""
        try:
            self._run(asyncio.sleep(0), seconds)
        except TimeoutError:
            return False
        return True

    def abandon(self) -> None:
        """Let the thread end as soon as what blocks the loop returns."""
        self.loop.call_soon_threadsafe(self.loop.stop)

    def _run(self, coroutine: Coroutine[Any, Any, T], seconds: float) -> T:
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise

    async def _open(self, lifespan: ASGIApp) -> dict[str, Any]:
        cycle = LifespanCycle(lifespan, "auto")  # type: ignore[arg-type] # Mangum means the same, said otherwise
        self._lifespan = asyncio.create_task(cycle.run())  # kept, since the loop holds its tasks only weakly
        await cycle.startup()
        return cycle.lifespan_state

    async def _cycle(self, scope: Scope, body: bytes) -> Response:
        cycle = HTTPCycle(scope, body)
        await cycle.run(self._until_cancelled)
        if cycle.state is not HTTPCycleState.COMPLETE:
            return {"status": 500, "headers": [], "body": b""}
        return {"status": cycle.status, "headers": cycle.headers, "body": cycle.body}

    async def _until_cancelled(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Mangum would log the end of a late request as a failure of the application, with a traceback.
        with suppress(asyncio.CancelledError):
            await self.app(scope, receive, send)

"""Sends events to a warm function, in turns with the SDK's own session manager, called as the ASGI application it is.

Job: directory, handler, `events` by name, the `calls` of each in a turn, and how many `turns`. The zip has server:mcp.
Result: by name, of each turn of the function and of the SDK, the `ms` of its calls and the `cpu_ms` of all its threads.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alone import call_function, call_sdk, session_manager
from runtime import end, job, start

Turn = dict[str, Any]

given = job()
handler = start(given["directory"], given["handler"])
events: dict[str, dict[str, Any]] = given["events"]


async def main() -> None:
    """Warm both up with a turn each, then let them take turns."""
    manager = session_manager()
    turns: dict[str, list[list[Turn]]] = {name: [] for name in events}
    async with manager.run():
        for _ in range(given["turns"] + 1):
            for name, event in events.items():
                with turn() as function:
                    function["ms"] = [call_function(handler, event) for _ in range(given["calls"])]
                with turn() as sdk:
                    sdk["ms"] = [await call_sdk(manager, event) for _ in range(given["calls"])]
                turns[name].append([function, sdk])
        end({name: both[1:] for name, both in turns.items()})


@contextmanager
def turn() -> Iterator[Turn]:
    """Add the processor's time that a turn takes."""
    taken: Turn = {}
    begun = time.process_time()
    yield taken
    taken["cpu_ms"] = (time.process_time() - begun) * 1000


asyncio.run(main())

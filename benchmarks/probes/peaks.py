"""Sees how much memory warm calls take at most, in the function and in the SDK's own session manager.

Job: directory, handler, and `events` by name. The zip has server:mcp.
Result: by name, the most `bytes` that Python held during some calls beyond what it held before, and as `sdk_bytes` the
same of the SDK alone.
"""

import asyncio
import gc
import tracemalloc

from alone import ask_sdk, call_function, session_manager
from runtime import end, job, start

given = job()
handler = start(given["directory"], given["handler"])


CALLS = 5
"""So many in a row, since a call may leave something to the garbage collector."""


def begin() -> None:
    """Begin to count what is held."""
    gc.collect()
    tracemalloc.start()


def most() -> int:
    """The most that was held since then."""
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return held


async def main() -> None:
    """Call each once before, as a first call loads what stays."""
    manager = session_manager()
    peaks: dict[str, dict[str, int]] = {}
    async with manager.run():
        for name, event in given["events"].items():
            call_function(handler, event)
            begin()
            for _ in range(CALLS):
                call_function(handler, event)
            peaks[name] = {"bytes": most()}
            await ask_sdk(manager, event)
            begin()
            for _ in range(CALLS):
                await ask_sdk(manager, event)
            peaks[name]["sdk_bytes"] = most()
    end(peaks)


asyncio.run(main())

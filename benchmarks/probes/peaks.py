"""Sees how much memory a warm call takes at most, in the function and in the SDK's own session manager.

Job: directory, handler, and `events` by name. The zip has server:mcp.
Result: by name, the most `bytes` that Python held during a call beyond what it held before, and `sdk_bytes`, as many of
the SDK alone.
"""

import asyncio
import gc
import tracemalloc

from alone import ask_sdk, call_function, session_manager
from runtime import end, job, start

given = job()
handler = start(given["directory"], given["handler"])


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
    """Call each twice, as a first call loads what stays."""
    manager = session_manager()
    peaks: dict[str, dict[str, int]] = {}
    async with manager.run():
        for name, event in given["events"].items():
            call_function(handler, event)
            begin()
            call_function(handler, event)
            peaks[name] = {"bytes": most()}
            await ask_sdk(manager, event)
            begin()
            await ask_sdk(manager, event)
            peaks[name]["sdk_bytes"] = most()
    end(peaks)


asyncio.run(main())

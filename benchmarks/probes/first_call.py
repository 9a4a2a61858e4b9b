"""Starts a function and sends it its first event.

Job: directory, handler, event, and `watch`: whether to see what is compiled, which takes time.
Result: `answered`, the time on the machine's monotonic clock; the `answer`; the `modules` imported; `compiled`, the
files of the zip that were compiled from source; `peak_kb`, the most memory that was resident.
"""

import sys
import time

from runtime import CONTEXT, end, job, memory_kb, start

given = job()
compiled: list[str] = []
if given["watch"]:

    def note(event: str, details: tuple[object, ...]) -> None:
        """Keep the names of files that are compiled; what is made of strings has none in the directory."""
        if event == "compile" and str(details[1]).startswith(given["directory"]):
            compiled.append(str(details[1]))

    sys.addaudithook(note)

answer = start(given["directory"], given["handler"])(given["event"], CONTEXT)
answered = time.monotonic()
end(
    {
        "answered": answered,
        "answer": answer,
        "modules": sorted(sys.modules),
        "compiled": compiled,
        "peak_kb": memory_kb("VmHWM"),
    }
)

"""Starts a function and sends it its first event.

Job: directory, handler, event, and `watch`: whether to see what is compiled, which takes time.
Result: `answered`, the time on the machine's monotonic clock; the `answer`; the `modules` that ran; `compiled`, the
files of the zip that were compiled from source; `peak_kb`, the most memory that was resident.
"""

import sys
import time

from runtime import CONTEXT, end, job, memory_kb, start

given = job()
compiled: list[str] = []
if given["watch"]:

    def note(event: str, details: tuple[object, ...]) -> None:
        """Keep the names of files that an import compiles; anyio, for one, parses its own source to know its names."""
        if event == "compile" and sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
            compiled.append(str(details[1]))

    sys.addaudithook(note)


def imported() -> list[str]:
    """The names of the modules that ran; a lazy one that nobody has used has not."""
    return sorted(name for name, module in sys.modules.items() if type(module).__name__ != "_LazyModule")


answer = start(given["directory"], given["handler"])(given["event"], CONTEXT)
answered = time.monotonic()
end(
    {
        "answered": answered,
        "answer": answer,
        "modules": imported(),
        "compiled": compiled,
        "peak_kb": memory_kb("VmHWM"),
    }
)

"""Starts a function and sends it its first event.

Job: directory, handler, event, and `watch`: whether to see what is compiled, which takes time.
Result: `answered`, the time on the machine's monotonic clock; the `answer`; the `modules` that ran; `compiled`, the
files of the zip that were compiled from source; `texts`, how many texts that are no files were, and regular
expressions; `looked_for`, how many modules Python looked for in the directories of its path; `models`, how many of
Pydantic's have had their fields collected; `peak_kb`, the most memory that was resident.
"""

import sys
import time
from typing import Any

from runtime import CONTEXT, end, job, memory_kb, start

given = job()
compiled: list[str] = []
texts: list[object] = []
looked_for: list[str] = []
if given["watch"]:
    from importlib.machinery import PathFinder
    from re import _compiler  # type: ignore[attr-defined]

    find = PathFinder.find_spec
    parse = _compiler._parser.parse

    def note(event: str, details: tuple[object, ...]) -> None:
        """Keep the names of files that an import compiles; anyio, for one, parses its own source to know its names."""
        if event == "compile" and sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
            compiled.append(str(details[1]))
        elif event == "compile" and details[1] == "<string>":
            texts.append(details[0])

    def parsed(pattern: object, *rest: object) -> object:
        """Keep the text of a regular expression that is compiled."""
        texts.append(pattern)
        return parse(pattern, *rest)

    def found(name: str, *rest: Any) -> object:
        """Keep the name of a module that is looked for."""
        looked_for.append(name)
        return find(name, *rest)

    _compiler._parser.parse = parsed
    PathFinder.find_spec = found  # type: ignore[assignment, method-assign]
    sys.addaudithook(note)


def imported() -> list[str]:
    """The names of the modules that ran; a lazy one that nobody has used has not."""
    return sorted(name for name, module in sys.modules.items() if type(module).__name__ != "_LazyModule")


def models() -> int:
    """How many models know their fields; the host leaves those that nobody has used for later."""
    main = sys.modules.get("pydantic.main")
    found: set[type] = set()
    left = main.BaseModel.__subclasses__() if main else []
    while left:
        model = left.pop()
        if model not in found:
            found.add(model)
            left += model.__subclasses__()
    return sum(isinstance(vars(model).get("__pydantic_fields__"), dict) for model in found)


answer = start(given["directory"], given["handler"])(given["event"], CONTEXT)
answered = time.monotonic()
end(
    {
        "answered": answered,
        "answer": answer,
        "modules": imported(),
        "compiled": compiled,
        "texts": len(texts),
        "looked_for": len(looked_for),
        "models": models(),
        "peak_kb": memory_kb("VmHWM"),
    }
)

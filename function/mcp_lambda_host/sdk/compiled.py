"""What Python compiles at a start beside modules, as the build has compiled it: it takes a sixth of a start.

Python keeps the bytecode of modules, but neither regular expressions nor the methods that dataclasses and named tuples
write for themselves, which are texts until they are compiled. The build takes what a trial start has compiled into the
zip, by its text, from which alone it follows: so no change of the code can make it wrong. This module goes by how
Python's own modules are written inside. Whatever is not kept, or cannot be read, is compiled as ever.
"""

from __future__ import annotations

import collections
import marshal
import re
from collections.abc import Callable, Mapping
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import Any

compiler: Any = re._compiler  # type: ignore[attr-defined]
engine: Any = compiler._sre
compile_plainly = compiler.compile

FILE = f"{__file__.removesuffix('.py')}.marshal"
"""What `Recorder.dump` gives, as the build writes it into the zip."""

VERSION = (MAGIC_NUMBER, engine.MAGIC)
"""What must be the same for compiled code, and for compiled expressions."""

WITHOUT_REFERENCES = 2
"""A version of marshal's format in which the same object gives the same bytes, whoever else refers to its parts."""


class _Plain:
    """Compiles as Python does."""

    def code(self, mode: str, text: str) -> CodeType:
        """The code of a text; `mode` is that of the function `compile`."""
        return compile(text, "<string>", mode, dont_inherit=True)

    def pattern(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """The regular expression of a text, or of what has been parsed already."""
        found: re.Pattern[Any] = compile_plainly(pattern, flags)
        return found


class Kept(_Plain):
    """Gives what is kept, until `settle`."""

    def __init__(self) -> None:
        self._refusal = ""
        self._codes: Mapping[tuple[str, str], bytes] = {}
        self._patterns: Mapping[tuple[Any, int], bytes] = {}
        try:
            with open(FILE, "rb") as file:
                version, codes, patterns = marshal.load(file)  # noqa: S302  (part of the zip, as the code is)
            if version != VERSION:
                raise ImportError("it is of another Python")
            self._codes, self._patterns = codes, patterns
            _compile_by(self)
        except FileNotFoundError:  # the build had no Python of the target to start the server with
            return
        except Exception as error:
            self._give_up(error)

    def code(self, mode: str, text: str) -> CodeType:
        """The kept code of a text, or one that is compiled now."""
        if kept := self._codes.get((mode, text)):
            try:
                code: CodeType = marshal.loads(kept)  # noqa: S302
                return code
            except Exception as error:
                self._give_up(error)
        return super().code(mode, text)

    def pattern(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """The kept expression of a text, or one that is compiled now."""
        if type(pattern) in (str, bytes) and (kept := self._patterns.get((pattern, flags))):
            try:
                expression: re.Pattern[Any] = engine.compile(pattern, *marshal.loads(kept))  # noqa: S302
                return expression
            except Exception as error:
                self._give_up(error)
        return super().pattern(pattern, flags)

    def settle(self) -> None:
        """Have Python compile by itself again, and log why what is kept did not do, if it did not."""
        from ..own_log import logger  # not before, as it compiles expressions itself

        _compile_plainly()
        self._codes, self._patterns = {}, {}
        if self._refusal:
            logger.warning("Regular expressions and methods of dataclasses were compiled anew: %s", self._refusal)

    def _give_up(self, error: Exception) -> None:
        self._refusal = f"{type(error).__name__}: {error}"
        self._codes, self._patterns = {}, {}


class Recorder(_Plain):
    """Notes what is compiled."""

    def __init__(self) -> None:
        self._is_noted: Callable[[object], bool] = lambda _: True
        self._codes: dict[tuple[str, str], bytes] = {}
        self._patterns = {(pattern, int(flags)) for _, pattern, flags in re._cache}  # type: ignore[attr-defined]

    def note_constants(self) -> None:
        """Note expressions only where they stand in the code: an author's may be made of what no other start has."""
        from .hooks import is_constant  # not before, as it compiles expressions itself

        self._is_noted = is_constant

    def code(self, mode: str, text: str) -> CodeType:
        """The code of a text, which is noted."""
        code = super().code(mode, text)
        self._codes[mode, text] = marshal.dumps(code, WITHOUT_REFERENCES)
        return code

    def pattern(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        """The regular expression of a text, which is noted."""
        found = super().pattern(pattern, flags)  # which refuses one that is wrong
        if type(pattern) in (str, bytes) and self._is_noted(pattern):
            self._patterns.add((pattern, int(flags)))  # Python 3.13 has a 0 of a type of its own
        return found

    def dump(self) -> bytes:
        """What was noted, for `FILE`."""
        patterns = {key: _parts(*key) for key in sorted(self._patterns, key=repr)}
        kept = {key: marshal.dumps(parts, WITHOUT_REFERENCES) for key, parts in patterns.items() if parts}
        return marshal.dumps((VERSION, dict(sorted(self._codes.items())), kept), WITHOUT_REFERENCES)


def record() -> Recorder:
    """Note from now on what is compiled."""
    recorder = Recorder()
    _compile_by(recorder)
    return recorder


def _compile_by(source: _Plain) -> None:
    def run(text: str, globals: dict[str, Any], locals: Any = None) -> None:
        exec(source.code("exec", text), globals, locals)  # noqa: S102

    def evaluate(text: str, globals: dict[str, Any]) -> Any:
        return eval(source.code("eval", text), globals)  # noqa: S307

    compiler.compile = source.pattern
    collections.eval = evaluate  # type: ignore[attr-defined]
    import dataclasses  # not before, as it brings much that is compiled

    dataclasses.exec = run  # type: ignore[attr-defined]


def _compile_plainly() -> None:
    import dataclasses

    compiler.compile = compile_plainly
    for module, name in ((dataclasses, "exec"), (collections, "eval")):
        vars(module).pop(name, None)


def _parts(pattern: Any, flags: int) -> tuple[Any, ...] | None:
    """What an expression is made of, None if that depends on where it is compiled."""
    parsed = compiler._parser.parse(pattern, flags)
    flags |= parsed.state.flags
    if flags & (re.LOCALE | re.DEBUG):
        return None
    names = [None] * parsed.state.groups
    for name, group in parsed.state.groupdict.items():
        names[group] = name
    code = list(map(int, compiler._code(parsed, flags)))
    return int(flags), code, parsed.state.groups - 1, dict(parsed.state.groupdict), tuple(names)

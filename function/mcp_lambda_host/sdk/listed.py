"""Modules found where the build has put them: Python looks for each in the directories of `sys.path`, at every start.

That takes a twenty-fifth of it. The build lists the modules of packages that it has compiled, and this finder reads
the bytecode of each at once. It works only until the host is imported: what the author's code does to `sys.path` later
holds. What is not in the list, or not where it says, is looked up as ever. This module goes by how Python's import
system is written inside.
"""

from __future__ import annotations

import _imp
import json
import marshal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType

from ..own_log import logger

FILE = f"{__file__.removesuffix('.py')}.json"
"""Whether each module of a package that has bytecode is a package itself, by its name, as the build writes it."""

ROOT = __file__.rsplit("/", 3)[0]

UNCHECKED = MAGIC_NUMBER + b"\1\0\0\0"
"""How bytecode begins that is loaded without a look at its source (PEP 552)."""

HEADER_BYTES = 16


@contextmanager
def listed_modules() -> Iterator[None]:
    """Have the modules of the list found without looking for them."""
    finder = _Finder()
    if finder.modules and sys.path[0] == ROOT:  # otherwise others may come first
        sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)


class _Finder:
    def __init__(self) -> None:
        self.modules: dict[str, bool] = {}
        try:
            with open(FILE, "rb") as file:
                self.modules = json.load(file)
        except FileNotFoundError:  # the build had no Python that could compile
            return
        except ValueError as error:
            self._give_up(error)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Where a module of the list is."""
        is_package = self.modules.get(name)
        if is_package is None:
            return None
        place = f"{ROOT}/{name.replace('.', '/')}"
        if path is not None and [*path][:1] != [place.rpartition("/")[0]]:  # a package may look elsewhere
            return None
        folder, _, stem = f"{place}/__init__".rpartition("/") if is_package else place.rpartition("/")
        try:
            with open(f"{folder}/__pycache__/{stem}.{sys.implementation.cache_tag}.pyc", "rb") as file:
                bytecode = file.read()
            if not bytecode.startswith(UNCHECKED):
                raise ImportError(f"the bytecode of {name} is of another kind")
        except (OSError, ImportError) as error:
            self._give_up(error)
            return None
        source = f"{folder}/{stem}.py"
        spec = ModuleSpec(name, _Loader(name, source, bytecode), origin=source, is_package=is_package)
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(folder)
        return spec

    def _give_up(self, error: Exception) -> None:
        logger.warning("Modules are looked for, so this cold start takes longer: %s", error)
        self.modules = {}


class _Loader(SourceFileLoader):
    """Loads bytecode that is read already; all else is as Python's own loader has it."""

    def __init__(self, name: str, source: str, bytecode: bytes) -> None:
        super().__init__(name, source)
        self._bytecode = bytecode

    def get_code(self, fullname: str) -> CodeType:
        """The code of the module."""
        code: CodeType = marshal.loads(memoryview(self._bytecode)[HEADER_BYTES:])  # noqa: S302  (part of the zip)
        _imp._fix_co_filename(code, self.path)  # type: ignore[attr-defined]
        return code

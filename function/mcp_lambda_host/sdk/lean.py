"""A start that imports only what serving needs, and builds only the schemas that are used.

The SDK is one package for clients and servers, so a plain import brings an HTTP client, cryptography for a feature that
few servers use, and schemas for every message of every version; two fifths of the time of a cold start go there
(benchmarks/). This module goes by how these packages are written inside. Where one is no longer written so,
`import_lean` imports plainly, which is slower and needs the packages that build.py leaves out; build.py tries a start,
and then leaves out none.
"""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from ..own_log import logger
from .deferred import deferred_models, plain_shapes
from .listed import listed_modules
from .prebuilt import prebuilt_schemas

LAZY = ("mcp", "httpx2")
"""Packages of which a server never uses what their imports bring: `mcp` itself only gathers the names of its parts."""

UNUSED = {
    "cryptography": ("mcp.server.request_state",),
    "mcp.server.auth.routes": ("mcp.server.lowlevel.server",),
    "mcp.server.sse": ("mcp.server.mcpserver.server",),
    "mcp.server.stdio": ("mcp.server.mcpserver.server",),
}
"""Modules of which a server seldom uses anything, with those that import names from them: the package of 14 MB that
seals request state, an authorization server of the author's own, and transports that Lambda has not."""

INFLUENCED = ("mcp", "httpx2", "cryptography")
"""Beginnings of the names of all modules to import anew where a lean import failed; this package is among them."""


def import_lean(module: str) -> bool:
    """Import a module leanly; whether that worked."""
    before = set(sys.modules)
    try:
        with ExitStack() as tricks:
            for trick in (
                listed_modules,
                plain_shapes,
                _lazy_modules,
                deferred_models,
                prebuilt_schemas,
                _placeholders,
            ):
                tricks.enter_context(trick())
            importlib.import_module(module)
    except Exception as error:
        logger.warning("Imported plainly, so this cold start takes longer: %s: %s", type(error).__name__, error)
        for name in set(sys.modules) - before:
            if name.startswith(INFLUENCED):
                del sys.modules[name]
        return False
    return True


def settle() -> None:
    """Collect garbage again, but never look at what the start has made: it stays until the process ends."""
    gc.freeze()
    gc.enable()


class _LazyModule(ModuleType):
    """A module whose code runs when a missing attribute is first asked for; its submodules can be imported before."""

    def __getattr__(self, name: str) -> Any:
        # Other threads wait until the module is whole; its own code, in this thread, finds it as it is. The lock is the
        # import system's own, which notices when two threads wait for each other's modules.
        with _module_lock()(self.__name__):
            if type(self) is _LazyModule and "_is_running" not in vars(self):
                vars(self)["_is_running"] = True
                try:
                    self._run()
                    self.__class__ = ModuleType  # type: ignore[assignment]
                finally:
                    del vars(self)["_is_running"]
        return ModuleType.__getattribute__(self, name)

    def _run(self) -> None:
        spec = self.__spec__
        try:
            if spec is None or spec.loader is None:
                raise ModuleNotFoundError(f"No module named {self.__name__!r}", name=self.__name__)
            spec.loader.exec_module(self)
        except ModuleNotFoundError as error:  # code that looks into every module there is expects AttributeError
            where = "which is not in the zip: name it in requirements.txt"
            raise AttributeError(f"{self.__name__} needs {error.name}, {where}") from error


def _module_lock() -> Any:
    return importlib._bootstrap._ModuleLockManager  # type: ignore[attr-defined]


@contextmanager
def _lazy_modules() -> Iterator[None]:
    """Have `import mcp` and the like run nothing yet."""
    _module_lock()  # without it, this Python is one for plain imports
    for name in LAZY:
        spec = find_spec(name)
        sys.modules[name] = module = _LazyModule(name)
        module.__spec__ = spec
        if spec:
            module.__loader__, module.__file__, module.__package__ = spec.loader, spec.origin, spec.name
            module.__path__ = spec.submodule_search_locations or []
    yield


class _Placeholder:
    """Stands for a name of an unused module; a call imports that module for the one that holds the placeholder.

    It cannot stand for a class in `except` or `isinstance`; who imports it comes to these only after a call.
    """

    def __init__(self, module: str, name: str, namespace: dict[str, Any]) -> None:
        self._module, self._name, self._namespace = module, name, namespace

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for name, held in list(self._namespace.items()):
            if isinstance(held, _Placeholder):
                self._namespace[name] = held._real()
        return self._real()(*args, **kwargs)

    def _real(self) -> Any:
        return getattr(importlib.import_module(self._module), self._name)


class _Stub(ModuleType):
    def __getattr__(self, name: str) -> _Placeholder:
        holder = sys._getframe(1).f_globals
        if holder["__name__"] not in (*UNUSED[_unused(self.__name__)], importlib._bootstrap.__name__):
            raise ImportError(f"{holder['__name__']} imports {self.__name__}, too, and may use it in other ways")
        return _Placeholder(self.__name__, name, holder)


def _unused(module: str) -> str:
    """The unused module that a module is or is part of, empty if it is in none."""
    return next((name for name in UNUSED if f"{module}.".startswith(f"{name}.")), "")


class _Stubs:
    """Finds a stub for each unused module, and loads it: a finder and loader of the import system."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if _unused(name) else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Stub(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


@contextmanager
def _placeholders() -> Iterator[None]:
    """Have the SDK import placeholders from modules that it may never use."""
    stubs = _Stubs()
    sys.meta_path.insert(0, stubs)
    try:
        yield
    finally:
        sys.meta_path.remove(stubs)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _Stub)]:
            del sys.modules[name]
            package, _, member = name.rpartition(".")
            if package in sys.modules:  # where the import system has put it, too
                vars(sys.modules[package]).pop(member, None)

"""Finds the author's server by its `module:attribute` name."""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType

from .errors import StartError

PYTHONS_OWN = ("<frozen ", str(Path(traceback.__file__).parent))


def import_target(entrypoint: str) -> object:
    """The attribute that holds the server, of the author's module, which is imported for that.

    Raises:
        StartError: The name is malformed, the module or the attribute is missing, or the import failed; one line.
    """
    module_name, colon, attribute = entrypoint.partition(":")
    if not (module_name and colon and attribute):
        raise StartError(f"The entrypoint {entrypoint!r} is not of the form 'module:attribute', such as 'server:mcp'.")
    module = _import(entrypoint, module_name)
    try:
        return getattr(module, attribute)
    except AttributeError:
        names = ", ".join(name for name in vars(module) if not name.startswith("_")) or "nothing"
        raise StartError(
            f"The entrypoint {entrypoint!r} could not be loaded: module {module_name!r} has no attribute "
            f"{attribute!r}; it defines {names}."
        ) from None


def forget_module(entrypoint: str) -> None:
    """Have the author's module imported anew: an application whose lifespan was never closed cannot open it again."""
    sys.modules.pop(entrypoint.partition(":")[0], None)


def _import(entrypoint: str, module_name: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # an author's module may raise anything, a stray sys.exit() included
        raise StartError(f"The entrypoint {entrypoint!r} could not be loaded: {_cause(error, module_name)}") from None


def _cause(error: BaseException, module_name: str) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        if module_name == error.name or module_name.startswith(f"{error.name}."):
            return f"there is no module {error.name!r} in the package."
        return f"{_where(error)}there is no module {error.name!r}; is it in requirements.txt?"
    return f"{_where(error)}{type(error).__name__}: {' '.join(str(error).split())}"


def _where(error: BaseException) -> str:
    """The author's line, the last one outside Python's own library, as `file.py line 3: `."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(PYTHONS_OWN)]
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename} line {error.lineno}: "
    return f"{frames[-1].filename} line {frames[-1].lineno}: " if len(frames) > 1 else ""

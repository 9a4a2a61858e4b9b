"""Finds the author's server by its `module:attribute` name."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import traceback
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import ModuleType
from typing import Any

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


def makes_server(target: object) -> bool:
    """Whether it is a function without required arguments. A class is none: it says nothing of what it makes."""
    return _is_function(target) and not is_asgi(target) and not _required_arguments(target)


def is_asynchronous(target: object) -> bool:
    """Whether a function has to be awaited."""
    return inspect.iscoroutinefunction(target)


def is_asgi(target: object) -> bool:
    """Whether the object is called as `app(scope, receive, send)`, and not a class that would have to be made first."""
    if not callable(target) or inspect.isclass(target):
        return False
    call = target if inspect.isroutine(target) else target.__call__
    return inspect.iscoroutinefunction(call) and len(inspect.signature(call).parameters) == 3


def call(entrypoint: str, function: Any) -> object:
    """What the author's function returns.

    Raises:
        StartError: It failed; one line.
    """
    try:
        return function()
    except (Exception, SystemExit) as error:
        raise StartError(f"The entrypoint {entrypoint!r} could not be called: {_cause(error, '')}") from None


async def await_call(entrypoint: str, function: Any) -> object:
    """What the author's asynchronous function returns.

    Raises:
        StartError: It failed; one line.
    """
    try:
        return await function()
    except (Exception, SystemExit) as error:
        raise StartError(f"The entrypoint {entrypoint!r} could not be called: {_cause(error, '')}") from None


def refusal_of(entrypoint: str, target: object) -> str:
    """Why what the entrypoint names or returned is no server, and what to write instead."""
    module, _, attribute = entrypoint.partition(":")
    needed = _required_arguments(target) if _is_function(target) else []
    if needed:
        made = f"{attribute}({', '.join(f'{each}=...' for each in needed)})"
        name = "server" if attribute == "mcp" else "mcp"  # not its own, which the second line would hide
        line = f"async def {name}(): return await {made}" if is_asynchronous(target) else f"{name} = {made}"
        return (
            f"The entrypoint {entrypoint!r} is a function that needs {', '.join(needed)}, which nobody gives it. Write "
            f"two lines in a file lambda_server.py, `from {module} import {attribute}` and `{line}`, and set "
            f'entrypoint = "lambda_server:{name}".'
        )
    return (
        f"The entrypoint {entrypoint!r} is of type {type(target).__name__}; it must be an MCPServer of the `mcp` "
        "package, a FastMCP of the `fastmcp` package, an ASGI application, or a function without required arguments "
        "that returns one of these."
    )


def _is_function(target: object) -> bool:
    return inspect.isroutine(target) or isinstance(target, functools.partial)


def _required_arguments(function: Any) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:  # implemented in C, without a signature
        return []
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in variable]


def forget_module(entrypoint: str) -> None:
    """Have the author's module imported anew: an application whose lifespan was never closed cannot open it again."""
    sys.modules.pop(entrypoint.partition(":")[0], None)


def _import(entrypoint: str, module_name: str) -> ModuleType:
    try:
        return importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # an author's module may raise anything, a stray sys.exit() included
        raise StartError(f"The entrypoint {entrypoint!r} could not be loaded: {_cause(error, module_name)}") from None


def _cause(error: BaseException, module_name: str) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, PackageNotFoundError):  # a ModuleNotFoundError, but no module is missing
        return (
            f"{_where(error)}there is no metadata of a package {error.name!r}, whose version is asked for: name it in "
            "requirements.txt, or, if it is this project, as `name` in a pyproject.toml in source_dir."
        )
    if isinstance(error, ModuleNotFoundError) and text == f"No module named {error.name!r}":
        if module_name == error.name or module_name.startswith(f"{error.name}."):
            return f"there is no module {error.name!r} in the package."
        return f"{_where(error)}there is no module {error.name!r}; is it in requirements.txt?"
    return f"{_where(error)}{type(error).__name__}: {text}"  # a package may say more, as the SDK does of its version 1


def _where(error: BaseException) -> str:
    """The author's line, the last one outside Python's own library, as `file.py line 3: `."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(PYTHONS_OWN)]
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename} line {error.lineno}: "
    return f"{frames[-1].filename} line {frames[-1].lineno}: " if len(frames) > 1 else ""

"""The host's packages that a server never imports, and when they are packed all the same.

The `mcp` package requires what its client, its development server and sealed request state need: two thirds of its
size. The host starts without these (`mcp_lambda_host/sdk/lean.py`), so they are left out unless
 - the author's requirements name them, or need them for another package,
 - the author's code imports them, or mentions a part of the SDK that does, as may a package that only the author has,
 - a module that the author's code imports cannot be imported without them, which is tried where the target's
   interpreter runs on this machine.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from .archive import module_of
from .environment import for_packages
from .inputs import Files
from .packages import Installed
from .requirements import normal

STATE = frozenset({"cffi", "cryptography", "pycparser"})
CLIENT = frozenset(
    {"attrs", "click", "h11", "httpcore2", "httpx2", "idna", "jsonschema", "jsonschema-specifications", "pyjwt"}
    | {"referencing", "rpds-py", "truststore", "uvicorn"}
)
LEFT_OUT = STATE | CLIENT

# Texts and not syntax, so that a name in a string counts, too. One word too many costs some megabytes, no more.
SIGNS = {
    STATE: re.compile(r"[Rr]equest_?[Ss]tate|[Ii]nput_?[Rr]equired|[Ee]licit|\bResolve\b"),
    LEFT_OUT: re.compile(
        r"^\s*(?:from|import)\s+mcp\s*(?:$|[,;#]|as\b|import\b)|\bmcp\.(?:client|cli)\b|\bHttpResource\b", re.MULTILINE
    ),
}

TRY_IMPORTS = """
import contextlib, importlib, io, json, os, sys
sys.path.insert(0, sys.argv[1])
with contextlib.redirect_stdout(io.StringIO()):
    from mcp_lambda_host.sdk import lean
    missing, failed = [] if lean.import_lean("mcp_lambda_host.environment") else ["cryptography"], {}
    for module, names in json.loads(sys.argv[2]).items():
        try:
            found = importlib.import_module(module)
            for name in names:
                try:
                    getattr(found, name)
                except AttributeError as error:
                    if error.__cause__:
                        raise
                    if name != "__all__":
                        importlib.import_module(f"{module}.{name}")
        except BaseException as error:
            failed[module] = f"{type(error).__name__}: {error}"
            while error:
                if isinstance(error, ModuleNotFoundError):
                    missing.append(error.name)
                error = error.__cause__ or error.__context__
print(json.dumps([missing, failed]), flush=True)
os._exit(0)  # without a wait for threads, or what is printed at the end
"""
TRY_SECONDS = 60


class Tried(NamedTuple):
    """What came of the imports that the author's code names.

    Attributes:
        missing: The modules that could not be found.
        failed: What was raised, by the module that could not be imported.
    """

    missing: list[str]
    failed: dict[str, str]


def unused(files: Files, author: Files, installed: Installed) -> set[str]:
    """Names of the files that are left out, as far as requirements and code tell."""
    own = _python(author)
    brought = _python({name: file for name, file in files.items() if normal(file.owner) in installed.brought})
    named = named_by_requirements(installed) | named_by_imports(own, installed.files) | named_by_signs([*own, *brought])
    needed = with_what_they_require(named & LEFT_OUT, installed.requires)
    return {name for name, file in installed.files.items() if normal(file.owner) in LEFT_OUT - needed}


def named_by_requirements(installed: Installed) -> set[str]:
    """Packages that the author's requirements name, or that what only they bring requires."""
    return installed.asked.union(*(installed.requires[name] for name in installed.brought))


def named_by_imports(sources: Iterable[Path], packages: Files) -> set[str]:
    """Packages with a module that Python files import."""
    modules = {module.split(".")[0] for module in imports_of(sources)}
    return {normal(file.owner) for name, file in packages.items() if module_of(name) in modules}


def named_by_signs(sources: Iterable[Path]) -> set[str]:
    """Packages of `LEFT_OUT` that parts of the SDK need which Python files mention."""
    found: set[str] = set()
    for path in sources:
        text = path.read_text("utf-8", errors="replace")
        if "mcp" in text:
            found.update(*(packages for packages, sign in SIGNS.items() if sign.search(text)))
    return found


def with_what_they_require(packages: set[str], requires: Mapping[str, set[str]]) -> set[str]:
    """The packages of `LEFT_OUT` that these are and come to require."""
    needed: set[str] = set()
    while packages:
        needed |= packages
        packages = set().union(*(requires.get(name, ()) for name in packages)) & LEFT_OUT - needed
    return needed


def foreign_imports(author: Files) -> dict[str, list[str]]:
    """Names by the module that the author's files import them from, without his own modules, which may do anything."""
    own = {module_of(name) for name in author}
    imports = imports_of(_python(author))
    return {module: names for module, names in imports.items() if module.split(".")[0] not in own}


def try_imports(python: str, stage: Path, imports: Mapping[str, list[str]]) -> Tried | None:
    """Import names of modules from `stage`; None where that came to no end.

    Args:
        python: The path of an interpreter of the target's version, which runs on this machine.
        stage: The zip's content, which is all that the interpreter sees besides its standard library.
        imports: The names, by the module.
    """
    command = [python, "-I", "-S", "-B", "-c", TRY_IMPORTS, str(stage), json.dumps(imports)]
    try:
        with tempfile.TemporaryDirectory(prefix="mcp-lambda-home-") as home:
            ran = subprocess.run(
                command,
                cwd=stage,
                env=for_packages(Path(home)),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TRY_SECONDS,
            )
        return Tried(*json.loads(ran.stdout.splitlines()[-1]))
    except (subprocess.TimeoutExpired, ValueError, IndexError):
        return None


def imports_of(sources: Iterable[Path]) -> dict[str, list[str]]:
    """Names by the module that they are imported from, of all Python files that can be parsed, wherever they do it."""
    found: dict[str, list[str]] = {}
    for path in sources:
        for module, name in _imports(path):
            found.setdefault(module, []).append(name)
    return found


def _imports(path: Path) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "__all__") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def _python(files: Files) -> list[Path]:
    return [file.path for name, file in files.items() if name.endswith(".py")]

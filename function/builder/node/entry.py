"""Finds the server in an author's TypeScript or JavaScript, and the file of an entrypoint."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from ..inputs import BuildError, Files
from .project import SDK

DEFAULT = "server:default"
ENDINGS = (".ts", ".mts", ".tsx", ".js", ".mjs")
ROOTS = ("", "src/")

ENTRYPOINT = re.compile(r"(?P<module>[\w@][\w@./-]*):(?P<name>[A-Za-z_$][\w$]*)")

ASIDE = re.compile(
    r"(^|/)(tests?|__tests__|examples?|docs|benchmarks|scripts)/|[.](test|spec|config|d)[.][cm]?[jt]sx?$"
)
"""Matches a file that has no server to deploy."""

COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)

MADE = r"(?:new\s+(?:McpServer|Server)\b|createMcpHandler\s*\()"
CONSTANT = re.compile(rf"^export\s+const\s+([\w$]+)[^=\n]*=\s*(?:await\s+)?{MADE}", re.MULTILINE)
ARROW = re.compile(r"^export\s+const\s+([\w$]+)[^=\n]*=\s*(?:async\s*)?\([^)]*\)[^=\n]*=>", re.MULTILINE)
FUNCTION = re.compile(r"^export\s+(?:async\s+)?function\s+([\w$]+)", re.MULTILINE)
AS_DEFAULT = re.compile(r"^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b", re.MULTILINE)


def file_of(entrypoint: str, names: Collection[str], source: Path) -> str:
    """The file of an entrypoint's module; refuses one that is not there."""
    parts = ENTRYPOINT.fullmatch(entrypoint)
    if not parts:
        raise BuildError(f"entrypoint {entrypoint!r} is not module:export, for example {DEFAULT}")
    places = [f"{root}{parts['module']}{ending}" for root in ROOTS for ending in (*ENDINGS, "/index.ts", "/index.js")]
    found = next((place for place in places if place in names), None)
    if found is None:
        asked = f"{parts['module']}.ts or {parts['module']}.js, there or in src"
        raise BuildError(f"entrypoint {entrypoint!r} needs {asked}, in {source}: there is neither")
    return found


def find(author: Files, source: Path) -> str:
    """The one server in the author's code, as `module:export`.

    Raises:
        BuildError: There is none that can be found, or there are several.
    """
    module = DEFAULT.partition(":")[0]
    for name in [f"{root}{module}{ending}" for root in ROOTS for ending in ENDINGS]:
        if name in author and AS_DEFAULT.search(_code(author[name].path)):
            return DEFAULT
    found = list(dict.fromkeys(_candidates(author)))
    if len(found) == 1:
        return found[0]
    if found:
        raise BuildError(f"{source.name} has several servers: set entrypoint to one of {', '.join(sorted(found))}")
    raise BuildError(
        f"{source.name} has no server that could be found: export a function that returns an McpServer as default, "
        "such as `export default () => server`, or set entrypoint to the module and export that has it, such as "
        f"{DEFAULT}"
    )


def check_export(entrypoint: str, exports: Collection[str], file: str) -> None:
    """Refuse an export that the module does not have; one that passes on another's whole tells no names."""
    name = entrypoint.rpartition(":")[2]
    if name not in exports:
        listed = f"exports {', '.join(exports)}" if exports else "exports nothing"
        raise BuildError(f"entrypoint {entrypoint!r} names {name}, which {file} does not export: it {listed}")


def _candidates(author: Files) -> Iterator[str]:
    for name in sorted(author):
        if not name.endswith(ENDINGS) or ASIDE.search(name):
            continue
        code = _code(author[name].path)
        if SDK not in code:
            continue
        module = name.rpartition(".")[0]
        if AS_DEFAULT.search(code):
            yield f"{module}:default"
            continue
        for each in CONSTANT.finditer(code):
            yield f"{module}:{each[1]}"
        if re.search(MADE, code):
            for each in (*ARROW.finditer(code), *FUNCTION.finditer(code)):
                if re.search("server|handler", each[1], re.IGNORECASE):
                    yield f"{module}:{each[1]}"


def _code(path: Path) -> str:
    return COMMENT.sub("", path.read_text("utf-8", errors="replace"))

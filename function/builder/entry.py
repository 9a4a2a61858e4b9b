"""Finds the server in the author's code by reading it, and says what to write where it cannot be named as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

from .inputs import BuildError, Files
from .modules import file_of, read

DEFAULT = "server:mcp"
SERVERS = {"FastMCP", "MCPServer", "Server"}
"""Classes of the packages `mcp` and `fastmcp`."""

APPLICATIONS = {"FastAPI", "Starlette", "http_app", "streamable_http_app"}
"""What makes an ASGI application, which is one for MCP in a module that speaks of it."""

ASIDE = re.compile(
    r"(^|/)(tests?|examples?|docs|benchmarks|scripts)/|(^|/)(test_[^/]*|[^/]*_test|conftest|setup)[.]py$"
)
"""Matches a file that has no server to deploy."""

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


class Candidate(NamedTuple):
    """A place in the code that may be the server.

    Attributes:
        entrypoint: Its `module:attribute`.
        place: File and line.
        rank: 0 for an object that is there once the module is imported, 1 for a function that returns one, 2 for one
            that keeps it to itself.
        needs: Arguments without which the function cannot be called.
        is_asynchronous: Whether the function has to be awaited.
        change: What to write in the function for it to return the server.
    """

    entrypoint: str
    place: str
    rank: int
    needs: tuple[str, ...] = ()
    is_asynchronous: bool = False
    change: str = ""


def find(author: Files, source: str) -> str:
    """The one server in the author's code, as `module:attribute`.

    Raises:
        BuildError: There is none that can be named, or there are several.
    """
    if _binds_default(author):
        return DEFAULT
    found = list(_candidates(author))
    for rank in (0, 1):
        usable = sorted(each.entrypoint for each in found if each.rank == rank and not each.needs)
        if len(usable) == 1:
            return usable[0]
        if usable:
            raise BuildError(f"{source} has several servers: set entrypoint to one of {', '.join(usable)}")
    if found:
        raise BuildError(f"{source} has no server that can be named as it is: {_two_lines(min(found, key=_by_use))}")
    raise BuildError(
        f"{source} has no server that could be found: set entrypoint to the module and attribute that has an MCPServer "
        "or Server of the mcp package, a FastMCP, an ASGI application, or a function that returns one, such as "
        f"{DEFAULT}"
    )


def check(entrypoint: str, author: Files) -> None:
    """Refuse an entrypoint whose attribute its module does not have, as far as the code tells."""
    name, _, attribute = entrypoint.partition(":")
    file = file_of(name, author)
    module = read(file, author) if file else None
    if module is None:
        return
    bound = _bound(module.tree)
    if attribute not in bound and not bound & {"*", "__getattr__"}:
        found = [each for each in _candidates(author) if each.rank < 2 and not each.needs]
        words = f"; it defines {', '.join(sorted(name for name in bound if not name.startswith('_'))) or 'nothing'}"
        if found:
            words = f"; in this code there is {', '.join(sorted(each.entrypoint for each in found))}"
        elif inside := list(_candidates(author)):
            words = f": {_two_lines(min(inside, key=_by_use))}"
        raise BuildError(f"entrypoint {entrypoint!r} names {attribute}, which {module.file} does not define{words}")
    for node in module.tree.body:
        if isinstance(node, FUNCTION) and node.name == attribute and (needs := _required(node)):
            asked = f"entrypoint {entrypoint!r} is a function that needs {', '.join(needs)}, which nobody gives it"
            found = list(_candidates(author))
            same = [each for each in found if each.entrypoint == entrypoint and each.rank == 1]
            raise BuildError(f"{asked}: {_two_lines(min(same or found, key=_by_use))}" if found else asked)


def _by_use(candidate: Candidate) -> tuple[int, str]:
    return candidate.rank, candidate.entrypoint


def _two_lines(candidate: Candidate) -> str:
    """What to write beside the server."""
    module, _, function = candidate.entrypoint.partition(":")
    lines, entrypoint = f"write {candidate.change}", candidate.entrypoint
    if candidate.needs:
        call = f"{function}({', '.join(f'{name}=...' for name in candidate.needs)})"
        name = "server" if function == "mcp" else "mcp"  # not its own, which the second line would hide
        line = f"async def {name}(): return await {call}" if candidate.is_asynchronous else f"{name} = {call}"
        file = f"write two lines in a file lambda_server.py, `from {module} import {function}` and `{line}`"
        lines = f"{lines}, then {file}" if candidate.change else file
        entrypoint = f"lambda_server:{name}"
    kept = f"{candidate.place} makes it inside {function}(), which does not return it: " if candidate.change else ""
    return f'{kept}{lines}, and set entrypoint = "{entrypoint}"'


def _binds_default(author: Files) -> bool:
    name, _, attribute = DEFAULT.partition(":")
    file = file_of(name, author)
    module = read(file, author) if file else None
    return bool(module and attribute in _bound(module.tree))


def _bound(tree: ast.Module) -> set[str]:
    """Names at a module's top level, those of its conditional statements included."""
    found: set[str] = set()
    pending: list[ast.AST] = [*tree.body]
    while pending:
        node = pending.pop()
        if isinstance(node, FUNCTION | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif not isinstance(node, ast.Lambda):
            found |= {node.id} if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else set()
            pending += ast.iter_child_nodes(node)
    return found


def _candidates(author: Files) -> Iterator[Candidate]:
    trees: dict[str, ast.Module] = {}
    for file in sorted(author):
        if not file.endswith(".py") or ASIDE.search(file):
            continue
        if b"mcp" in author[file].path.read_bytes().lower() and (module := read(file, author)):
            trees[file] = module.tree
    classes = {name for tree in trees.values() for name in _classes(tree, _makers(tree))}
    for file, tree in trees.items():
        name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        yield from _in_module(name, file, tree, classes)


def _in_module(name: str, file: str, tree: ast.Module, classes: Collection[str]) -> Iterator[Candidate]:
    makers = _makers(tree, classes)
    functions = [node for node in tree.body if isinstance(node, FUNCTION)]
    factories = {node.name for node in functions if _returns_server(node, makers)}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and _calls(node.value, makers | factories):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield Candidate(f"{name}:{target.id}", f"{file} line {node.lineno}", 0)
    for function in functions:
        entrypoint, place = f"{name}:{function.name}", f"{file} line {function.lineno}"
        needs, is_asynchronous = _required(function), isinstance(function, ast.AsyncFunctionDef)
        if function.name in factories:
            yield Candidate(entrypoint, place, 1, needs, is_asynchronous)
        elif any(isinstance(node, ast.expr) and _calls(node, makers) for node in ast.walk(function)):
            yield Candidate(entrypoint, place, 2, needs, is_asynchronous, _change(function, makers))


def _makers(tree: ast.Module, classes: Collection[str] = ()) -> set[str]:
    """Names in a module that make a server when they are called; `classes` are those of the author's own."""
    found = set(APPLICATIONS)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            is_sdk = (node.module or "").split(".")[0] in ("mcp", "fastmcp")
            known = SERVERS if is_sdk else classes
            found |= {alias.asname or alias.name for alias in node.names if alias.name in known}
        elif isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "fastmcp" for alias in node.names):
            found.add("FastMCP")
    return found | _classes(tree, found)


def _classes(tree: ast.Module, makers: Collection[str]) -> set[str]:
    """The classes of a module that are based on one that makes a server."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = {ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases}
            found |= {node.name} if bases & {*makers, *found} else set()
    return found


def _calls(node: ast.expr | None, names: set[str]) -> bool:
    """Whether an expression calls one of these, by its name or as an attribute."""
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call):
        return False
    called = node.func.value if isinstance(node.func, ast.Subscript) else node.func  # MCPServer[State](…)
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in names


def _made(function: ast.FunctionDef | ast.AsyncFunctionDef, makers: set[str]) -> list[str]:
    """Names in a function that a server is bound to, in their order."""
    return [
        name.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AnnAssign) and _calls(node.value, makers)
        for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(name, ast.Name)
    ]


def _change(function: ast.FunctionDef | ast.AsyncFunctionDef, makers: set[str]) -> str:
    """What to write in a function that runs its server, for it to return the server."""
    if function.decorator_list:  # what is left of it is no function that could be called without arguments
        return "a function of its own, without decorators, that makes it and returns it"
    made = _made(function, makers)

    def served(node: ast.AST) -> list[str]:
        """What a call runs or serves, a name before an expression; nothing for any other node."""
        if not (isinstance(node, ast.Call) and re.search("run|serve", ast.unparse(node.func).rpartition(".")[2])):
            return []
        parts = list(ast.walk(node))
        names = [part.id for part in parts if isinstance(part, ast.Name) and part.id in made]
        return names + [ast.unparse(part) for part in parts if isinstance(part, ast.expr) and _calls(part, makers)]

    body = function.body
    while True:
        running = [statement for statement in body if any(served(node) for node in ast.walk(statement))]
        inner = getattr(running[0], "body", []) if len(running) == 1 and _binds(running[0], made) else []
        if not inner:
            break
        body = inner  # the server is made and run within one statement, such as `try`
    if not running:
        return f"`return {made[0]}` at its end" if made else "a line at its end that returns it"
    server = next(found[0] for each in running for node in ast.walk(each) if (found := served(node)))
    first, last = running[0].lineno, running[-1].end_lineno
    return f"`return {server}` in place of {f'line {first}' if first == last else f'lines {first} to {last}'}"


def _binds(statement: ast.stmt, names: Collection[str]) -> bool:
    """Whether a statement binds one of these names."""
    return any(
        isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in names
        for node in ast.walk(statement)
    )


def _returns_server(function: ast.FunctionDef | ast.AsyncFunctionDef, makers: set[str]) -> bool:
    made = _made(function, makers)
    return any(
        isinstance(node, ast.Return)
        and (_calls(node.value, makers) or (isinstance(node.value, ast.Name) and node.value.id in made))
        for node in ast.walk(function)
    )


def _required(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """Names of the arguments without a default."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    named = [each.arg for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if default is None]
    return tuple([each.arg for each in positional[: len(positional) - len(given.defaults)]] + named)

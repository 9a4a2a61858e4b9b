"""Python modules of the zip, read without running them: what they import, and what is reached from one of them."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import NamedTuple

from .inputs import Files

CATCHERS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
"""Exceptions whose handlers let code go on where a module is missing."""


class Import(NamedTuple):
    """One import of a module.

    Attributes:
        module: The whole name of the module.
        names: What is imported from it; none: the module itself.
        line: Where in the file.
        is_sure: Whether it runs whenever the module is imported, and not only in a function or under a condition.
    """

    module: str
    names: tuple[str, ...]
    line: int
    is_sure: bool


class Module(NamedTuple):
    """A module that was read.

    Attributes:
        file: Its name in the zip.
        tree: Its syntax.
        imports: What it imports, without what it does without.
    """

    file: str
    tree: ast.Module
    imports: tuple[Import, ...]


def file_of(module: str, files: Collection[str]) -> str | None:
    """The file of a module by its whole name; None: there is none, or it is not of Python."""
    path = module.replace(".", "/")
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if name in files), None)


def reached(module: str, files: Files) -> Iterator[Module]:
    """The modules among `files` that are imported once `module` is, with the packages that they are in."""
    pending, seen = [module], set()
    while pending:
        name = pending.pop()
        pending += [parent for parent in [name.rpartition(".")[0]] if parent]
        file = file_of(name, files)
        if file is None or file in seen:
            continue
        seen.add(file)
        if found := read(file, files):
            yield found
            for each in found.imports:
                pending += [each.module, *(f"{each.module}.{imported}" for imported in each.names)]


def read(file: str, files: Files) -> Module | None:
    """One module; None: it cannot be parsed."""
    try:
        tree = ast.parse(files[file].path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return None
    package = file.removesuffix(".py").split("/")[:-1]
    return Module(file, tree, tuple(_imports(tree.body, package, is_sure=True)))


def _imports(nodes: list[ast.stmt], package: list[str], *, is_sure: bool) -> Iterator[Import]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, (), node.lineno, is_sure) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield Import(module, tuple(alias.name for alias in node.names), node.lineno, is_sure)
        elif isinstance(node, ast.If) and _never_holds(node.test):
            yield from _imports(node.orelse, package, is_sure=is_sure)
        elif not _goes_on_without(node):
            always = isinstance(node, ast.ClassDef | ast.With | ast.Try)
            yield from _imports(_statements(node), package, is_sure=is_sure and always)


def _statements(node: ast.AST) -> list[ast.stmt]:
    """The statements in a statement, those of a `match` or of an `except` clause included."""
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            found.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            found += _statements(child)
    return found


def _never_holds(test: ast.expr) -> bool:
    """Whether a condition holds only for type checkers, or where the module is run as a program."""
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "__name__ == '__main__'")


def _goes_on_without(node: ast.stmt) -> bool:
    """Whether code goes on where a module in the statement is not there."""
    if isinstance(node, ast.Try):
        caught = [handler.type for handler in node.handlers]
        return any(each is None or _names(each) & CATCHERS for each in caught)
    if isinstance(node, ast.With):
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
        return any("suppress" in _names(call.func) and _names(call) & CATCHERS for call in calls)
    return False


def _names(node: ast.AST) -> set[str]:
    """Names and attributes in an expression."""
    nodes = list(ast.walk(node))
    return {each.id for each in nodes if isinstance(each, ast.Name)} | {
        each.attr for each in nodes if isinstance(each, ast.Attribute)
    }

"""The rooms of the hosts: imports run one way, and what others keep private is in one of them."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import mcp_lambda_host

PACKAGE = "mcp_lambda_host"
ROOT = Path(mcp_lambda_host.__path__[0])
MODULES = {
    ".".join((PACKAGE, *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}

ROOMS = re.findall(r"^(\w+)(?:: (.+))?\n    ", mcp_lambda_host.__doc__ or "", re.MULTILINE)
"""Rooms as the package describes them, lowest first, each with its modules where it is no folder."""

GROUND = {f"{PACKAGE}.{name}" for name in ROOMS[0][1].split(", ")} | {PACKAGE}

PRIVATE = re.compile(r"_(?!_|exit$).*|__wrapped__")
"""Matches a name with which a package says that it is its own; two underscores are Python's, and so is os._exit."""


def room_of(module: str) -> int:
    """The place of a module's room in the order."""
    names = [name for name, _ in ROOMS]
    folder = module.removeprefix(f"{PACKAGE}.").split(".")[0]
    return 0 if module in GROUND else names.index(folder) if folder in names else len(names) - 1


def imports_of(module: str) -> Iterator[str]:
    """The modules of the package that a module imports, wherever it does it; as text, too, as importlib takes them."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            source = ".".join(filter(None, (above, node.module)))
            for name in node.names:
                yield f"{source}.{name.name}" if f"{source}.{name.name}" in MODULES else source
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield ast.unparse(node).removeprefix("f'").removesuffix("'").replace("{__package__}", package)


GRAPH = {module: {name for name in imports_of(module) if name in MODULES and name != module} for module in MODULES}


def test_the_package_describes_its_rooms_and_every_folder_is_one() -> None:
    folders = {path.parent.name for path in MODULES.values() if path.parent != ROOT}

    assert [name for name, _ in ROOMS] == ["ground", "sdk", "http", "telemetry", "tasks", "top"]
    assert folders == {name for name, _ in ROOMS[1:-1]}
    assert MODULES.keys() >= GROUND


@pytest.mark.parametrize("module", MODULES)
def test_no_module_imports_from_a_higher_room(module: str) -> None:
    assert {name for name in GRAPH[module] if room_of(name) > room_of(module)} == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    TopologicalSorter(GRAPH).prepare()


def test_the_lean_start_is_told_what_to_import_by_the_entry() -> None:
    assert f"{PACKAGE}.environment" in GRAPH[f"{PACKAGE}.handler"]
    assert "import_lean" in MODULES[f"{PACKAGE}.handler"].read_text()


OUTSIDE_SDK = [module for module in MODULES if room_of(module) != 1]


def own_names(tree: ast.Module) -> set[str]:
    """Names that a module defines itself, attributes of its classes included."""
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    stored = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_named(node.value, "self")
    }
    return defined | stored


def is_named(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@pytest.mark.parametrize("module", OUTSIDE_SDK)
def test_private_names_of_other_packages_are_used_in_the_sdks_room_alone(module: str) -> None:
    own = own_names(TREES[module])
    nodes = list(ast.walk(TREES[module]))
    used = {node.attr for node in nodes if isinstance(node, ast.Attribute)} - own
    imported = {
        part
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom) and not getattr(node, "level", 0)
        for name in node.names
        for part in f"{getattr(node, 'module', '')}.{name.name}".split(".")
    }

    assert [name for name in sorted(used | imported) if PRIVATE.fullmatch(name)] == []


@pytest.mark.parametrize("module", OUTSIDE_SDK)
def test_what_other_packages_have_is_replaced_in_the_sdks_room_alone(module: str) -> None:
    nodes = list(ast.walk(TREES[module]))
    imported = {
        (name.asname or name.name).split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    replaced = [
        ast.unparse(node)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del)
        if ast.unparse(node).split(".")[0] in imported
    ]

    assert replaced == []
    assert not [node for node in nodes if isinstance(node, ast.Call) and is_named(node.func, "setattr")]


@pytest.mark.parametrize("module", [module for module in MODULES if module != f"{PACKAGE}.handler"])
def test_only_the_entry_reads_the_environment_variables_of_the_process(module: str) -> None:
    assert not re.search(r"\bos\.(environ|getenv)|\bimport os\b|from os import", MODULES[module].read_text())


NODE = ROOT.parent / "node" / "host"
NODE_FILES = {str(path.relative_to(NODE)): path.read_text() for path in sorted(NODE.rglob("*.ts"))}
NODE_ROOMS = ["ground", "aws", "sdk", "http", "telemetry", "top"]
NODE_GROUND = {f"{name}.ts" for name in ("contract", "errors", "gateway", "messages", "own_log", "settings")}


def node_room_of(file: str) -> int:
    """The place of a file's room in the order of the host for Node.js."""
    room = "ground" if file in NODE_GROUND else file.split("/")[0] if "/" in file else "top"
    return NODE_ROOMS.index(room)


NODE_GRAPH = {
    file: {
        os.path.normpath(os.path.join(os.path.dirname(file), name))
        for name in re.findall(r'(?:from |import\()"([.][^"]+[.]ts)"', text)
    }
    for file, text in NODE_FILES.items()
}


@pytest.mark.parametrize("file", NODE_FILES)
def test_no_file_of_the_host_for_node_imports_from_a_higher_room(file: str) -> None:
    assert NODE_GRAPH[file] <= NODE_FILES.keys()
    assert {name for name in NODE_GRAPH[file] if node_room_of(name) > node_room_of(file)} == set()


def test_no_file_of_the_host_for_node_imports_itself_by_way_of_others() -> None:
    TopologicalSorter(NODE_GRAPH).prepare()


@pytest.mark.parametrize("file", [file for file in NODE_FILES if node_room_of(file) != NODE_ROOMS.index("sdk")])
def test_the_host_for_node_knows_the_sdk_in_the_sdks_room_alone(file: str) -> None:
    assert not re.search(r"[.?]_[a-z]|@modelcontextprotocol", NODE_FILES[file])

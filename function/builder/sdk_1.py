"""Servers that are written for SDK 1 of MCP: what of them can run on SDK 2, and what stands in the way."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .inputs import BuildError, Files, say
from .modules import Module, file_of, reached, read

SDK = ("mcp", "mcp-types")
"""Packages of SDK 2."""

OLD, NEW = "mcp.server.fastmcp", "mcp.server.mcpserver"
GUIDE = "https://py.sdk.modelcontextprotocol.io/v2/migration/"

CARRIED = {
    ("mcp", "McpError"),
    ("mcp.server", "FastMCP"),
    (OLD, "FastMCP"),
    (f"{OLD}.server", "FastMCP"),
    (f"{OLD}.exceptions", "FastMCPError"),
    ("mcp.shared.context", "RequestContext"),
    ("mcp.shared.exceptions", "McpError"),
    ("mcp.types", "Cursor"),
    ("mcp.types", "ResourceReference"),
}
"""Modules and names of SDK 1 that `mcp_lambda_host/sdk/sdk_1.py` has stand for what SDK 2 calls otherwise."""

TRANSPORT = frozenset(
    {"event_store", "host", "json_response", "max_request_body_size", "max_sessions", "message_path", "mount_path"}
    | {"port", "retry_interval", "session_idle_timeout", "sse_path", "stateless_http", "streamable_http_path"}
    | {"transport_security"}
)
"""Arguments and settings of SDK 1 that say how to serve, which the host does."""

DECORATORS = {
    "call_tool": "on_call_tool",
    "get_prompt": "on_get_prompt",
    "list_prompts": "on_list_prompts",
    "list_resource_templates": "on_list_resource_templates",
    "list_resources": "on_list_resources",
    "list_tools": "on_list_tools",
    "progress_notification": "on_progress",
    "read_resource": "on_read_resource",
    "set_logging_level": "on_set_logging_level",
    "subscribe_resource": "on_subscribe_resource",
    "unsubscribe_resource": "on_unsubscribe_resource",
}
"""Decorators of SDK 1's low-level `Server`, and the arguments of SDK 2's."""

TABLES = {"notification_handlers", "request_handlers"}
"""Attributes of SDK 1's low-level `Server` in which code looks up handlers, or puts them."""

QUESTIONS = {"elicit", "elicit_form", "elicit_url"}
QUESTIONS_OF_SESSION = {"create_message", "list_roots"}
"""Methods that ask the client, and those of a session; other objects may have methods with these names."""


class Use(NamedTuple):
    """A place in the code.

    Attributes:
        file: The name in the zip.
        line: Where in it.
        what: As it stands there.
        why: Why it cannot run; empty: it runs with the compatibility.
    """

    file: str
    line: int
    what: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.file} line {self.line}: {self.what}" + (f" ({self.why})" if self.why else "")


def check(entrypoint: str, files: Files, sdk: Files, *, is_compatible: bool) -> None:
    """Refuse a server for SDK 1 that cannot run on SDK 2, or that nobody has asked to run there.

    Args:
        entrypoint: The server's `module:attribute`.
        files: The author's files, and those of packages that are built on the SDK.
        sdk: The files of SDK 2; none: they are not there yet, and no name is looked up in them.
        is_compatible: Whether SDK 1's names are to stand for SDK 2's.
    """
    modules = list(reached(entrypoint.partition(":")[0], files))
    uses = [use for module in modules for use in _uses(module, sdk)]
    if not uses:
        return
    lost = [use for use in [*uses, *(use for module in modules for use in _questions(module))] if use.why]
    if lost:
        raise BuildError(
            f"the server is written for SDK 1 of MCP, and the host serves SDK 2, on which this cannot run; change it "
            f"as the SDK's migration guide says, {GUIDE}:{_lines(lost)}"
        )
    if not is_compatible:
        raise BuildError(
            "the server is written for SDK 1 of MCP, and the host serves SDK 2, where FastMCP of mcp.server.fastmcp is "
            "MCPServer of mcp.server.mcpserver, and McpError is MCPError. Rename them as the SDK's migration guide "
            f"says, {GUIDE}, or set sdk_1_compatibility = true (build.py: --sdk-1-compatibility), with which SDK 1's "
            f"names stand for SDK 2's:{_lines(uses)}"
        )
    ignored = [(f"{module.file} line {line}", name) for module in modules for line, name in _of_transport(module)]
    if ignored and sdk:
        names, places = (", ".join(sorted({pair[index] for pair in ignored})) for index in (1, 0))
        say(f"note: the host serves the server, so what SDK 1 took for that means nothing: {names} ({places})")


def _lines(uses: Iterable[Use]) -> str:
    return "".join(f"\n    {use}" for use in sorted(uses))


def _uses(module: Module, sdk: Files) -> Iterator[Use]:
    """What a module uses of SDK 1 that SDK 2 has under another name, or not at all."""
    speaks_mcp = False
    for each in module.imports:
        if each.module.split(".")[0] != "mcp":
            continue
        speaks_mcp = True
        for name in each.names or ("",):
            what = f"from {each.module} import {name}" if name else f"import {each.module}"
            is_old = f"{each.module}.".startswith(f"{OLD}.")
            if (each.module, name) in CARRIED or (is_old and _has(each.module.replace(OLD, NEW), name, sdk)):
                yield Use(module.file, each.line, what)
            elif is_old or not _has(each.module, name, sdk):
                yield Use(module.file, each.line, what, "SDK 2 has nothing in its place")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                called = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(called, ast.Attribute) and called.attr in DECORATORS:
                    why = f"a low-level Server of SDK 2 takes a function of two parameters as {DECORATORS[called.attr]}"
                    yield Use(module.file, decorator.lineno, f"@{ast.unparse(called)}", why)
        elif speaks_mcp and isinstance(node, ast.Attribute) and node.attr in TABLES:
            yield Use(module.file, node.lineno, ast.unparse(node), "SDK 2 has add_request_handler in its place")


def _questions(module: Module) -> Iterator[Use]:
    """Calls in which a module asks its client in the middle of a call."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked, session = node.func.attr, ast.unparse(node.func.value).split(".")[-1]
            if asked in QUESTIONS or (asked in QUESTIONS_OF_SESSION and session == "session"):
                why = "no environment can wait for an answer in the middle of a call"
                yield Use(module.file, node.lineno, ast.unparse(node.func), why)


def _of_transport(module: Module) -> Iterator[tuple[int, str]]:
    """Where a module says how SDK 1 is to serve, by line and name."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("FastMCP", "run"):
            yield from ((node.lineno, word.arg) for word in node.keywords if word.arg in TRANSPORT)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and node.attr in TRANSPORT:
            yield from [(node.lineno, node.attr)] if ast.unparse(node.value).endswith("settings") else []


def _has(module: str, name: str, sdk: Files) -> bool:
    """Whether SDK 2 has a module and a name in it, as far as its files are there to tell."""
    if not sdk:
        return True
    file = file_of(module, sdk)
    found = read(file, sdk) if file else None
    if found is None:
        return False
    return not name or file_of(f"{module}.{name}", sdk) is not None or _binds(found.tree, name, sdk)


def _binds(tree: ast.Module, name: str, sdk: Files) -> bool:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.asname or alias.name for alias in node.names}
            if name in names or ("*" in names and _has(getattr(node, "module", ""), name, sdk)):
                return True
        elif name in (getattr(node, "name", None), getattr(node, "id", None)):  # of a function or class, or a variable
            return True
    return False

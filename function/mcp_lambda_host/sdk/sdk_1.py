"""Has the names of SDK 1 stand for those of SDK 2, so that a server that is written for SDK 1 runs as it is.

It is imported only for such a server. What it carries stands in a table of the builder's too, which refuses the rest.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import mcp.shared.context
import mcp.types  # noqa: F401  (from mcp import types would run the whole package)
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import MCPServerError
from mcp.server.mcpserver.resources import Resource
from mcp.server.mcpserver.server import Settings
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp_types import ErrorData, ResourceTemplateReference
from mcp_types._types import MCPModel
from pydantic import AnyUrl, BaseModel
from starlette.applications import Starlette

from ..contract import MCP_PATH

OLD, NEW = "mcp.server.fastmcp", "mcp.server.mcpserver"
"""SDK 1's name of a package, and SDK 2's; the modules in both have the same names."""

TRANSPORT: Mapping[str, Any] = {
    "event_store": None,
    "host": "127.0.0.1",
    "json_response": False,
    "max_request_body_size": None,
    "max_sessions": None,
    "message_path": "/messages/",
    "mount_path": "/",
    "port": 8000,
    "retry_interval": None,
    "session_idle_timeout": None,
    "sse_path": "/sse",
    "stateless_http": False,
    "streamable_http_path": MCP_PATH,
    "transport_security": None,
}
"""Settings of SDK 1 for serving, which the host does, and their defaults: code may read them, and write others."""

REQUEST: ContextVar[ServerRequestContext[Any, Any] | None] = ContextVar("REQUEST", default=None)
"""The request that is being answered, for SDK 1's `get_context`."""


class SDK1Settings(Settings[Any], extra="allow"):
    """Settings of a server, to which the author's module may add any."""


class FastMCP(MCPServer[Any]):
    """SDK 1's server: an `MCPServer` with the arguments of SDK 1, in its order."""

    def __init__(
        self,
        name: str | None = None,
        instructions: str | None = None,
        website_url: str | None = None,
        icons: list[Any] | None = None,
        auth_server_provider: Any = None,
        token_verifier: Any = None,
        event_store: Any = None,
        retry_interval: int | None = None,
        **options: Any,
    ) -> None:
        known = inspect.signature(MCPServer.__init__).parameters
        super().__init__(
            name or "FastMCP",
            instructions=instructions,
            website_url=website_url,
            icons=icons,
            auth_server_provider=auth_server_provider,
            token_verifier=token_verifier,
            middleware=[_remember_request],
            **{option: value for option, value in options.items() if option in known},
        )
        of_transport = {option: value for option, value in options.items() if option not in known}
        self.settings = SDK1Settings.model_construct(**{**TRANSPORT, **dict(self.settings), **of_transport})

    @property
    def _mcp_server(self) -> Any:
        return self._lowlevel_server

    def get_context(self) -> Context[Any, Any]:
        """The context of the request that is being answered; outside of one, most of its methods fail."""
        return Context(request_context=REQUEST.get(), mcp_server=self)

    def streamable_http_app(self, **options: Any) -> Starlette:
        """The application with what the settings say, but without sessions, which no environment could remember."""
        settings: Any = self.settings
        return super().streamable_http_app(
            **{
                "streamable_http_path": settings.streamable_http_path,
                "json_response": settings.json_response,
                "stateless_http": True,
                # The host has checked Host and Origin; SDK 1 knew only localhost.
                "transport_security": settings.transport_security
                or TransportSecuritySettings(enable_dns_rebinding_protection=False),
            }
            | options
        )


async def _remember_request(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    token = REQUEST.set(ctx)
    try:
        return await call_next(ctx)
    finally:
        REQUEST.reset(token)


class RequestContext(ServerRequestContext[Any, Any]):
    """SDK 1's name for what a request brings, for annotations: it has three type parameters there."""

    def __class_getitem__(cls, parameters: object) -> type[RequestContext]:
        return cls


class RequestMeta(dict[str, Any]):
    """The `_meta` of a request, whose keys were attributes in SDK 1."""

    def __getattr__(self, name: str) -> Any:
        if name == "progressToken":
            return self.get("progress_token")
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


NAMES: Mapping[str, Mapping[str, object]] = {
    "mcp": {"McpError": MCPError},
    "mcp.server": {"FastMCP": FastMCP},
    OLD: {"FastMCP": FastMCP},
    f"{OLD}.server": {"FastMCP": FastMCP},
    f"{OLD}.exceptions": {"FastMCPError": MCPServerError},
    "mcp.shared.context": {"RequestContext": RequestContext},
    "mcp.shared.exceptions": {"McpError": MCPError},
    "mcp.types": {"Cursor": str, "ResourceReference": ResourceTemplateReference},
}
"""What SDK 2 has under another name, by SDK 1's module and name."""


def install() -> None:
    """Have SDK 1's names there for the author's module, and SDK 2's classes take what those of SDK 1 took."""
    if OLD in sys.modules:
        return
    _copy_modules()
    for module, names in NAMES.items():
        vars(sys.modules[module]).update(names)  # setattr would run a module that is still lazy
    _accept_old_errors()
    _accept_old_types()
    _accept_old_context()


def _copy_modules() -> None:
    """Make a module with SDK 1's name of each of SDK 2's, with the same objects in it."""
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{NEW}.")]:
        copy = ModuleType(OLD + name.removeprefix(NEW))
        vars(copy).update({key: value for key, value in vars(sys.modules[name]).items() if not key.startswith("__")})
        if hasattr(sys.modules[name], "__path__"):
            copy.__path__ = []
        sys.modules[copy.__name__] = copy
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{OLD}.")]:
        parent, _, child = name.rpartition(".")
        setattr(sys.modules[parent], child, sys.modules[name])


def _accept_old_errors() -> None:
    """Have the SDK's error made of an `ErrorData`, too: `except McpError` must catch what the SDK itself raises."""
    plain: Any = MCPError.__init__

    def made(self: MCPError, code: Any = None, message: str = "", data: Any = None, *, error: Any = None) -> None:
        given = error or code
        if isinstance(given, ErrorData):
            code, message, data = given.code, given.message, given.data
        plain(self, code, message, data)

    MCPError.__init__ = made  # type: ignore[method-assign]


def _accept_old_types() -> None:
    """Have the protocol's types read by their names on the wire, and made with URLs that are no strings."""

    def read(self: Any, name: str) -> Any:
        fields = type(self).model_fields.items()
        field = next((field for field, about in fields if about.alias == name), None)
        return getattr(self, field) if field else BaseModel.__getattr__(self, name)  # type: ignore[attr-defined]

    MCPModel.__getattr__ = read  # type: ignore[attr-defined]
    for model in (MCPModel, Resource):
        model.__init__ = _taking_urls(model.__init__)  # type: ignore[method-assign]


def _taking_urls(init: Any) -> Any:
    def made(self: Any, /, **fields: Any) -> None:
        init(self, **{name: str(value) if isinstance(value, AnyUrl) else value for name, value in fields.items()})

    return made


def _accept_old_context() -> None:
    """Give contexts the attributes and methods that they had in SDK 1."""
    of_class: Any = Context.__dict__
    generic: Any = Context.__class_getitem__
    request_context: Any = of_class["request_context"]

    def parametrised(cls: type, parameters: Any) -> Any:
        is_old = isinstance(parameters, tuple) and len(parameters) == 3  # the first was the session's type
        return generic(parameters[1:] if is_old else parameters)

    def with_meta(self: Context[Any, Any]) -> Any:
        found = request_context.fget(self)
        if found.meta is not None:
            found.meta = RequestMeta(found.meta)
        return found

    async def log(self: Context[Any, Any], level: Any, message: Any, *, logger_name: str | None = None) -> None:
        await self.session.send_log_message(
            level=level, data=message, logger=logger_name, related_request_id=self.request_id
        )

    changed: Any = Context
    changed.__class_getitem__ = classmethod(parametrised)
    changed.request_context = property(with_meta)
    changed.fastmcp = property(lambda self: self.mcp_server)
    changed.client_id = property(lambda self: (self.request_context.meta or {}).get("client_id"))
    changed.log = log
    for level in ("debug", "info", "warning", "error"):
        setattr(changed, level, _sending(level))


def _sending(level: str) -> Any:
    async def send(self: Any, message: Any, **extra: Any) -> None:
        await self.log(level, message, **extra)

    return send

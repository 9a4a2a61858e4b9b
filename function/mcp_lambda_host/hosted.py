"""Turns what the entrypoint names into one ASGI application that is safe in many short-lived copies."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field

from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from starlette.types import ASGIApp

from .contract import AUTHOR, MCP_PATH
from .entrypoint import await_call, call, import_target, is_asgi, is_asynchronous, makes_server, refusal_of
from .errors import LateStartError, StartError
from .runner import LoopEndedError, Runner
from .sdk.client_log import log_client_messages
from .sdk.names import Names
from .sdk.request_state import share_keys
from .sdk.scopes import guard
from .sdk.stateless import stateless
from .settings import Settings


@dataclass(frozen=True)
class Hosted:
    """The author's server as an application, with what it says of itself.

    Attributes:
        app: Serves MCP at `POST /mcp`, and whatever else the author has.
        name: The server's name, or the module's where the application has none.
        version: Its version; None: it does not say.
        names: Names of its tools, prompts and resources.
        is_of_sdk: Whether it is a server of the SDK, and not an application around one.
    """

    app: ASGIApp
    name: str
    version: str | None
    names: Names = field(default_factory=lambda: Names(None))
    is_of_sdk: bool = False


def load_target(settings: Settings, variables: MutableMapping[str, str]) -> object:
    """What the entrypoint names, imported; the author's secrets are in place by then.

    Raises:
        StartError: The server cannot be imported.
    """
    is_open = settings.auth_type == "none"
    share_keys(settings.request_state_parameter, variables, audience=settings.name, is_open=is_open)
    log_client_messages()
    if AUTHOR and AUTHOR.sdk_1_compatibility:
        from .sdk import sdk_1  # not imported for other servers

        sdk_1.install()
    target = import_target(settings.entrypoint)
    return call(settings.entrypoint, target) if makes_server(target) and not is_asynchronous(target) else target


def call_on_loop(entrypoint: str, target: object, runner: Runner, seconds: float) -> object:
    """What an asynchronous function of the author's returns on the loop that will serve it; any other target itself.

    What it opens belongs to that loop, so it is called again for each new one.

    Raises:
        StartError: It failed, or did not return within `seconds`.
    """
    if not makes_server(target) or not is_asynchronous(target):
        return target
    try:
        return runner.run(await_call(entrypoint, target), seconds)
    except TimeoutError:
        late = f"it has not returned within {seconds:.1f} s"
        raise LateStartError(f"The entrypoint {entrypoint!r} could not be called: {late}.") from None
    except LoopEndedError:
        raise StartError(f"The entrypoint {entrypoint!r} could not be called: it has ended the event loop.") from None


def renew_secrets(settings: Settings, variables: MutableMapping[str, str], seconds: float | None = None) -> None:
    """Put what the author's secrets hold now into the process's environment variables.

    Raises:
        StartError: A secret cannot be read, or not all of them within `seconds`.
    """
    if settings.secrets:
        from .author_secrets import offer_secrets  # not imported where there are none

        offer_secrets(settings.secrets, variables, seconds)


def host(target: object, settings: Settings, variables: Mapping[str, str]) -> Hosted:
    """Make an ASGI application of the author's object.

    Args:
        target: What the entrypoint names or its function returned: an `MCPServer`, a low-level `Server`, a `FastMCP` of
            the package `fastmcp`, or any ASGI application.
        settings: What the application is to ask for, and what its clients may keep.
        variables: The process's environment variables.

    Raises:
        StartError: It is none of these, or has nothing of a name that needs scopes or may become a task.
    """
    if settings.required_scopes:
        guard(target, settings.required_scopes)
    if settings.tasks:
        from .tasks.start import offer_tasks  # not imported where there are none

        offer_tasks(target, settings.tasks, variables, is_open=settings.auth_type == "none")
    if isinstance(target, MCPServer | Server):
        is_open = settings.auth_type == "none"
        app = stateless(target, catalogue_seconds=settings.catalogue_seconds, is_open=is_open)
        return Hosted(app, target.name, target.version or None, Names(target), is_of_sdk=True)
    fastapi = sys.modules.get("fastapi")  # not imported for the question: who has made one has imported it
    if fastapi and isinstance(target, fastapi.FastAPI):
        return Hosted(target, target.title, target.version)
    if is_asgi(target):
        return Hosted(target, settings.name, None)  # type: ignore[arg-type]
    if hasattr(target, "http_app") and not inspect.isclass(target):
        app = target.http_app(path=MCP_PATH, stateless_http=True)
        return Hosted(app, getattr(target, "name", settings.name), getattr(target, "version", None))
    raise StartError(refusal_of(settings.entrypoint, target))

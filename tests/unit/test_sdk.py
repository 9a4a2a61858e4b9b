"""Names in other packages that may go with an upgrade, each looked up by a test of its own."""

from __future__ import annotations

import importlib.util
import inspect
from typing import Any

import pytest
from mcp.server import request_state
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.server import Settings
from mcp.server.session import ServerSession
from mcp_types import Tool
from mcp_types._types import MCPModel
from pydantic import BaseModel, TypeAdapter

from mcp_lambda_host.sdk import client_log, lean


def started() -> Server[Any]:
    """The low-level server below a server that has made its application."""
    server = MCPServer("any")
    server.tool(name="add")(lambda: "done")
    server.streamable_http_app()
    return server.session_manager.app


def test_the_handlers_of_a_server_can_be_taken_away() -> None:
    assert "subscriptions/listen" in started()._request_handlers


def test_a_server_looks_up_the_schema_of_a_tool_by_name() -> None:
    find_schema = started().get_tool_input_schema

    assert find_schema is not None
    assert find_schema("add") is not None
    assert find_schema("nothing") is None


def test_a_session_sends_log_messages_by_a_method_of_these_parameters() -> None:
    sends = inspect.unwrap(client_log._send)

    assert sends.__qualname__ == "ServerSession.send_log_message"
    assert inspect.signature(sends).parameters.keys() == inspect.signature(client_log.log_and_send).parameters.keys()
    assert callable(ServerSession.send_log_message)


def test_the_default_for_request_state_is_made_by_ephemeral() -> None:
    parameters = inspect.signature(request_state.RequestStateSecurity.ephemeral).parameters

    assert parameters.keys() == {"ttl", "audience"}


def test_the_import_system_has_a_lock_for_each_module() -> None:
    with importlib._bootstrap._ModuleLockManager("any"):  # type: ignore[attr-defined]
        pass


def test_a_type_adapter_counts_the_frames_above_it_by_this_parameter() -> None:
    assert inspect.signature(TypeAdapter.__init__).parameters["_parent_depth"].default == 2


def test_the_configuration_of_all_models_is_a_dict_of_the_base_class() -> None:
    assert isinstance(BaseModel.model_config, dict)


@pytest.mark.parametrize("module", [*lean.LAZY, lean.UNUSED, lean.USER_OF_UNUSED])
def test_a_module_that_the_lean_start_treats_differently_is_there(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def test_a_server_keeps_its_low_level_server_and_its_settings_under_these_names() -> None:
    server = MCPServer("any")

    assert isinstance(server._lowlevel_server, Server)
    assert isinstance(server.settings, Settings)


def test_all_types_of_the_protocol_have_one_base_class_of_pydantic() -> None:
    assert issubclass(Tool, MCPModel)
    assert MCPModel.__init__ is BaseModel.__init__
    assert callable(BaseModel.__getattr__)  # type: ignore[attr-defined]

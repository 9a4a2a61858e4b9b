"""Names in other packages that may go with an upgrade, each looked up by a test of its own."""

from __future__ import annotations

import collections
import dataclasses
import importlib.util
import inspect
import re
from itertools import chain
from typing import Any

import pytest
from mcp.server import request_state
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.server import Settings
from mcp.server.session import ServerSession
from mcp_types import Tool
from mcp_types._types import MCPModel
from pydantic import AnyUrl, BaseModel, TypeAdapter
from pydantic._internal import _model_construction

from mcp_lambda_host.sdk import client_log, compiled, lean, prebuilt, tool_schemas


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


@pytest.mark.parametrize("module", [*lean.LAZY, *lean.UNUSED, *chain.from_iterable(lean.UNUSED.values())])
def test_a_module_that_the_lean_start_treats_differently_is_there(module: str) -> None:
    assert importlib.util.find_spec(module) is not None


def test_a_server_keeps_its_low_level_server_and_its_settings_under_these_names() -> None:
    server = MCPServer("any")

    assert isinstance(server._lowlevel_server, Server)
    assert isinstance(server.settings, Settings)


def test_all_types_of_the_protocol_have_one_base_class_of_pydantic() -> None:
    assert issubclass(Tool, MCPModel)
    assert "__init__" not in vars(MCPModel)
    assert callable(BaseModel.__getattr__)  # type: ignore[attr-defined]


def test_a_model_that_is_built_later_has_a_mock_that_rebuilds_it() -> None:
    class Later(BaseModel, defer_build=True):
        number: int

    for name in ("__pydantic_core_schema__", "__pydantic_validator__", "__pydantic_serializer__"):
        assert callable(vars(Later)[name]._attempt_rebuild)
    assert callable(_model_construction.set_model_mocks)  # type: ignore[attr-defined]
    assert callable(TypeAdapter._init_core_attrs)


def test_a_type_of_urls_makes_the_function_of_its_schema_without_a_handler() -> None:
    assert callable(prebuilt._made_by(AnyUrl))


def test_a_tool_takes_its_metadata_from_a_function_of_its_module() -> None:
    assert inspect.signature(tool_schemas._registry().func_metadata).parameters.keys() == {
        "func",
        "skip_names",
        "structured_output",
    }
    assert "func_metadata" in tool_schemas._registry().Tool.from_function.__func__.__code__.co_names


def test_dataclasses_and_named_tuples_run_texts_by_builtins_that_their_modules_may_hide() -> None:
    made, named = ("".join(map(inspect.getsource, of)) for of in ([dataclasses], [collections.namedtuple]))

    assert " exec(txt, " in made
    assert " eval(code, namespace)" in named


def test_expressions_are_compiled_by_a_function_that_re_looks_up_each_time() -> None:
    assert "_compiler.compile(pattern, flags)" in inspect.getsource(re._compile)  # type: ignore[attr-defined]
    assert callable(compiled.compiler._code)
    assert {len(key) for key in re._cache} == {3}  # type: ignore[attr-defined]

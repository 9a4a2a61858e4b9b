"""JSON schemas of tools as the build has made them: to make them takes a start a millisecond for each tool.

The schemas follow from the tool's signature alone where all its types are Python's own, so they are kept by signature,
and no change of the code can make them wrong. The models that check a tool's arguments and results, of which the SDK
makes the schemas, are then made at the tool's first call. A tool with other types is registered as ever. This module
goes by how the SDK is written inside.
"""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import inspect
import pickle
import sys
import types
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal, Union, get_args, get_origin

PLAIN = (bool, bytes, complex, dict, float, frozenset, int, list, object, set, str, tuple, types.NoneType)
OWN = frozenset(
    {*PLAIN, Any, Union, types.UnionType, decimal.Decimal, uuid.UUID, collections.abc.Sequence, collections.abc.Mapping}
    | {datetime.date, datetime.datetime, datetime.time, datetime.timedelta}
)
"""Types that are the same in each process; an author's may be made of what only Lambda has."""

VALUES = (bool, bytes, float, int, str, types.NoneType)

Function = Callable[..., Any]
Make = Callable[[Function, Sequence[str], bool | None], Any]
"""The SDK's own way from a function, with names of parameters to skip, to its metadata."""

Schemas = tuple[dict[str, Any], dict[str, Any] | None]
"""Those of a tool's arguments and of its structured result."""


class _OtherError(Exception):
    """A type or a value of which nobody knows what it is in another process."""


def use(kept: Mapping[str, bytes]) -> None:
    """Have the SDK register tools with kept schemas, by signature."""
    from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata

    base = _registry()
    make: Make = base.func_metadata
    registers = base.Tool.from_function.__func__.__code__

    class LaterMetadata(FuncMetadata):
        """Metadata of a tool whose models are made when they are first asked for."""

        def __getattr__(self, name: str) -> Any:
            state = vars(self)
            if name in state:  # another thread has made it meanwhile
                return state[name]
            if "_make" not in state or name not in FuncMetadata.model_fields:
                return super().__getattr__(name)  # type: ignore[misc]
            if name == "arg_model" and sys._getframe(1).f_code is registers:
                return state["_arguments"]
            made = state["_make"]()
            given = {field: state[field] for field in FuncMetadata.model_fields if field in state}
            object.__setattr__(self, "__pydantic_private__", made.__pydantic_private__)
            object.__setattr__(self, "__dict__", {**vars(made), **given})
            return getattr(self, name)

    def register(func: Function, skip_names: Sequence[str] = (), structured_output: bool | None = None) -> Any:
        pickled = kept.get(signature_key(func, skip_names, structured_output) or "")
        if pickled is None:
            return make(func, skip_names, structured_output)
        parameters, output_schema = pickle.loads(pickled)  # noqa: S301  (part of the zip, as the code is)
        later = LaterMetadata.__new__(LaterMetadata)
        state = {
            "output_schema": output_schema,
            "_arguments": _Arguments(parameters),
            "_make": partial(make, func, skip_names, structured_output),
        }
        object.__setattr__(later, "__dict__", state)
        object.__setattr__(later, "__pydantic_fields_set__", {"output_schema"})
        object.__setattr__(later, "__pydantic_extra__", None)
        object.__setattr__(later, "__pydantic_private__", None)
        return later

    base.func_metadata = register


def _registry() -> Any:
    """The SDK's module that makes tools of functions."""
    from mcp.server.mcpserver.tools import base

    return base


class _Arguments:
    """Stands for the model of a tool's arguments where the tool is registered, which asks for its schema alone."""

    model_fields: Mapping[str, Any] = {}
    """What a tool with resolvers is looked up in; no kept one has any."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema

    def model_json_schema(self, *, by_alias: bool) -> dict[str, Any]:
        """The kept schema."""
        return self._schema


def record() -> dict[str, Callable[[], Schemas]]:
    """Have the SDK note the tools that it registers; what gives their schemas, by signature."""
    base = _registry()
    make: Make = base.func_metadata
    noted: dict[str, Callable[[], Schemas]] = {}

    def register(func: Function, skip_names: Sequence[str] = (), structured_output: bool | None = None) -> Any:
        metadata = make(func, skip_names, structured_output)
        key = signature_key(func, skip_names, structured_output)
        if key:
            noted[key] = lambda: (metadata.arg_model.model_json_schema(by_alias=True), metadata.output_schema)
        return metadata

    base.func_metadata = register
    return noted


def signature_key(func: Function, skip_names: Sequence[str], structured_output: bool | None) -> str | None:
    """What the schemas of a tool follow from, None if that is more than a text can say."""
    try:
        signature = inspect.signature(func, eval_str=True)
        parts = [
            f"{each.name} {each.kind} {_type(each.annotation)} {_value(each.default)}"
            for each in signature.parameters.values()
            if each.name not in skip_names
        ]
        name, result = _value(func.__name__), _type(signature.return_annotation)
    except (_OtherError, AttributeError, NameError, TypeError, ValueError):
        return None
    return f"{name} {structured_output} {result} {parts}"


def _type(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return "-"
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return f"Literal{[_value(each) for each in arguments]}"
    if origin is Annotated:
        return f"Annotated{[_type(arguments[0]), *map(_note, arguments[1:])]}"
    if origin is not None and origin in OWN:
        return f"{origin}{[... if each is ... else _type(each) for each in arguments]}"
    if (isinstance(annotation, type) or annotation is Any) and annotation in OWN and not arguments:
        return str(annotation)
    raise _OtherError


def _note(note: Any) -> str:
    """What `Annotated` says beside a type: a text, or a field by what was given for it."""
    return f"Field{_value(note._attributes_set)}" if type(note).__name__ == "FieldInfo" else _value(note)


def _value(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return "-"
    if type(value) in VALUES:
        return repr(value)
    if type(value) in (list, tuple):
        return f"{type(value)}{[_value(each) for each in value]}"
    if type(value) is dict:
        return str({_value(key): _value(held) for key, held in value.items()})
    if type(value).__name__ == "FieldInfo":
        return _note(value)
    raise _OtherError

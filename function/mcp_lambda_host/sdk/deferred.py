"""Pydantic models that are finished at their first use: the protocol has hundreds, and a server uses some dozens.

Pydantic's own `defer_build` leaves the schema for later, but still collects the fields of each model, which takes most
of the time of its class statement. This module goes by how Pydantic is written inside.
"""

from __future__ import annotations

import builtins
import importlib
import sys
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import typing_extensions

FIELDS = "__pydantic_fields__"
"""Attribute of a model's class that holds its fields by name."""


@contextmanager
def plain_shapes() -> Iterator[None]:
    """Have Pydantic's ninety shapes of schemas, which type checkers alone read, be simple classes and no TypedDicts."""
    source: Any = typing if sys.version_info >= (3, 12) else typing_extensions
    shape = source.TypedDict
    source.TypedDict = _Shape
    try:
        importlib.import_module("pydantic_core.core_schema")
    finally:
        source.TypedDict = shape
    yield


class _Shape(dict[str, Any]):
    """Stands for TypedDict as a base class."""

    def __init_subclass__(cls, *, total: bool = True) -> None:
        """Take what TypedDict takes."""


@contextmanager
def deferred_models() -> Iterator[None]:
    """Have Pydantic collect the fields of a model and build its schema, or that of an adapter, at the first use."""
    from pydantic import BaseModel, ConfigDict, TypeAdapter
    from pydantic._internal import _model_construction as construction
    from pydantic._internal._typing_extra import safe_get_annotations

    adapt, rebuild, collect = TypeAdapter.__init__, vars(BaseModel)["model_rebuild"], construction.set_model_fields
    metaclass: Any = construction.ModelMetaclass
    look = metaclass._collect_bases_data

    def adapt_later(self: Any, type: Any, *, config: Any = None, _parent_depth: int = 2, **options: Any) -> None:
        if not isinstance(type, builtins.type):  # a class may have a config of its own, and takes no other
            config = config or ConfigDict(defer_build=True)
        adapt(self, type, config=config, _parent_depth=_parent_depth + 1, **options)

    def rebuild_later(cls: Any, *, raise_errors: bool = True, **options: Any) -> bool | None:
        if raise_errors:  # by a module that has defined all its models; a use of a model asks for no errors
            return None
        built: bool | None = rebuild.__get__(None, cls)(raise_errors=False, **options)
        return built

    def collect_later(cls: Any, *, namespace_info: Any, **options: Any) -> None:
        options["namespace_info"] = namespace_info
        own = safe_get_annotations(cls)
        has_others = any(name.startswith("_") or "ClassVar" in str(of) for name, of in own.items())
        if namespace_info.private_candidates or has_others:
            collect(cls, **options)  # a class is made in another way if it has, or inherits, other than fields
        else:
            bases = [vars(base).get(FIELDS, ()) for base in cls.__mro__[1:] if issubclass(base, BaseModel)]
            names = frozenset(own).union(*(getattr(fields, "names", fields) for fields in bases))
            setattr(cls, FIELDS, _DeferredFields(cls, partial(collect, cls, **options), names))

    def look_later(bases: tuple[Any, ...]) -> tuple[set[str], set[str], dict[str, Any]]:
        names: set[str] = set()
        class_variables: set[str] = set()
        private: dict[str, Any] = {}
        for base in bases:
            fields = vars(base).get(FIELDS)
            if isinstance(fields, _DeferredFields):
                found: Any = (fields.names, base.__class_vars__, base.__private_attributes__)
            else:
                found = look((base,))
            for collected, more in zip((names, class_variables, private), found, strict=True):
                collected.update(more)  # type: ignore[attr-defined]
        return names, class_variables, private

    BaseModel.model_config["defer_build"] = True
    TypeAdapter.__init__ = adapt_later  # type: ignore[method-assign]
    BaseModel.model_rebuild = classmethod(rebuild_later)  # type: ignore[arg-type, assignment, method-assign]
    construction.set_model_fields = collect_later  # type: ignore[assignment]
    metaclass._collect_bases_data = staticmethod(look_later)
    try:
        yield
    finally:
        metaclass._collect_bases_data = staticmethod(look)
        construction.set_model_fields = collect
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]
        TypeAdapter.__init__ = adapt  # type: ignore[method-assign]
        del BaseModel.model_config["defer_build"]  # the author's models are built where they are written


class _DeferredFields:
    """Stands for the fields of a model, and is replaced by them when they are first asked for.

    Args:
        model: The class.
        collect: Gives it its fields.
        names: Their names, those of inherited ones among them.
    """

    def __init__(self, model: type, collect: Callable[[], None], names: frozenset[str]) -> None:
        self._model, self._collect, self.names = model, collect, names

    def __get__(self, instance: object, owner: type) -> Any:
        from pydantic.main import _rebuild_lock

        with _rebuild_lock:  # Pydantic's own: with a second lock, two threads could wait for each other
            if vars(self._model)[FIELDS] is self:
                self._collect()
        return getattr(owner, FIELDS)

    def __contains__(self, name: str) -> bool:
        """Whether a field is known already, which Pydantic asks while it collects."""
        return False

"""Pydantic models that are finished at their first use: the protocol has hundreds, and a server uses some dozens.

Pydantic's own `defer_build` leaves the schema for later, but still collects the fields of each model, which takes most
of the time of its class statement. This module goes by how Pydantic is written inside.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

FIELDS = "__pydantic_fields__"
"""Attribute of a model's class that holds its fields by name."""


@contextmanager
def deferred_models() -> Iterator[None]:
    """Have Pydantic collect the fields of a model and build its schema, or that of an adapter, at the first use."""
    from pydantic import BaseModel, ConfigDict, TypeAdapter
    from pydantic._internal import _model_construction as construction
    from pydantic._internal._typing_extra import safe_get_annotations

    adapt, rebuild, collect = TypeAdapter.__init__, vars(BaseModel)["model_rebuild"], construction.set_model_fields

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
        if namespace_info.private_candidates or any(name.startswith("_") for name in safe_get_annotations(cls)):
            collect(cls, **options)  # the class is made in another way if it has private attributes
        else:
            setattr(cls, FIELDS, _DeferredFields(cls, partial(collect, cls, **options)))

    BaseModel.model_config["defer_build"] = True
    TypeAdapter.__init__ = adapt_later  # type: ignore[method-assign]
    BaseModel.model_rebuild = classmethod(rebuild_later)  # type: ignore[arg-type, assignment, method-assign]
    construction.set_model_fields = collect_later  # type: ignore[assignment]
    try:
        yield
    finally:
        construction.set_model_fields = collect
        BaseModel.model_rebuild = rebuild  # type: ignore[method-assign]
        TypeAdapter.__init__ = adapt  # type: ignore[method-assign]
        del BaseModel.model_config["defer_build"]  # the author's models are built where they are written


class _DeferredFields:
    """Stands for the fields of a model, and is replaced by them when they are first asked for."""

    def __init__(self, model: type, collect: Callable[[], None]) -> None:
        self._model, self._collect = model, collect

    def __get__(self, instance: object, owner: type) -> Any:
        from pydantic.main import _rebuild_lock

        with _rebuild_lock:  # Pydantic's own: with a second lock, two threads could wait for each other
            if vars(self._model)[FIELDS] is self:
                self._collect()
        return getattr(owner, FIELDS)

    def __contains__(self, name: str) -> bool:
        """Whether a field is known already, which Pydantic asks while it collects."""
        return False

"""Schemas of the SDK's models as the build has made them: they are the same at every start, and take a fifth of it.

Pydantic makes a schema from a model's annotations, in Python, and from that a validator and a serializer, in Rust,
which is quick. The build takes the schemas of a trial start, and of all messages, into the zip. This module goes by how
Pydantic is written inside. Where no schema is kept, or a kept one does not do, Pydantic makes it as ever.
"""

from __future__ import annotations

import gc
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import FunctionType, UnionType
from typing import Any, get_args

from ..own_log import logger
from . import tool_schemas

FILE = Path(__file__).with_name("schemas.pickle")
"""What `dump` gives, as the build writes it into the zip."""

PACKAGES = ("mcp", "mcp_types")
"""Packages whose models are kept: an author's may depend on what only Lambda has."""

ADDRESS = re.compile(r":\d+")
"""Matches in the name of a schema the address of its class, which differs at each start."""


@contextmanager
def prebuilt_schemas() -> Iterator[None]:
    """Have the models of the modules that are imported use their kept schemas, and adapters of them as well."""
    if not FILE.is_file():
        yield
        return
    from pydantic import VERSION, TypeAdapter
    from pydantic._internal import _mock_val_ser, _model_construction

    construction: Any = _model_construction
    version, schemas, tools = pickle.loads(FILE.read_bytes())  # noqa: S301  (part of the zip, as the code is)
    if version != VERSION:
        raise ImportError(f"the schemas in the zip are of Pydantic {version}, and this is {VERSION}")
    kept = _Kept(schemas)
    mock, adapt = _mock_val_ser.set_model_mocks, TypeAdapter._init_core_attrs

    def mock_later(cls: Any, *args: Any) -> None:
        mock(cls, *args)
        if _name(cls) in schemas:
            for name in ("__pydantic_core_schema__", "__pydantic_validator__", "__pydantic_serializer__"):
                kept.come_first(vars(cls)[name], cls)

    def adapt_kept(self: Any, *args: Any, **options: Any) -> bool:
        return kept.restore_adapter(self) or adapt(self, *args, **options)  # the author's adapters pass here, too

    construction.set_model_mocks = mock_later
    TypeAdapter._init_core_attrs = adapt_kept  # type: ignore[method-assign]
    try:
        yield
    finally:
        construction.set_model_mocks = mock
    if tools:
        tool_schemas.use(tools)


class _Kept:
    """Schemas by the names of their types, each pickled, and left so until it is used."""

    def __init__(self, schemas: Mapping[str, bytes]) -> None:
        self._schemas = dict(schemas)

    def come_first(self, mock: Any, cls: Any) -> None:
        """Have a stand-in of Pydantic's restore its model before it has the schema made."""
        rebuild = mock._attempt_rebuild

        def restored(**options: Any) -> Any:
            self.restore_model(cls)
            return rebuild(**options)  # only looks, if the model is whole by now

        mock._attempt_rebuild = restored

    def restore_model(self, cls: Any) -> None:
        """Complete a model with its kept schema, if there is one."""
        from pydantic._internal._config import ConfigWrapper
        from pydantic._internal._signature import generate_pydantic_signature
        from pydantic._internal._utils import LazyClassAttribute
        from pydantic.main import _rebuild_lock

        with _rebuild_lock:  # Pydantic's own: with a second lock, two threads could wait for each other
            if cls.__pydantic_complete__ or (found := self._restored(_name(cls), cls, cls.model_config)) is None:
                return
            cls.__pydantic_core_schema__, cls.__pydantic_validator__, cls.__pydantic_serializer__ = found
            config = ConfigWrapper(cls.model_config, check=False)

            def signature() -> Any:
                return generate_pydantic_signature(
                    init=cls.__init__,
                    fields=cls.__pydantic_fields__,
                    validate_by_alias=config.validate_by_alias,
                    extra=config.extra,
                )

            cls.__signature__ = LazyClassAttribute("__signature__", signature)
            cls.__pydantic_complete__ = True
            cls.__pydantic_on_complete__()

    def restore_adapter(self, adapter: Any) -> bool:
        """Complete an adapter of a union with its kept schema, and the model of another; whether the adapter is."""
        if isinstance(adapter._type, type):
            if _name(adapter._type) in self._schemas:
                self.restore_model(adapter._type)
            return False
        if not isinstance(adapter._type, UnionType) or adapter._config:
            return False
        if (found := self._restored(_name(adapter._type), adapter._type, {})) is None:
            return False
        adapter.core_schema, adapter.validator, adapter.serializer = found
        adapter.pydantic_complete = True
        return True

    def _restored(self, name: str, of: Any, config: Any) -> tuple[Any, Any, Any] | None:
        """The schema, validator and serializer of a model or of a union of models."""
        from pydantic._internal._config import ConfigWrapper
        from pydantic.plugin._schema_validator import create_schema_validator
        from pydantic_core import SchemaSerializer

        pickled = self._schemas.pop(name, None)
        if pickled is None:
            return None
        try:
            schema = pickle.loads(pickled)  # noqa: S301  (part of the zip, as the code is)
            wrapper = ConfigWrapper(config, check=False)
            core_config = wrapper.core_config(getattr(of, "__name__", None))
            module, _, qualified = name.rpartition(".")
            kind: Any = "BaseModel" if isinstance(of, type) else "TypeAdapter"
            plugins = wrapper.plugin_settings
            validator = create_schema_validator(schema, of, module, qualified, kind, core_config, plugins)
            return schema, validator, SchemaSerializer(schema, core_config)
        except Exception as error:
            if self._schemas:  # one line says enough
                logger.warning("The schema of %s was made anew: %s: %s", name, type(error).__name__, error)
            self._schemas.clear()
            return None


def dump(tools: Mapping[str, Callable[[], tool_schemas.Schemas]]) -> bytes:
    """The schemas of all messages of both eras, and those that were made in this process besides, for `FILE`.

    Args:
        tools: What `tool_schemas.record` has noted.
    """
    from pydantic import VERSION, BaseModel, TypeAdapter

    _make_all()
    schemas = {}
    adapters: list[TypeAdapter[Any]] = [each for each in gc.get_objects() if type(each) is TypeAdapter]
    for adapter in adapters:
        is_union = isinstance(adapter._type, UnionType) and all(map(_is_kept, get_args(adapter._type)))
        if is_union and adapter.pydantic_complete:
            schemas[_name(adapter._type)] = adapter.core_schema
    for model in _subclasses(BaseModel):
        if model.__pydantic_complete__ and _is_kept(model):
            schemas[_name(model)] = model.__pydantic_core_schema__
    pickled = {name: _pickle(schema) for name, schema in sorted(schemas.items())}
    models = {name: schema for name, schema in pickled.items() if schema}
    of_tools = {key: pickle.dumps(schemas(), protocol=5) for key, schemas in sorted(tools.items())}
    return pickle.dumps((VERSION, models, of_tools), protocol=5)


def _make_all() -> None:
    from mcp_types import methods
    from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, MODERN_PROTOCOL_VERSIONS

    newest = (HANDSHAKE_PROTOCOL_VERSIONS[-1], MODERN_PROTOCOL_VERSIONS[-1])
    of_wire = (methods.CLIENT_REQUESTS, methods.CLIENT_NOTIFICATIONS, methods.SERVER_RESULTS)
    made: list[Any] = [made for table in of_wire for (_, version), made in table.items() if version in newest]
    for table in (methods.MONOLITH_REQUESTS, methods.MONOLITH_NOTIFICATIONS, methods.MONOLITH_RESULTS):
        made += table.values()
    for each in made:
        for model in get_args(each) or [each]:
            model.model_rebuild()
    for result in methods.SERVER_RESULTS.values():
        methods._adapter(result)


def _name(of: Any) -> str:
    return f"{of.__module__}.{of.__qualname__}" if isinstance(of, type) else str(of)


def _is_kept(of: Any) -> bool:
    """Whether the type is a model of the SDK of which a schema is all that has to be made."""
    from pydantic import BaseModel

    if not (isinstance(of, type) and issubclass(of, BaseModel) and of.__module__.split(".")[0] in PACKAGES):
        return False
    has_deprecated = any(field.deprecated for field in of.__pydantic_fields__.values())
    return not has_deprecated and not of.__pydantic_decorators__.computed_fields


def _subclasses(model: type) -> Iterator[Any]:
    each: Any
    for each in model.__subclasses__():
        yield each
        yield from _subclasses(each)


def _pickle(schema: object) -> bytes | None:
    """The schema, None if something in it has no name, or not one of its own, by which it would be found again."""
    written = BytesIO()
    try:
        _Pickler(written, protocol=5).dump(_without_addresses(schema, {}))
    except (AttributeError, pickle.PicklingError):
        return None
    return written.getvalue()


def _without_addresses(schema: Any, names: dict[str, str]) -> Any:
    """The schema with names that are the same in each process; the names that it had, by these."""
    if isinstance(schema, list):
        return [_without_addresses(each, names) for each in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _without_addresses(value, names) for key, value in schema.items()}
    for key in ("ref", "schema_ref"):
        if isinstance(plain.get(key), str):  # not a field of that name
            name = ADDRESS.sub("", plain[key])
            if names.setdefault(name, plain[key]) != plain[key]:
                raise pickle.PicklingError(f"two types have the name {name}")
            plain[key] = name
    return plain


class _Pickler(pickle.Pickler):
    """Writes a function that a type makes for its own schema, such as that of AnyUrl, as how to have it made again."""

    def reducer_override(self, value: Any) -> Any:
        """How a value is made again, NotImplemented for pickle's own way."""
        if isinstance(value, FunctionType) and "__get_pydantic_core_schema__.<locals>" in value.__qualname__:
            for cell in value.__closure__ or ():
                if isinstance(cell.cell_contents, type) and _made_by(cell.cell_contents).__code__ is value.__code__:
                    return _made_by, (cell.cell_contents,)
        return NotImplemented


def _made_by(of: Any) -> Any:
    """The validator that a type makes for its own schema."""
    return of.__get_pydantic_core_schema__(of, None)["function"]["function"]

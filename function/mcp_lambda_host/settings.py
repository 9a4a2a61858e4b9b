"""What the Terraform module tells the host."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from .contract import AUTHOR, LOG_LEVELS, LOG_SUBJECTS, METRICS_CHOICES, SETTINGS_VARIABLE
from .errors import StartError

T = TypeVar("T")


@dataclass(frozen=True)
class TaskSettings:
    """What the host has to know of tasks: calls of tools that may take longer than the gateway waits.

    Attributes:
        tools: By the tool's name when a call of it becomes a task, a `TASK_MODES`.
        table: ARN of the DynamoDB table that keeps the tasks.
        worker: ARN of the version of the second function that runs them; None: this is the second function.
        ttl_seconds: For how long a task can be asked for, from its start on.
        queue_seconds: For how long a task may wait for a worker.
        withheld_headers: Headers with credentials, in lower case, which a worker does not get to see.
        bucket: Name of the S3 bucket for results that no item of the table holds; None: such a task fails.
    """

    tools: Mapping[str, str]
    table: str
    worker: str | None
    ttl_seconds: int
    queue_seconds: int
    withheld_headers: frozenset[str]
    bucket: str | None


@dataclass(frozen=True)
class Settings:
    """The module's inputs that reach the host. None has a default: Terraform says each of them, or the start fails.

    Attributes:
        name: The module's name, which separates this server from others in one account.
        entrypoint: Where the author's server is, as `module:attribute`. JSON has null where the build has found it.
        origins: Origins that a browser may send, exact; `*` admits any.
        auth_type: How the gateway checks a caller, the type of `auth`; `none`: it lets everybody in.
        issuer: The authorization server that clients ask for a token: the one that the gateway takes tokens of, or the
            module's own before it (`auth.login`); None: the gateway takes no JWT.
        scopes: Scopes of which the gateway asks a token for at least one.
        scope_claims: Claims beside `scope` and `scp` whose values count as scopes of a caller.
        advertised_scopes: Scopes that clients are told to ask for; none: `scopes` and those of `required_scopes`.
        required_scopes: Scopes by what needs them: `tools/<name>`, `prompts/<name>`, `resources/<URI or template>`.
        catalogue_seconds: For how long a client may keep the lists of tools, prompts and resources.
        request_state_parameter: ARN of the SSM parameter, or of the secret, with the keys for `requestState`; None:
            keys of this process.
        request_state_keys: Labels of these keys. The host does not read them: a change makes a new version of the
            function, whose environments read the keys anew.
        secrets: ARNs of the author's secrets by the environment variable that each becomes.
        log_level: Lowest level that is written, one of Lambda's.
        log_sample_rate: Share of the plain successes that have a request line; all else always has one.
        log_subject: How the request line names the caller: hash, plain or none.
        log_payloads: Whether the log has the arguments and answers of calls.
        metrics: What is counted: `server` (in all), `tools` (by tool, method and era, too) or `none`.
        tracing: Whether calls of tools are sent to X-Ray.
        tasks: Which tools may run longer than a request, and where; None: none.
    """

    name: str
    entrypoint: str
    origins: frozenset[str]
    auth_type: str
    issuer: str | None
    scopes: frozenset[str]
    scope_claims: tuple[str, ...]
    advertised_scopes: frozenset[str]
    required_scopes: Mapping[str, frozenset[str]]
    catalogue_seconds: int
    request_state_parameter: str | None
    request_state_keys: tuple[str, ...]
    secrets: Mapping[str, str]
    log_level: str
    log_sample_rate: float
    log_subject: str
    log_payloads: bool
    metrics: str
    tracing: bool
    tasks: TaskSettings | None

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Read the settings from a JSON object whose keys are the fields.

        Raises:
            StartError: It is no object, a key is unknown or missing, or a value is of a wrong type; one sentence.
        """
        try:
            given = json.loads(text)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise StartError(f"{SETTINGS_VARIABLE} must hold the settings as a JSON object, which Terraform writes.")
        if AUTHOR and given.get("entrypoint", "") is None:
            given["entrypoint"] = AUTHOR.entrypoint
        return _read_object(cls, given)


NOTHING_KNOWN = Settings(
    name="",
    entrypoint="",
    origins=frozenset(),
    auth_type="none",
    issuer=None,
    scopes=frozenset(),
    scope_claims=(),
    advertised_scopes=frozenset(),
    required_scopes={},
    catalogue_seconds=0,
    request_state_parameter=None,
    request_state_keys=(),
    secrets={},
    log_level="INFO",
    log_sample_rate=1,
    log_subject="none",
    log_payloads=False,
    metrics="none",
    tracing=False,
    tasks=None,
)
"""What a host goes by whose settings cannot be read: it starts no server, and its log tells as little as it can."""

CHOICES = {"log_level": LOG_LEVELS, "log_subject": LOG_SUBJECTS, "metrics": METRICS_CHOICES}

Reader = Callable[[Any], Any]
"""Turns a value of JSON into that of a field; raises ValueError where it is of another type."""


def _only(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # not isinstance: true would be a number
            raise ValueError
        return value

    return read


def _share(value: Any) -> float:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise ValueError
    return float(value)


def _nullable(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _each(read: Reader, collect: Callable[[list[Any]], Any]) -> Reader:
    as_list = _only(list)
    return lambda value: collect([read(item) for item in as_list(value)])


def _by_name(read: Reader) -> Reader:
    as_dict = _only(dict)
    return lambda value: {name: read(item) for name, item in as_dict(value).items()}


TYPES: dict[str, tuple[str, Reader]] = {
    "str": ("a string", _only(str)),
    "str | None": ("a string or null", _nullable(_only(str))),
    "bool": ("true or false", _only(bool)),
    "int": ("a whole number", _only(int)),
    "float": ("a number from 0 to 1", _share),
    "frozenset[str]": ("a list of strings", _each(_only(str), frozenset)),
    "tuple[str, ...]": ("a list of strings", _each(_only(str), tuple)),
    "Mapping[str, str]": ("an object of strings", _by_name(_only(str))),
    "Mapping[str, frozenset[str]]": ("an object of lists of strings", _by_name(_each(_only(str), frozenset))),
    "TaskSettings | None": ("an object or null", _nullable(lambda value: _read_object(TaskSettings, value, "tasks."))),
}
"""What a value of JSON must be for a field of a type, and its reader."""


def _read_object(cls: type[T], given: Any, prefix: str = "") -> T:
    """Read an object whose keys are the fields of a class."""
    types = {field.name: str(field.type) for field in fields(cls)}  # type: ignore[arg-type] # of one of the two above
    members = _only(dict)(given)
    problems = [
        *_named("lacks", prefix, types.keys() - members.keys()),
        *_named("has the unknown", prefix, members.keys() - types.keys()),
    ]
    if problems:
        raise StartError(
            f"{SETTINGS_VARIABLE} {' and '.join(problems)}, since the package and the Terraform module are of "
            "different versions: build the package with function/build.py of the module's version."
        )
    return cls(**{name: _read(prefix + name, kind, members[name]) for name, kind in types.items()})


def _read(name: str, kind: str, value: Any) -> Any:
    words, read = TYPES[kind]
    try:
        found = read(value)
    except ValueError:
        raise StartError(f"{SETTINGS_VARIABLE} has {name} = {json.dumps(value)}, but it must be {words}.") from None
    if name in CHOICES and found not in CHOICES[name]:
        choices = ", ".join(CHOICES[name])
        raise StartError(f"{SETTINGS_VARIABLE} has {name} = {json.dumps(value)}, but it must be one of {choices}.")
    return found


def _named(problem: str, prefix: str, names: Iterable[str]) -> list[str]:
    return [f"{problem} {', '.join(prefix + name for name in sorted(names))}"] if names else []

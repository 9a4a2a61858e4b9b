"""What the user asked for, and the files of a directory."""

from __future__ import annotations

import argparse
import json
import keyword
import platform
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

FUNCTION = Path(__file__).resolve().parents[1]
LOCK = FUNCTION / "requirements.lock"

CONTRACT: dict[str, Any] = json.loads((FUNCTION / "mcp_lambda_host" / "contract.json").read_text("utf-8"))
"""What Terraform reads, too."""

MANYLINUX: dict[str, str] = CONTRACT["runtimes"]
"""Tag of the newest wheels that load, by runtime.

python3.11 runs on Amazon Linux 2 (glibc 2.26; below 2_28 uv knows only 2_17), the others on Amazon Linux 2023 (2.34):
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
"""

NODE: dict[str, str] = CONTRACT["node_runtimes"]
"""esbuild's name for a version of Node.js, by runtime."""

MACHINES: dict[str, str] = CONTRACT["architectures"]
"""Linux's name for a processor, by Lambda's."""

LEFT_OUT = re.compile(CONTRACT["left_out"])
"""Matches the name of a file that is not packed, or of a directory (which ends with "/") of which nothing is."""

NOTHING = re.compile(r"(?!)")

SETTINGS: Mapping[str, object] = {
    "name": "",
    "entrypoint": None,
    "auth_type": "none",
    "issuer": None,
    "origins": [],
    "scopes": [],
    "scope_claims": [],
    "advertised_scopes": [],
    "required_scopes": {},
    "request_state_keys": [],
    "secrets": {},
    "catalogue_seconds": 0,
    "request_state_parameter": None,
    "log_level": "ERROR",
    "log_sample_rate": 1,
    "log_subject": "none",
    "log_payloads": False,
    "metrics": "none",
    "tracing": False,
    "tasks": None,
}
"""What the host is told in Terraform's place of a server without anything special."""

NO_NAMES: dict[str, list[str]] = {"required_scopes": [], "tasks": []}
"""Names of tools, prompts and resources in the module's inputs: here none."""


def say(line: str) -> None:
    """One line of progress, seen at once behind a pipe too."""
    print(line, flush=True)


class BuildError(Exception):
    """Ends the build; its text is one sentence for the user: the value, the limit, the reason, what to do."""


class Target(NamedTuple):
    """What the zip must run on, e.g. `python3.13` and `arm64`.

    Attributes:
        runtime: Lambda's name for the interpreter.
        architecture: Lambda's name for the processor.
        is_local: Whether it is this machine, whatever its system, and not Lambda's Linux.
    """

    runtime: str
    architecture: str
    is_local: bool = False

    def __str__(self) -> str:
        return f"{self.runtime} on {self.architecture}"

    @property
    def python(self) -> str:
        """The interpreter's version, e.g. `3.13`."""
        return self.runtime.removeprefix("python")

    @property
    def is_node(self) -> bool:
        """Whether the server is in TypeScript or JavaScript."""
        return self.runtime in NODE

    @property
    def runs_here(self) -> bool:
        """Whether this machine can run the target's compiled modules."""
        return self.is_local or (sys.platform, platform.machine()) == ("linux", MACHINES[self.architecture])


class File(NamedTuple):
    """A file to pack: where it lies now, and the package (or part of the author's directory) it belongs to."""

    path: Path
    owner: str


Files = dict[str, File]  # by the name in the zip, with "/" between its parts


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file; refuses one that cannot be parsed."""
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BuildError(f"{file.name} cannot be read as TOML ({error}): correct it") from None


def check_target(runtime: str, architecture: str) -> Target:
    """The target; refuses a runtime or an architecture that the host is not made for."""
    known = [*MANYLINUX, *NODE]
    if runtime not in known:
        raise BuildError(f"runtime {runtime!r} is not one of {', '.join(known)}, which the host runs on")
    if architecture not in MACHINES:
        raise BuildError(f"architecture {architecture!r} is not one of {', '.join(MACHINES)}, which Lambda has")
    return Target(runtime, architecture)


def this_machine() -> Target:
    """This interpreter on this machine; refuses one that Lambda has not."""
    processors = {name: architecture for architecture, name in MACHINES.items()} | {"arm64": "arm64"}  # macOS's name
    target = check_target(
        "python{}.{}".format(*sys.version_info), processors.get(platform.machine(), platform.machine())
    )
    return target._replace(is_local=True)


def machine_for(source: Path) -> Target:
    """This machine, with the interpreter that the server in a directory needs; refuses one that Lambda has not."""
    of_python = ("pyproject.toml", "requirements.txt", "server.py", "src/server.py")
    is_node = (source / "package.json").is_file() and not any((source / name).is_file() for name in of_python)
    return this_machine()._replace(runtime=next(iter(NODE))) if is_node else this_machine()


def check_output(output: Path) -> None:
    """Refuse a place where no file can be."""
    if output.is_dir():
        raise BuildError(f"output {output} is a directory: name the zip file to write")


def check_source(source: Path, output: Path) -> Path:
    """The author's directory, resolved; refuses one that would hold its own zip."""
    if not source.is_dir():
        raise BuildError(f"source directory {source} {'is not a directory' if source.exists() else 'does not exist'}")
    root, place = source.resolve(), output.resolve()
    if place.is_relative_to(root) and not any(part.startswith(".") for part in place.relative_to(root).parts):
        raise BuildError(f"output {output} is inside the source directory {source} and would be packed into itself")
    return root


def entry_files(entrypoint: str) -> list[str]:
    """The files that may be the module of an entrypoint; refuses one that is not `module:attribute`."""
    module, _, attribute = entrypoint.partition(":")
    if not all(part.isidentifier() and not keyword.iskeyword(part) for part in [*module.split("."), attribute]):
        raise BuildError(f"entrypoint {entrypoint!r} is not module:attribute, for example server:mcp")
    return [f"{module.replace('.', '/')}{ending}" for ending in (".py", "/__init__.py")]


def check_entrypoint(entrypoint: str, source: Path, author: Collection[str]) -> None:
    """Refuse an entrypoint whose module is none of the author's files, which have their names in the zip here."""
    candidates = entry_files(entrypoint)
    if not any(name in author for name in candidates):
        raise BuildError(f"entrypoint {entrypoint!r} needs {' or '.join(candidates)} in {source}: there is neither")


def read_variables(text: str) -> dict[str, str | None]:
    """Environment variables from a JSON object of strings and nulls, by name."""
    found = _object_in(text)
    if found is None or not all(value is None or isinstance(value, str) for value in found.values()):
        raise argparse.ArgumentTypeError('must be a JSON object of strings and nulls, such as {"TABLE": "orders"}')
    return found


def read_names(text: str) -> dict[str, list[str]]:
    """What settings name of the server, from a JSON object: `required_scopes` and `tasks` with a list each."""
    found = _object_in(text)
    if found is None or not found.keys() <= NO_NAMES.keys() or not all(map(_is_texts, found.values())):
        raise argparse.ArgumentTypeError(
            'must be a JSON object of lists, such as {"required_scopes": ["tools/add"], "tasks": ["report"]}'
        )
    return {**NO_NAMES, **found}


def _object_in(text: str) -> dict[str, Any] | None:
    """The JSON object that an option gives; None: it gives none."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def directory_files(root: Path, prefix: str = "", skipped: re.Pattern[str] = NOTHING) -> Iterator[tuple[str, Path]]:
    """Name in the zip and path of each file, without hidden ones, caches and virtual environments.

    A link to a file counts as that file. A link to a directory may lead anywhere, or in a circle: it is refused, as is
    all else that has no content to copy.

    Args:
        root: The directory.
        prefix: What its files' names begin with.
        skipped: Matches the name of a further file, or of a directory (which ends with "/"), that is left out.
    """
    for path in sorted(root.iterdir()):
        name = f"{path.name}/" if path.is_dir() else path.name
        if LEFT_OUT.search(name) or skipped.search(f"{prefix}{name}"):
            continue
        if path.is_file():
            yield f"{prefix}{name}", path
        elif path.is_symlink() or not path.is_dir():
            kind = "a link to a directory" if path.is_dir() else "a broken link or a special file"
            raise BuildError(f"{path} is {kind} and cannot be packed: put the files themselves there, or remove it")
        elif not (path / CONTRACT["virtual_environment_file"]).exists():
            yield from directory_files(path, f"{prefix}{name}", skipped)


def write_author(files: Files, entrypoint: str, *, sdk_1_compatibility: bool, output: Path) -> Path:
    """Write what the host must know of the author's part of the zip as JSON; the file."""
    top_level = sorted({name.split("/")[0] for name in files})
    about = {"files": top_level, "entrypoint": entrypoint, "sdk_1_compatibility": sdk_1_compatibility}
    output.write_text(json.dumps(about), "utf-8")
    return output

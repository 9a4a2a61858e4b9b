#!/usr/bin/env python3
"""Build one Lambda zip: the host package, the author's directory and the dependencies of both, compiled.

With --authorizer it is the zip of the module's own authorizer instead, with --login that of the function where people
log in.

Wheels are resolved for the target (runtime and architecture), nothing is built from source, what a server never imports
is left out, and the same input gives the same bytes. Uses uv where it is on PATH, else this interpreter's pip, and
otherwise the standard library only.
"""

from __future__ import annotations

import argparse
import io
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple, TypeVar

if sys.version_info < (3, 11):  # noqa: UP036  (no installer checks it: any python3 may run this file)
    sys.exit(f"build.py: error: needs Python 3.11 or newer, {sys.executable} is {platform.python_version()}")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # an interpreter in isolated mode does not look beside the script

from builder import archive, bytecode, entry, imports, inputs, left_out, packages, sdk_1, trial  # noqa: E402
from builder.author import author_files  # noqa: E402
from builder.inputs import BuildError, File, Files, say  # noqa: E402
from builder.metadata import metadata_files  # noqa: E402
from builder.project import check_python, read_project  # noqa: E402
from builder.unread import unread as unread_files  # noqa: E402
from builder.wanted import read_wanted  # noqa: E402

HOST = "mcp_lambda_host"
AUTHORIZER = "authorizer"
OF_JWT = {f"{AUTHORIZER}/{module}.py" for module in ("issuer", "jwt_handler", "tokens")}
LOGIN = "login"
AUTHOR = f"{HOST}/author.json"  # what of the zip is the author's, and how it is to be started
KEPT = f"{HOST}/sdk"  # where what a start need not make again lies
SHARED = "mcp_lambda_aws"  # in both zips
CONTRACT = f"{HOST}/contract.json"  # in both, too

T = TypeVar("T")


def main(argv: list[str] | None = None, program: str = "build.py") -> int:
    """Build as the command line says; 0, or 1 after one sentence on stderr (argparse itself exits with 2)."""
    arguments = parse_arguments(argv, program)
    try:
        build(arguments)
    except (BuildError, OSError, UnicodeError) as error:
        return fail(str(error), program)
    except KeyboardInterrupt:
        return fail("interrupted, nothing was written", program)
    return 0


def parse_arguments(argv: list[str] | None, program: str = "build.py") -> argparse.Namespace:
    """The command line, `sys.argv` for None."""
    parser = argparse.ArgumentParser(prog=program, description="Build the Lambda zip of one MCP server.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--source-dir", type=Path, help="the author's directory")
    what.add_argument(
        "--authorizer",
        nargs="?",
        const="token",
        choices=["token", "jwt"],
        help="the module's own authorizer instead, for a type of auth (token, which needs no packages)",
    )
    what.add_argument("--login", action="store_true", help="the function where people log in instead")
    parser.add_argument("--output", type=Path, required=True, help="the zip to write")
    parser.add_argument(
        "--runtime", default="python3.13", help=f"{', '.join([*inputs.MANYLINUX, *inputs.NODE])} (%(default)s)"
    )
    parser.add_argument("--architecture", default="arm64", help=f"{', '.join(inputs.MACHINES)} (%(default)s)")
    parser.add_argument(
        "--no-trial-start",
        dest="trial_start",
        action="store_false",
        help="do not start the server before it is packed",
    )
    parser.add_argument(
        "--environment",
        metavar="JSON",
        type=inputs.read_variables,
        default={},
        help="environment variables of the function for that start, as an object; null for what only the account has",
    )
    parser.add_argument(
        "--names",
        metavar="JSON",
        type=inputs.read_names,
        default=inputs.NO_NAMES,
        help="what the server must have for that start, by the module's input that names it: an object of the lists "
        "required_scopes (as tools/add) and tasks (tools alone)",
    )
    parser.add_argument(
        "--source-map",
        action="store_true",
        help="add a source map of a server in TypeScript, for NODE_OPTIONS=--enable-source-maps",
    )
    parser.add_argument(
        "--through-s3", action="store_true", help="the zip is uploaded through S3, so that it may have more than 50 MB"
    )
    add_server_options(parser)
    return parser.parse_args(argv)


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say what the server in the author's directory is: check.py and serve.py have them, too."""
    parser.add_argument("--entrypoint", help="module:attribute in that directory (the one server that is found there)")
    parser.add_argument(
        "--sdk-1-compatibility",
        action="store_true",
        help="have the names of SDK 1 stand for those of SDK 2, for a server that is written for SDK 1",
    )
    parser.add_argument(
        "--private-key",
        dest="private_keys",
        metavar="FILE",
        action="append",
        default=[],
        help="a file in that directory to pack although it holds a private key; may be repeated",
    )


def fail(sentence: str, program: str = "build.py") -> int:
    """Say on stderr why there is no zip; the exit code."""
    print(f"{program}: error: {sentence}", file=sys.stderr)
    return 1


def build(arguments: argparse.Namespace, target: inputs.Target | None = None) -> None:
    """Check what needs no network, install, check the whole, write the zip; for a target, or as the arguments say."""
    started = time.monotonic()
    inputs.check_output(arguments.output)
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-build-") as work:
        make = authorizer_files if arguments.authorizer else login_files if arguments.login else server_files
        files = make(arguments, Path(work), target)
        limit = None if arguments.through_s3 else archive.ZIPPED_LIMIT
        files, zipped, unpacked = archive.write_zip(files, arguments.output, limit)
    sizes = f"{archive.megabytes(zipped)} zipped, {archive.megabytes(unpacked)} unpacked, {len(files):,} files"
    say(f"wrote {arguments.output}: {sizes}, {time.monotonic() - started:.1f} s")


def authorizer_files(arguments: argparse.Namespace, work: Path, target: inputs.Target | None) -> Files:
    """The files of the authorizer, which reads the contract, too; with compiled packages if it checks JWTs."""
    own = {**package_files(AUTHORIZER, SHARED), CONTRACT: File(HERE / CONTRACT, HOST)}
    if arguments.authorizer == "token":
        return {name: file for name, file in own.items() if name not in OF_JWT}
    return with_cryptography(own, arguments, work, target)


def login_files(arguments: argparse.Namespace, work: Path, target: inputs.Target | None) -> Files:
    """The files of the function where people log in, which finds its provider as the authorizer does."""
    return with_cryptography(package_files(LOGIN, AUTHORIZER, SHARED), arguments, work, target)


def with_cryptography(own: Files, arguments: argparse.Namespace, work: Path, target: inputs.Target | None) -> Files:
    """The files, and the one package that they need, compiled."""
    target = target or inputs.check_target(arguments.runtime, arguments.architecture)
    if target.is_node:
        raise BuildError(f"the authorizer runs on Python, and not on {target.runtime}: name one of its runtimes")
    files = {**packages.install_some(["cryptography", "cffi"], target, work), **own}
    archive.link(files, work / "stage")
    python = bytecode.interpreter(target)
    return files | (bytecode.compiled(python, files, work / "stage") if python else {})


def server_files(arguments: argparse.Namespace, work: Path, target: inputs.Target | None) -> Files:
    """The files of the host, of the author's directory, and of the packages of both, compiled; below `work`."""
    target = target or inputs.check_target(arguments.runtime, arguments.architecture)
    if target.is_node:
        from builder.node import server  # not loaded for servers of Python

        return server.server_files(arguments, target, work)
    whole = whole_files(arguments, target, work, packages.install)
    if arguments.trial_start:
        imports.check(whole.entrypoint, whole.files, whole.author, arguments.source_dir)
    files, python = lean(whole, target, work)
    kept = {"listed.json": bytecode.listed(files, whole.author)}
    if arguments.trial_start:
        known = trial.Known(arguments.environment, arguments.names)
        kept |= trial.check(python, work / "stage", whole.entrypoint, known, arguments.source_dir)
    for name, data in kept.items():
        (work / name).write_bytes(data)
        files[f"{KEPT}/{name}"] = File(work / name, HOST)
    return files


class Whole(NamedTuple):
    """All that may be in a zip.

    Attributes:
        files: Those of the zip, those that the server never reads among them.
        author: Those of them that are the author's.
        installed: The packages.
        entrypoint: The server's `module:attribute`.
    """

    files: Files
    author: Files
    installed: packages.Installed
    entrypoint: str


def whole_files(
    arguments: argparse.Namespace, target: inputs.Target, work: Path, install: Callable[..., packages.Installed]
) -> Whole:
    """All that may be in the zip, checked.

    Args:
        arguments: What the server is.
        target: What the packages must run on.
        work: An empty directory for what is made.
        install: Takes and gives what `packages.install` does.
    """
    source = inputs.check_source(arguments.source_dir, arguments.output)
    project = read_project(source)
    author = author_files(source, arguments.private_keys, project, arguments.entrypoint or "")
    compatible: bool = arguments.sdk_1_compatibility
    overrides = sdk_1.SDK if compatible else ()
    refused: list[str] = []
    if project:
        attempt(lambda: check_python(project, target), refused)
    entrypoint = attempt(
        lambda: check_entrypoint(arguments.entrypoint, source, author, is_compatible=compatible), refused
    )
    if entrypoint is None or refused:
        with redirect_stdout(io.StringIO()):  # a version of the SDK is in the way for the same reason, if at all
            attempt(lambda: read_wanted(source, project, sdk_1.SDK), refused)
        raise BuildError("\n".join(refused))
    author |= metadata_files(project, author, work) if project else {}
    archive.check_shadowing(author, dict.fromkeys(sys.stdlib_module_names, "Python's standard library"))
    archive.check_shadowing(author, dict.fromkeys([HOST, SHARED], "the host"))
    installed = install(read_wanted(source, project, overrides), target, work, overrides)
    say(f"adding {source.name} ({len(author):,} files)")
    shared = archive.shared_namespaces(author, installed.files)
    owners = {archive.module_of(name): file.owner for name, file in installed.files.items()}
    archive.check_shadowing(author, {module: owner for module, owner in owners.items() if module not in shared})
    archive.check_collisions(author, installed.files, shared)
    served = author | installed.built_on("mcp")
    sdk_1.check(entrypoint, served, installed.of(sdk_1.SDK), is_compatible=compatible)
    about = inputs.write_author(author, entrypoint, sdk_1_compatibility=compatible, output=work / "author.json")
    files = {**installed.files, **package_files(HOST, SHARED), AUTHOR: File(about, HOST), **author}
    return Whole(files, author, installed, entrypoint)


def attempt(check: Callable[[], T], refused: list[str]) -> T | None:
    """What a check gives, or None where it refuses; the reason is added, as others may be."""
    try:
        return check()
    except BuildError as error:
        refused.append(str(error))
        return None


def check_entrypoint(given: str | None, source: Path, author: Files, *, is_compatible: bool) -> str:
    """The server's `module:attribute`, the one in the code where none was given; refuses what cannot be served."""
    if given is not None:
        inputs.check_entrypoint(given, source, author)
    entrypoint = given or entry.find(author, source.name)
    sdk_1.check(entrypoint, author, {}, is_compatible=is_compatible)  # before versions of the SDK can conflict
    if given is not None:
        entry.check(given, author)
    else:
        say(f"the server is {entrypoint}")
    return entrypoint


def lean(whole: Whole, target: inputs.Target, work: Path) -> tuple[Files, str | None]:
    """The files without what the server never imports, and with bytecode, both as far as this machine can tell.

    They are staged in `work`. The interpreter is the target's, None where there is none that runs them.
    """
    author, installed, stage = whole.author, whole.installed, work / "stage"
    unread = unread_files(whole.files, author)
    files = {name: file for name, file in whole.files.items() if name not in unread}
    unused = left_out.unused(files, author, installed)
    kept = {name: file for name, file in files.items() if name not in unused}
    archive.link(kept, stage)
    python = bytecode.interpreter(target)
    compiled = bytecode.compiled(python, kept, stage) if python else {}  # before imports, which then compile nothing
    if python and target.runs_here:
        foreign = left_out.foreign_imports(author)
        tried = left_out.try_imports(python, stage, foreign)
        lost = {archive.module_of(name) for name in unused}
        needed = sorted({name for name in tried.missing if name.split(".")[0] in lost}) if tried else []
        if unused and (needed or not tried):
            why = f"the code imports {', '.join(needed)}" if needed else "a trial import came to no end"
            say(f"keeping the packages that a server seldom needs: {why}")
            kept = files
            archive.link(files, stage)
            compiled = bytecode.compiled(python, kept, stage)
            tried = left_out.try_imports(python, stage, foreign) if tried else None
        if unread and tried and tried.failed:
            added = {name: whole.files[name] for name in unread}
            failed = {module: foreign[module] for module in tried.failed}
            archive.link(added, stage)
            check_unread(tried, left_out.try_imports(python, stage, failed), installed)
            archive.unlink(added, stage)
    if not compiled:
        say(
            f"note: no Python {target.python} here that can compile, and no uv that could bring one: without bytecode "
            "in the zip, every cold start compiles its modules and takes about twice as long"
        )
    return kept | compiled, python if target.runs_here else None


def check_unread(tried: left_out.Tried, whole: left_out.Tried | None, installed: packages.Installed) -> None:
    """Refuse a package that can be imported with its tests and type stubs alone."""
    owners = {archive.module_of(name): file.owner for name, file in installed.files.items()}
    for module, error in tried.failed.items():
        if whole and module not in whole.failed:
            top = module.split(".")[0]
            raise BuildError(
                f"{owners.get(top, top)} cannot be imported without its tests and type stubs, which are left out where "
                f"no code names them ({error}): name what it reads in a string of the server's code, such as "
                f"'{top}/tests'"
            )


def package_files(*names: str) -> Files:
    """The files of packages that lie beside this script."""
    found = {package: inputs.directory_files(HERE / package, f"{package}/") for package in names}
    return {name: File(path, package) for package, files in found.items() for name, path in files}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that temporary files go then, too
    raise SystemExit(main())

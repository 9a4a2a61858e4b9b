#!/usr/bin/env python3
"""Build one Lambda zip: the host package, the author's directory and the dependencies of both, compiled.

With --authorizer it is the zip of the module's own authorizer instead.

Wheels are resolved for the target (runtime and architecture), nothing is built from source, what a server never imports
is left out, and the same input gives the same bytes. Uses uv where it is on PATH, else this interpreter's pip, and
otherwise the standard library only.
"""

from __future__ import annotations

import argparse
import platform
import signal
import sys
import tempfile
import time
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (no installer checks it: any python3 may run this file)
    sys.exit(f"build.py: error: needs Python 3.11 or newer, {sys.executable} is {platform.python_version()}")

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # an interpreter in isolated mode does not look beside the script

from builder import archive, bytecode, inputs, left_out, packages  # noqa: E402
from builder.author import author_files  # noqa: E402
from builder.inputs import BuildError, File, Files, say  # noqa: E402
from builder.unread import unread as unread_files  # noqa: E402

HOST = "mcp_lambda_host"
AUTHORIZER = "authorizer"
AUTHOR = f"{HOST}/author.json"  # what of the zip is the author's: only its log may hold what clients say
SHARED = "mcp_lambda_aws"  # in both zips
CONTRACT = f"{HOST}/contract.json"  # in both, too


def main(argv: list[str] | None = None) -> int:
    """Build as the command line says; 0, or 1 after one sentence on stderr (argparse itself exits with 2)."""
    arguments = parse_arguments(argv)
    try:
        build(arguments)
    except (BuildError, OSError, UnicodeError) as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("interrupted, nothing was written")
    return 0


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line, `sys.argv` for None."""
    parser = argparse.ArgumentParser(prog="build.py", description="Build the Lambda zip of one MCP server.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--source-dir", type=Path, help="the author's directory")
    what.add_argument(
        "--authorizer",
        nargs="?",
        const="token",
        choices=["token", "jwt"],
        help="the module's own authorizer instead, for a type of auth (token, which needs no packages)",
    )
    parser.add_argument("--output", type=Path, required=True, help="the zip to write")
    parser.add_argument("--entrypoint", default="server:mcp", help="module:attribute in that directory (%(default)s)")
    parser.add_argument("--runtime", default="python3.13", help=f"{', '.join(inputs.MANYLINUX)} (%(default)s)")
    parser.add_argument("--architecture", default="arm64", help=f"{', '.join(inputs.MACHINES)} (%(default)s)")
    parser.add_argument(
        "--private-key",
        dest="private_keys",
        metavar="FILE",
        action="append",
        default=[],
        help="a file in that directory to pack although it holds a private key; may be repeated",
    )
    return parser.parse_args(argv)


def fail(sentence: str) -> int:
    """Say on stderr why there is no zip; the exit code."""
    print(f"build.py: error: {sentence}", file=sys.stderr)
    return 1


def build(arguments: argparse.Namespace) -> None:
    """Check what needs no network, install, check the whole, write the zip."""
    started = time.monotonic()
    inputs.check_output(arguments.output)
    with tempfile.TemporaryDirectory(prefix="mcp-lambda-build-") as work:
        files = authorizer_files(arguments, Path(work)) if arguments.authorizer else server_files(arguments, Path(work))
        unpacked = archive.check_unpacked(files)
        zipped = archive.write_zip(files, arguments.output)
    sizes = f"{archive.megabytes(zipped)} zipped, {archive.megabytes(unpacked)} unpacked, {len(files):,} files"
    say(f"wrote {arguments.output}: {sizes}, {time.monotonic() - started:.1f} s")


def authorizer_files(arguments: argparse.Namespace, work: Path) -> Files:
    """The files of the authorizer, which reads the contract, too; with compiled packages if it checks JWTs."""
    own = {**package_files(AUTHORIZER, SHARED), CONTRACT: File(HERE / CONTRACT, HOST)}
    if arguments.authorizer == "token":
        return own
    target = inputs.check_target(arguments.runtime, arguments.architecture)
    files = {**packages.install_some(["cryptography", "cffi"], target, work), **own}
    archive.link(files, work / "stage")
    python = bytecode.interpreter(target)
    return files | (bytecode.compiled(python, files, work / "stage") if python else {})


def server_files(arguments: argparse.Namespace, work: Path) -> Files:
    """The files of the host, of the author's directory, and of the packages of both, compiled; below `work`."""
    target = inputs.check_target(arguments.runtime, arguments.architecture)
    source = inputs.check_source(arguments.source_dir, arguments.output)
    inputs.check_entrypoint(arguments.entrypoint, source)
    author = author_files(source, arguments.private_keys)
    archive.check_shadowing(author, dict.fromkeys(sys.stdlib_module_names, "Python's standard library"))
    archive.check_shadowing(author, dict.fromkeys([HOST, SHARED], "the host"))
    installed = packages.install(source / "requirements.txt", target, work)
    say(f"adding {source.name} ({len(author):,} files)")
    archive.check_shadowing(author, {archive.module_of(name): file.owner for name, file in installed.files.items()})
    archive.check_collisions(author, installed.files)
    names = {AUTHOR: File(inputs.write_names(author, work / "author.json"), HOST)}
    files = {**installed.files, **package_files(HOST, SHARED), **names, **author}
    return lean(files, author, installed, target, work)


def lean(files: Files, author: Files, installed: packages.Installed, target: inputs.Target, work: Path) -> Files:
    """The files without what the server never imports, and with bytecode, both as far as this machine can tell."""
    whole, stage = files, work / "stage"
    unread = unread_files(files, author)
    files = {name: file for name, file in files.items() if name not in unread}
    unused = left_out.unused(files, author, installed)
    kept = {name: file for name, file in files.items() if name not in unused}
    archive.link(kept, stage)
    python = bytecode.interpreter(target)
    if python and target.runs_here:
        tried = left_out.try_imports(python, stage, author)
        lost = {archive.module_of(name) for name in unused}
        needed = sorted({name for name in tried.missing if name.split(".")[0] in lost}) if tried else []
        if unused and (needed or not tried):
            why = f"the code imports {', '.join(needed)}" if needed else "a trial import came to no end"
            say(f"keeping the packages that a server seldom needs: {why}")
            kept = files
            archive.link(files, stage)
            tried = left_out.try_imports(python, stage, author) if tried else None
        if unread and tried and tried.failed:
            archive.link(whole, work / "whole")
            check_unread(tried, left_out.try_imports(python, work / "whole", author), installed)
    compiled = bytecode.compiled(python, kept, stage) if python else {}
    if not compiled:
        say(
            f"note: no Python {target.python} here that can compile, and no uv that could bring one: without bytecode "
            "in the zip, every cold start compiles its modules and takes about twice as long"
        )
    return kept | compiled


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

"""The files of the zip of a Node.js server."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from ..author import author_files
from ..inputs import NODE, BuildError, File, Files, Target, check_source, say
from ..trial import Known
from . import entry, trial
from .bundle import Bundle, bundle
from .install import esbuild_in, install
from .project import SDK, NodeProject, read_project

HOST = "mcp_lambda_host"
BUNDLE = "mcp_lambda_server.mjs"
"""Name of the file with the author's code, which lies where the entrypoint's module does: what that reads beside itself
is found there."""

SOURCE = re.compile(r"^.*?/(?:packages/code/|(?=node_modules/))|^.*/(?:node/(?=host/)|(?=mcp_lambda_host/))")
"""Matches what in a source map leads to a file of the author, of a package, or of the host."""

Install = Callable[[NodeProject, Path], None]
"""Puts a project's packages and esbuild into a folder."""

UNREAD = re.compile(
    r"[.](?:[cm]?ts|tsx)$|(?:^|/)(?:package-lock|tsconfig[^/]*)[.]json$|[.]lockb?$|(?:^|/)pnpm-lock[.]yaml$"
)
"""Matches the author's files that no running server reads, beside those that are in the bundle."""


def server_files(arguments: argparse.Namespace, target: Target, work: Path) -> Files:
    """The files of the zip, which are made below `work`; the server has been started for a trial."""
    files, author = whole_files(arguments, target, work, install)
    if arguments.trial_start:
        try_start(files, author, target, work / "stage", Known(arguments.environment, arguments.names))
    return with_map(files, work) if arguments.source_map else files


def try_start(files: Files, author: Files, target: Target, stage: Path, known: Known) -> None:
    """Lay out the zip's files in a new folder and start the server once; refuses what would not start on Lambda."""
    _lay_out(with_map(files, stage.parent), stage)  # no links: Node.js goes by what they lead to
    trial.check(target, stage, author, known)


def whole_files(arguments: argparse.Namespace, target: Target, work: Path, install: Install) -> tuple[Files, Files]:
    """The files of the zip, and those of the author's directory.

    Args:
        arguments: What the server is.
        target: What runs it.
        work: An empty directory for what is made.
        install: Does what `install.install` does.

    Raises:
        BuildError: It cannot be built.
    """
    if arguments.sdk_1_compatibility:
        raise BuildError(
            f"sdk_1_compatibility is for servers of Python; one of {target.runtime} moves to {SDK} 2 by its own code"
        )
    source = check_source(arguments.source_dir, arguments.output)
    project = read_project(source)
    author = author_files(source, arguments.private_keys, is_node=True)
    entrypoint = arguments.entrypoint or entry.find(author, source)
    module = entry.file_of(entrypoint, author, source)
    if arguments.entrypoint is None:
        say(f"the server is {entrypoint}")
    made = _bundle(project, author, module, target, work, install)
    entry.check_export(entrypoint, made.exports, module)
    place = f"{module.rpartition('/')[0]}/{BUNDLE}".removeprefix("/")
    return zipped(author, made, entrypoint, place, work), author


def _bundle(project: NodeProject, author: Files, module: str, target: Target, work: Path, install: Install) -> Bundle:
    packages, folder = work / "packages", work / "packages" / "code"  # apart: an import may match all files of a folder
    _lay_out(author, folder)
    install(project, packages)
    esbuild = esbuild_in(packages, project)
    return bundle(project, folder, module, esbuild=esbuild, target=NODE[target.runtime], work=work)


def zipped(author: Files, made: Bundle, entrypoint: str, place: str, work: Path) -> Files:
    """The zip's files: the bundle at its place, the host, and what of the author's is in no bundle."""
    about = work / "author.json"
    about.write_text(json.dumps({"entrypoint": entrypoint, "bundle": place}), "utf-8")
    data = {name: file for name, file in author.items() if not (name in made.inputs or UNREAD.search(name))}
    for name in data:
        if name == place or name.startswith(f"{HOST}/"):
            raise BuildError(f"{name} in the source directory would replace a file of the host: rename it")
    say(f"adding {len(data):,} files beside the {len(author.keys() & made.inputs):,} of the bundle")
    return {
        **data,
        place: File(made.folder / "server.mjs", "the bundle"),
        f"{HOST}/handler.mjs": File(made.folder / "handler.mjs", HOST),
        f"{HOST}/author.json": File(about, HOST),
    }


def _lay_out(files: Files, folder: Path) -> None:
    """Copy files to their names in a folder."""
    for name, file in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, place)


def with_map(files: Files, work: Path) -> Files:
    """The files with a source map of the bundle, by which errors name the author's lines; it is made in `work`."""
    (place,) = (name for name in files if name.rpartition("/")[2] == BUNDLE)
    bundled, mapped = files[place].path, work / BUNDLE
    known = json.loads(bundled.with_suffix(".mjs.map").read_text("utf-8"))
    root = "../" * place.count("/")
    known["sources"] = [SOURCE.sub(root, source) for source in known["sources"]]
    mapped.with_suffix(".mjs.map").write_text(json.dumps(known), "utf-8")
    mapped.write_text(f"{bundled.read_text('utf-8')}\n//# sourceMappingURL={BUNDLE}.map\n", "utf-8")
    further = File(mapped.with_suffix(".mjs.map"), "the bundle")
    return {**files, place: File(mapped, "the bundle"), f"{place}.map": further}

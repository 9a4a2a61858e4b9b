"""The zips that are compared: how each is made, and where it lies unpacked as Lambda has it in /var/task."""

from __future__ import annotations

import compileall
import json
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from py_compile import PycInvalidationMode

from benchmarks.checkouts import PRESENT, Checkout
from lab.figures import OURS

HERE = Path(__file__).parent
SERVERS = HERE / "servers"
TOOLS = SERVERS / "tools.py"
OFFICIAL = SERVERS / "official" / "server.py"
FUNCTION = HERE.parent / "function"
LOCK = FUNCTION / "requirements.lock"

# Of this machine, since it runs what is built; and the glibc of Lambda's, so that all zips have the same wheels.
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = platform.machine()
ARCHITECTURE = {"aarch64": "arm64"}.get(MACHINE, MACHINE)
CONTRACT = json.loads((FUNCTION / "mcp_lambda_host" / "contract.json").read_text())
INSTALL = ["uv", "pip", "install", "--no-compile", "--only-binary", ":all:", "--require-hashes", "--no-deps"]

TUTORIAL = "tutorial"


@dataclass(frozen=True)
class Zip:
    """A function's zip, unpacked in a read-only directory, and the variables that it needs beside Lambda's own."""

    directory: Path
    handler: str
    zipped_bytes: int
    unpacked_bytes: int
    variables: Mapping[str, str] = field(default_factory=dict)


def all_zips(work: Path) -> dict[str, Zip]:
    """Ours and what one would otherwise deploy, by name, with the same tools and the same versions of packages."""
    tutorial = [OFFICIAL, TOOLS, SERVERS / "tutorial" / "app.py"]
    fastmcp, awslabs = (HERE / f"requirements-{name}.lock" for name in ("fastmcp", "awslabs"))
    return {
        OURS: ours(work / "ours", [OFFICIAL, TOOLS]),
        TUTORIAL: usual(work / "tutorial", LOCK, tutorial),
        "tutorial with bytecode": usual(work / "compiled", LOCK, tutorial, bytecode=True),
        "FastMCP + Mangum": usual(work / "fastmcp", fastmcp, [TOOLS, SERVERS / "fastmcp" / "app.py"], bytecode=True),
        "awslabs-mcp-lambda-handler": usual(
            work / "awslabs", awslabs, [TOOLS, SERVERS / "awslabs" / "app.py"], bytecode=True
        ),
    }


def ours(work: Path, sources: list[Path], checkout: Checkout = PRESENT, *options: str) -> Zip:
    """What a checkout's function/build.py makes, with these options, of an author's directory with these files."""
    source, output = work / "source", work / "function.zip"
    source.mkdir(parents=True)
    for file in sources:
        shutil.copy(file, source)
    target = ["--runtime", RUNTIME, "--architecture", ARCHITECTURE]
    build = checkout.directory / "function" / "build.py"
    run([sys.executable, build, "--source-dir", source, "--output", output, *target, *options])
    return replace(unpacked(output, "mcp_lambda_host.handler.handler"), variables=checkout.settings)


def usual(work: Path, lock: Path, sources: list[Path], *, bytecode: bool = False) -> Zip:
    """What `pip install --target` and `zip -r` make, of the same wheels that build.py would take.

    Args:
        work: Directory to make it in.
        lock: The packages.
        sources: The author's files.
        bytecode: Whether to compile everything first, which installers and the common packagers do not do. It is of the
            kind that is never checked against its source, the fastest to load.
    """
    package, output = work / "package", work / "function.zip"
    target = ["--python", sys.executable, "--python-platform", f"{MACHINE}-{CONTRACT['runtimes'][RUNTIME]}"]
    run([*INSTALL, *target, "--target", package, "-r", lock])
    (package / ".lock").unlink(missing_ok=True)  # uv's own
    for file in sources:
        shutil.copy(file, package)
    if bytecode:
        unchecked = PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(package, quiet=2, invalidation_mode=unchecked, stripdir=str(package))
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.rglob("*")):
            archive.write(file, file.relative_to(package))
    shutil.rmtree(package)
    return unpacked(output, "app.handler")


def unpacked(file: Path, handler: str) -> Zip:
    """Unpack a zip beside it, read-only."""
    directory = file.parent / "task"
    with zipfile.ZipFile(file) as archive:
        archive.extractall(directory)
        size = sum(entry.file_size for entry in archive.infolist())
    for path in [directory, *directory.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    return Zip(directory, handler, file.stat().st_size, size)


def make_writable(work: Path) -> None:
    """Let what was unpacked below a directory be removed."""
    for path in [work, *work.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)


def run(command: list[str | Path]) -> None:
    """Run a command quietly; what it says is in the error of one that fails."""
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ran.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{ran.stdout}")

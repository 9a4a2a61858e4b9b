"""A server in TypeScript: the module's zip beside the SDK alone, and beside the module's zip of a server in Python."""

from __future__ import annotations

import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

from benchmarks.cold import ARGUMENTS, ROUNDS, TOOL, compare
from benchmarks.warm import EVENTS, beside_sdk
from benchmarks.zips import ARCHITECTURE, FUNCTION, OFFICIAL, OURS, SERVERS, TOOLS, Zip, ours, run, unpacked
from lab.events import modern, tool_call
from lab.readme import SDK

SOURCE = SERVERS / "node"


def part(work: Path) -> dict[str, Any]:
    """Cold starts of the three, and warm calls of the module's beside those of the SDK."""
    module, alone = build(work / "ours"), by_hand(work / "alone")
    zips = {OURS: module, SDK: alone, f"{OURS}, in Python": ours(work / "python", [OFFICIAL, TOOLS])}
    return {
        "cold": compare(zips, base=SDK, event=tool_call(modern, TOOL, **ARGUMENTS), rounds=ROUNDS),
        "calls": beside_sdk(module, EVENTS, calls=20, turns=50, alone=str(alone.directory)),
    }


def build(work: Path) -> Zip:
    """What function/build.py makes of the project."""
    work.mkdir()
    output = work / "function.zip"
    target = ["--runtime", "nodejs22.x", "--architecture", ARCHITECTURE]
    run([sys.executable, FUNCTION / "build.py", "--source-dir", SOURCE, "--output", output, *target])
    return unpacked(output, "mcp_lambda_host/handler.mjs")


def by_hand(work: Path) -> Zip:
    """What one would write and bundle without the module: alone.ts, with the same esbuild."""
    shutil.copytree(SOURCE, work)
    run(["npm", "ci", "--prefix", work, "--ignore-scripts", "--no-audit", "--no-fund"])
    bundled, output = work / "alone.mjs", work / "function.zip"
    options = ["--bundle", "--minify", "--platform=node", "--format=esm", "--target=node22"]
    run([work / "node_modules" / ".bin" / "esbuild", work / "alone.ts", *options, f"--outfile={bundled}"])
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(bundled, bundled.name)
    return unpacked(output, bundled.name)

"""A server in TypeScript: the module's zip beside the SDK alone, and beside the module's zip of a server in Python."""

from __future__ import annotations

import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.checkouts import NOW, Checkout, Checkouts
from benchmarks.cold import ARGUMENTS, TOOL, compare
from benchmarks.warm import EVENTS, beside_sdk
from benchmarks.zips import ARCHITECTURE, OFFICIAL, SERVERS, TOOLS, Zip, ours, run, unpacked
from lab.events import modern, tool_call
from lab.figures import OURS, SDK

SOURCE = SERVERS / "node"


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, Any]:
    """Cold starts of the three, and warm calls of the module's beside the SDK, of revisions that have a host for it."""
    modules = {name: build(work / name, each) for name, each in checkouts.items() if each.has_node}
    alone = by_hand(work / "alone")
    others = {SDK: alone, f"{OURS}, in Python": ours(work / "python", [OFFICIAL, TOOLS])}
    event = tool_call(modern, TOOL, **ARGUMENTS)
    cold = compare(modules | others, bases=dict.fromkeys(modules | others, SDK), event=event, rounds=rounds)
    return {
        name: {
            "cold": {OURS: cold[name], **({other: cold[other] for other in others} if name == NOW else {})},
            "calls": beside_sdk(module, EVENTS, calls=20, turns=4 * rounds, alone=str(alone.directory)),
        }
        for name, module in modules.items()
    }


def build(work: Path, checkout: Checkout) -> Zip:
    """What a checkout's function/build.py makes of the project."""
    work.mkdir()
    output = work / "function.zip"
    target = ["--runtime", "nodejs22.x", "--architecture", ARCHITECTURE]
    build = checkout.directory / "function" / "build.py"
    run([sys.executable, build, "--source-dir", SOURCE, "--output", output, *target])
    return replace(unpacked(output, "mcp_lambda_host/handler.mjs"), variables=checkout.settings)


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

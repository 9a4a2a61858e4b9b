"""The first use by a client: connect, list and call one tool of a deployed server that has no environment yet."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import Any

from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from benchmarks.checkouts import NOW, Checkouts
from benchmarks.cold import ARGUMENTS, TOOL
from benchmarks.load import client as call_once
from benchmarks.stacks import Stack, deploy
from benchmarks.zips import HERE
from lab import local_aws
from lab.local_aws import REPOSITORY, LocalAWS

FRONTS = ("http", "rest")
MOST_ENVIRONMENTS = 4
SCRIPT = HERE / "clients" / "first_use.mjs"
NODE_MODULES = REPOSITORY / "tests" / "integration" / "conformance"

ONE_CALL = "one call"
"""What the clients are compared with: a `tools/call` of 2026-07-28 and nothing before it."""


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, Any]:
    """By front and client, the milliseconds, their ratio to one call to an HTTP API, and the environments started.

    A round has four cold starts and more for each front, so there are fewer rounds of this than of other things.
    """
    with local_aws.running(work / "ministack.log", port=local_aws.free_port()) as aws:
        aws.let_rest_apis_log()
        stacks = {
            (name, front): deploy(
                aws, work / name / front, checkout, name=f"{name}-{front}", clients=MOST_ENVIRONMENTS, front=front
            )
            for name, checkout in checkouts.items()
            for front in FRONTS
        }
        uses = [
            {(*key, client): used(aws, stack, use) for key, stack in stacks.items() for client, use in CLIENTS.items()}
            for _ in range(1 + max(1, rounds // 3))
        ][1:]
    return {
        name: {
            front: {client: _figures(uses, (name, front, client)) for client in CLIENTS if client != ONE_CALL}
            for front in FRONTS
        }
        for name in checkouts
    }


Use = tuple[float, int]
"""The milliseconds of a client's use of a server, and the execution environments that were started for it."""


def used(aws: LocalAWS, stack: Stack, use: Callable[[str], float]) -> Use:
    """What the first use of a new version takes."""
    version = renew(aws, stack)
    return use(stack.url), environments(aws, stack, version)


def renew(aws: LocalAWS, stack: Stack) -> str:
    """Have the alias lead to a version that has no environment yet; its number."""
    functions = aws.client("lambda")
    functions.update_function_configuration(FunctionName=stack.name, Description=str(time.monotonic()))
    functions.get_waiter("function_updated_v2").wait(FunctionName=stack.name)
    version: str = functions.publish_version(FunctionName=stack.name)["Version"]
    functions.update_alias(FunctionName=stack.name, Name="live", FunctionVersion=version)
    return version


def environments(aws: LocalAWS, stack: Stack, version: str) -> int:
    """How many environments of a version there are: each is a process that the local AWS has started."""
    wanted = {f"AWS_LAMBDA_FUNCTION_NAME={stack.name}".encode(), f"AWS_LAMBDA_FUNCTION_VERSION={version}".encode()}
    lists = Path(f"/proc/{aws.pid}/task").glob("*/children")
    return sum(wanted <= variables(pid) for started in lists for pid in started.read_text().split())


def variables(pid: str) -> set[bytes]:
    """The environment variables of a process; none if it has just ended."""
    with suppress(OSError):
        return set(Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"))
    return set()


def one_call(url: str) -> float:
    """The milliseconds of one call."""
    (milliseconds,) = call_once(url, until=0)
    if milliseconds is None:
        raise RuntimeError(f"{url} did not answer")
    return milliseconds


def by_python(mode: str) -> Callable[[str], float]:
    """A use by the official Python client in a mode: `auto` or `legacy`."""

    async def use(url: str) -> float:
        begun = time.monotonic()
        async with Client(streamable_http_client(url), mode=mode) as client:
            await client.list_tools()
            called = await client.call_tool(TOOL, ARGUMENTS)
            if called.is_error:
                raise RuntimeError(called)
            return (time.monotonic() - begun) * 1000

    return lambda url: asyncio.run(use(url))


def by_typescript(url: str) -> float:
    """The milliseconds that the official TypeScript client says."""
    command = ["node", "--input-type=module", "-", url, TOOL, json.dumps(ARGUMENTS)]
    # The script is read from the standard input, so that its imports are looked for here.
    ran = subprocess.run(command, cwd=NODE_MODULES, input=SCRIPT.read_bytes(), stdout=subprocess.PIPE, check=True)
    return float(ran.stdout)


CLIENTS: dict[str, Callable[[str], float]] = {
    ONE_CALL: one_call,
    "Python, 2026-07-28": by_python("auto"),
    "Python, handshake": by_python("legacy"),
    "TypeScript, handshake": by_typescript,
}


def _figures(uses: list[dict[tuple[str, str, str], Use]], key: tuple[str, str, str]) -> dict[str, float]:
    base = (NOW, FRONTS[0], ONE_CALL)
    return {
        "ratio": round(median(round_[key][0] / round_[base][0] for round_ in uses), 3),
        "median_ms": round(median(round_[key][0] for round_ in uses)),
        "environments": max(round_[key][1] for round_ in uses),
    }

"""Load: parallel clients of the module as it is deployed on the local AWS, which shares this machine with them."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from benchmarks.cold import ARGUMENTS, TOOL
from benchmarks.zips import OFFICIAL, TOOLS
from lab import local_aws
from lab.events import modern, tool_call

CLIENTS = (1, 4, 16)
SECONDS = 10
TIMEOUT_SECONDS = 60
CALL = tool_call(modern, TOOL, **ARGUMENTS)


def part(work: Path) -> dict[str, Any]:
    """The calls a second, the milliseconds of a call, and how many were not answered well, by number of clients."""
    with local_aws.running(work / "ministack.log", port=local_aws.free_port()) as aws:
        url = deploy(aws, work)
        return {str(clients): under_load(url, clients) for clients in CLIENTS}


def deploy(aws: local_aws.LocalAWS, work: Path) -> str:
    """Apply benchmarks/stack; the URL of the endpoint."""
    source, copy = work / "source", work / "copy"
    source.mkdir()
    copy.mkdir()
    for file in (OFFICIAL, TOOLS):
        shutil.copy(file, source)
    root = local_aws.copy_of_repository(copy, "benchmarks") / "benchmarks" / "stack"
    terraform = local_aws.stack(root, aws.environ)
    terraform.apply(tf_vars={"source_dir": str(source), "clients": str(max(CLIENTS))})
    return aws.url(terraform.output()["api_id"])


def under_load(url: str, clients: int) -> dict[str, float]:
    """The figures of so many clients, after a call by all at once, so that there is an environment for each."""
    send(url, clients, seconds=0)
    begun = time.monotonic()
    answers = send(url, clients, SECONDS)
    taken = time.monotonic() - begun
    milliseconds = [answer for answer in answers if answer is not None]
    return {
        "calls_per_second": round(len(milliseconds) / taken, 1),
        "p50_ms": round(median(milliseconds), 1),
        "p95_ms": round(quantiles(milliseconds, n=20)[-1], 1),
        "calls": len(milliseconds),
        "failed": len(answers) - len(milliseconds),
    }


def send(url: str, clients: int, seconds: float) -> list[float | None]:
    """Call from so many clients, once at least and without pause until the end; what all of them found."""
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(clients) as pool:
        return list(chain.from_iterable(pool.map(client, [url] * clients, [until] * clients)))


def client(url: str, until: float) -> list[float | None]:
    """The milliseconds of each call of a client on a connection of its own; None: not answered with a result."""
    headers = {name: value for name, value in CALL["headers"].items() if name != "host"}
    answers: list[float | None] = []
    with PoolManager(retries=False, timeout=TIMEOUT_SECONDS) as http:
        while not answers or time.monotonic() < until:
            begun, well = time.monotonic(), False
            with suppress(HTTPError):
                answer = http.request("POST", url, body=CALL["body"], headers=headers)
                well = answer.status == 200 and b'"isError":false' in answer.data
            answers.append((time.monotonic() - begun) * 1000 if well else None)
    return answers

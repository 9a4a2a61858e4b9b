"""Load: parallel clients of the module as it is deployed on the local AWS, which shares this machine with them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from benchmarks.checkouts import Checkouts
from benchmarks.cold import ARGUMENTS, TOOL
from benchmarks.stacks import deploy
from lab import local_aws
from lab.events import modern, tool_call

CLIENTS = (1, 4, 16)
TIMEOUT_SECONDS = 60
CALL = tool_call(modern, TOOL, **ARGUMENTS)


def part(work: Path, checkouts: Checkouts, rounds: int) -> dict[str, Any]:
    """The calls a second, the milliseconds of a call, and how many were not answered well, by number of clients."""
    with local_aws.running(work / "ministack.log", port=local_aws.free_port()) as aws:
        urls = {
            name: deploy(aws, work / name, checkout, name=f"benchmark-{name}", clients=max(CLIENTS)).url
            for name, checkout in checkouts.items()
        }
        found: dict[str, Any] = {name: {} for name in urls}
        for clients in CLIENTS:
            for name, url in urls.items():
                found[name][str(clients)] = under_load(url, clients, seconds=rounds)
        return found


def under_load(url: str, clients: int, seconds: float) -> dict[str, float]:
    """The figures of so many clients in this time, after a call by all at once: there is an environment for each."""
    send(url, clients, seconds=0)
    begun = time.monotonic()
    answers = send(url, clients, seconds)
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

"""The bill of one endpoint for a month of thirty days, from how it is used."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import prices
from .prices import Price

DAYS = 30
SECONDS = DAYS * 24 * 3600
AUTHORIZER_GB = 0.25  # authorizer.tf
METERED_BYTES = 512 * 1024  # what an HTTP API counts as one request
COMPRESSED = 0.15  # of what is written, the share that is kept: AWS's Pricing Calculator assumes it of gzip

LOG_BYTES: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("log_bytes.json").read_text("utf-8"))
"""Bytes of each line of the log, as `lab/log_bytes.py` has measured them."""


def option(default: Any, text: str, least: float = 0, most: float = math.inf, names: Sequence[str] = ()) -> Any:
    """A field that is an option of the command, too, with the values it takes."""
    return field(default=default, metadata={"help": text, "least": least, "most": most, "names": names})


@dataclass(frozen=True)
class Use:
    """How an endpoint is used; what is not given is what the module makes of itself, or assumed.

    Raises:
        ValueError: One sentence on a value that cannot be.
    """

    requests: int = option(100_000, "requests a day, each MCP message is one")
    ms: float = option(100.0, "billed milliseconds of a warm call", most=900_000)
    memory: int = option(1024, "memory_mb", 128, 10_240)
    architecture: str = option("arm64", "architecture", names=("arm64", "x86_64"))
    front: str = option("http", "kind of API, http or rest", names=("http", "rest"))
    authorizer: str = option("none", "auth.type", names=("none", "jwt", "iam", "token", "lambda"))
    authorizer_ms: float = option(20.0, "billed milliseconds of an authorizer function of 256 MB", most=10_000)
    ttl: float = option(60.0, "seconds that the gateway keeps an authorizer function's answer", most=3600)
    callers: int = option(100, "credentials in use at any time: each is asked for once a ttl")
    cold_share: float = option(0.01, "share of the calls that start an environment", most=1)
    cold_ms: float = option(1000.0, "billed milliseconds of a cold call", most=900_000)
    log_bytes: int = option(0, "bytes of log a request that the server itself writes, beside the module's lines")
    access_log: str = option("true", "access_log", names=("true", "false"))
    log_sample_rate: float = option(1.0, "log_sample_rate", most=1)
    system_log_level: str = option("WARN", "system_log_level", names=("WARN", "INFO"))
    answer_bytes: int = option(5000, "bytes of an answer", most=6_291_556)
    metrics: int = option(3, "custom metrics that have a value in every hour, besides AuthRefused")
    alarms: int = option(9, "metrics that alarms look at, besides AuthRefused; a share looks at two")
    provisioned: int = option(0, "provisioned environments")
    provisioned_hours: float = option(24.0, "hours a day that they are provisioned", most=24)
    snap_start: int = option(0, "published versions with a SnapStart snapshot")

    def __post_init__(self) -> None:
        """Refuse values that no endpoint can have."""
        for name, known in self.__dataclass_fields__.items():
            value, limits = getattr(self, name), known.metadata
            if limits["names"] and value not in limits["names"]:
                raise ValueError(f"{name} is {value!r}, but must be one of {', '.join(limits['names'])}.")
            if not limits["names"] and not limits["least"] <= value <= limits["most"]:
                raise ValueError(
                    f"{name} is {value:g}, but must be {limits['least']:,} or more{_up_to(limits['most'])}."
                )
        if self.provisioned and self.snap_start:
            raise ValueError(
                "provisioned and snap_start are both given, but Lambda takes only one of them for a version."
            )


@dataclass(frozen=True)
class Line:
    """One line of a bill: a product of quantities, with their units, at a price."""

    price: Price
    factors: tuple[tuple[float, str], ...]
    of: str = ""

    @property
    def name(self) -> str:
        """The name of what is paid for."""
        return f"{self.price.item}, {self.of}" if self.of else self.price.item

    @property
    def quantity(self) -> float:
        """The quantity in the unit of its price."""
        return math.prod(number for number, _ in self.factors)

    def dollars(self, free: float = 0) -> float:
        """What it comes to, in whole cents, when so much of the quantity is free."""
        return round(max(0, self.quantity - free) * self.price.dollars, 2)


def bill(use: Use) -> list[Line]:
    """The lines of a month's bill; those that come to nothing because they are not used are left out."""
    return [line for line in _lines(use) if line.quantity]


def total(use: Use, *, free_quotas: bool = False) -> float:
    """What a month comes to, with or without what an account has free."""
    left: dict[str, float] = dict(prices.FREE) if free_quotas else {}
    if use.provisioned:  # "The Lambda free tier does not apply to functions enabling Provisioned Concurrency" (page)
        left = {quota: amount for quota, amount in left.items() if quota not in ("invocations", "compute")}
    cents = 0.0
    for line in bill(use):
        quota = line.price.quota
        free = left.get(quota, 0) if quota else 0
        cents += line.dollars(free)
        if quota in left:
            left[quota] = max(0, free - line.quantity)
    return round(cents, 2)


def _lines(use: Use) -> Iterator[Line]:
    calls = use.requests * DAYS
    memory = (use.memory / 1024, "GB")
    # Calls spread evenly over the day: so many of them find a provisioned environment, and none of those is cold.
    provisioned = use.provisioned_hours / 24 if use.provisioned else 0.0
    others = calls * (1 - provisioned)
    cold = others * use.cold_share
    metered = math.ceil(use.answer_bytes / METERED_BYTES) if use.front == "http" else 1

    yield Line(prices.REQUESTS[use.front], ((calls * max(1, metered) / 1e6, ""),))
    yield Line(prices.INVOCATIONS, ((calls / 1e6, ""),))
    yield Line(prices.COMPUTE[use.architecture], ((others - cold, ""), (use.ms / 1000, "s"), memory), "warm calls")
    yield from _starts(use, cold, memory)
    if provisioned:
        kept = (use.provisioned, ""), (provisioned * SECONDS, "s"), memory
        yield Line(prices.PROVISIONED[use.architecture], kept)
        served = (calls * provisioned, ""), (use.ms / 1000, "s"), memory
        yield Line(prices.PROVISIONED_COMPUTE[use.architecture], served)
    yield from _authorizer(use, calls)
    yield from _logs(use, calls, cold)
    yield Line(prices.TRAFFIC_OUT, ((calls * use.answer_bytes / 1e9, ""),))
    refusals = int(use.authorizer != "none")  # an open server refuses nobody
    filtered = refusals if use.access_log == "true" else 0  # without it, the gateway counts them for nothing
    yield Line(prices.METRICS, ((use.metrics + filtered if use.metrics else 0, ""),))
    yield Line(prices.ALARMS, ((use.alarms + refusals, ""),))


def _starts(use: Use, cold: float, memory: tuple[float, str]) -> Iterator[Line]:
    """Cold calls, whose initialization is billed like the call (AWS Compute Blog, from August 2025), or restores."""
    if use.snap_start:
        yield Line(prices.COMPUTE[use.architecture], ((cold, ""), (use.ms / 1000, "s"), memory), "restored calls")
        yield Line(prices.SNAPSHOTS, ((use.snap_start, "versions"), (SECONDS, "s"), memory))
        yield Line(prices.RESTORES, ((cold, ""), memory))
    else:
        yield Line(prices.COMPUTE[use.architecture], ((cold, ""), (use.cold_ms / 1000, "s"), memory), "cold calls")


def _logs(use: Use, calls: float, cold: float) -> Iterator[Line]:
    """What each call writes, if it goes well. It is paid for as it comes, and kept in a compressed form."""
    line = LOG_BYTES["request_line"]
    subject = 0 if use.authorizer == "none" else line["subject"]
    written = {
        "request lines": (calls - cold) * use.log_sample_rate * (line["call"] + subject)
        + cold * (line["call"] + line["cold_start"] + subject),
        "access log": calls * LOG_BYTES["access_log"][use.front] if use.access_log == "true" else 0,
        "Lambda's own lines": calls * LOG_BYTES["system_log"][use.system_log_level],
        "the server's own lines": calls * use.log_bytes,
    }
    for what, size in written.items():
        yield Line(prices.LOGS_WRITTEN, ((size / 1e9, ""),), what)
    yield Line(prices.LOGS_KEPT, ((sum(written.values()) / 1e9, ""), (COMPRESSED, "compressed")))


def _authorizer(use: Use, calls: float) -> Iterator[Line]:
    """An authorizer function is asked at most once a ttl for each credential; jwt and iam are the gateway's own."""
    if use.authorizer in ("token", "lambda"):
        asked = min(calls, use.callers * SECONDS / use.ttl) if use.ttl else calls
        yield Line(prices.INVOCATIONS, ((asked / 1e6, ""),), "authorizer")
        factors = (asked, ""), (use.authorizer_ms / 1000, "s"), (AUTHORIZER_GB, "GB")
        yield Line(prices.COMPUTE[use.architecture], factors, "authorizer")


def _up_to(most: float) -> str:
    return "" if math.isinf(most) else f", and {most:,} or less"

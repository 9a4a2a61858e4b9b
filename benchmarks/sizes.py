"""Memory sizes of a function, what was measured with each, and which to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from cost import money
from pricing.prices import COMPUTE, INVOCATIONS, REQUESTS
from pricing.table import table

from .reports import Report

COLD_SHARE = 0.01  # "typically occur in under 1% of invocations" (AWS Compute Blog, billing of the INIT phase)
NEAR = 1.1  # a tenth more is taken for no difference


@dataclass
class Size:
    """What was measured with one size."""

    memory: int
    architecture: str
    cold: list[Report] = field(default_factory=list)
    warm: list[Report] = field(default_factory=list)

    @property
    def latency(self) -> float:
        """Milliseconds of a call, on average, with a cold one in a hundred."""
        return _mixed(median(r.latency for r in self.warm), median(r.latency for r in self.cold))

    @property
    def dollars(self) -> float:
        """What a million such calls cost, with their requests to the API and to Lambda."""
        billed = _mixed(median(r.billed for r in self.warm), median(r.billed for r in self.cold))
        compute = self.memory / 1024 * billed / 1000 * COMPUTE[self.architecture].dollars * 1e6
        return REQUESTS["http"].dollars + INVOCATIONS.dollars + compute


def compared(sizes: Sequence[Size], present: int) -> str:
    """Cost against latency, and which size to take."""
    rows = []
    for size in sizes:
        cold, warm = (
            [f"{median(told.latency for told in calls):.0f} ms", f"{median(told.billed for told in calls):.0f} ms"]
            for calls in (size.cold, size.warm)
        )
        rows.append([f"{size.memory} MB", *cold, *warm, money(size.dollars)])
    head = ["memory", "cold call", "billed", "warm call", "billed", "a million calls"]
    return f"{table(head, rows)}\n\n{advice(sizes, present)}"


def advice(sizes: Sequence[Size], present: int) -> str:
    """The cheapest of the fast ones among those that cost no more than a tenth above the cheapest."""
    cheapest = min(size.dollars for size in sizes)
    affordable = [size for size in sizes if size.dollars <= cheapest * NEAR]
    fastest = min(size.latency for size in affordable)
    best = min((size for size in affordable if size.latency <= fastest * NEAR), key=lambda size: size.dollars)
    return (
        f"Take memory_mb = {best.memory}; it is {present}. With a cold call in a hundred, a call takes"
        f" {best.latency:.0f} ms and a million cost {money(best.dollars)}; the cheapest size: {money(cheapest)}."
    )


def _mixed(warm: float, cold: float) -> float:
    return warm * (1 - COLD_SHARE) + cold * COLD_SHARE

"""What a run costs at most, from the list prices that docs/cost.md shows."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cost import money
from pricing import prices
from pricing.prices import Price
from pricing.table import table

MINUTES = 45
"""How long a run takes, mostly waiting for alarms."""

HOURS = 3
"""How long anything is counted that is billed by the time: more than a run takes, and a snapshot's least time."""

MONTH_HOURS = 730

KEYS = Price("KMS keys", 1.00, "https://aws.amazon.com/kms/pricing/", "copies")
DASHBOARDS = Price("dashboards, none where the account has fewer than three", 3.00, prices.CLOUDWATCH, "copies")

Spent = tuple[float, str, Price]
"""A quantity, its unit as it is shown, and the price of the unit."""


def spent(parts: Collection[str]) -> Iterator[Spent]:
    """What a stack of these parts uses, counted generously: nobody minds when it is less."""
    month = HOURS / MONTH_HOURS
    yield 0.005, "", prices.REQUESTS["http"]
    yield 0.001, "", prices.REQUESTS["rest"]
    yield 0.005, "", prices.INVOCATIONS
    yield 0.0001, "", prices.TABLE_WRITES
    yield 3000, "GB-seconds", prices.COMPUTE["arm64"]
    yield 0.1, "GB", prices.LOGS_WRITTEN
    yield 0.2, "GB", prices.TRAFFIC_OUT
    yield 9 * len(parts) * month, "months", prices.METRICS
    yield 12 * len(parts) * month, "months", prices.ALARMS
    if "keyed" in parts:
        yield month, "months", KEYS
    if "provisioned" in parts:
        yield HOURS * 3600, "GB-seconds", prices.PROVISIONED["arm64"]
    if "restored" in parts or "hooks" in parts:
        yield 2 * HOURS * 3600, "GB-seconds", prices.SNAPSHOTS
        yield 50, "GB", prices.RESTORES
    if "dashboard" in parts:
        yield 1, "months", DASHBOARDS


def total(parts: Collection[str]) -> float:
    """Dollars: the sum of the lines, each of which counts for a cent at least."""
    return sum(dollars for *_, dollars in _lines(parts))


def bill(parts: Collection[str]) -> str:
    """The lines as a table."""
    rows = [[name, quantity, money(dollars)] for name, quantity, dollars in _lines(parts)]
    return table(["at most", "quantity × price", "dollars"], [*rows, ["", "", f"**{money(total(parts))}**"]])


def _lines(parts: Collection[str]) -> list[tuple[str, str, float]]:
    return [
        (
            price.item,
            f"{_number(quantity)} {unit}".strip() + f" × {price}",
            max(0.01, round(quantity * price.dollars, 2)),
        )
        for quantity, unit, price in spent(parts)
    ]


def _number(quantity: float) -> str:
    return f"{quantity:,.0f}" if quantity >= 10 else f"{quantity:.2g}"

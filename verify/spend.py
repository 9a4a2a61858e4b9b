"""What a run costs at most, from the list prices that docs/cost.md shows."""

from __future__ import annotations

from benchmarks import prices
from benchmarks.cost import money
from benchmarks.prices import Price
from benchmarks.table import table

MINUTES = 45
"""How long a run takes, mostly waiting for alarms."""

HOURS = 2
"""For how long everything is counted that is billed by the time it exists: more than a run takes."""

MONTH_HOURS = 730


def lines(parts: set[str]) -> list[tuple[float, str, Price]]:
    """Quantity, what it is of, and the price of its unit; generously, since nobody minds when it is less."""
    month = HOURS / MONTH_HOURS
    counted: list[tuple[float, str, Price]] = [
        (0.005, "million requests", prices.REQUESTS["http"]),
        (0.005, "million invocations", prices.INVOCATIONS),
        (3000, "GB-seconds", prices.COMPUTE["arm64"]),
        (0.1, "GB", prices.LOGS_WRITTEN),
        (0.2, "GB", prices.TRAFFIC_OUT),
        (9 * len(parts) * month, "metrics a month", prices.METRICS),
        (10 * len(parts) * month, "alarms a month", prices.ALARMS),
    ]
    return counted


def total(parts: set[str]) -> float:
    """Dollars, in whole cents, rounded up."""
    return round(sum(quantity * price.dollars for quantity, _, price in lines(parts)) + 0.005, 2)


def bill(parts: set[str]) -> str:
    """The lines as a table."""
    rows = [
        [price.item, f"{quantity:.3g} {unit} × {price}", money(quantity * price.dollars)]
        for quantity, unit, price in lines(parts)
    ]
    return table(["at most", "quantity × price", "dollars"], [*rows, ["", "", f"**{money(total(parts))}**"]])

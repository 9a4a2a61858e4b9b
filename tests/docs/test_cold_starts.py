"""The sums of docs/cold-starts.md."""

from __future__ import annotations

import math
import re

from lab.readme import REPOSITORY, blocks

TEXT = (REPOSITORY / "docs" / "cold-starts.md").read_text()


def numbers(text: str) -> list[float]:
    return [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def test_the_costs_of_the_levers_are_the_products_of_their_factors() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \| \$([\d.]+) \|$", TEXT, re.MULTILINE)

    assert len(rows) == 4
    assert [f"{math.prod(numbers(factors)):.2f}" for factors, _ in rows] == [cost for _, cost in rows]


def test_a_busy_environment_is_cheaper_provisioned_from_the_share_on_that_is_named() -> None:
    called, usual = numbers(re.search(r"\$([\d.]+) instead of \$([\d.]+)", TEXT).group())  # type: ignore[union-attr]
    kept = numbers(re.search(r"two environments \|.*? (\$[\d.]+) \|", TEXT).group(1))[0]  # type: ignore[union-attr]

    assert f"more than {kept / (usual - called):.0%}".replace("%", " %") in TEXT


def test_the_defaults_are_enough_for_the_duration_that_is_named() -> None:
    rate = re.search(r"rate \((\d+)\)", blocks("variable")["throttle"]["description"])
    reserved = blocks("variable")["reserved_concurrency"]["default"]

    assert rate
    assert (
        f"{rate[1]} a second and {reserved} environments, are enough for calls of {reserved / int(rate[1]) * 1000:g} ms"
        in TEXT
    )

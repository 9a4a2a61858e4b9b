#!/usr/bin/env python3
"""Print what an endpoint costs a month. Needs nothing but Python 3.11 or newer."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parent))  # an interpreter in isolated mode does not look there

from pricing.bill import LOG_BYTES, Line, Use, bill, total
from pricing.prices import LOGS_WRITTEN, NOTED, PRICES, REGION
from pricing.table import table

QUOTED = {1_000: "$0.50", 100_000: "$15", 1_000_000: "$100"}
"""Requests a day, and what is commonly quoted for an MCP server on Lambda that has them."""

CHANGES: dict[str, dict[str, Any]] = {
    "`memory_mb = 512`, if a call takes no longer": {"memory": 512},
    "`memory_mb = 2048`, if a call takes no less": {"memory": 2048},
    "calls of 20 ms": {"ms": 20.0},
    "calls of 500 ms": {"ms": 500.0},
    '`architecture = "x86_64"`': {"architecture": "x86_64"},
    "a fifth of the requests are lists that clients keep (`catalogue_seconds`)": {"requests": 800_000},
    "1 KB of log a request that the tools write": {"log_bytes": 1000},
    '`system_log_level = "INFO"`': {"system_log_level": "INFO"},
    "`log_sample_rate = 0.01`": {"log_sample_rate": 0.01},
    "`access_log = false`": {"access_log": "false"},
    "answers of 50 KB": {"answer_bytes": 50_000},
    "an authorizer function, 100 callers, `ttl = 60`": {"authorizer": "token"},
    "an authorizer function, `ttl = 0`": {"authorizer": "token", "ttl": 0.0},
    "`provisioned_concurrency` of 5, day and night": {"provisioned": 5},
    "`provisioned_concurrency` of 5, ten hours a day": {"provisioned": 5, "provisioned_hours": 10.0},
    "`snap_start`, one version": {"snap_start": 1},
    "`snap_start`, ten versions left behind": {"snap_start": 10},
    '`metrics = "tools"`, 10 tools, 6 methods, 2 eras': {"metrics": 3 + 10 * 3 + 6 * 2 + 2},
    '`metrics = "none"`': {"metrics": 0},
    "a REST API as the front": {"front": "rest"},
}
"""One change each, to a million requests a day."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None, program: str = "cost.py") -> int:
    """Print the table that was asked for; 0, or 2 after a sentence on what is wrong."""
    parser = Parser(prog=program, description=__doc__, argument_default=argparse.SUPPRESS)
    known = {each.name for each in fields(Use)}
    for each in fields(Use):
        default = f"; {each.default}" if each.name != "requests" else "; without it: three volumes beside each other"
        flag = f"--{each.name.replace('_', '-')}"
        parser.add_argument(flag, type=type(each.default), metavar="N", help=each.metadata["help"] + default)
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--changes", action="store_true", help="what one change each does to the bill")
    shown.add_argument("--logs", action="store_true", help="what each line of the log has, and costs")
    shown.add_argument("--prices", action="store_true", help="the prices, with AWS's pages")
    given = vars(parser.parse_args(argv))
    try:
        print(output(Use(**{name: value for name, value in given.items() if name in known}), given))
    except ValueError as error:
        parser.error(str(error))
    return 0


def output(use: Use, given: dict[str, Any]) -> str:
    """The table for what was given on the command line."""
    if "prices" in given:
        return table(
            [f"{REGION}, {NOTED}", "price", "page", "seen"], [[p.item, str(p), p.page, p.seen] for p in PRICES]
        )
    if "logs" in given:
        return logs()
    if "changes" in given:
        return changes(replace(use, requests=given.get("requests", 1_000_000)))
    return month(use) if "requests" in given else volumes(use)


def month(use: Use) -> str:
    """The bill with what each line is made of."""
    rows = [[line.name, f"{quantity(line)} × {line.price}", money(line.dollars())] for line in bill(use)]
    rows += [
        ["", "", f"**{money(total(use))}**"],
        ["after an account's free quotas", "", money(total(use, free_quotas=True))],
    ]
    return table([f"{use.requests:,} requests a day", "quantity × price", "a month"], rows)


def volumes(use: Use) -> str:
    """The bills of the volumes for which figures are commonly quoted."""
    uses = [replace(use, requests=requests) for requests in QUOTED]
    bills = [bill(each) for each in uses]
    rows = [[lines[0].name, *(money(line.dollars()) for line in lines)] for lines in zip(*bills, strict=True)]
    rows.append(["**list price**", *(f"**{money(total(each))}**" for each in uses)])
    rows.append(["after an account's free quotas", *(money(total(each, free_quotas=True)) for each in uses)])
    rows.append(["commonly quoted", *QUOTED.values()])
    return table(["dollars a month", *(f"{requests:,} a day" for requests in QUOTED)], rows)


def changes(use: Use) -> str:
    """What one change each does to a bill, the largest first."""
    before = total(use)
    bills = {change: total(replace(use, **values)) for change, values in CHANGES.items()}
    ranked = sorted(bills.items(), key=lambda entry: -abs(entry[1] - before))
    rows = [[change, f"{after - before:+.2f}", money(after)] for change, after in ranked]
    return table(["one change", "difference", "a month"], [["none", "", money(before)], *rows])


def logs() -> str:
    """The lines that a call writes, with what a month of a million calls a day costs for each."""
    line, access, system = (LOG_BYTES[key] for key in ("request_line", "access_log", "system_log"))
    sizes = {
        "request line of a call that goes well": line["call"],
        "more for a caller that is known (`log_subject`)": line["subject"],
        "more at a cold start": line["cold_start"],
        "access log of an HTTP API": access["http"],
        "access log of a REST API": access["rest"],
        'Lambda\'s start and report, `system_log_level = "INFO"`': system["INFO"],
        'Lambda\'s own, `system_log_level = "WARN"`': system["WARN"],
    }
    rows = [[what, f"{size:,}", money(size * 30e6 / 1e9 * LOGS_WRITTEN.dollars)] for what, size in sizes.items()]
    return table(["line", "bytes", "a month of a million calls a day"], rows)


def quantity(line: Line) -> str:
    """The factors of a line, such as `3,000,000 × 0.1 s × 1 GB`."""
    return " × ".join(f"{decimal(number)} {unit}".strip() for number, unit in line.factors)


def decimal(number: float) -> str:
    """A number of ten digits, without the error of a float and without an exponent."""
    return f"{float(f'{number:.10g}'):,.10f}".rstrip("0").rstrip(".")


def money(dollars: float) -> str:
    """Dollars with cents."""
    return f"${dollars:,.2f}"


if __name__ == "__main__":
    sys.exit(main())

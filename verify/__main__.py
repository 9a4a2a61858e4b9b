"""Settles on AWS what no emulator can show: applies a throwaway stack, looks at it, and destroys it again.

Before it makes anything, it names the account, the region and the cost, and asks. It destroys everything also when
something fails, and when it is interrupted.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from authorizer.new_key import make
from cost import Parser, money
from mcp_lambda_host import __version__

from . import alarms, authentication, life, limits, login, report, rest, rollout, spend, starts, telemetry
from .account import Account, find_account
from .calls import Run
from .errors import VerifyError
from .rows import Result, Row, Verdict, When, is_seen, result_of
from .terraform import PREFIX, WORK, Stack, left_behind, uninterrupted

MODULES = (life, authentication, login, rest, limits, telemetry, starts, rollout, alarms)
GROUPS = tuple(module.GROUP for module in MODULES)
"""Groups in the order in which they are looked at: alarms last, since what makes them ring breaks things."""

ROWS = {row.name: row for group in GROUPS for row in group.rows}
PARTS = {part for row in ROWS.values() for part in row.needs}
WATCHED = ("guarded", "keyed", "open")
"""Parts that are called while the stack is changed."""


def main(words: Sequence[str] | None = None) -> int:
    """Verify, or destroy what a run before could not.

    Returns:
        0: every row that could be looked at is as expected. 1: one is not, or something failed. 2: an option is wrong.
        130: interrupted.
    """
    arguments = parse_arguments(words)
    if arguments.list:
        print("\n".join(f"{row.name}: {row.sentence}" for row in ROWS.values()))
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # so that an end from outside destroys everything, too
    try:
        account = find_account(arguments.region)
        return destroy_left(account, arguments) if arguments.destroy else verify(account, arguments)
    except VerifyError as error:
        print(f"verify-aws: {report.redacted(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("verify-aws: interrupted; what was made is destroyed.", file=sys.stderr)
        return 130


def parse_arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ends with a sentence if it cannot be."""
    first, last = (__doc__ or "").split("\n\n")
    parser = Parser(prog="scripts/verify-aws", description=first, epilog=last)
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="ROW", help="rows to look at (all)")
    parser.add_argument("--list", action="store_true", help="print the rows and end")
    parser.add_argument("--region", help="where to make the stack (that of the environment or of the profile)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--report", type=Path, default=Path("verify-aws.md"), metavar="FILE", help="(%(default)s)")
    parser.add_argument("--destroy", action="store_true", help="destroy what a run before could not, and end")
    arguments = parser.parse_args(words)
    if not arguments.report.parent.is_dir():
        parser.error(f"--report {arguments.report} is in a directory that there is not.")
    return arguments


def verify(account: Account, arguments: argparse.Namespace) -> int:
    """Ask, apply, look, destroy, and write the report.

    Raises:
        VerifyError: Terraform is missing, nobody agreed, or something is left of this run or of one before.
    """
    if not shutil.which("terraform"):
        raise VerifyError(
            "terraform is not on PATH: install 1.9 or newer, https://developer.hashicorp.com/terraform/install"
        )
    if left_behind():
        raise VerifyError("a run before could not destroy everything: scripts/verify-aws --destroy does.")
    rows = [row for row in ROWS.values() if arguments.only is None or row.name in arguments.only]
    parts = {part for row in rows if is_seen(row, account) for part in row.needs} or set(PARTS)
    if not account.can_reserve:
        parts.discard("provisioned")
    if not account.can_log:
        parts -= {"rest", "own"}
    announce(account, rows, parts)
    if not arguments.yes:
        ask()
    results: list[Result] = []
    stack = Stack(WORK / f"{PREFIX}{secrets.token_hex(3)}")
    key, entry = make("verify", [], None)
    run = Run(account, stack, key)
    try:
        with destroyed(stack):
            step("building the servers' zip and applying the stack")
            stack.prepare(settings_for(account, parts, entry))
            look(run, rows, results)
        look_at(rows, When.DESTROYED, run, results)
    finally:
        write(arguments.report, run, results)
    print(f"\n{report.totals(results)}. The report is in {arguments.report}.")
    return 0 if all(result.verdict in (Verdict.HOLDS, Verdict.NOT_EMULATED) for result in results) else 1


def announce(account: Account, rows: Sequence[Row], parts: set[str]) -> None:
    """Say what would be done, where, as whom and for how much."""
    print(
        f"{len(rows)} rows are to be looked at, on a stack that is applied, changed once and destroyed.\n\n"
        f"account  {account}\n"
        f"region   {account.region}\n"
        f"as       {account.caller}\n"
        f"parts    {', '.join(sorted(parts))}\n"
        f"time     about {spend.MINUTES} minutes\n"
        f"cost     at most {money(spend.total(parts))}, at list prices of us-east-1:\n\n"
        f"{spend.bill(parts)}",
        flush=True,
    )


def ask() -> None:
    """Wait for a yes.

    Raises:
        VerifyError: There was none.
    """
    try:
        answer = input("\nGo on? Type yes: ")
    except EOFError:
        print()
        raise VerifyError("there is nobody to ask: give --yes to agree.") from None
    if answer.strip().lower() != "yes":
        raise VerifyError("nothing was made.")


def settings_for(account: Account, parts: set[str], entry: dict[str, object]) -> dict[str, object]:
    """Variables of the stack.

    Args:
        account: Where it is made.
        parts: What it is made of.
        entry: Of the key that callers have.
    """
    return {
        "account": account.number,
        "region": account.region,
        "can_reserve": account.can_reserve,
        "parts": sorted(parts),
        "keys": json.dumps({"keys": [entry]}),
        "timeout_seconds": 3 if account.is_local else 29,
        "saved_queries": not account.is_local,
    }


def look(run: Run, rows: Sequence[Row], results: list[Result]) -> None:
    """Look at the rows before the change of the stack, and at those after it."""
    apply(run)
    run.wait_for_answers()
    look_at(rows, When.APPLIED, run, results)
    if any(row.when is When.CHANGED for row in rows):
        step("changing the stack")
        run.stack.set(changed=True, parts=sorted(run.outputs))  # what could not be applied is not tried again
        with run.watching(*[part for part in WATCHED if part in run.outputs]):
            apply(run)
        look_at(rows, When.CHANGED, run, results)


def apply(run: Run) -> None:
    """Apply the stack, or as much of it as can be."""
    run.error = ""
    try:
        run.stack.apply()
    except VerifyError as error:
        run.error = str(error)
    run.outputs = run.stack.outputs()


def look_at(rows: Sequence[Row], when: When, run: Run, results: list[Result]) -> None:
    """Look at rows that have their time, in their order, and print what comes of each."""
    for group in GROUPS:
        chosen = [row for row in group.rows if row in rows and row.when is when]
        if chosen:
            print(f"\n{group.name}", flush=True)
        if group.prepare and any(is_seen(row, run.account) for row in chosen):
            group.prepare(run)
        for row in chosen:
            result = result_of(row, run)
            results.append(result._replace(text=report.redacted(result.text)))
            print(report.lines_of(results[-1]), flush=True)


@contextmanager
def destroyed(stack: Stack) -> Iterator[None]:
    """Destroy a stack at the end of a `with` block, however it ends.

    Raises:
        VerifyError: Something is left; it says what, and how to destroy it.
    """
    try:
        yield
    finally:
        with uninterrupted():
            step("destroying the stack, which nothing interrupts")
            destroy(stack)


def destroy(stack: Stack) -> None:
    """Destroy a stack.

    Raises:
        VerifyError: Something is left; it says what, and how to destroy it.
    """
    try:
        stack.destroy()
    except VerifyError as error:
        left = "\n  ".join(stack.left())
        raise VerifyError(
            f"not everything could be destroyed: {error}\n  {left}\n"
            "Try again with scripts/verify-aws --destroy, which is\n"
            f"  terraform -chdir={stack.root} destroy\n"
            f"All that is left has {stack.name} in its name."
        ) from None


def destroy_left(account: Account, arguments: argparse.Namespace) -> int:
    """Destroy what runs before could not."""
    for stack in left_behind():
        if not arguments.yes:
            print(f"{stack.name} in {stack.settings.get('region')}, account {account}, is to be destroyed.")
            ask()
        with destroyed(stack):
            pass
    print("Nothing is left.")
    return 0


def write(file: Path, run: Run, results: Sequence[Result]) -> None:
    """Write the report."""
    where = f"{'the local AWS' if run.account.is_local else 'AWS'}, {run.account.region}"
    head = [f"{datetime.now(UTC):%Y-%m-%d}, {where}", f"module {__version__}, {run.stack.versions}"]
    file.write_text(report.page(head, GROUPS, results))


def step(what: str) -> None:
    """Say what is being done."""
    print(f"\n{what} …", flush=True)


if __name__ == "__main__":
    sys.exit(main())

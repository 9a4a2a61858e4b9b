"""A row: a sentence that only AWS can settle, what is expected of it, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from .account import Account
from .calls import Run

LONGEST = 500
"""Characters of what was seen that are kept."""


class Seen(NamedTuple):
    """Whether it is as expected, and what was seen."""

    holds: bool
    text: str


class UnseenError(Exception):
    """A row cannot be looked at here; the message says why."""


class When(Enum):
    """When a row is looked at."""

    APPLIED = "applied"
    CHANGED = "changed"
    DESTROYED = "destroyed"


class Verdict(Enum):
    """What came of a row."""

    HOLDS = "as expected"
    DIFFERS = "different"
    NOT_EMULATED = "not emulated"
    UNSEEN = "not looked at"


@dataclass(frozen=True)
class Row:
    """A sentence about AWS.

    Attributes:
        look: Looks at the stack; its docstring is the sentence, and its name the row's.
        expected: What the module and its pages count on.
        needs: Parts of the stack, as its outputs are named.
        when: Whether it looks at the stack as it is applied first, after its change, or at what is left of it.
        not_emulated: What the local AWS does instead; empty: the row can be looked at there, too.
    """

    look: Callable[[Run], Seen]
    expected: str
    needs: tuple[str, ...]
    when: When = When.APPLIED
    not_emulated: str = ""

    @property
    def name(self) -> str:
        """How it is named on the command line."""
        return self.look.__name__.replace("_", "-")

    @property
    def sentence(self) -> str:
        """What it says."""
        return (self.look.__doc__ or "").strip()


class Result(NamedTuple):
    """What came of a row, with what was seen or why nothing was."""

    row: Row
    verdict: Verdict
    text: str


@dataclass
class Group:
    """Rows of one subject, in the order in which they are looked at.

    Attributes:
        name: Its heading.
        prepare: What is done before the first of them.
    """

    name: str
    prepare: Callable[[Run], None] | None = None
    rows: list[Row] = field(default_factory=list)

    def row(
        self, expected: str, *needs: str, when: When = When.APPLIED, not_emulated: str = ""
    ) -> Callable[[Callable[[Run], Seen]], Callable[[Run], Seen]]:
        """Make a row of the function below."""

        def add(look: Callable[[Run], Seen]) -> Callable[[Run], Seen]:
            self.rows.append(Row(look, expected, needs, when, not_emulated))
            return look

        return add


def is_seen(row: Row, account: Account) -> bool:
    """Whether a row can be looked at in an account."""
    return not (account.is_local and row.not_emulated)


def result_of(row: Row, run: Run) -> Result:
    """Look at a row; whatever goes wrong there is its own result, and the other rows go on."""
    if not is_seen(row, run.account):
        return Result(row, Verdict.NOT_EMULATED, row.not_emulated)
    missing = [part for part in row.needs if part not in run.outputs]
    if missing:
        return Result(row, Verdict.UNSEEN, f"there is no {' and no '.join(missing)}")
    if row.needs and row.when is When.CHANGED and run.error:
        return Result(row, Verdict.UNSEEN, "the stack could not be changed")
    try:
        seen = row.look(run)
    except UnseenError as reason:
        return Result(row, Verdict.UNSEEN, str(reason))
    except Exception as error:
        return Result(row, Verdict.UNSEEN, f"{type(error).__name__}: {error}"[:LONGEST])
    return Result(row, Verdict.HOLDS if seen.holds else Verdict.DIFFERS, seen.text[:LONGEST])

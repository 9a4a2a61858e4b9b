"""The stack itself: how it is applied, changed and destroyed."""

from __future__ import annotations

from .calls import Run, counts
from .rows import Group, Seen, When

GROUP = Group("life of a stack")


@GROUP.row("no error")
def apply(run: Run) -> Seen:
    """AWS takes everything that is applied."""
    return Seen(not run.error, run.error or "no error")


@GROUP.row("200 from each")
def first_answers(run: Run) -> Seen:
    """When the apply ends, every server answers at once, and from a snapshot, too."""
    seen = ", ".join(f"{status} from {part}" for part, status in run.first.items())
    return Seen(set(run.first.values()) == {200}, seen or "no server")


@GROUP.row("no change")
def second_plan(run: Run) -> Seen:
    """A second plan changes nothing."""
    changes = run.stack.planned()
    return Seen(not changes, ", ".join(changes) or "no change")


@GROUP.row("no error", when=When.CHANGED)
def change(run: Run) -> Seen:
    """AWS takes a change of the live stack in one apply."""
    return Seen(not run.error, run.error or "no error")


@GROUP.row("200, and nothing else", "open", when=When.CHANGED)
def calls_meanwhile(run: Run) -> Seen:
    """While a version is published and the alias moves, every call is answered."""
    return Seen(set(run.statuses["open"]) == {200}, counts(run.statuses["open"]))


@GROUP.row("nothing", when=When.DESTROYED)
def left(run: Run) -> Seen:
    """When all is destroyed, no log group is left or made anew by what was still on its way."""
    logs = run.client("logs")
    prefixes = [f"/aws/lambda/{run.stack.name}", f"/aws/vendedlogs/apigateway/{run.stack.name}"]
    groups = [
        group["logGroupName"]
        for prefix in prefixes
        for group in logs.describe_log_groups(logGroupNamePrefix=prefix)["logGroups"]
    ]
    return Seen(not groups, ", ".join(groups) or "nothing")

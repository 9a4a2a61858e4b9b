"""Who gets in, and what the others are told."""

from __future__ import annotations

from lab.events import modern, tool_call

from .calls import Run
from .rows import Group, Seen, When

GROUP = Group("authentication")


@GROUP.row('403 with Bearer error="insufficient_scope", scope="refund" and the metadata', "guarded")
def challenge_of_the_host(run: Run) -> Seen:
    """The host's refusal for missing scopes keeps its WWW-Authenticate on the way through an HTTP API."""
    answer = run.post("guarded", tool_call(modern, "refund"), run.credentials("guarded"))
    challenge = answer.headers.get("www-authenticate", "no WWW-Authenticate")
    wanted = ('error="insufficient_scope"', 'scope="refund"', "resource_metadata=")
    return Seen(answer.status_code == 403 and all(part in challenge for part in wanted), f"403 with {challenge}")


@GROUP.row("200 and 403, and never a 5xx", "guarded", when=When.CHANGED)
def from_jwt_to_iam(run: Run) -> Seen:
    """A live stack goes from jwt to iam in one apply, and no request meets an error of the gateway meanwhile."""
    return _answers(run, "guarded", {200, 403})


def _answers(run: Run, part: str, expected: set[int]) -> Seen:
    counted = run.statuses[part]
    text = ", ".join(f"{count} times {status}" for status, count in sorted(counted.items()))
    return Seen(bool(counted) and set(counted) <= expected, text or "no request was answered")

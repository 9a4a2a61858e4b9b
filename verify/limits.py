"""What is refused or cut off, by whom, and how clients hear of it."""

from __future__ import annotations

import time

from lab.events import message_in, modern, tool_call

from .calls import Run
from .rows import Group, Seen

GROUP = Group("limits")


@GROUP.row("200 with JSON-RPC error 504, half a second before timeout_seconds", "open")
def late_tool(run: Run) -> Seen:
    """A tool that takes too long is answered by the host, before Lambda or the gateway gives up."""
    begun = time.monotonic()
    answer = run.post("open", tool_call(modern, "wait", seconds=run.timeout + 5))
    seconds = time.monotonic() - begun
    code = message_in(answer.text).get("error", {}).get("code")
    holds = answer.status_code == 200 and code == 504 and seconds < run.timeout + 3
    return Seen(holds, f"{answer.status_code} with {code} after {seconds:.1f} s")

"""What is refused or cut off, by whom, and how clients hear of it."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from lab.events import message_in, modern, tasks_request, tool_call
from mcp_lambda_host.gateway import LIMIT

from .calls import Run, at_once, counts, until
from .rows import Group, Seen, UnseenError

GROUP = Group("limits")

MIB = 2**20

TASK_SECONDS = 90
"""How long a task may take, with the start of its worker."""


@GROUP.row("200 with JSON-RPC error 504, half a second before timeout_seconds", "open")
def late_tool(run: Run) -> Seen:
    """A tool that takes too long is answered by the host, before Lambda or the gateway gives up."""
    begun = time.monotonic()
    answer = run.post("open", tool_call(modern, "wait", seconds=run.timeout + 5))
    seconds = time.monotonic() - begun
    code = message_in(answer.text).get("error", {}).get("code")
    holds = answer.status_code == 200 and code == 504 and seconds < run.timeout + 3
    return Seen(holds, f"{answer.status_code} with {code} after {seconds:.1f} s")


@GROUP.row("405 with allow: POST and no word of the host, to GET and to DELETE", "guarded", "keyed")
def unserved_methods_of_an_http_api(run: Run) -> Seen:
    """An HTTP API makes 405 of what another API answers that serves nothing, and invokes no function for it."""
    answers = [
        run.send(part, method, headers=run.credentials(part))
        for part in ("guarded", "keyed")
        for method in ("GET", "DELETE")
    ]
    seen = [f"{answer.status_code} with allow: {answer.headers.get('allow')}, {answer.text[:40]}" for answer in answers]
    refused = [(answer.status_code, answer.headers.get("allow"), "jsonrpc" in answer.text) for answer in answers]
    return Seen(refused == [(405, "POST", False)] * 4, "; ".join(seen))


@GROUP.row("completed", "open")
def long_tool(run: Run) -> Seen:
    """A tool that takes longer than a request completes as a task, in a function of its own."""
    return _task(run, "open")


@GROUP.row("completed", "keyed")
def long_tool_under_a_key(run: Run) -> Seen:
    """It does so as well where the table and its worker are under a KMS key."""
    return _task(run, "keyed")


def _task(run: Run, part: str) -> Seen:
    headers = run.credentials(part)

    def ask(method: str, **params: Any) -> dict[str, Any]:
        found: dict[str, Any] = message_in(run.post(part, tasks_request(method, params), headers).text)["result"]
        return found

    def ended() -> str | None:
        found = ask("tasks/get", taskId=made["taskId"])
        return None if found["status"] == "working" else found["status"]

    made = ask("tools/call", name="wait", arguments={"seconds": run.timeout + 1})
    return Seen((status := until(TASK_SECONDS, ended)) == "completed", status or f"working for {TASK_SECONDS} s")


@GROUP.row("a 5xx, when Lambda has ended the function", "open", not_emulated="its own time for an answer is another")
def blocked_process(run: Run) -> Seen:
    """A tool that holds Python's lock past the timeout, so that nothing can answer, ends with an HTTP 5xx."""
    begun = time.monotonic()
    answer = run.post("open", tool_call(modern, "block", seconds=run.timeout + 5))
    seconds = time.monotonic() - begun
    return Seen(answer.status_code >= 500, f"{answer.status_code} {answer.text[:100]} after {seconds:.1f} s")


@GROUP.row(f"an answer of {LIMIT:,} bytes arrives whole, a larger one is error 413", "open", not_emulated="no limit")
def largest_answer(run: Run) -> Seen:
    """Lambda carries as much as the host believes, and the gateway as well."""
    asked = LIMIT // 2 + 100_000  # a tool's text is in its answer twice
    refused = run.call("open", "long_text", characters=asked)["error"]
    size = int(re.sub(r"\D", "", re.findall(r"has ([\d,]+) bytes", refused["message"])[0]))
    fits = asked - (size - LIMIT + 1) // 2
    answer = run.post("open", tool_call(modern, "long_text", characters=fits))
    whole = answer.status_code == 200 and answer.text.count("x" * fits) == 2
    seen = "whole" if whole else answer.text[:100]
    return Seen(whole and refused["code"] == 413, f"{answer.status_code} {seen}; a larger one {refused['code']}")


@GROUP.row("200 with nearly 4 MiB, 413 with more", "open")
def largest_request(run: Run) -> Seen:
    """A request of 4 MiB comes through the gateway and Lambda, and the host refuses what is larger."""
    statuses = [
        run.post("open", tool_call(modern, "variable", key="x" * size)).status_code
        for size in (4 * MIB - 1000, 4 * MIB)
    ]
    return Seen(statuses == [200, 413], f"{statuses[0]} and {statuses[1]}")


@GROUP.row("200, and the name in Latin-1 or UTF-8", "open")
def header_in_latin_1(run: Run) -> Seen:
    """A response header that is not ASCII arrives."""
    answer = run.send("open", "GET", "/latin-1")
    name = answer.headers.get("x-name", "none")
    return Seen(
        answer.status_code == 200 and name in ("Zoë", "ZoÃ«"), f"{answer.status_code}, {name.encode('latin-1')!r}"
    )


@GROUP.row("200, and 429 for what is too much", "keyed", not_emulated="no throttle")
def throttle(run: Run) -> Seen:
    """The stage's throttle answers with 429, before anything runs."""
    answers = at_once(300, lambda: run.send("keyed", "GET", "/health"), threads=50)
    statuses = Counter(answer.status_code for answer in answers)
    return Seen(set(statuses) == {200, 429}, counts(statuses))


@GROUP.row("200 for as many as are reserved, 503 for the others", "open", not_emulated="it answers 429")
def all_environments_busy(run: Run) -> Seen:
    """What finds all reserved environments busy is answered with 503 by an HTTP API."""
    if not run.account.can_reserve:
        raise UnseenError("the account's quota lets no function reserve environments")
    answers = at_once(9, lambda: run.post("open", tool_call(modern, "wait", seconds=5)))
    statuses = Counter(answer.status_code for answer in answers)
    return Seen(set(statuses) == {200, 503}, counts(statuses))

"""Every alarm of the module, made to ring."""

from __future__ import annotations

import json
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from lab.events import modern, tool_call

from .calls import Run, at_once, until
from .rows import Group, Seen, UnseenError

RING_SECONDS = 600
"""Within which an alarm rings: its periods, what CloudWatch takes to have the metric, and some."""

READ_SECONDS = 180
"""Within which the authorizer reads its parameter anew, and the gateway forgets what it has answered."""

NOT_EMULATED = "it counts nothing, and has no metric math"


def provoke(run: Run) -> None:
    """Do at once what makes alarms ring, since each takes minutes to notice."""
    tasks = [task for part, task in PROVOCATIONS if part in run.outputs]
    with ThreadPoolExecutor(len(tasks) or 1) as pool:
        for done in [pool.submit(task, run) for task in tasks]:
            done.result()


GROUP = Group("alarms", prepare=provoke)


def rings(run: Run, part: str, alarm: str, *, called: bool = False) -> Seen:
    """Wait until an alarm rings.

    Args:
        run: The stack.
        part: The server that it watches.
        alarm: Its key.
        called: Whether a tool is called meanwhile, for alarms that look at several minutes.
    """
    arns, begun = run.outputs[part]["alarm_arns"], time.monotonic()
    if alarm not in arns:
        raise UnseenError(f"there is no {alarm}")
    name = arns[alarm].split(":alarm:")[1]

    def state() -> str | None:
        if called:
            run.call(part, "wait", seconds=2)
        (found,) = run.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return "ALARM" if found["StateValue"] == "ALARM" else None

    rang = until(RING_SECONDS, state)
    seconds = time.monotonic() - begun
    return Seen(
        rang is not None, f"ALARM, {seconds:.0f} s after it was looked at" if rang else f"none in {seconds:.0f} s"
    )


def _end_and_fail(run: Run) -> None:
    for tool in ("end", "fail") * 6:
        run.post("open", tool_call(modern, tool))


def _be_late(run: Run) -> None:
    at_once(4, lambda: run.post("open", tool_call(modern, "wait", seconds=run.timeout + 5)))


def _be_busy(run: Run) -> None:
    at_once(12, lambda: run.post("open", tool_call(modern, "wait", seconds=3)))


def _be_refused(run: Run) -> None:
    at_once(60, lambda: run.post("guarded", modern("tools/list"), {"authorization": "Bearer wrong"}))


def _spill_over(run: Run) -> None:
    at_once(4, lambda: run.post("provisioned", tool_call(modern, "wait", seconds=5)))


PROVOCATIONS = (
    ("open", _end_and_fail),
    ("open", _be_late),
    ("open", _be_busy),
    ("guarded", _be_refused),
    ("provisioned", _spill_over),
)
"""What is done to which part."""


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def function_errors(run: Run) -> Seen:
    """function_errors rings when a tool ends the process."""
    return rings(run, "open", "function_errors")


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def tool_error_rate(run: Run) -> Seen:
    """tool_error_rate rings when tools fail: metric math over metrics that come from the log."""
    return rings(run, "open", "tool_error_rate")


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def api_5xx_rate(run: Run) -> Seen:
    """api_5xx_rate rings when the gateway answers with 5xx."""
    return rings(run, "open", "api_5xx_rate")


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def deadline_hits(run: Run) -> Seen:
    """deadline_hits rings when calls are late."""
    return rings(run, "open", "deadline_hits")


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def throttles(run: Run) -> Seen:
    """Throttles of reserved environments are counted for the function alone, and throttles rings."""
    if not run.account.can_reserve:
        raise UnseenError("the account's quota lets no function reserve environments")
    return rings(run, "open", "throttles")


@GROUP.row("ALARM", "guarded", not_emulated=NOT_EMULATED)
def auth_refused(run: Run) -> Seen:
    """auth_refused rings when many requests are refused: a metric filter on the access log."""
    return rings(run, "guarded", "auth_refused")


@GROUP.row("ALARM", "keyed", not_emulated=NOT_EMULATED)
def authorizer_errors(run: Run) -> Seen:
    """authorizer_errors rings when the parameter with the keys is malformed."""
    good = run.credentials("keyed")
    try:
        _put_keys(run, json.dumps("spoilt"))
        until(READ_SECONDS, lambda: _status_of(run, {"authorization": f"Bearer {secrets.token_hex(16)}"}) == 500)
        return rings(run, "keyed", "authorizer_errors")
    finally:
        _put_keys(run, run.stack.settings["keys"])
        until(READ_SECONDS, lambda: _status_of(run, good) == 200)


@GROUP.row("ALARM", "provisioned", not_emulated=NOT_EMULATED)
def provisioned_spillover(run: Run) -> Seen:
    """provisioned_spillover rings: its metric has the alias for its dimension Resource."""
    return rings(run, "provisioned", "provisioned_spillover")


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def p95_duration(run: Run) -> Seen:
    """p95_duration rings when calls are slow in each of three minutes."""
    return rings(run, "open", "p95_duration", called=True)


@GROUP.row("ALARM", "open", not_emulated=NOT_EMULATED)
def concurrency(run: Run) -> Seen:
    """Lambda counts environments at once by the function's name, and concurrency rings."""
    return rings(run, "open", "concurrency", called=True)


@GROUP.row("a message that names an alarm of the stack", "open", "on_call", not_emulated=NOT_EMULATED)
def on_call(run: Run) -> Seen:
    """An alarm that rings reaches the topic of alarm_actions."""
    queue, url = run.client("sqs"), run.outputs["on_call"]["queue_url"]

    def receive() -> str | None:
        messages = queue.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
        return json.loads(json.loads(messages[0]["Body"])["Message"])["AlarmName"] if messages else None

    named = until(60, receive) or "no message"
    return Seen(named.startswith(run.stack.name), named)


def _put_keys(run: Run, value: str) -> None:
    keyed = run.outputs["keyed"]
    run.client("ssm").put_parameter(
        Name=keyed["keys_parameter"], Value=value, Type="SecureString", KeyId=keyed["key_arn"], Overwrite=True
    )


def _status_of(run: Run, headers: dict[str, str]) -> int:
    return run.post("keyed", modern("tools/list"), headers).status_code

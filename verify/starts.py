"""Environments that are restored or provisioned."""

from __future__ import annotations

import json
from collections.abc import Sequence

from botocore.exceptions import ClientError

from .calls import Run, at_once, until
from .rows import Group, Seen
from .telemetry import ARRIVE_SECONDS, events

GROUP = Group("starts")

NO_SNAPSHOTS = "it takes no snapshots"


@GROUP.row("an answer, and a report of the restore in the log", "restored", not_emulated=NO_SNAPSHOTS)
def restore(run: Run) -> Seen:
    """The host answers in an environment that was restored from a snapshot, on the processor that the module takes."""
    answered = run.text("restored", "version")
    group = run.outputs["restored"]["log_group_name"]
    found = until(ARRIVE_SECONDS, lambda: events(run, group, '"platform.restoreReport"'))
    record = json.loads(found[0])["record"] if found else {}
    took = record.get("metrics", {}).get("durationMs", "an unknown time")
    return Seen(bool(found), f"version {answered} answers; restored in {took} ms" if found else "no restore in the log")


@GROUP.row("what the parameter holds", "restored", not_emulated=NO_SNAPSHOTS)
def secret_after_a_restore(run: Run) -> Seen:
    """After a restore the host reads secrets with credentials of Lambda's own endpoint."""
    text = run.text("restored", "variable", key="SECRET")
    return Seen(text == "read after the restore", text)


@GROUP.row("another number in each environment", "restored", not_emulated=NO_SNAPSHOTS)
def random_after_a_restore(run: Run) -> Seen:
    """Environments that come from one snapshot draw different random numbers."""
    at_once(5, lambda: run.call("restored", "wait", seconds=2))
    words = [text.split() for text in at_once(10, lambda: run.text("restored", "environment"))]
    environments, numbers = {each[0] for each in words}, {each[2] for each in words}
    return Seen(
        len(environments) > 1 and len(numbers) == len(words),
        f"{len(numbers)} numbers in {len(words)} calls of {len(environments)} environments",
    )


@GROUP.row("8 s: restored; 12 s: an error", "hooks", not_emulated=NO_SNAPSHOTS)
def seconds_for_hooks(run: Run) -> Seen:
    """Hooks after a restore have ten seconds together, of which the host takes six at most."""
    within, beyond = (_invoke(run, run.outputs["hooks"][key]) for key in ("within", "beyond"))
    return Seen(within == '"restored"' and beyond != '"restored"', f"8 s: {within}; 12 s: {beyond}")


@GROUP.row("FunctionName and Resource, NAME:live", "provisioned", not_emulated="it has no metrics of provisioned ones")
def dimensions_of_what_is_provisioned(run: Run) -> Seen:
    """Metrics of provisioned environments have the alias for their dimension Resource."""
    name = run.outputs["provisioned"]["function_name"]
    at_once(4, lambda: run.call("provisioned", "wait", seconds=2))
    found = until(600, lambda: _dimensions(run, name), every=20) or []
    holds = [("FunctionName", name), ("Resource", f"{name}:live")] in found
    return Seen(holds, "; ".join(", ".join(f"{key} {value}" for key, value in each) for each in found) or "no metric")


def _invoke(run: Run, arn: str) -> str:
    """What a function answers when its snapshot is there, or the error."""
    run.client("lambda").get_waiter("published_version_active").wait(FunctionName=arn)
    try:
        answer = run.client("lambda").invoke(FunctionName=arn)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return str(answer.get("FunctionError") or answer["Payload"].read().decode())


def _dimensions(run: Run, function: str) -> Sequence[list[tuple[str, str]]] | None:
    """Each set of dimensions that the metric of spilled calls has for a function."""
    metrics = run.client("cloudwatch").list_metrics(
        Namespace="AWS/Lambda",
        MetricName="ProvisionedConcurrencySpilloverInvocations",
        Dimensions=[{"Name": "FunctionName", "Value": function}],
    )["Metrics"]
    return [sorted((each["Name"], each["Value"]) for each in metric["Dimensions"]) for metric in metrics] or None

"""CloudWatch metrics of a call, written as a part of its line in the log: no API is called while a client waits.

Embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format"): `_aws` names the members of the
same object that are metrics, and those that are their dimensions. "A DimensionSet MAY be empty."

Each byte of a line is paid for, so most lines have no `_aws`: Lambda itself counts and times its invocations, and a
metric filter on the log counts the calls of tools by what their lines have anyway (telemetry.tf).
"""

from __future__ import annotations

from typing import Any

from mcp_types.methods import SPEC_CLIENT_METHODS, SPEC_CLIENT_NOTIFICATION_METHODS

from ..contract import METRICS
from .calls import Call

OF_TASKS = {"tasks/get", "tasks/update", "tasks/cancel"}
"""Methods of the tasks extension; the SDK knows those of the specification alone."""

METHODS = SPEC_CLIENT_METHODS | SPEC_CLIENT_NOTIFICATION_METHODS | OF_TASKS

TIMES = ("duration", "task_duration", "task_age")

NO_RUN = ("cancelled", "duplicate")
"""Outcomes in a worker that say nothing of the tool."""

COUNTED_STEPS = ("started", "completed", "failed", "cancelled", "expired")
"""Steps of a task that are counted."""

COUNTED_BY_LAMBDA = ("calls", "duration")
"""Metrics in all that cost no bytes of `_aws`: Lambda's own Invocations and Duration."""

BY_DIMENSION = {"Tool": ("calls", "duration", "tool_errors"), "Method": ("calls", "duration"), "Era": ("calls",)}
"""Metrics of each dimension: every value of it that occurs makes them anew, and CloudWatch bills each by the month."""


def members(call: Call, *, namespace: str, dimensions: dict[str, str]) -> dict[str, Any]:
    """Members of the request line that make metrics of it: in all, and by each of the dimensions.

    Args:
        call: What was asked, and what came of it.
        namespace: CloudWatch's name for where the metrics are.
        dimensions: Values by dimension.
    """
    counted = {
        "calls": int(not call.in_worker),
        "duration": 0 if call.in_worker else call.milliseconds,
        "tool_errors": int(runs_tool(call) and call.outcome != "ok"),
        "deadline_hits": int(call.outcome == "deadline" and not call.in_worker),
        "oversize_answers": int(call.outcome == "oversize"),
        "cold_starts": int(call.cold and not call.in_worker),
        "request_state_refused": int(call.state_refused),
        **{f"tasks_{step}": int(call.task_step == step) for step in COUNTED_STEPS},
        "task_duration": call.milliseconds if call.in_worker and call.task_milliseconds else 0,
        "task_age": call.task_milliseconds or 0,
    }
    present = {key: value for key, value in counted.items() if value}
    sets: list[tuple[list[str], list[str]]] = [([], [key for key in present if key not in COUNTED_BY_LAMBDA])]
    sets += [([name], [key for key in BY_DIMENSION[name] if key in present]) for name in dimensions]
    directives = [_directive(namespace, names, keys) for names, keys in sets if keys]
    if not directives:
        return {}
    shown = set().union(*(keys for _, keys in sets))
    values = {METRICS[key]: value for key, value in present.items() if key in shown}
    return {"_aws": {"Timestamp": int(call.ended * 1000), "CloudWatchMetrics": directives}, **values, **dimensions}


def runs_tool(call: Call) -> bool:
    """Whether it is a call of a tool, as the filter on the log counts them (telemetry.tf)."""
    return bool(call.tool) and call.task_step != "started" and call.outcome not in NO_RUN


def dimensions_of(call: Call, *, tool_counts: bool) -> dict[str, str]:
    """Dimensions of a call, with values that no client can invent.

    Args:
        call: What was asked.
        tool_counts: Whether its tool has metrics of its own.
    """
    found = {"Method": call.method if call.method in METHODS else "other", "Era": call.era}
    return {name: value for name, value in {"Tool": call.tool if tool_counts else None, **found}.items() if value}


def _directive(namespace: str, dimensions: list[str], keys: list[str]) -> dict[str, Any]:
    units = [{"Name": METRICS[key], "Unit": "Milliseconds" if key in TIMES else "Count"} for key in keys]
    return {"Namespace": namespace, "Dimensions": [dimensions], "Metrics": units}

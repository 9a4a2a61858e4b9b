"""CloudWatch metrics of a call, written as a part of its line in the log: no API is called while a client waits.

Embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format"): `_aws` names the members of the
same object that are metrics, and those that are their dimensions. "A DimensionSet MAY be empty."
"""

from __future__ import annotations

from typing import Any

from mcp_types.methods import SPEC_CLIENT_METHODS, SPEC_CLIENT_NOTIFICATION_METHODS

from ..contract import METRICS
from .calls import Call

METHODS = SPEC_CLIENT_METHODS | SPEC_CLIENT_NOTIFICATION_METHODS

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
        "calls": 1,
        "duration": call.milliseconds,
        "tool_calls": int(call.method == "tools/call"),
        "tool_errors": int(call.method == "tools/call" and call.outcome != "ok"),
        "deadline_hits": int(call.outcome == "deadline"),
        "oversize_answers": int(call.outcome == "oversize"),
        "cold_starts": int(call.cold),
        "request_state_refused": int(call.state_refused),
    }
    values = {METRICS[key]: value for key, value in counted.items() if value}
    directives = [_directive(namespace, [], list(values))]
    for dimension in dimensions:
        names = [METRICS[key] for key in BY_DIMENSION[dimension] if counted[key]]
        directives.append(_directive(namespace, [dimension], names))
    return {"_aws": {"Timestamp": int(call.ended * 1000), "CloudWatchMetrics": directives}, **values, **dimensions}


def dimensions_of(call: Call, *, tool_counts: bool) -> dict[str, str]:
    """Dimensions of a call, with values that no client can invent.

    Args:
        call: What was asked.
        tool_counts: Whether its tool has metrics of its own.
    """
    found = {"Method": call.method if call.method in METHODS else "other", "Era": call.era}
    return {name: value for name, value in {"Tool": call.tool if tool_counts else None, **found}.items() if value}


def _directive(namespace: str, dimensions: list[str], names: list[str]) -> dict[str, Any]:
    units = [{"Name": name, "Unit": "Milliseconds" if name == METRICS["duration"] else "Count"} for name in names]
    return {"Namespace": namespace, "Dimensions": [dimensions], "Metrics": units}

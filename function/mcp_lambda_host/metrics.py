"""CloudWatch metrics of a call, written as a part of its line in the log: no API is called while a client waits.

Embedded metric format (CloudWatch User Guide, "Specification: Embedded metric format"): `_aws` names the members of the
same object that are metrics, and those that are their dimensions. "A DimensionSet MAY be empty."
"""

from __future__ import annotations

from typing import Any

from mcp_types.methods import SPEC_CLIENT_METHODS, SPEC_CLIENT_NOTIFICATION_METHODS

from .calls import Call
from .contract import METRICS

METHODS = SPEC_CLIENT_METHODS | SPEC_CLIENT_NOTIFICATION_METHODS

BY_DIMENSION = {"Tool": ("calls", "duration", "tool_errors"), "Method": ("calls", "duration"), "Era": ("calls",)}
"""What is counted by what, if it is at all: each value that occurs is a metric of its own, paid for by the month."""


def members(call: Call, *, namespace: str, dimensions: dict[str, str]) -> dict[str, Any]:
    """The members by which the line of a call is counted: in all, and by each of the dimensions."""
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


def dimensions(call: Call, *, has_tool: bool) -> dict[str, str]:
    """Of a call, with values that no client can invent."""
    found = {"Method": call.method if call.method in METHODS else "other", "Era": call.era}
    return {name: value for name, value in {"Tool": call.tool if has_tool else None, **found}.items() if value}


def _directive(namespace: str, dimensions: list[str], names: list[str]) -> dict[str, Any]:
    units = [{"Name": name, "Unit": "Milliseconds" if name == METRICS["duration"] else "Count"} for name in names]
    return {"Namespace": namespace, "Dimensions": [dimensions], "Metrics": units}

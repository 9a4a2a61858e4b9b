"""One X-Ray subsegment for each call of a tool, beneath the segment that Lambda itself makes of the invocation.

It is sent as one datagram to the daemon that Lambda runs (X-Ray Developer Guide, "Sending trace data to AWS X-Ray" and
"AWS X-Ray segment documents"). The SDK for X-Ray or an exporter of OpenTelemetry would cost each cold start its import.
"""

from __future__ import annotations

import json
import re
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress

from .calls import Call

HEADER = '{"format": "json", "version": 1}\n'
NOT_IN_NAMES = re.compile(r"[^\w\s.:/%&#=+\\\-@]")


def send_subsegment(call: Call, name: str, *, daemon: str, trace: Mapping[str, str]) -> None:
    """Send the subsegment of a call, if its request is among those that X-Ray samples.

    Args:
        call: What was asked, and what came of it.
        name: Name of the subsegment.
        daemon: Address of the daemon, as host:port.
        trace: The fields of the tracing header: Root, Parent, Sampled.
    """
    if trace.get("Sampled") != "1":
        return
    subsegment = {
        "type": "subsegment",
        "trace_id": trace.get("Root"),
        "parent_id": trace.get("Parent"),
        "id": secrets.token_hex(8),
        "name": NOT_IN_NAMES.sub("_", name)[:200],
        "start_time": call.begun,
        "end_time": call.ended,
        "error": call.outcome in ("tool_error", "error"),
        "fault": call.outcome in ("deadline", "oversize", "start_failed"),
        "annotations": {"outcome": call.outcome, "era": call.era},
    }
    host, _, port = daemon.rpartition(":")
    # No request is worth less than its trace: nobody waits for the daemon, and nobody is told that it is away.
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.sendto((HEADER + json.dumps(subsegment)).encode(), (host, int(port)))

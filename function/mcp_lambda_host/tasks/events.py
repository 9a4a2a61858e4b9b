"""The events that a worker is invoked with: the client's own, and which round of which task it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from typing import Any

TASK = "task"
"""Member of an event's request context that makes it one for a worker. Only the gateway and who may invoke the function
write there: clients cannot."""

WITHHELD = frozenset({"authorization", "cookie", "proxy-authorization", "x-amz-security-token", "x-api-key"})
"""Headers with credentials, beside those that the authorizer reads. What was presented has done its duty at the
gateway, and neither Lambda's queue nor the table shall keep it."""

ANSWERED = ("inputResponses", "requestState")
"""Parameters of a call that go to a worker by way of the table: the seal of a state lasts for ten minutes alone."""


def event_for_task(event: Mapping[str, Any], withheld: Collection[str]) -> dict[str, Any]:
    """The client's event without credentials and without its answers.

    Args:
        event: As the gateway has sent it, of payload format 2.0 or 1.0.
        withheld: Further headers to leave out, in lower case.
    """
    left_out = WITHHELD | set(withheld)
    kept = {name: value for name, value in event.items() if name != "cookies"}
    for name in ("headers", "multiValueHeaders"):
        headers = event.get(name)
        if headers:
            kept[name] = {key: value for key, value in headers.items() if key.lower() not in left_out}
    body = event.get("body") or ""
    message = json.loads(base64.b64decode(body) if event.get("isBase64Encoded") else body)
    params = {name: value for name, value in message["params"].items() if name not in ANSWERED}
    return {**kept, "body": json.dumps({**message, "params": params}), "isBase64Encoded": False}


def event_for_round(event: Mapping[str, Any], task_id: str, round_: int) -> bytes:
    """The event of one round, as it is sent."""
    context = {**event["requestContext"], TASK: {"id": task_id, "round": round_}}
    return json.dumps({**event, "requestContext": context}, separators=(",", ":")).encode()


def round_of(event: Mapping[str, Any]) -> tuple[str, int] | None:
    """The task and the round that an event is for; None: it is a client's request."""
    task = event["requestContext"].get(TASK)
    return (task["id"], task["round"]) if task else None


def key_in(round_: int, key: str) -> str:
    """The key by which a client is told of a tool's question, in a round of its task: a tool may ask the same again."""
    return f"{round_}.{key}"

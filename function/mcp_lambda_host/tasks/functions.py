"""Other functions of Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from mcp_lambda_aws.service import Resource, ask

MOST_BYTES = 1024 * 1024
"""Lambda's limit on an event that nobody waits for (Developer Guide, "Lambda quotas", asynchronous invocation)."""


def start(arn: str, event: bytes, environ: Mapping[str, str], *, seconds: float) -> None:
    """Have Lambda invoke a function, whose answer nobody waits for.

    Args:
        arn: ARN of a version of the function.
        event: JSON, at most `MOST_BYTES`.
        environ: Environment variables, with the credentials and perhaps another endpoint; see `service.ask`.
        seconds: Timeout to connect, and of each wait for an answer.

    Raises:
        ServiceError: Lambda refused, or did not answer, and may still have taken the event.
    """
    path = f"/2015-03-31/functions/{quote(arn, safe='')}/invocations"
    headers = {"content-type": "application/json", "x-amz-invocation-type": "Event"}
    ask(Resource.from_arn(arn), "Invoke", headers, event, environ, path=path, seconds=seconds)

"""What a pipeline may change, and how versions share calls."""

from __future__ import annotations

from collections import Counter
from typing import Any

import boto3
from botocore.exceptions import ClientError

from .calls import Run, at_once, until
from .rows import Group, Seen, When

GROUP = Group("roll-out")

CHILDREN = ("get_routes", "get_integrations", "get_stages", "get_authorizers")


@GROUP.row("the children of its own API, and none of another", "open", "tagged")
def children_of_a_tagged_api(run: Run) -> Seen:
    """A role that may use APIs by a tag reaches routes, integrations, stages and authorizers of such an API alone."""
    gateway = until(60, lambda: _as_role(run, run.outputs["tagged"]["role_arn"]))
    if gateway is None:
        return Seen(False, "the role cannot be assumed")
    own, foreign = run.outputs["open"]["api_id"], run.outputs["tagged"]["foreign_api"]
    until(60, lambda: _may(gateway, "get_api", own))  # a new role is not known everywhere at once
    reached = [child for child in CHILDREN if _may(gateway, child, own)]
    strange = [child for child in ("get_api", *CHILDREN) if _may(gateway, child, foreign)]
    text = f"of its own {', '.join(reached) or 'none'}; of another {', '.join(strange) or 'none'}"
    return Seen(len(reached) == len(CHILDREN) and not strange, text)


@GROUP.row("30 to 70 of 100 calls reach version 2", "open", when=When.CHANGED, not_emulated="it splits no calls")
def shares_of_a_canary(run: Run) -> Seen:
    """An alias with a weight of 0.5 gives half of the API's calls to the newest version."""
    versions = Counter(at_once(100, lambda: run.text("open", "version"), threads=3))
    return Seen(
        30 <= versions["2"] <= 70, ", ".join(f"{count} of version {v}" for v, count in sorted(versions.items()))
    )


def _as_role(run: Run, arn: str) -> Any:
    """A client with the rights of a role; None: it cannot be assumed yet."""
    try:
        given = run.client("sts").assume_role(RoleArn=arn, RoleSessionName="verify")["Credentials"]
    except ClientError:
        return None
    return boto3.client(
        "apigatewayv2",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )


def _may(gateway: Any, operation: str, api: str) -> bool:
    try:
        getattr(gateway, operation)(ApiId=api)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDeniedException", "AccessDenied"):
            raise
        return False
    return True

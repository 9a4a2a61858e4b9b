#!/usr/bin/env python3
"""Delete versions that nobody needs: `python3 function/prune.py FUNCTION_ARN [--keep 2 | --called-by FUNCTION_ARN]`.

SnapStart bills the snapshot of a version until that is deleted (https://aws.amazon.com/lambda/pricing/). A version also
keeps the subnets and security groups of its VPC in use, and its code counts towards the 75 GB of an account. What stays
are the newest versions and those that an alias sends calls to; or, of a function that another one calls, the newest one
and those that versions of the other one name in their environment.
Uses boto3, or else the AWS CLI, and the credentials that they find.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

KEEP = 2
"""The newest versions that stay: one to call, one to go back to."""

ARN = re.compile(r"arn:[a-z-]+:lambda:(?P<region>[a-z0-9-]+):\d{12}:function:(?P<name>[A-Za-z0-9_-]+)")

Call = Callable[..., dict[str, Any]]
"""An operation of Lambda by its name, such as `list_aliases`, with its parameters; gives all pages."""


class PruneError(Exception):
    """Versions stay that should go; the message is one line that says why."""


def main(argv: list[str] | None = None) -> int:
    """Prune as the command line says; 0, or 1 after one line on what is wrong."""
    parser = argparse.ArgumentParser(prog="prune.py", description="Delete versions that nobody needs.")
    parser.add_argument("function", help="ARN of the function, without version")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--keep", type=int, default=KEEP, help=f"how many of the newest stay ({KEEP})")
    kept.add_argument(
        "--called-by", metavar="FUNCTION", help="ARN of a function; versions that its environment names stay"
    )
    arguments = parser.parse_args(argv)
    try:
        deleted = prune(arguments.function, 1 if arguments.called_by else arguments.keep, arguments.called_by)
    except PruneError as error:
        print(f"prune.py: old versions stay, with what they cost and hold: {error}", file=sys.stderr)
        return 1
    print(f"prune.py: deleted {', '.join(map(str, deleted)) or 'no version'}")
    return 0


def prune(arn: str, keep: int, called_by: str | None = None) -> list[int]:
    """Delete what is superfluous, and give its numbers.

    Args:
        arn: The function's ARN, without version.
        keep: How many of the newest versions are needed.
        called_by: ARN of a function whose versions name those that they call; None: aliases do.

    Raises:
        PruneError: The input is wrong, there is nothing to call AWS with, or AWS refuses.
    """
    function = ARN.fullmatch(arn)
    # By name alone, credentials of another account would delete what is called the same there.
    if not function:
        raise PruneError(f"the function is {arn!r}, but must be an ARN without version, which names account and region")
    if keep < 1:
        raise PruneError(f"--keep is {keep}, but must be 1 or more: the newest version is about to be called")
    call = caller(function["region"])
    versions = call("list_versions_by_function", FunctionName=arn)["Versions"]
    aliases = call("list_aliases", FunctionName=arn)["Aliases"]
    callers = call("list_versions_by_function", FunctionName=called_by)["Versions"] if called_by else []
    named = re.findall(rf"{re.escape(arn)}:(\d+)", json.dumps([caller.get("Environment") for caller in callers]))
    old = superfluous(versions, aliases, keep, named)
    for version in old:
        # Lambda itself refuses to delete a version that an alias has come to point to meanwhile.
        call("delete_function", FunctionName=arn, Qualifier=str(version))
    return old


def superfluous(
    versions: list[dict[str, Any]], aliases: list[dict[str, Any]], keep: int, named: Iterable[str] = ()
) -> list[int]:
    """The versions that nobody needs.

    Args:
        versions: As ListVersionsByFunction gives them, $LATEST included.
        aliases: As ListAliases gives them.
        keep: How many of the newest are needed.
        named: Versions that are needed by their numbers.
    """
    published = [version for version in versions if version["Version"] != "$LATEST"]
    numbers = sorted(int(version["Version"]) for version in published)
    weights = [(alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {} for alias in aliases]
    called = {alias["FunctionVersion"] for alias in aliases}.union(named, *weights)
    return [number for number in numbers[:-keep] if str(number) not in called]


def caller(region: str) -> Call:
    """What this machine can call Lambda with."""
    try:
        import boto3
    except ImportError:
        if shutil.which("aws"):
            return lambda operation, **parameters: by_command(region, operation, parameters)
        raise PruneError("neither boto3 nor the AWS CLI is on this machine; install one") from None
    client = boto3.client("lambda", region_name=region)
    return lambda operation, **parameters: by_client(client, operation, parameters)


def by_client(client: Any, operation: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Call through boto3."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        if client.can_paginate(operation):
            return dict(client.get_paginator(operation).paginate(**parameters).build_full_result())
        return dict(getattr(client, operation)(**parameters))
    except (BotoCoreError, ClientError) as error:
        raise PruneError(str(error)) from None


def by_command(region: str, operation: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Call through the AWS CLI."""
    names = {"FunctionName": "--function-name", "Qualifier": "--qualifier"}
    options = [word for name, value in parameters.items() for word in (names[name], value)]
    command = ["aws", "lambda", operation.replace("_", "-"), *options, "--region", region, "--output", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise PruneError(" ".join(ended.stderr.split()) or f"aws ended with {ended.returncode}")
    return dict(json.loads(ended.stdout or "{}"))


if __name__ == "__main__":
    raise SystemExit(main())

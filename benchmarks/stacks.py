"""The module as a checkout has it, deployed to the local AWS."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.checkouts import Checkout
from benchmarks.zips import HERE, OFFICIAL, TOOLS
from lab import local_aws
from lab.local_aws import LocalAWS


@dataclass(frozen=True)
class Stack:
    """What stands on the local AWS.

    Attributes:
        name: The server's.
        url: Of its MCP endpoint.
    """

    name: str
    url: str


def deploy(aws: LocalAWS, work: Path, checkout: Checkout, *, name: str, clients: int, front: str = "http") -> Stack:
    """Apply benchmarks/stack around a checkout's module."""
    source, copy = work / "source", work / "copy"
    source.mkdir(parents=True)
    copy.mkdir()
    for file in (OFFICIAL, TOOLS):
        shutil.copy(file, source)
    local_aws.copy_of_repository(copy, repository=checkout.directory)
    root = copy / "benchmarks" / "stack"
    shutil.copytree(HERE / "stack", root)
    terraform = local_aws.stack(root, aws.environ)
    variables: dict[str, Any] = {"source_dir": str(source), "clients": clients, "name": name, "front": front}
    terraform.apply(tf_vars={key: str(value) for key, value in variables.items()})
    stage = {"http": "$default", "rest": "live"}[front]
    return Stack(name, aws.url(terraform.output()["api_id"], stage=stage))

"""The runs of *.tftest.hcl: what the module derives from its inputs, seen by Terraform's own test command."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from lab.local_aws import REPOSITORY
from tests.plan.offline import terraform

FILES = [file.name for file in sorted(REPOSITORY.glob("tests/plan/*.tftest.hcl"))]

Failures = dict[str, list[str]]
"""What Terraform said of the runs that did not pass, by file; a file that was not run is missing."""


@pytest.fixture(scope="module")
def failures(checkout: Path) -> Failures:
    """All files in one command: each would start the provider anew, which takes longer than most runs."""
    terraform("init", directory=checkout)
    tested = terraform("test", "-json", "-test-directory=tests/plan", directory=checkout)
    found: Failures = {}
    said: dict[str, list[str]] = defaultdict(list)
    for event in map(json.loads, tested.stdout.splitlines()):
        file = Path(event.get("@testfile", "")).name
        if "diagnostic" in event:
            said[file].append(event["diagnostic"]["summary"] + ": " + event["diagnostic"]["detail"])
        if event.get("test_file", {}).get("progress") == "complete":
            found[file] = [] if event["test_file"]["status"] == "pass" else said[file] + said[""]
    return found


@pytest.mark.parametrize("file", FILES)
def test_terraform_tests_pass(file: str, failures: Failures) -> None:
    assert failures[file] == []

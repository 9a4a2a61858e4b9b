"""Terraform without an AWS account and without AWS's network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import tftest

OVERRIDE = Path(__file__).with_name("offline_override.tf")

# The credentials are nobody's, and a request to AWS would go where nothing listens, and fail.
NOBODY = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
    "AWS_REGION": "eu-west-1",
    "AWS_PROFILE": "",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def stack(directory: Path) -> tftest.TerraformTest:
    """Initialise a directory for plans."""
    terraform = tftest.TerraformTest(str(directory), env=NOBODY)
    terraform.setup(extra_files=[str(OVERRIDE)], cleanup_on_exit=False)
    return terraform


def plan(terraform: tftest.TerraformTest) -> dict[str, dict[str, Any]]:
    """Plan a stack that was never applied: all that Terraform would create, attributes by address."""
    changes = terraform.plan(output=True).resource_changes
    return {
        address: change["change"]["after"]
        for address, change in changes.items()
        if change["change"]["actions"] == ["create"]
    }


def terraform(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run Terraform in a directory; what it says is captured, and it may fail."""
    command = ["terraform", *arguments, "-no-color"]
    return subprocess.run(command, cwd=directory, env=os.environ | NOBODY, capture_output=True, text=True, check=False)

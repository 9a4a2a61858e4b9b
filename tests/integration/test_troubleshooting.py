"""What docs/troubleshooting.md says of Terraform, seen on the local AWS."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import tftest

import local_aws
from events import modern, tool_call
from integration.conftest import Endpoint
from local_aws import REPOSITORY, LocalAWS

PAGE = (REPOSITORY / "docs" / "troubleshooting.md").read_text()


def test_a_zip_that_a_new_runner_does_not_have_is_built_again_as_the_page_says(aws: LocalAWS, repository: Path) -> None:
    root = repository / "tests/integration/runner"
    root.mkdir()
    shutil.copy(repository / "tests/integration/stack/main.tf", root)
    terraform = local_aws.stack(root, aws.environ)
    inputs = {"name": "runner", "module_source_dir": str(repository / "tests/integration/stack/server")}
    terraform.apply(tf_vars=inputs, targets=["module.mcp.terraform_data.package"])
    (zip_file,) = (root / ".terraform" / "mcp-lambda").iterdir()
    zip_file.unlink()  # what is in the state is on another runner's disk

    with pytest.raises(tftest.TerraformTestError) as failed:
        terraform.apply(tf_vars=inputs)
    told = re.sub(r"\x1b\[[0-9;]*m", "", str(failed.value.cmd_error)).replace(zip_file.name, "orders-0123456789ab.zip")
    (shown,) = re.findall(r"^Error: reading ZIP.+$", PAGE, re.MULTILINE)
    assert shown in told

    (command,) = re.findall(r"terraform apply '(-replace=module\.mcp\.terraform_data[^']+)'", PAGE)
    terraform.execute_command("apply", "-auto-approve", command, *(f"-var={k}={v}" for k, v in inputs.items()))
    outputs = json.loads(terraform.execute_command("output", "-json").out)
    assert Endpoint(aws.url(outputs["api_id"]["value"]), aws=aws).post(tool_call(modern, "add", a=1, b=2)).ok

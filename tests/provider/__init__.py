"""Has Terraform take a stand-in for the AWS provider, which hands all but the schema on to the provider itself.

Most of the time of a Terraform command goes into the schema of the provider's 1,500 resources, which the provider makes
anew and Terraform reads anew at each command. With the stand-in a plan takes a fifth of the processor time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.local_aws import REPOSITORY

# The address that the stand-in listens at is in the script, its end is the end of the connection.
SCRIPT = """#!/bin/bash
exec 3<> /dev/tcp/127.0.0.1/{port}
echo $$ >&3
read -r handshake <&3
echo "$handshake"
read -r <&3
"""

SOCKETS = "PLUGIN_UNIX_SOCKET_DIR"
"""Names the variable with the directory where a provider makes its socket, which it leaves there when it is killed."""

CONFIGURATION = """provider_installation {{
  filesystem_mirror {{
    path = "{mirror}"
  }}
}}
"""


@contextmanager
def stand_in(directory: Path) -> Iterator[dict[str, str]]:
    """Run the stand-in for the length of a `with` block; the variables with which Terraform takes it.

    Args:
        directory: An empty directory for what it needs.
    """
    shutil.copy(REPOSITORY / "versions.tf", directory)
    subprocess.run(["terraform", "init"], cwd=directory, capture_output=True, check=True)
    installed = directory / ".terraform" / "providers"
    (provider,) = installed.glob("*/*/*/*/*/terraform-provider-aws_v*")
    script = directory / "stand-in"
    link = directory / "mirror" / provider.relative_to(installed)
    link.parent.mkdir(parents=True)
    link.symlink_to(script)  # whoever looks for a provider's file finds none here
    command = [sys.executable, "-m", __name__, str(provider)]
    environ = os.environ | {SOCKETS: str(directory)}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        script.write_text(SCRIPT.format(port=process.stdout.readline().strip()))
        script.chmod(0o755)
        configuration = directory / "terraformrc"
        configuration.write_text(CONFIGURATION.format(mirror=directory / "mirror"))
        # The stand-in is on loopback, and has no certificate for Terraform.
        yield {"TF_CLI_CONFIG_FILE": str(configuration), "TF_DISABLE_PLUGIN_TLS": "1"}

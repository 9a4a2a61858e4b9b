"""The local AWS: MiniStack on a loopback port, in an environment of its own, and what is applied to it."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
import tftest
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

REPOSITORY = Path(__file__).parents[1]
PYTHON = REPOSITORY / ".venv-aws" / "bin" / "python"
SERVER = REPOSITORY / "lab" / "ministack_server.py"
USUAL_PORT = 4566
START_SECONDS = 30
LOOPBACK_ONLY = {"BIND_HOST": "127.0.0.1", "SFTP_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0"}
LIKE_AWS = {"AUTH": "true"}  # signatures and policies count, those of the functions' roles too


class LocalAWSError(Exception):
    """The local AWS cannot be started or did not do what it was asked; one line."""


class LocalAWS:
    """A running MiniStack.

    Attributes:
        endpoint: Its URL.
        environ: The variables by which Terraform, boto3 and an unedited example use it instead of AWS.
        pid: Its process.
    """

    def __init__(self, port: int, process: subprocess.Popen[bytes], temporary: Path) -> None:
        self.endpoint = f"http://localhost:{port}"
        self.environ = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",  # by its address, so that buckets are no hosts' names
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "3",  # when the local AWS is gone, a provider left over gives up soon
            # The examples are written for AWS's cheapest; here a function runs in the interpreter that runs MiniStack.
            "TF_VAR_runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "TF_VAR_architecture": "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64",
        }
        self.pid = process.pid
        self._process = process
        self._temporary = temporary

    def url(self, api_id: str, path: str = "/mcp", *, stage: str = "$default") -> str:
        """Where a stage of an API answers."""
        return f"{self.endpoint}/_aws/execute-api/{api_id}/{stage}{path}"

    def client(self, service: str) -> Any:
        """A boto3 client of one of its services."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            aws_access_key_id=self.environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environ["AWS_SECRET_ACCESS_KEY"],
            region_name=self.environ["AWS_REGION"],
        )

    def stop(self) -> None:
        """End it and the functions it runs."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        shutil.rmtree(self._temporary, ignore_errors=True)


def start(log: Path, *, port: int | None = None, tied: bool = True, environ: dict[str, str] | None = None) -> LocalAWS:
    """Start MiniStack and wait until it answers.

    Args:
        log: File for what it prints; beside it is what it writes meanwhile, such as the code of functions.
        port: Where it listens, on loopback alone; None: 4566, or a free one if that is taken.
        tied: Whether it ends with this process, however that ends.
        environ: Further variables for it.

    Raises:
        LocalAWSError: It ended, or did not answer within 30 s.
    """
    port = port or (USUAL_PORT if _is_free(USUAL_PORT) else free_port())
    temporary = Path(tempfile.mkdtemp(prefix="temporary-", dir=log.parent))
    variables = {"GATEWAY_PORT": str(port), "MINISTACK_HOST": "localhost", "TMPDIR": str(temporary)}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "VIRTUAL_ENV"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PYTHON, SERVER, *(["--tied"] if tied else [])],
            env=inherited | variables | LOOPBACK_ONLY | LIKE_AWS | (environ or {}),
            cwd=log.parent,
            stdin=subprocess.PIPE if tied else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    aws = LocalAWS(port, process, temporary)
    _wait_until_ready(aws, process, log)
    return aws


@contextmanager
def running(log: Path, **options: Any) -> Iterator[LocalAWS]:
    """A local AWS for the length of a `with` block; takes the options of `start`."""
    aws = start(log, **options)
    try:
        yield aws
    finally:
        aws.stop()


def copy_of_repository(to: Path, *further: str) -> Path:
    """The module and the examples alone, so that an apply leaves nothing behind in the checkout.

    Args:
        to: A directory that exists.
        further: Other directories of the repository to copy.
    """
    ignored = shutil.ignore_patterns(".terraform*", "terraform.tfstate*", "__pycache__", "*_cache", "node_modules")
    for folder in ("function", "fronts", "lambda", "examples", *further):
        shutil.copytree(REPOSITORY / folder, to / folder, ignore=ignored)
    for file in REPOSITORY.glob("*.tf"):
        shutil.copy(file, to)
    return to


def stack(directory: Path, environ: dict[str, str]) -> tftest.TerraformTest:
    """Terraform in one directory, initialised."""
    terraform = tftest.TerraformTest(str(directory), env=environ)
    terraform.setup(cleanup_on_exit=False)
    return terraform


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(aws: LocalAWS, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    http = PoolManager(retries=False, timeout=2)
    while time.monotonic() < end:
        if process.poll() is not None:
            last = (log.read_text(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
            raise LocalAWSError(f"The local AWS ended at its start ({aws.endpoint}): {last}")
        # Its own word first: on a port that another one took meanwhile, that one would answer.
        if "Running on" in log.read_text(errors="replace"):
            with suppress(HTTPError):
                if http.request("GET", f"{aws.endpoint}/_ministack/ready").status == 200:
                    return
        time.sleep(0.05)
    aws.stop()
    raise LocalAWSError(f"The local AWS did not answer at {aws.endpoint} within {START_SECONDS} s; its log is {log}.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

"""The authorizer's own zip, and the function in it against the local AWS."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import boto3
import pytest

import build
from lab import local_aws
from tests.token_authorizer.conftest import KEY, OTHER, bearer, entry

NOTHING_INSTALLED = ["-I", "-S"]  # no site-packages, no variables, no current directory


def build_authorizer(output: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *NOTHING_INSTALLED, build.__file__, "--authorizer", "--output", str(output), *options]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("zip") / "new" / "authorizer.zip"
    built = build_authorizer(output)
    assert (built.returncode, built.stderr) == (0, "")
    assert built.stdout.startswith(f"wrote {output}: ")
    return output


def unpacked(package: Path, to: Path) -> Path:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(to)
    return to


def ask(directory: Path, request: dict[str, Any], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The function's answer in a bare interpreter, with nothing but the unpacked zip."""
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); from authorizer.handler import handler; "
        "print(json.dumps(handler(json.loads(sys.argv[2]), None)))"
    )
    command = [sys.executable, *NOTHING_INSTALLED, "-c", code, str(directory), json.dumps(request)]
    variables = {"MCP_AUTHORIZER_HEADER": "authorization"} | environ
    return subprocess.run(command, env=variables, capture_output=True, text=True, check=False)


def test_the_same_input_gives_the_same_bytes_without_installer_and_network(package: Path, tmp_path: Path) -> None:
    nowhere = {"PATH": str(tmp_path), "UV_DEFAULT_INDEX": "http://127.0.0.1:9", "PIP_INDEX_URL": "http://127.0.0.1:9"}
    assert build_authorizer(tmp_path / "again.zip", **nowhere).returncode == 0
    assert (tmp_path / "again.zip").read_bytes() == package.read_bytes()


def test_the_zip_holds_the_authorizer_and_what_it_reads_its_keys_with(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"authorizer", "mcp_lambda_aws", "mcp_lambda_host"}
    assert [name for name in names if not name.endswith(".py")] == ["mcp_lambda_host/contract.json"]
    assert [name for name in names if name.startswith("mcp_lambda_host/")] == ["mcp_lambda_host/contract.json"]
    assert package.stat().st_size < 20_000


def test_an_authorizer_with_a_source_directory_is_a_usage_error(tmp_path: Path) -> None:
    built = build_authorizer(tmp_path / "a.zip", "--source-dir", str(tmp_path))
    assert built.returncode == 2
    assert "--source-dir: not allowed with argument --authorizer" in built.stderr


def test_an_output_that_is_a_directory_is_refused(tmp_path: Path) -> None:
    built = build_authorizer(tmp_path)
    said = f"build.py: error: output {tmp_path} is a directory: name the zip file to write\n"
    assert (built.returncode, built.stderr) == (1, said)


def test_without_its_settings_the_cold_start_ends(package: Path, tmp_path: Path) -> None:
    assert "KeyError: 'MCP_AUTHORIZER_PARAMETER'" in ask(unpacked(package, tmp_path), bearer(KEY), {}).stderr


def test_the_unpacked_zip_reads_a_secure_string_of_the_local_aws(package: Path, tmp_path: Path) -> None:
    directory = unpacked(package, tmp_path / "task")
    with local_aws.running(tmp_path / "ministack.log", port=free_port()) as aws:
        credentials = {name: aws.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        options = {name.lower(): value for name, value in credentials.items()}
        ssm: Any = boto3.client("ssm", endpoint_url=aws.endpoint, region_name="us-east-1", **options)  # type: ignore[call-overload]
        ssm.put_parameter(Name="/mcp/keys", Type="SecureString", Value=json.dumps({"keys": [entry(scopes=["read"])]}))
        arn = ssm.get_parameter(Name="/mcp/keys")["Parameter"]["ARN"]
        environ = {"AWS_ENDPOINT_URL": aws.endpoint, "MCP_AUTHORIZER_PARAMETER": arn} | credentials

        good, bad = ask(directory, bearer(KEY), environ), ask(directory, bearer(OTHER), environ)
        missing = ask(directory, bearer(KEY), environ | {"MCP_AUTHORIZER_PARAMETER": f"{arn}-not"})

    context = {"client_id": "ci", "sub": "ci", "scope": "read"}
    assert json.loads(good.stdout) == {"isAuthorized": True, "context": context}
    assert json.loads(bad.stdout) == {"isAuthorized": False}
    assert "Nobody is let in: " in missing.stderr
    assert "400 ParameterNotFound" in missing.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

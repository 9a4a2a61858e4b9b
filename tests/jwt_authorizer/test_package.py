"""The zip of the function that checks JWTs: with what verifies signatures, compiled for its target."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import build
from tests.authorization_server import AuthorizationServer
from tests.jwt_authorizer.conftest import AUDIENCE
from tests.token_authorizer.conftest import rest_event
from tests.zipped import INTEL, WITH_UV, for_target, names

ASK = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); from authorizer.jwt_handler import handler; "
    "print(json.dumps(handler(json.loads(sys.argv[2]), None)))"
)


def build_authorizer(output: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, build.__file__, "--authorizer", "jwt", "--output", str(output), *options]
    return subprocess.run(command, env=os.environ | WITH_UV, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("zip") / "authorizer.zip"
    built = build_authorizer(output, *for_target(INTEL))
    assert (built.returncode, built.stderr) == (0, "")
    return output


def test_the_zip_holds_the_authorizer_and_the_package_that_verifies_with_bytecode(package: Path) -> None:
    packed = names(package)

    top = {name.split("/")[0] for name in packed if "/" in name and ".dist-info" not in name}
    assert top == {"authorizer", "cffi", "cryptography", "mcp_lambda_aws", "mcp_lambda_host"}
    assert "authorizer/__pycache__/tokens.cpython-311.pyc" in packed
    assert any(name.startswith("_cffi_backend.cpython-311-x86_64") for name in packed)


def test_the_same_input_gives_the_same_bytes(package: Path, tmp_path: Path) -> None:
    assert build_authorizer(tmp_path / "again.zip", *for_target(INTEL)).returncode == 0
    assert (tmp_path / "again.zip").read_bytes() == package.read_bytes()


def test_the_unpacked_zip_checks_a_token_with_nothing_else_installed(
    package: Path, tmp_path: Path, server: AuthorizationServer
) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
    event = rest_event(authorization=f"Bearer {server.token(aud=AUDIENCE, sub='ada')}")
    settings = {"ISSUER": server.issuer, "AUDIENCE": json.dumps([AUDIENCE]), "SCOPES": "[]"}
    environ = {f"MCP_AUTHORIZER_{name}": value for name, value in settings.items()}
    trust = {"SSL_CERT_FILE": str(server.certificate_file)}

    asked = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASK, str(tmp_path), json.dumps(event)],
        env=environ | trust,
        capture_output=True,
        text=True,
        check=False,
    )

    assert asked.stderr == ""
    assert json.loads(asked.stdout)["principalId"] == "ada"


def test_a_runtime_that_there_is_not_is_refused(tmp_path: Path) -> None:
    built = build_authorizer(tmp_path / "authorizer.zip", "--runtime", "python3.9")

    assert built.returncode == 1
    assert "runtime 'python3.9' is not one of" in built.stderr

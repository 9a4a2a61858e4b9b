"""The zip of the function where people log in, and the function in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import build
from tests.aws_services import CREDENTIALS
from tests.login.conftest import FIXED, ORIGIN, PATHS, RESOURCE, Login, http_event
from tests.token_authorizer.conftest import SSM, ssm
from tests.zipped import INTEL, WITH_UV, for_target, names

__all__ = ["ssm"]  # a fixture

ASK = (
    "import json, sys; sys.path.insert(0, sys.argv[1]); from login.handler import handler; "
    "print(json.dumps([handler(event, None) for event in json.loads(sys.argv[2])]))"
)


def build_login(output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, build.__file__, "--login", "--output", str(output), *for_target(INTEL)]
    return subprocess.run(command, env=os.environ | WITH_UV, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("zip") / "login.zip"
    built = build_login(output)
    assert (built.returncode, built.stderr) == (0, "")
    return output


def test_the_zip_holds_the_login_and_the_package_that_seals_with_bytecode(package: Path) -> None:
    packed = names(package)

    top = {name.split("/")[0] for name in packed if "/" in name and ".dist-info" not in name}
    assert top == {"authorizer", "cffi", "cryptography", "login", "mcp_lambda_aws"}
    assert "login/__pycache__/server.cpython-311.pyc" in packed


def test_the_unpacked_zip_answers_with_nothing_else_installed(
    package: Path, tmp_path: Path, login: Login, ssm: SSM
) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
    ssm.holds(json.dumps(["k" * 43]))
    settings = {
        "name": "orders",
        "origin": ORIGIN,
        "resources": [RESOURCE],
        "paths": PATHS,
        "scopes": ["call"],
        "further_scopes": [],
        "cors_origins": [],
        "issuer": login.provider.issuer,
        "client_id": FIXED,
        "client_secret": None,
        "allowed_clients": None,
        "keys_parameter": "arn:aws:ssm:eu-central-1:111122223333:parameter/mcp-lambda/orders/login-keys",
    }
    body = json.dumps({"redirect_uris": ["http://127.0.0.1/callback"]})
    kind = {"content-type": "application/json"}
    asked = [
        http_event("GET", "/.well-known/oauth-authorization-server", "", "", {}, {}),
        http_event("POST", "/oauth/register", "", body, kind, {}),
        http_event("POST", "/oauth/register", "", "x" * 30_000, kind, {}),
        http_event("GET", "/oauth/other", "", "", {}, {}),
    ]
    environ = {"MCP_LOGIN_SETTINGS": json.dumps(settings), "AWS_ENDPOINT_URL_SSM": ssm.url} | CREDENTIALS
    trust = {"SSL_CERT_FILE": os.environ["SSL_CERT_FILE"]}

    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", ASK, str(tmp_path), json.dumps(asked)],
        env=environ | trust,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    answers = json.loads(ran.stdout)
    assert [answer["statusCode"] for answer in answers] == [200, 201, 400, 404]
    assert json.loads(answers[0]["body"])["issuer"] == ORIGIN
    assert login.seals.open("client", json.loads(answers[1]["body"])["client_id"])["name"] == ""

"""The author's secrets are environment variables before the author's module is imported, or the start fails by name."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import botocore
import pytest

from lab.events import http_event, message_of, modern, text_of, tool_call
from lab.settings import settings_variable
from mcp_lambda_aws.service import DOMAINS
from mcp_lambda_host.author_secrets import offer_secrets
from tests.aws_services import CREDENTIALS, Services
from tests.unit.conftest import Deploy

PARAMETER = "arn:aws:ssm:eu-west-1:111122223333:parameter/orders/db"
SECRET = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:orders/api-a1B2c3"
VALUE = "Zq7-hunter2"

SERVER = """
    import os
    from mcp.server.mcpserver import MCPServer
    mcp = MCPServer("orders")
    found = os.environ["DB_PASSWORD"]

    @mcp.tool()
    def at_import() -> str:
        return found

    @mcp.tool()
    def now() -> str:
        return os.environ["DB_PASSWORD"]
"""


@pytest.fixture(autouse=True)
def nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the variables away after a test, whoever has set them."""
    for name in ("DB_PASSWORD", "API_KEY"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_the_authors_module_finds_them_when_it_is_imported(services: Services, deploy: Deploy) -> None:
    services.secret(SECRET, SecretString=VALUE)

    function = deploy(SERVER, secrets={"DB_PASSWORD": SECRET})

    assert text_of(function(tool_call(modern, "at_import"))) == VALUE
    assert services.calls == [{"SecretId": SECRET}]


def test_a_second_offer_has_what_they_hold_by_then(services: Services, deploy: Deploy) -> None:
    services.parameter(PARAMETER, "old")
    function = deploy(SERVER, secrets={"DB_PASSWORD": PARAMETER})

    services.parameter(PARAMETER, "new")
    offer_secrets({"DB_PASSWORD": PARAMETER}, os.environ)

    assert text_of(function(tool_call(modern, "now"))) == "new"
    assert services.calls == [{"Name": PARAMETER, "WithDecryption": True}] * 2


UNREADABLE = {
    "denied": (
        400,
        '{"__type": "AccessDeniedException", "Message": "no"}',
        "AccessDeniedException no. If it lies under",
    ),
    "missing": (400, '{"__type": "ResourceNotFoundException"}', "Store it, or correct its ARN in secrets."),
    "bytes": (200, '{"SecretBinary": "WnE3LWh1bnRlcjI="}', "holds no value that is text"),
    "a NUL": (200, '{"SecretString": "Zq7-hunter2\\u0000"}', "holds a NUL character"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_unreadable_one_is_named_in_one_line_that_says_what_to_do_and_no_value(
    services: Services, deploy: Deploy, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    status, body, words = UNREADABLE[case]
    services.parameter(PARAMETER, VALUE)
    services.held[SECRET] = status, body

    function = deploy(SERVER, secrets={"DB_PASSWORD": PARAMETER, "API_KEY": SECRET})

    (record,) = [record for record in caplog.records if record.name.startswith("mcp_lambda_host")]
    assert record.getMessage().startswith(f"The secret API_KEY ({SECRET}) ")
    assert words in record.getMessage()
    assert "\n" not in record.getMessage()
    assert "Zq7" not in caplog.text
    assert "DB_PASSWORD" not in os.environ
    answer = function(http_event("POST", "/mcp", "{}"))
    assert message_of(answer)["error"]["message"] == "This MCP server could not be started; its log says why."


def test_under_snapstart_they_are_read_with_credentials_that_were_asked_for_anew(
    services: Services, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{services.url}/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "opened")
    services.parameter(PARAMETER, VALUE)

    function = deploy(SERVER, secrets={"DB_PASSWORD": PARAMETER})

    assert text_of(function(tool_call(modern, "now"))) == VALUE


def test_a_start_that_fails_on_a_secret_names_it_without_its_value(
    deploy: Deploy, services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.secret(SECRET, SecretString=VALUE)

    deploy("import os\nmcp = int(os.environ['DB_PASSWORD'])", secrets={"DB_PASSWORD": SECRET})

    (message,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "invalid literal for int() with base 10: '(DB_PASSWORD)'" in message
    assert VALUE not in message


def test_each_partition_has_its_own_domain() -> None:
    known = json.loads((Path(botocore.__file__).parent / "data" / "partitions.json").read_text())["partitions"]
    domains = {partition["id"]: partition["outputs"]["dnsSuffix"] for partition in known}

    assert {partition: DOMAINS.get(partition, "amazonaws.com") for partition in domains} == domains


def test_both_hosts_know_the_same_domains() -> None:
    written = (Path(__file__).parents[2] / "function/node/host/aws/values.ts").read_text()

    assert dict(re.findall(r'^  "(aws-[\w-]+)": "([\w.-]+)",$', written, re.MULTILINE)) == DOMAINS


def test_a_server_without_secrets_does_not_load_what_reads_them(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text("from mcp.server.mcpserver import MCPServer\nmcp = MCPServer('plain')\n")
    code = "import sys, mcp_lambda_host.handler; print([name for name in sys.modules if 'mcp_lambda_aws' in name])"
    function = Path(__file__).parents[2] / "function"
    path = os.pathsep.join([str(function), str(tmp_path)])

    environment = os.environ | {"PYTHONPATH": path} | settings_variable()
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True)

    assert ran.stdout.decode().strip() == "[]"

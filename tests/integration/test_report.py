"""scripts/test tests/integration --url, as a team runs it against what it has deployed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from authorizer.new_key import make
from lab.events import message_in, modern
from lab.local_aws import REPOSITORY, LocalAWS, free_port
from tests.authorization_server import AuthorizationServer
from tests.integration.conftest import Endpoint

from .endpoint.relay import relaying
from .endpoint.report import GROUPS
from .names import names_of_aws

AUDIENCE = "https://mcp.example/mcp"
HARMLESS = {
    *("initialize", "notifications/initialized", "ping", "server/discover"),
    *("tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read"),
    *("tools/call", "tools/destroy", "unknown/method"),  # of names that there are not
    *("subscriptions/listen", "resources/subscribe", "resources/unsubscribe", "logging/setLevel"),  # kept by nobody
}
NO_TOOL = "a tool is called only if one is named: --tool 'NAME {\"argument\": 1}'"
NO_CREDENTIALS = "it needs credentials (401 without): give --token, --header or --sign"
NO_CHALLENGE = "the front sends no challenge, as an HTTP API's refusal cannot; clients find the way without"
NO_JWT = "it takes no OAuth tokens (auth is not jwt)"
NO_CHANGE = "there is no JSON web token to change"
OPEN = "everybody may call (auth is none)"


@dataclass(frozen=True)
class Reported:
    """What the command ended with and printed."""

    code: int
    text: str

    @property
    def groups(self) -> dict[str, list[str]]:
        """The lines below each heading."""
        parts = re.split(rf"^({'|'.join(GROUPS)})$", self.text, flags=re.MULTILINE)
        return {name: lines.strip().splitlines() for name, lines in zip(parts[1::2], parts[2::2], strict=True)}

    @property
    def unseen(self) -> dict[str, set[str]]:
        """Why something was not looked at, by group."""
        pattern = re.compile(r"- not looked at: (.+); \d+ sentences?")
        found = {group: {m[1] for line in lines if (m := pattern.search(line))} for group, lines in self.groups.items()}
        return {group: reasons for group, reasons in found.items() if reasons}

    @property
    def requests(self) -> int:
        """How many it says that it sent."""
        return int(self.text.rsplit("; ", 1)[1].split()[0])


def report(url: str, *options: str, **environ: str) -> Reported:
    command = [str(REPOSITORY / "scripts/test"), "tests/integration", "--url", url, *options]
    ran = subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, timeout=540)
    return Reported(ran.returncode, ran.stdout + ran.stderr)


def test_an_open_endpoint_is_looked_at_in_few_requests_that_change_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    tools = {tool["name"] for tool in message_in(endpoint.post(modern("tools/list")).text)["result"]["tools"]}
    with relaying(endpoint, passes_on=frozenset({"host", "origin"})) as witness:
        seen = report(witness.url, "--junit-xml", str(tmp_path / "report.xml"))
    messages = [message for sent in witness.sent if (message := parsed(sent.body))]
    called = {str(message["params"].get("name")) for message in messages if message["method"] == "tools/call"}

    assert seen.code == 0, seen.text
    assert list(seen.groups) == list(GROUPS)
    assert seen.unseen == {
        "protocol": {NO_TOOL},
        "authorization": {"no credentials were given", OPEN},
        "caching": {OPEN},
        "latency": {NO_TOOL},
    }
    assert "authorization: none: everybody may call" in seen.text
    assert re.search(r"40 times tools/list over one connection: 50 % within \d+ ms, .*99 % within \d+ ms", seen.text)
    assert re.search(r"cold starts seen, judged by their time: \d+", seen.text)
    assert seen.requests == len(witness.sent) < 350
    assert called & tools == set()
    assert {message["method"] for message in messages} <= HARMLESS
    suite = ElementTree.parse(tmp_path / "report.xml").getroot().find("testsuite")  # noqa: S314 - our own file
    assert suite is not None
    assert suite.get("failures") == "0"


def parsed(body: bytes) -> dict[str, Any]:
    """The JSON-RPC request in a body that has one."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    is_request = isinstance(message, dict) and isinstance(message.get("params", {}), dict) and "method" in message
    return {"params": {}} | message if is_request else {}


@pytest.fixture(scope="module")
def tokens(deploy_stack: Callable[..., Endpoint], issuer: AuthorizationServer) -> Endpoint:
    auth = {"type": "jwt", "issuer": issuer.issuer, "audience": [AUDIENCE]}
    deployed = deploy_stack("reported-tokens", auth=auth)
    return Endpoint(deployed.url, issuer.token(aud=AUDIENCE), deployed.aws, deployed.outputs)


def test_with_a_token_and_a_tool_all_is_looked_at_and_the_token_is_not_shown(
    tokens: Endpoint, issuer: AuthorizationServer, tmp_path: Path
) -> None:
    file = tmp_path / "report.xml"
    options = ["--token", tokens.token or "", "--tool", 'add {"a": 1, "b": 2}', "--junit-xml", str(file)]

    seen = report(tokens.url, *options, REQUESTS_CA_BUNDLE=str(issuer.certificate_file))

    assert seen.code == 0, seen.text
    assert seen.unseen == {"authorization": {NO_CHALLENGE}}
    assert "authorization: jwt" in seen.text
    assert "10 times add" in seen.text
    assert seen.requests < 350
    assert (tokens.token or "") not in seen.text + file.read_text()


def test_behind_a_rest_api_nothing_is_left_out(
    deploy_stack: Callable[..., Endpoint], aws: LocalAWS, issuer: AuthorizationServer, tmp_path: Path
) -> None:
    """Its refusal has a challenge, which leads to the metadata by the name that AWS gives the API."""
    auth = {"type": "jwt", "issuer": issuer.issuer, "audience": [AUDIENCE]}
    deployed = deploy_stack("reported-rest", front="rest", auth=auth)
    options = ["--token", issuer.token(aud=AUDIENCE), "--tool", 'add {"a": 1, "b": 2}']

    with names_of_aws(aws, tmp_path, issuer.certificate_file) as environ:
        seen = report(deployed.url, *options, **environ)

    assert seen.code == 0, seen.text
    assert seen.unseen == {}
    assert "✓ a challenge leads to the metadata" in seen.text


def test_without_a_token_the_way_in_is_looked_at_and_the_other_groups_say_what_they_need(
    tokens: Endpoint, issuer: AuthorizationServer
) -> None:
    seen = report(tokens.url, REQUESTS_CA_BUNDLE=str(issuer.certificate_file))

    assert seen.code == 0, seen.text
    assert seen.groups["limits"] == [f"- not looked at: {NO_CREDENTIALS}; 14 sentences"]
    assert seen.groups["latency"][0] == f"- not looked at: {NO_CREDENTIALS}; 4 sentences"
    assert "✓ the issuer shows clients where its tokens and keys are" in seen.text


def test_a_bad_token_is_a_fault_of_the_run(tokens: Endpoint, issuer: AuthorizationServer) -> None:
    seen = report(tokens.url, "--token", "expired", REQUESTS_CA_BUNDLE=str(issuer.certificate_file))

    assert seen.code == 1
    assert seen.groups["authorization"][0].strip() == "✗ the credentials that were given are accepted"
    assert seen.unseen["limits"] == {"the credentials that were given are refused (401)"}
    assert "✗" not in "".join(seen.groups["authorization"][1:])


def test_keys_are_told_from_tokens(deploy_stack: Callable[..., Endpoint], aws: LocalAWS) -> None:
    key, entry = make("report", [], None)
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/reported/keys", Type="SecureString", Value=json.dumps({"keys": [entry]}))
    arn = ssm.get_parameter(Name="/reported/keys")["Parameter"]["ARN"]
    deployed = deploy_stack("reported-keys", auth={"type": "token", "ssm_parameter": arn, "header": "x-api-key"})

    seen = report(deployed.url, "--header", f"x-api-key: {key}")

    assert seen.code == 0, seen.text
    assert "authorization: token or lambda" in seen.text
    assert seen.unseen["authorization"] == {NO_CHALLENGE, NO_JWT, NO_CHANGE, "there is no bearer token to send twice"}


def test_signatures_are_told_from_keys(deploy_stack: Callable[..., Endpoint], aws: LocalAWS) -> None:
    deployed = deploy_stack("reported-signatures", auth={"type": "iam"})

    seen = report(deployed.url, "--sign", **aws.environ)

    assert seen.code == 0, seen.text
    assert "authorization: iam" in seen.text
    assert seen.unseen["authorization"] == {NO_CHALLENGE, NO_JWT, NO_CHANGE, "there is no bearer token to send twice"}


@pytest.fixture
def plain_server(tmp_path: Path) -> Iterator[str]:
    """A web server that knows nothing of MCP."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}/mcp"
        http.shutdown()


def test_what_is_no_mcp_server_is_said_to_be_none_in_a_line_for_each_group(plain_server: str) -> None:
    seen = report(plain_server)

    why = f"what answers at {plain_server} with 501 text/html;charset=utf-8 is no MCP server"
    assert seen.code == 1
    assert [line.strip() for line in seen.groups["protocol"][:2]] == ["✗ an mcp server answers", why]
    assert seen.unseen == {group: {why} for group in GROUPS}


def test_where_nobody_listens_is_said_in_a_line_for_each_group_without_terraform_and_node(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/mcp"
    for command in ("bash", "env", "dirname", "basename", "cmp", "grep", "sort", "tr"):
        (tmp_path / command).symlink_to(f"/usr/bin/{command}")
    (tmp_path / "python3").symlink_to(sys.executable)

    seen = report(url, PATH=str(tmp_path))

    why = f"nobody answers at {url} (ConnectionError)"
    assert seen.code == 1
    assert [line.strip() for line in seen.groups["protocol"][:2]] == ["✗ an mcp server answers", why]
    assert seen.unseen == {group: {why} for group in GROUPS}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--url=https://mcp.example"], "ends in /mcp"),
        (["--header", "x-api-key"], "write it as 'NAME: VALUE'"),
        (["--tool", "add {a: 1}"], "the arguments cannot be read"),
        (["--tool", "add [1]"], "is no JSON object"),
    ],
)
def test_an_option_that_is_wrong_is_a_line(options: list[str], said: str) -> None:
    seen = report("https://mcp.example/mcp", *options)

    assert seen.code == 4
    (line,) = [line for line in seen.text.splitlines() if line.strip()]
    assert said in line

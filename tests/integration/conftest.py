from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import httpx2
import pytest
import requests
import tftest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from builder.inputs import Target
from lab import local_aws
from lab.callers import SigV4, own_signer
from lab.events import Era, Event, message_in, tool_call
from lab.local_aws import LocalAWS
from tests import authorization_server
from tests.authorization_server import AuthorizationServer
from tests.integration.conformance.suite import Node
from tests.integration.internet import Internet
from tests.integration.internet import running as running_internet
from tests.zipped import for_target, run_build


class Exchange(NamedTuple):
    """A request and how long its answer took."""

    sent_bytes: int
    seconds: float


@dataclass(frozen=True)
class Endpoint:
    """An MCP endpoint somewhere.

    Attributes:
        url: Where it serves MCP.
        token: The bearer token that each request carries.
        aws: The local AWS that it runs on; None: it is deployed.
        outputs: The outputs of its stack.
        credentials: Further headers of each request.
        signer: Signs each request with AWS credentials.
        exchanges: All requests that were sent, in their order.
    """

    url: str
    token: str | None = field(default=None, repr=False)  # a failed assertion shows the rest
    aws: LocalAWS | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict, repr=False)
    signer: SigV4 | None = None
    exchanges: list[Exchange] = field(default_factory=list, repr=False)

    @property
    def origin(self) -> str:
        return self.url.removesuffix("/mcp")

    @property
    def headers(self) -> dict[str, str]:
        return self.credentials | ({"authorization": f"Bearer {self.token}"} if self.token else {})

    def send(self, method: str, path: str = "/mcp", **options: Any) -> requests.Response:
        """A raw HTTP request to a path of the origin; `session` keeps its connection."""
        headers = self.headers | options.pop("headers", {})
        options = {"timeout": 60, "allow_redirects": False, "auth": self.signer} | options
        send = options.pop("session", requests).request
        begun = perf_counter()
        answer: requests.Response = send(method, self.origin + path, headers=headers, **options)
        self.exchanges.append(Exchange(len(answer.request.body or b""), perf_counter() - begun))
        answer.encoding = "utf-8"  # as JSON and event streams always are; requests goes by HTTP's old default
        return answer

    def post(self, event: Event, **options: Any) -> requests.Response:
        """The request that an event of the gateway stands for."""
        headers = {k: v for k, v in event["headers"].items() if k != "host"} | options.pop("headers", {})
        return self.send("POST", data=event["body"].encode(), headers=headers, **options)

    def call(self, era: Era, tool: str, **arguments: Any) -> dict[str, Any]:
        """The JSON-RPC answer to a tool call."""
        return message_in(self.post(tool_call(era, tool, **arguments)).text)

    @asynccontextmanager
    async def connect(self, mode: str, **options: Any) -> AsyncIterator[Client]:
        """The official client, connected in an era: auto, legacy, or a version."""

        async def begin(request: httpx2.Request) -> None:
            request.extensions["begun"] = perf_counter()

        async def end(answer: httpx2.Response) -> None:
            request = answer.request
            self.exchanges.append(Exchange(len(request.content), perf_counter() - request.extensions["begun"]))

        def observed(http: httpx2.AsyncClient) -> httpx2.AsyncClient:
            http.event_hooks = {"request": [begin], "response": [end]}
            return http

        async with (
            create_mcp_http_client(headers=self.headers, auth=self.signer) as http,
            Client(streamable_http_client(self.url, http_client=observed(http)), mode=mode, **options) as client,
        ):
            yield client

    def client(self, service: str) -> Any:
        """A boto3 client of the AWS that the endpoint runs on; without the emulator there is none."""
        assert self.aws
        return self.aws.client(service)


PEERS = Path(__file__).with_name("conformance")
COMMANDS = PEERS / "node_modules" / ".bin"

NAMED = pytest.StashKey[Endpoint]()
"""The endpoint of --url."""

Deployment = tuple[tftest.TerraformTest, Endpoint]


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """Run a command of node_modules, within five minutes and with a home directory of its own."""
    if not COMMANDS.exists():
        pytest.fail(f"there is no {COMMANDS}: run scripts/setup --tests")
    own = {"PATH": f"{COMMANDS}:{os.environ['PATH']}", "HOME": str(tmp_path_factory.mktemp("home"))}

    def execute(command: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        line, environ = [str(COMMANDS / command), *arguments], os.environ | own
        ran = subprocess.run(line, cwd=PEERS, env=environ, timeout=300, capture_output=True, text=True, check=False)
        assert not (check and ran.returncode), ran.stderr
        return ran

    return execute


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthorizationServer]:
    """An authorization server whose tokens the gateways of the local AWS can check."""
    with authorization_server.running(tmp_path_factory.mktemp("issuer")) as started:
        yield started


@pytest.fixture(scope="session")
def internet(issuer: AuthorizationServer) -> Iterator[Internet]:
    """Where names lead, for the local AWS and for people and programs that log in."""
    with running_internet(issuer.authority, issuer.certificate_file) as started:
        yield started


@pytest.fixture(scope="session")
def aws(
    tmp_path_factory: pytest.TempPathFactory,
    issuer: AuthorizationServer,
    internet: Internet,
    provider: dict[str, str],
) -> Iterator[LocalAWS]:
    """The local AWS, once for all tests; it runs functions of Node.js with the one of node_modules."""
    trust = {"SSL_CERT_FILE": str(issuer.certificate_file), "PATH": f"{COMMANDS}:{os.environ['PATH']}"}
    log = tmp_path_factory.mktemp("aws") / "ministack.log"
    with local_aws.running(log, port=local_aws.free_port(), environ=trust | internet.environ) as started:
        internet.aws_port = int(started.endpoint.rsplit(":", 1)[1])
        started.let_rest_apis_log()
        yield started


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the module to apply from."""
    return local_aws.copy_of_repository(tmp_path_factory.mktemp("repository"), "tests/integration/stack")


@pytest.fixture(scope="session")
def deploy(aws: LocalAWS, repository: Path) -> Callable[..., Deployment]:
    """Apply a root module of the repository to the local AWS, which takes everything with it when it ends."""

    initialised = cache(lambda directory: local_aws.stack(repository / directory, aws.environ))

    def apply(directory: str, **variables: str) -> Deployment:
        terraform = initialised(directory)
        terraform.apply(tf_vars=variables)
        # Read from the state, as `terraform output` takes half a second for it.
        values = json.loads((repository / directory / "terraform.tfstate").read_text())["outputs"]
        outputs = {name: values[name]["value"] for name in values}
        stage = "live" if variables.get("front") == "rest" else "$default"
        return terraform, Endpoint(aws.url(outputs["api_id"], stage=stage), aws=aws, outputs=outputs)

    return apply


@pytest.fixture(scope="session")
def pack(aws: LocalAWS, repository: Path) -> Callable[[Path], Path]:
    """Build the zip of a server, once for all stacks that have it."""
    target = Target(aws.environ["TF_VAR_runtime"], aws.environ["TF_VAR_architecture"])

    @cache
    def build(source: Path) -> Path:
        package = repository / f"{source.parent.name}.zip"
        code, _, error = run_build(source, package, *for_target(target))
        assert code == 0, error
        return package

    return build


@pytest.fixture(scope="session")
def stack_package(pack: Callable[[Path], Path], repository: Path) -> Path:
    """The zip of the tests' own server."""
    return pack(repository / "tests/integration/stack/server")


@pytest.fixture(scope="session")
def deploy_stack(deploy: Callable[..., Deployment], repository: Path, stack_package: Path) -> Callable[..., Endpoint]:
    """Apply the tests' own stack under a name, with any of its variables."""

    def apply(name: str, **variables: Any) -> Endpoint:
        root = repository / "tests/integration" / name
        root.mkdir(exist_ok=True)
        shutil.copy(repository / "tests/integration/stack/main.tf", root)
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in variables.items()}
        if "module_source_dir" not in values:
            values.setdefault("package_file", str(stack_package))
        return deploy(f"tests/integration/{name}", name=name, **values)[1]

    return apply


LOGIN_DOMAIN = "mcp.login.example"


@pytest.fixture(scope="session")
def login_endpoint(deploy_stack: Callable[..., Endpoint], aws: LocalAWS, issuer: AuthorizationServer) -> Endpoint:
    """A server behind a REST API whose people log in at the tests' issuer."""
    aws.client("ssm").put_parameter(Name="/login/client-secret", Type="SecureString", Value="secret")
    secret = aws.client("ssm").get_parameter(Name="/login/client-secret")["Parameter"]["ARN"]
    certificate = aws.client("acm").request_certificate(DomainName=LOGIN_DOMAIN)["CertificateArn"]
    login = {"client_id": "desk", "client_secret": secret, "scopes": ["offline_access"]}
    auth = {"type": "jwt", "issuer": issuer.issuer, "audience": ["desk"], "scopes": ["call"], "login": login}
    domain = {"domain_name": LOGIN_DOMAIN, "certificate_arn": certificate}
    return deploy_stack("login", front="rest", auth=auth, custom_domain=domain)


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """What --url names, or else the tests' own stack on the local AWS."""
    if NAMED in request.config.stash:
        return request.config.stash[NAMED]
    deployed: Endpoint = request.getfixturevalue("deploy_stack")("integration")
    return deployed


def named_endpoint(config: pytest.Config) -> Endpoint:
    """The endpoint of --url, with the credentials of --token, --header and --sign."""
    headers = [header.partition(":") for header in config.getoption("--header")]
    return Endpoint(
        config.getoption("--url"),
        config.getoption("--token"),
        credentials={name.strip(): value.strip() for name, _, value in headers},
        signer=own_signer() if config.getoption("--sign") else None,
    )


@pytest.fixture(scope="session")
def stack(endpoint: Endpoint) -> Endpoint:
    """The endpoint with the tools of tests/integration/stack, which are not to be had at --url."""
    return endpoint

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import tftest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from builder.inputs import Target
from lab import local_aws
from lab.events import Era, Event, message_in, modern, tool_call
from lab.local_aws import LocalAWS
from tests import authorization_server
from tests.authorization_server import AuthorizationServer
from tests.zipped import for_target, run_build


@dataclass(frozen=True)
class Endpoint:
    """An MCP endpoint somewhere: its URL, a token for it, and where it is emulated, the rest of its AWS."""

    url: str
    token: str | None = None
    aws: LocalAWS | None = None
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return self.url.removesuffix("/mcp")

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def send(self, method: str, path: str = "/mcp", **options: Any) -> requests.Response:
        """A raw HTTP request to a path of the origin."""
        headers = self.headers | options.pop("headers", {})
        return requests.request(method, self.origin + path, headers=headers, timeout=60, **options)

    def post(self, event: Event) -> requests.Response:
        """The request that an event of the gateway stands for."""
        headers = {k: v for k, v in event["headers"].items() if k != "host"}
        return self.send("POST", data=event["body"].encode(), headers=headers)

    def call(self, era: Era, tool: str, **arguments: Any) -> dict[str, Any]:
        """The JSON-RPC answer to a tool call."""
        return message_in(self.post(tool_call(era, tool, **arguments)).text)

    @asynccontextmanager
    async def connect(self, mode: str, **options: Any) -> AsyncIterator[Client]:
        """The official client, connected in an era: auto, legacy, or a version."""
        async with (
            create_mcp_http_client(headers=self.headers) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode, **options) as client,
        ):
            yield client

    def client(self, service: str) -> Any:
        """A boto3 client of the AWS that the endpoint runs on; without the emulator there is none."""
        if self.aws is None:
            pytest.skip("looks into AWS, which --url gives no access to")
        return self.aws.client(service)


Deployment = tuple[tftest.TerraformTest, Endpoint]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AuthorizationServer]:
    """An authorization server whose tokens the gateways of the local AWS can check."""
    with authorization_server.running(tmp_path_factory.mktemp("issuer")) as started:
        yield started


@pytest.fixture(scope="session")
def aws(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, issuer: AuthorizationServer
) -> Iterator[LocalAWS]:
    """The local AWS, once for all tests."""
    if request.config.getoption("--url"):
        pytest.skip("applies something of its own to the local AWS; --url tests what is deployed already")
    trust = {"SSL_CERT_FILE": str(issuer.certificate_file)}
    log = tmp_path_factory.mktemp("aws") / "ministack.log"
    with local_aws.running(log, port=local_aws.free_port(), environ=trust) as started:
        yield started


@pytest.fixture(scope="session")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the module to apply from."""
    return local_aws.copy_of_repository(tmp_path_factory.mktemp("repository"), "tests/integration/stack")


@pytest.fixture(scope="session")
def deploy(aws: LocalAWS, repository: Path) -> Callable[..., Deployment]:
    """Apply a root module of the repository to the local AWS, which takes everything with it when it ends."""

    def apply(directory: str, **variables: str) -> Deployment:
        terraform = local_aws.stack(repository / directory, aws.environ)
        terraform.apply(tf_vars=variables)
        values = terraform.output()
        outputs = {name: values[name] for name in values}
        return terraform, Endpoint(aws.url(outputs["api_id"]), aws=aws, outputs=outputs)

    return apply


@pytest.fixture(scope="session")
def stack_package(aws: LocalAWS, repository: Path) -> Path:
    """The zip of the tests' own server, built once for all stacks that have it."""
    package = repository / "stack.zip"
    target = Target(aws.environ["TF_VAR_runtime"], aws.environ["TF_VAR_architecture"])
    code, _, error = run_build(repository / "tests/integration/stack/server", package, *for_target(target))
    assert code == 0, error
    return package


@pytest.fixture(scope="session")
def deploy_stack(deploy: Callable[..., Deployment], repository: Path, stack_package: Path) -> Callable[..., Endpoint]:
    """Apply the tests' own stack under a name, with any of its variables."""

    def apply(name: str, **variables: Any) -> Endpoint:
        root = repository / "tests/integration" / name
        root.mkdir(exist_ok=True)
        shutil.copy(repository / "tests/integration/stack/main.tf", root)
        values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in variables.items()}
        if "module_source_dir" not in values:
            values["package_file"] = str(stack_package)
        return deploy(f"tests/integration/{name}", name=name, **values)[1]

    return apply


@pytest.fixture(scope="session")
def endpoint(request: pytest.FixtureRequest) -> Endpoint:
    """What --url names, or else the tests' own stack on the local AWS."""
    url = request.config.getoption("--url")
    if url:
        return Endpoint(url, request.config.getoption("--token"))
    deployed: Endpoint = request.getfixturevalue("deploy_stack")("integration")
    return deployed


@pytest.fixture
def stack(endpoint: Endpoint) -> Endpoint:
    """The endpoint, if it has the tools of tests/integration/stack."""
    listed = message_in(endpoint.post(modern("tools/list")).text).get("result", {}).get("tools", [])
    if not {"sleep", "wait", "block", "book"} <= {tool["name"] for tool in listed}:
        pytest.skip("needs the tools of tests/integration/stack/server, which this endpoint has not")
    return endpoint

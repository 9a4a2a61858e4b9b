from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lab import local_aws
from lab.events import Event, message_of, tasks_request
from lab.local_aws import LocalAWS
from mcp_lambda_host.settings import TaskSettings
from tests.tasks.aws import Relay, relaying
from tests.unit.conftest import Deploy, Function
from tests.unit.conftest import deploy as deploy  # a fixture

WORKER = "arn:aws:lambda:us-east-1:000000000000:function:orders-tasks:7"
TTL_SECONDS, QUEUE_SECONDS = 3600, 1800

SERVER = """
    import asyncio
    import threading
    import time
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.shared.exceptions import MCPError
    from mcp_types import ElicitRequest, ElicitRequestFormParams, InputRequiredResult

    mcp = MCPServer("orders")
    runs = []

    def question(text):
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        return ElicitRequest(params=ElicitRequestFormParams(message=text, requested_schema=schema))

    @mcp.tool()
    async def report(text: str = "done") -> str:
        runs.append(text)
        return text

    @mcp.tool()
    async def wait(seconds: float, ctx: Context) -> str:
        for step in range(int(seconds * 10)):
            await ctx.report_progress(step, seconds * 10)
            await asyncio.sleep(0.1)
        return "waited"

    @mcp.tool()
    def block(seconds: float) -> str:
        time.sleep(seconds)
        return "blocked"

    @mcp.tool()
    def large(size: int, letters: bool = True) -> str:
        import random
        return "x" * size if letters else random.Random(0).randbytes(size // 2).hex()

    @mcp.tool()
    def fail() -> str:
        raise RuntimeError("no paper")

    @mcp.tool()
    def refuse() -> str:
        raise MCPError(-32050, "no such printer", {"printer": 3})

    @mcp.tool()
    def leave() -> str:
        raise SystemExit(3)

    @mcp.tool()
    async def talk(ctx: Context) -> str:
        await ctx.info("half done")
        await asyncio.sleep(1.5)
        return "said"

    @mcp.tool()
    def ask(ctx: Context) -> str | InputRequiredResult:
        runs.append("ask")
        answers = ctx.input_responses or {}
        if "name" not in answers:
            return InputRequiredResult(input_requests={"name": question("Who?")}, request_state="first")
        return f"Hello, {answers['name'].content['name']}, {ctx.request_state}"

    @mcp.tool()
    def ask_both(ctx: Context) -> str | InputRequiredResult:
        runs.append("ask_both")
        answers = ctx.input_responses or {}
        if not {"a", "b"} <= answers.keys():
            return InputRequiredResult(input_requests={"a": question("A?"), "b": question("B?")})
        return answers["a"].content["name"] + answers["b"].content["name"]

    @mcp.tool()
    def ask_twice(ctx: Context) -> str | InputRequiredResult:
        answers = ctx.input_responses or {}
        said = (ctx.request_state or "") + (answers["name"].content["name"] if answers else "")
        if len(said) < 2:
            return InputRequiredResult(input_requests={"name": question("Next?")}, request_state=said)
        return said

    @mcp.tool()
    def seen(ctx: Context) -> list[str]:
        return sorted(ctx.headers)
"""

MODES = {
    "report": "optional",
    "wait": "optional",
    "block": "optional",
    "large": "optional",
    "fail": "optional",
    "refuse": "required",
    "leave": "optional",
    "talk": "optional",
    "ask": "optional",
    "ask_both": "optional",
    "ask_twice": "after_input",
    "seen": "optional",
}


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAWS]:
    """The local AWS, for its DynamoDB."""
    log = tmp_path_factory.mktemp("aws") / "ministack.log"
    with local_aws.running(log, port=local_aws.free_port()) as started:
        yield started


@pytest.fixture(scope="session")
def table(local: LocalAWS) -> str:
    """ARN of a table such as the module makes."""
    created = local.client("dynamodb").create_table(
        TableName="orders-tasks",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    arn: str = created["TableDescription"]["TableArn"]
    return arn


@pytest.fixture(scope="session")
def bucket(local: LocalAWS) -> str:
    """A bucket for long results."""
    local.client("s3").create_bucket(Bucket="results.example")
    return "results.example"


@pytest.fixture
def relay(local: LocalAWS, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """What the host takes for AWS."""
    with relaying(local.endpoint) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, local.environ[name])
        yield relay


@dataclass
class Server:
    """A server in two execution environments, with a client of theirs.

    Attributes:
        front: The function that the gateway calls.
        worker: The one that runs tasks.
        relay: Their AWS.
        table: The table, as DynamoDB's own client sees it.
    """

    front: Function
    worker: Function
    relay: Relay
    table: Any

    def ask(self, event: Event, seconds: float = 30.0) -> dict[str, Any]:
        """The result or the error of a request."""
        message = message_of(self.front(event, seconds))
        found: dict[str, Any] = message.get("result") or message["error"]
        return found

    def call(self, tool: str, *, event: Event | None = None, **arguments: Any) -> dict[str, Any]:
        """What a client that knows tasks is answered to a call."""
        return self.ask(event or tasks_request("tools/call", {"name": tool, "arguments": arguments}))

    def get(self, task: dict[str, Any], **options: Any) -> dict[str, Any]:
        return self.ask(tasks_request("tasks/get", {"taskId": task["taskId"]}, **options))

    def cancel(self, task: dict[str, Any], **options: Any) -> dict[str, Any]:
        return self.ask(tasks_request("tasks/cancel", {"taskId": task["taskId"]}, **options))

    def update(self, task: dict[str, Any], answers: dict[str, str], **options: Any) -> dict[str, Any]:
        """What a client is answered that answers questions with names."""
        responses = {key: {"action": "accept", "content": {"name": name}} for key, name in answers.items()}
        return self.ask(
            tasks_request("tasks/update", {"taskId": task["taskId"], "inputResponses": responses}, **options)
        )

    def work(self, seconds: float = 30.0) -> None:
        """Invoke the worker with all events that Lambda was given, in their order."""
        while self.relay.invoked:
            _, event = self.relay.invoked.pop(0)
            self.worker(event, seconds)

    def item(self, task: dict[str, Any]) -> dict[str, Any]:
        """The task's item; its binary values are bytes."""
        found: dict[str, Any] = self.table.get_item(TableName="orders-tasks", Key={"id": {"S": task["taskId"]}})["Item"]
        return found

    def turn_back(self, task: dict[str, Any], seconds: float, *names: str) -> None:
        """Make times of a task earlier, as if so much time had passed."""
        for name in names:
            self.table.update_item(
                TableName="orders-tasks",
                Key={"id": {"S": task["taskId"]}},
                UpdateExpression="set #name = #name - :seconds",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":seconds": {"N": str(seconds)}},
            )


Serve = Callable[..., Server]
"""Starts a server's two environments, with its source, other settings, and other settings of tasks."""


@pytest.fixture
def serve(deploy: Deploy, relay: Relay, table: str, local: LocalAWS) -> Serve:
    """Start a server's two environments."""

    def start(source: str = SERVER, **changes: Any) -> Server:
        tasks = {
            "tools": MODES,
            "table": table,
            "worker": WORKER,
            "ttl_seconds": TTL_SECONDS,
            "queue_seconds": QUEUE_SECONDS,
            "withheld_headers": frozenset({"x-key"}),
            "bucket": None,
            **changes.pop("tasks", {}),
        }
        front = deploy(source, tasks=TaskSettings(**tasks), **changes)
        worker = deploy(source, tasks=TaskSettings(**tasks | {"worker": None}), **changes)
        return Server(front, worker, relay, local.client("dynamodb"))

    return start

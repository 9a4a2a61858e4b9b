"""What rows need to look at the stack: requests to its servers, and clients of AWS's services."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

import boto3
import requests

from lab.events import Event, message_in, modern

from .account import Account
from .terraform import Stack

T = TypeVar("T")

REQUEST_SECONDS = 60
ANSWER_SECONDS = 300


@dataclass
class Run:
    """The stack as it is applied.

    Attributes:
        account: Where it is.
        stack: Its directory and variables.
        key: A key of a caller, which opens the part `keyed`.
        outputs: Outputs of its parts.
        error: Why not all of it could be applied; empty: all was.
        first: How the first request to each part was answered.
        statuses: How requests were answered while the stack was changed, by part.
    """

    account: Account
    stack: Stack
    key: str
    outputs: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    first: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    @property
    def timeout(self) -> int:
        """The servers' timeout_seconds."""
        seconds: int = self.stack.settings["timeout_seconds"]
        return seconds

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return boto3.client(service)  # type: ignore[call-overload]

    def url(self, part: str, path: str = "/mcp") -> str:
        """Where a part answers."""
        server = self.outputs[part]
        if self.account.is_local:
            stage = "live" if server["url"].endswith("/live/mcp") else "$default"  # of a REST API, and of an HTTP API
            return f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{server['api_id']}/{stage}{path}"
        return f"{server['url'].removesuffix('/mcp')}{path}"

    def send(self, part: str, method: str, path: str = "/mcp", **options: Any) -> requests.Response:
        """The answer to a request, which is sent once."""
        return requests.request(method, self.url(part, path), timeout=REQUEST_SECONDS, allow_redirects=False, **options)

    def post(self, part: str, event: Event, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        """The answer to the request that an event of the gateway stands for."""
        sent = {name: value for name, value in event["headers"].items() if name != "host"} | (headers or {})
        return self.send(part, "POST", data=event["body"].encode(), headers=sent, **options)

    def call(self, part: str, tool: str, headers: dict[str, str] | None = None, **arguments: Any) -> dict[str, Any]:
        """The JSON-RPC answer to a call of a tool."""
        return self.ask(part, headers, name=tool, arguments=arguments)

    def ask(self, part: str, headers: dict[str, str] | None = None, **params: Any) -> dict[str, Any]:
        """The JSON-RPC answer to a call of a tool, by its parameters."""
        return message_in(self.post(part, modern("tools/call", params), headers).text)

    def text(self, part: str, tool: str, headers: dict[str, str] | None = None, **arguments: Any) -> str:
        """What a tool says."""
        said: str = self.call(part, tool, headers, **arguments)["result"]["content"][0]["text"]
        return said

    @cached_property
    def token(self) -> str:
        """An access token of a user in the stack's user pool. Users cost nothing, where clients by themselves would."""
        cognito, caller = self.client("cognito-idp"), self.outputs.get("guarded") or self.outputs["rest"]
        pool, name, password = caller["user_pool_id"], "verify", f"Aa1-{secrets.token_urlsafe(24)}"
        cognito.admin_create_user(UserPoolId=pool, Username=name, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
        answer = cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=caller["client_id"],
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
        token: str = answer["AuthenticationResult"]["AccessToken"]
        return token

    def credentials(self, part: str) -> dict[str, str]:
        """Headers that open a part before the stack is changed; an open one does not look at them."""
        return {"authorization": f"Bearer {self.token if part in ('guarded', 'rest') else self.key}"}

    def wait_for_answers(self) -> None:
        """Wait until each part answers, and note how it did the first time."""
        for part in [part for part, output in self.outputs.items() if "api_id" in output]:
            until(ANSWER_SECONDS, partial(self._is_answering, part))

    def _is_answering(self, part: str) -> bool:
        status = _status(partial(self.send, part, "GET", "/health"))
        self.first.setdefault(part, status)
        return status == 200

    @contextmanager
    def watching(self, *parts: str) -> Iterator[None]:
        """Call parts again and again for the length of a `with` block, and count the statuses of the answers."""
        over = threading.Event()

        def watch(part: str) -> None:
            headers = self.credentials(part)
            while not over.wait(0.2):
                self.statuses[part][_status(partial(self.post, part, modern("tools/list"), headers))] += 1

        threads = [threading.Thread(target=watch, args=[part], daemon=True) for part in parts]
        for part, thread in zip(parts, threads, strict=True):
            self.statuses[part] = Counter()
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join(REQUEST_SECONDS)


def _status(send: Callable[[], requests.Response]) -> int:
    """The status of an answer; 0: there was none."""
    try:
        return send().status_code
    except requests.RequestException:
        return 0


def at_once(times: int, call: Callable[[], T], threads: int | None = None) -> list[T]:
    """What so many calls at once return."""
    with ThreadPoolExecutor(threads or times) as pool:
        return [called.result() for called in [pool.submit(call) for _ in range(times)]]


def until(seconds: float, look: Callable[[], T | None], every: float = 5) -> T | None:
    """What there is to see as soon as there is something; None: nothing within so many seconds."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > end:
            return found
        time.sleep(every)


def counts(statuses: Counter[int]) -> str:
    """How often there was which status."""
    return ", ".join(f"{count} times {status}" for status, count in sorted(statuses.items())) or "no answer"

"""The extension `io.modelcontextprotocol/tasks` of the function that the gateway calls."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, NoReturn, TypeVar

from anyio import from_thread, to_thread
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp_types import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    InputResponseRequestParams,
    RequestParams,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_lambda_aws.service import ServiceError, retried

from ..own_log import logger
from ..sdk.request_state import bind_caller
from ..settings import TaskSettings
from ..telemetry.calls import CALL, Call
from ..telemetry.log import timestamp
from .events import event_for_round, event_for_task, key_in
from .functions import MOST_BYTES, start
from .outcomes import failure
from .store import LEASE_SECONDS, Store, Task, TooLargeError

IDENTIFIER = "io.modelcontextprotocol/tasks"

ID_BYTES = 24
"""Random bytes of an id. Where nobody is verified it is all that is asked for a result: 192 bits cannot be guessed."""

INVOKE_SECONDS = 3.0
"""How long to wait for Lambda to take an event, in one attempt."""

FIRST_POLL_SECONDS, MOST_POLL_SECONDS = 1, 10
"""The shortest and the longest pause that a client is asked to make before it asks again."""

AGAIN_SECONDS = 60
"""For how long a round may be without a worker before a client's question asks for one again: the function that took
the last answer may have ended before it had asked for one."""

NO_TASK = "There is no such task, or it has expired."

T = TypeVar("T")


class GetParams(RequestParams):
    """Parameters of `tasks/get` and `tasks/cancel`."""

    task_id: str


class UpdateParams(RequestParams):
    """Parameters of `tasks/update`."""

    task_id: str
    input_responses: dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """What the extension goes by.

    Attributes:
        settings: What Terraform says; `worker` is given.
        store: Keeps the tasks.
        variables: The process's environment variables.
        is_open: Whether the gateway lets everybody in: then there is no owner, and the id is the secret.
    """

    settings: TaskSettings
    store: Store
    variables: Mapping[str, str]
    is_open: bool


class Caller(NamedTuple):
    """Who asks, how, and where to note what came of it.

    Attributes:
        owner: Whose tasks the caller may ask for.
        event: The gateway's event.
        call: The call that is being answered.
    """

    owner: str
    event: Mapping[str, Any]
    call: Call


class Tasks(Extension):
    """Makes tasks of calls, and answers what their clients ask of them."""

    identifier = IDENTIFIER

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._store = rules.store

    def methods(self) -> Sequence[MethodBinding]:
        """The extension's methods, in the era that has extensions."""
        modern = frozenset(MODERN_PROTOCOL_VERSIONS)
        return (
            MethodBinding("tasks/get", GetParams, self._get, modern),
            MethodBinding("tasks/update", UpdateParams, self._update, modern),
            MethodBinding("tasks/cancel", GetParams, self._cancel, modern),
        )

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Make a task of a call, if its tool is one for that and its client knows tasks."""
        mode = self._rules.settings.tools.get(params.name)
        if mode is None or (mode == "after_input" and params.input_responses is None):
            return await call_next(ctx)
        try:
            self._require(ctx)
        except MCPError:
            if mode == "required":
                raise
            return await call_next(ctx)
        return await self._in_thread(partial(self._create, params, self._caller(ctx)))

    async def _get(self, ctx: ServerRequestContext[Any, Any], params: GetParams) -> HandlerResult:
        self._check(ctx, params.task_id)
        return await self._in_thread(partial(self._detailed, params.task_id, self._caller(ctx)))

    async def _update(self, ctx: ServerRequestContext[Any, Any], params: UpdateParams) -> HandlerResult:
        self._check(ctx, params.task_id)
        await self._in_thread(partial(self._take_answers, params, self._caller(ctx)))
        return {"resultType": "complete"}

    async def _cancel(self, ctx: ServerRequestContext[Any, Any], params: GetParams) -> HandlerResult:
        self._check(ctx, params.task_id)
        await self._in_thread(partial(self._end, params.task_id, self._caller(ctx)))
        return {"resultType": "complete"}

    def _require(self, ctx: ServerRequestContext[Any, Any]) -> None:
        """Refuse a client that has not declared the extension in this request, as every one of another era."""
        require_client_extension(ctx, IDENTIFIER)

    def _check(self, ctx: ServerRequestContext[Any, Any], task_id: str) -> None:
        """Refuse a request of a client that knows no tasks, or whose header names another task than its body."""
        self._require(ctx)
        named = decode_header_value(ctx.request.headers.get(MCP_NAME_HEADER)) if ctx.request else task_id
        if named != task_id:
            raise MCPError(HEADER_MISMATCH, f"{MCP_NAME_HEADER} header does not match the request body's taskId")

    def _caller(self, ctx: ServerRequestContext[Any, Any]) -> Caller:
        """Who asks, by what the gateway has verified; hashed, since a token's claims may say who somebody is."""
        named = "" if self._rules.is_open else bind_caller(ctx)
        owner = hashlib.sha256(named.encode(errors="surrogatepass")).hexdigest()
        scope = ctx.request.scope if ctx.request else {}
        return Caller(owner, scope["aws.event"], scope[CALL])

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What a function returns that asks AWS; what AWS refuses is for the log, and the client may come again."""
        try:
            return await to_thread.run_sync(work)
        except ServiceError as error:
            logger.error("Tasks: %s", error)
            raise MCPError(INTERNAL_ERROR, "The tasks cannot be reached just now: ask again.") from None

    def _create(self, params: CallToolRequestParams, caller: Caller) -> dict[str, Any]:
        now = self._store.clock()
        given = params.model_dump(by_alias=True, mode="json", exclude_none=True).get("inputResponses", {})
        task = Task(
            id=secrets.token_urlsafe(ID_BYTES),
            status="working",
            owner=caller.owner,
            round=0,
            created=now,
            updated=now,
            queued=now,
            expires=int(now + self._rules.settings.ttl_seconds),
            answers={key_in(0, key): answer for key, answer in given.items()},
            state=params.request_state,
        )
        request = event_for_task(caller.event, self._rules.settings.withheld_headers)
        event = event_for_round(request, task.id, 0)
        if len(event) > MOST_BYTES:
            refuse_size("request", len(event), MOST_BYTES, "an event of Lambda")
        try:
            self._store.create(task)
        except TooLargeError as error:
            refuse_size("answers", error.size, error.limit, "an item of DynamoDB")
        from_thread.check_cancelled()  # after its deadline the client has been told that there is none
        try:
            self._start(event)
        except ServiceError:
            # An answer that was lost does not say that there was no event. A worker that has begun decides it.
            if self._store.withdraw(task.id):
                raise
        caller.call.note_task(task.id, "started")
        return self._seen(task, "task")

    def _start(self, event: bytes) -> None:
        worker = self._rules.settings.worker or ""
        retried(lambda: start(worker, event, self._rules.variables, seconds=INVOKE_SECONDS))

    def _current(self, task_id: str, caller: Caller) -> Task:
        """The caller's task as it is now. One whose worker is dead or never came has failed."""
        task = self._store.get(task_id)
        now = self._store.clock()
        if task is None or task.owner != caller.owner:  # said alike, or it would tell what others have
            raise MCPError(INVALID_PARAMS, NO_TASK)
        if now >= task.expires:  # DynamoDB deletes it days later
            caller.call.note_task(task_id, "expired")
            raise MCPError(INVALID_PARAMS, NO_TASK)
        caller.call.note_task(task_id)
        if task.waits_for_worker:
            if now > task.queued + self._rules.settings.queue_seconds:
                waited = f"No worker was free within {self._rules.settings.queue_seconds} s."
                return self._give_up(task, failure(503, waited), caller)
            if task.request and now > task.queued + AGAIN_SECONDS:
                return self._ask_again(task)
        elif task.status == "working" and task.lease and now > task.lease:
            silent = f"The worker ended without a word, or was killed: it has said nothing for {LEASE_SECONDS} s."
            return self._give_up(task, failure(500, silent), caller)
        return task

    def _give_up(self, task: Task, outcome: Mapping[str, Any], caller: Caller) -> Task:
        failed = self._store.give_up(task, outcome)
        if failed:
            caller.call.note_task(task.id, "failed", self._store.clock() - task.created)
        return failed or self._store.get(task.id) or task

    def _end(self, task_id: str, caller: Caller) -> None:
        task = self._current(task_id, caller)
        if self._store.cancel(task):
            caller.call.note_task(task.id, "cancelled", self._store.clock() - task.created)

    def _ask_again(self, task: Task) -> Task:
        noted = self._store.answer(task, {})
        if noted and task.request:
            self._start(event_for_round(task.request, task.id, task.round + 1))
        return noted or self._store.get(task.id) or task

    def _take_answers(self, params: UpdateParams, caller: Caller) -> None:
        task = self._current(params.task_id, caller)
        given = {key: value for key, value in params.input_responses.items() if key in task.questions}
        try:
            InputResponseRequestParams.model_validate({"inputResponses": given}, by_name=False)
        except ValidationError:
            raise MCPError(INVALID_PARAMS, "inputResponses has an answer of a wrong form.") from None
        if task.status != "input_required" or not given:
            return
        try:
            answered = self._store.answer(task, given)
        except TooLargeError as error:
            refuse_size("answers", error.size, error.limit, "an item of DynamoDB")
        if answered and answered.request and not answered.unanswered:
            # Also when all were answered before: the answer to that request may be what was lost. A second event for
            # one round does nothing.
            self._start(event_for_round(answered.request, answered.id, answered.round + 1))

    def _detailed(self, task_id: str, caller: Caller) -> dict[str, Any]:
        """A task with what belongs to its status."""
        task = self._current(task_id, caller)
        found = dict(self._store.outcome(task))
        if task.status == "input_required" and task.unanswered:
            found["inputRequests"] = task.unanswered
        return self._seen(task, "complete") | found

    def _seen(self, task: Task, result_type: str) -> dict[str, Any]:
        age = self._store.clock() - task.created
        message = task.message or (task.outcome or {}).get("error", {}).get("message")
        return {
            "resultType": result_type,
            "taskId": task.id,
            "status": "working" if task.waits_for_worker else task.status,
            **({"statusMessage": message} if message else {}),
            "createdAt": timestamp(task.created),
            "lastUpdatedAt": timestamp(task.updated),
            "ttlMs": self._rules.settings.ttl_seconds * 1000,
            "pollIntervalMs": int(poll_seconds(age) * 1000),
        }


def poll_seconds(age: float) -> float:
    """How long a client is asked to wait before it asks again for a task of an age in seconds."""
    return min(max(FIRST_POLL_SECONDS, age / 10), MOST_POLL_SECONDS)


def refuse_size(what: str, size: int, limit: int, where: str) -> NoReturn:
    """Refuse what is too large to be a task."""
    raise MCPError(
        413,
        f"The {what} of a task may have {limit:,} bytes, as {where}, and would have {size:,}: send less at a time.",
        {"bytes": size, "limitBytes": limit},
    )

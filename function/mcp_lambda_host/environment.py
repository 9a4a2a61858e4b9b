"""One Lambda execution environment: from the gateway's event to its answer, in the time that is left."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, MutableMapping
from concurrent.futures import Future
from functools import partial
from typing import Any, NamedTuple

from mangum.types import LambdaContext, LambdaEvent, LambdaHandler, Scope

from . import gateway
from .contract import SECONDS_TO_ANSWER
from .entrypoint import forget_module
from .errors import LateStartError, StartError
from .hosted import Hosted, call_on_loop, host, load_target, renew_secrets
from .http.application import build_application
from .http.cors import name_origin
from .messages import is_endpoint, json_rpc_error, parse_request_id, parse_response
from .own_log import logger
from .runner import LoopEndedError, Runner, StoppedError
from .sdk.rehearsal import rehearse
from .sdk.request_state import forget_keys
from .settings import Settings
from .telemetry.calls import Call
from .telemetry.observer import Observer

INIT_SECONDS = 9.0
"""How long a start may take, from that of the process: Lambda ends the init phase after 10 s (Developer Guide,
"Understanding the Lambda execution environment lifecycle")."""

LONG_INIT_SECONDS = 125.0
"""How long it may take under provisioned concurrency and SnapStart, where Lambda gives 130 s (same page)."""

RESTORE_SECONDS = 6.0
"""How long all that follows a restore may take: Lambda gives the hooks 10 s together, the author's among them."""

LEAST_SECONDS = 1.0
"""What a lifespan is left if the import took all the time: then Lambda has given more than the host can know."""

MOST_THREADS = 512
"""An environment with more threads ends: the thread of a late tool lives until the tool returns, and nothing can end it
before. It is half of what Lambda allows (Developer Guide, "Lambda quotas": 1,024 processes and threads)."""

REHEARSAL_SECONDS = 0.5
"""How long one rehearsed request may take: an author's own handler of a list may ask other systems."""


class Terms(NamedTuple):
    """For how long a request may be worked at.

    Attributes:
        seconds_left: Time until its answer has to be there.
        setting: The module's input that says so.
        stop: Is done once nobody wants the answer any more; None: it stays wanted.
    """

    seconds_left: Callable[[], float]
    setting: str = "timeout_seconds"
    stop: Future[None] | None = None


class Environment:
    """Keeps a runner that works and answers events on it, whatever the author's code does.

    Args:
        settings: What Terraform says.
        variables: The process's environment variables.
        refusal: Why no server can be started with these settings; None: they are as they should be.
    """

    def __init__(self, settings: Settings, variables: MutableMapping[str, str], *, refusal: str | None = None) -> None:
        self.settings = settings
        self._variables = variables
        self._refusal = refusal
        self._observer = Observer(settings, variables)
        self._target: object | None = None  # the author's server, as imported
        self._hosted: Hosted | None = None
        self._runner: Runner | None = None
        self._resting: Runner | None = None  # between a snapshot and its restore
        self._doubtful = False  # a request ran past its deadline and may still hold the event loop
        self._has_worked = False

    @property
    def has_server(self) -> bool:
        """Whether the author's server could be started."""
        return self._runner is not None

    def open(self, seconds: float = INIT_SECONDS) -> Runner:
        """The runner, made now if there is none that works.

        Raises:
            StartError: The author's server cannot be started. The next event tries again: the cause may pass.
        """
        if self._runner and (self._runner.ended or (self._doubtful and not self._runner.responds())):
            why = "The server has ended" if self._runner.ended else "Late tools still hold the event loop"
            logger.warning("%s; starting the server anew.", why)
            self._runner.abandon()
            self._runner = self._target = None
        self._doubtful = False
        if self._runner is None:
            try:
                self._runner = self._start(seconds)
            except StartError as error:
                said = self._without_secrets(str(error))
                logger.error("%s", said)
                raise StartError(said) from None
        return self._runner

    def note_init(self, seconds: float) -> None:
        """Note for the first request's line how long the start took that it waited for."""
        self._observer.init_milliseconds = round(seconds * 1000, 1)

    def rehearse(self) -> None:
        """Prepare the first requests, if the server is one of the SDK: nobody knows what another one would do."""
        if not (self._runner and self._hosted and self._hosted.is_of_sdk):
            return
        runner = self._runner

        def answer(event: LambdaEvent) -> str:
            scope, body, _ = gateway.parse_event(event, None)  # type: ignore[arg-type] # nothing reads the context
            return bytes(runner.serve(scope, body, REHEARSAL_SECONDS)["body"]).decode()

        try:
            rehearse(answer, self._hosted.names)
        except TimeoutError:
            self._doubtful = True

    def before_snapshot(self) -> None:
        """Close the author's lifespan: its connections would be dead in each copy of the snapshot.

        The thread stays, since what the author's module has made may be bound to it.
        """
        if self._runner and self._runner.rest():
            self._resting = self._runner
        self._runner = None

    def after_restore(self) -> None:
        """Make anew what copies of a snapshot must not share: random numbers, fetched keys, the author's lifespan.

        What the author's module made when it was imported stays, as that is what a snapshot is for, unless the
        application's lifespan opens only once: then the module is imported again. What fails here is logged, and tried
        again at each request.
        """
        random.seed()
        forget_keys()
        self._has_worked = False  # none of the copies has
        until = time.monotonic() + RESTORE_SECONDS
        try:
            renew_secrets(self.settings, self._variables, RESTORE_SECONDS)
            try:
                self._runner = self._start(until - time.monotonic())
            except LateStartError:
                raise
            except StartError:
                self._runner = self._start(until - time.monotonic(), has_secrets=True)
        except StartError as error:
            logger.error("%s", self._without_secrets(str(error)))

    def answer(self, event: LambdaEvent, context: LambdaContext) -> dict[str, Any]:
        """The proxy response to an API Gateway event of payload format 2.0 or 1.0."""
        try:
            scope, body, translator = gateway.parse_event(event, context)
        except gateway.UnreadableEventError:
            return _refuse(400, "This is no request that can be read; the server answers API Gateway proxy events.")
        with self._observer.request(scope, body, context) as call:
            terms = Terms(partial(_seconds_left, context))
            if self._is_worker:
                self._perform(scope, body, translator, call, terms)
                return gateway.response(202, "")
            call.response = answer = self._answer(scope, body, translator, call, terms)
        name_origin(answer["headers"], scope, self.settings.origins)
        return answer

    @property
    def _is_worker(self) -> bool:
        return self.settings.tasks is not None and self.settings.tasks.worker is None

    def _perform(self, scope: Scope, body: bytes, translator: LambdaHandler, call: Call, terms: Terms) -> None:
        """Run a round of a task. Nobody waits for the answer, which is in the table by then."""
        from .tasks.worker import RESERVE_SECONDS, Work, perform  # workers alone import it

        def answer(work: Work) -> dict[str, Any]:
            earlier = Terms(lambda: terms.seconds_left() - RESERVE_SECONDS, "tasks.timeout_seconds", work.stop)
            call.response = response = self._answer(scope, body, translator, call, earlier)
            return response

        if self.settings.tasks:
            perform(self.settings.tasks, self._variables, scope, call, terms.seconds_left, answer)

    def _answer(self, scope: Scope, body: bytes, translator: LambdaHandler, call: Call, terms: Terms) -> dict[str, Any]:
        seconds = terms.seconds_left()
        asked = (scope["method"], scope["path"], body)
        try:
            runner = self.open(seconds)
            answer = translator(runner.serve(scope, body, terms.seconds_left(), terms.stop))
        except StartError:
            call.outcome = "start_failed"
            if self._has_worked:  # so it is this environment that is spoilt; Lambda takes another for the next event
                raise SystemExit("The server cannot be started anew in this environment, which ends.") from None
            return _refuse(500, "This MCP server could not be started; its log says why.")
        except TimeoutError:
            call.outcome = "deadline"
            self._doubtful = True
            if (alive := threading.active_count()) > MOST_THREADS:
                # At this request, which is late already, and not at the next, which may be another caller's.
                raise SystemExit(f"This environment has {alive} threads, most of late tools, and ends.") from None
            had = max(0.0, seconds)
            limit = f"No answer within {had:.1f} s, the time this server has for one request ({terms.setting})."
            return _give_up(asked, 504, limit, limitSeconds=round(had, 3))
        except StoppedError:
            call.outcome = "cancelled"
            self._doubtful = True
            return _give_up(asked, 410, "The task is over, so its tool was stopped: its client has cancelled it.")
        except LoopEndedError:
            return _give_up(asked, 500, "The server ended while it was at this request; the next one starts it anew.")
        if _asks_in_vain(*asked, answer):
            call.fail("error", 500)
            return _give_up(asked, 500, "The server's answer could not be sent: it ended without a JSON-RPC response.")
        size = gateway.size_of(answer)
        if size > gateway.LIMIT:
            call.outcome = "oversize"
            limit = f"The answer has {size:,} bytes, and Lambda carries {gateway.LIMIT:,}: ask for less at a time."
            return _give_up(asked, 413, limit, bytes=size, limitBytes=gateway.LIMIT)
        return answer

    def _without_secrets(self, text: str) -> str:
        """The text with names for the values of secrets: an exception of the author's may quote what it choked on."""
        for name in self.settings.secrets:
            if len(value := self._variables.get(name, "")) > 3:  # a shorter one would take the sentence apart
                text = text.replace(value, f"({name})")
        return text

    def _start(self, seconds: float, *, has_secrets: bool = False) -> Runner:
        until = time.monotonic() + seconds
        if self._refusal:
            raise StartError(self._refusal)
        if self._target is None and not has_secrets:
            renew_secrets(self.settings, self._variables)
        runner, self._resting = self._resting, None
        if runner is None:
            runner = Runner()
            self._target = runner.start(self._load)
        try:
            server = call_on_loop(self.settings.entrypoint, self._target, runner, _at_least(until))
            self._hosted = hosted = host(server, self.settings, self._variables)
            hosted.names.take_over(self._observer.names)
            self._observer.names = hosted.names
            app = build_application(hosted.app, self.settings, name=hosted.name, version=hosted.version)
            runner.open(app, lifespan=hosted.app, seconds=_at_least(until))
        except StartError:
            runner.abandon()
            self._target = None
            raise
        self._has_worked = True
        return runner

    def _load(self) -> object:
        if self._target is not None:
            return self._target
        forget_module(self.settings.entrypoint)
        return load_target(self.settings, self._variables)


def _at_least(until: float) -> float:
    return max(LEAST_SECONDS, until - time.monotonic())


def _seconds_left(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000 - SECONDS_TO_ANSWER


def _asks_in_vain(method: str, path: str, body: bytes, answer: dict[str, Any]) -> bool:
    """Whether a request with an id got no response: what cannot be written as UTF-8 ends the SDK's stream."""
    # The answer is looked at first: it is a response nearly always, and then the request need not be parsed once more.
    return not _is_response(answer) and _id_asked(method, path, body) is not None


def _is_response(answer: dict[str, Any]) -> bool:
    """Whether an answer may be left as it is; a stream must end with a response."""
    if answer.get("isBase64Encoded"):
        return True
    text = answer["body"]
    if answer["statusCode"] >= 500 or not text:
        return bool(parse_response(text))
    if not text.startswith("event:"):
        return True
    data = "\ndata: "
    if text.startswith('{"jsonrpc":"2.0","id":', text.rfind(data) + len(data)):  # neither copied nor parsed: long ones
        return True
    return bool({"result", "error"} & parse_response(text).keys())


def _id_asked(method: str, path: str, body: bytes) -> str | int | None:
    """The id of a request to the endpoint; None: it is no such request."""
    return parse_request_id(body) if method == "POST" and is_endpoint(path) else None


def _give_up(asked: tuple[str, str, bytes], code: int, message: str, **data: float) -> dict[str, Any]:
    """Answer a request with the reason why it has no result: as a JSON-RPC error, or on a route with a status."""
    logger.warning("%s", message)
    request_id = _id_asked(*asked)
    if request_id is None:
        return _refuse(504 if code == 504 else 500, message)
    # 200, since clients of the handshake era take any other status for a failed transport and never read the error.
    return gateway.response(200, json_rpc_error(code, message, request_id=request_id, data=data))


def _refuse(status: int, message: str) -> dict[str, Any]:
    return gateway.response(status, json_rpc_error(status, message))

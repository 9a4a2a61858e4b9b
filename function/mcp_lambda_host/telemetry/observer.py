"""The request line: one line of the log for each MCP request, which also counts it, and an X-Ray subsegment.

With a log_sample_rate below 1, only that share of the plain successes has a line.

Whatever fails in here is one more line of the log; the answer to the client stays as it is.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from mangum.types import LambdaContext
from starlette.types import Scope

from ..contract import LOG_LEVELS, METRIC_NAMESPACE
from ..http.identity import caller
from ..messages import is_endpoint
from ..own_log import logger, write_line
from ..sdk.names import UNKNOWN, Names
from ..settings import Settings
from . import log, metrics
from .calls import CALL, Call, read_call

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")
Fields = dict[str, Any]

LEVEL_OF = {"ok": "INFO", "cancelled": "INFO", "duplicate": "INFO", "start_failed": "ERROR"}
"""Level of the request line by outcome. All others are warnings: mostly the client has to do something else."""

LONGEST_NAME = 128
"""Characters of a method or name that a line keeps: tools have no longer ones, and clients may send anything."""

TRACE_FIELD = re.compile(r"\b(Root|Parent|Sampled)=([0-9a-f-]{1,35})(?=;|$)")
"""Matches a field of the tracing header."""

TASK_CHARACTERS = 12
"""Characters of a task's id in a line. They name it, and do not give it away: where nobody is verified, whoever has the
whole id may ask for the task's result."""

SUBJECT_CHARACTERS = 12
"""Hexadecimal digits of a caller's hash: of a million callers, two share one with a chance of 1 in 500."""

RSS_PER_MB = 1024**2 if sys.platform == "darwin" else 1024
"""Units of ru_maxrss in a MB: bytes on macOS, where an author may try the server, and KB on Linux (getrusage(2))."""

LONGEST_PAYLOAD = 10_000
"""Characters of the arguments and of the answer that a line keeps: CloudWatch Logs takes events of up to 1 MB."""


class Attempts:
    """Runs the parts of the telemetry: one that raises is left out, and the first such is named in the log."""

    def __init__(self) -> None:
        self._failure: BaseException | None = None

    def run(self, otherwise: U, part: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | U:
        """What the part returns, or `otherwise` if it fails; parts that ask the author's server may even exit."""
        try:
            return part(*args, **kwargs)
        except BaseException as error:
            self._failure = self._failure or error
            return otherwise

    def report(self) -> None:
        """Log the first failure by its type and place; the text of an exception may hold what a client sent."""
        if self._failure:
            place = traceback.extract_tb(self._failure.__traceback__)[-1]
            what = f"{place.filename} line {place.lineno}: {type(self._failure).__name__}"
            logger.error("The telemetry of this request is incomplete, its answer is not affected: %s", what)


class Observer:
    """Watches the requests of one execution environment.

    Args:
        settings: What to tell of them.
        variables: The process's environment variables, in which Lambda says how it started the environment, where the
            X-Ray daemon is, and what trace the current request belongs to.

    Attributes:
        names: What the author's server has, once it is loaded.
        init_milliseconds: How long the environment took to start, of which its first line tells; None: nobody waited.
    """

    def __init__(self, settings: Settings, variables: Mapping[str, str]) -> None:
        self.names = Names(None)
        self.init_milliseconds: float | None = None
        self._settings = settings
        self._variables = variables
        self._xray_daemon = variables.get("AWS_XRAY_DAEMON_ADDRESS") if settings.tracing else None
        self._tells_tools_apart = settings.metrics == "tools" or self._xray_daemon is not None
        self._cold = variables.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"
        self._memory = 0

    @contextmanager
    def request(self, scope: Scope, body: bytes, context: LambdaContext) -> Iterator[Call]:
        """Watch one request; what runs inside gives the call its response or its outcome.

        There is no line for other paths and methods than MCP's: the access log has them.
        """
        is_mcp = scope["method"] == "POST" and is_endpoint(scope["path"])
        attempts = Attempts()
        call = attempts.run(Call(), read_call, scope, body) if is_mcp else Call()
        scope[CALL] = call
        call.cold, self._cold = self._cold, False
        call.begun, begun = time.time(), time.perf_counter()
        token = log.REQUEST.set(context.aws_request_id)
        try:
            yield call
        except BaseException:  # the runtime answers, with a failure of the function
            call.fail("error", 500)
            raise
        finally:
            call.milliseconds = round((time.perf_counter() - begun) * 1000, 1)
            if is_mcp:
                self._tell(call, scope, context, attempts)
                attempts.report()
            call.response = None  # what the server leaves to the garbage collector refers to the scope
            log.REQUEST.reset(token)

    def _tell(self, call: Call, scope: Scope, context: LambdaContext, attempts: Attempts) -> None:
        attempts.run(None, call.judge)
        if self._tells_tools_apart and call.method == "tools/list":
            attempts.run(None, self.names.learn_tools, call.answer)
        tool_counts = self._tells_tools_apart and attempts.run(False, self.names.has_metrics, call.tool)
        name = attempts.run(UNKNOWN, self._name, call)
        trace: Fields = attempts.run({}, self._trace) if self._settings.tracing else {}
        counted: Fields = attempts.run({}, self._counted, call, tool_counts)
        known = {"traceId": trace.get("Root"), "subject": attempts.run(None, self._subject, scope)}
        attempts.run(None, self._write_line, call, context, name, known, counted)
        if self._xray_daemon and call.tool:
            attempts.run(None, self._send_subsegment, call, tool_counts, trace)

    def _write_line(self, call: Call, context: LambdaContext, name: str | None, known: Fields, counted: Fields) -> None:
        weight = self._weight(call, counted)
        if weight and (level := self._level(call, counted)):
            envelope = {"timestamp": log.timestamp(call.ended), "level": level, "requestId": context.aws_request_id}
            grown = {"memoryMB": self._grown_memory(), "weight": weight if weight > 1 else None}
            write_line(level, log.as_line(envelope | self._told(call, name) | known | grown | counted))

    def _told(self, call: Call, name: str | None) -> Fields:
        method = call.method if call.method in metrics.METHODS or not call.method else UNKNOWN
        name, tool = name and name[:LONGEST_NAME], call.tool
        told = {
            "era": call.era,
            "method": None if tool else method,  # only a call of a tool has one
            "tool" if tool else "name": name,
            "outcome": call.outcome,
            "errorCode": call.error_code,
            "durationMs": call.milliseconds,
            "coldStart": call.cold or None,
            "initDurationMs": self.init_milliseconds if call.cold else None,
            "task": call.task and call.task[:TASK_CHARACTERS],
            "taskStep": call.task_step,
            "taskAgeMs": call.task_milliseconds,
        }
        if self._settings.log_payloads:
            told["arguments"] = json.dumps(call.params)[:LONGEST_PAYLOAD]
            told["answer"] = call.answer[:LONGEST_PAYLOAD]
        return told

    def _name(self, call: Call) -> str | None:
        """The name of what a call uses: a tool, a prompt, or the resource or template behind a URI."""
        if call.method == "prompts/get":
            return self.names.prompt(call.param("name"))
        if call.method == "resources/read":
            return self.names.resource(call.param("uri"))
        return self.names.tool(call.tool)

    def _counted(self, call: Call, tool_counts: bool) -> Fields:
        """The members that have CloudWatch make metrics of the line; none for what is no message of MCP."""
        if self._settings.metrics == "none" or not call.method or call.outcome == "without_id":
            return {}
        dimensions = {}
        if self._settings.metrics == "tools":
            dimensions = metrics.dimensions_of(call, tool_counts=tool_counts)
        return metrics.members(call, namespace=f"{METRIC_NAMESPACE}/{self._settings.name}", dimensions=dimensions)

    def _weight(self, call: Call, counted: Fields) -> float:
        """For how many calls the line stands; 0: it is not to be written.

        Only of plain successes there may be too many lines: what counts, a cold start and a step of a task have theirs.
        """
        rate = self._settings.log_sample_rate
        if rate == 1 or call.outcome != "ok" or call.cold or call.task_step or counted:
            return 1
        return round(1 / rate, 3) if random.random() < rate else 0  # noqa: S311  (a sample, and no secret)

    def _grown_memory(self) -> int | None:
        """The most memory that the process has had, in MB; None: the line of an earlier request has said so."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // RSS_PER_MB
        grown = peak > self._memory
        self._memory = peak
        return peak if grown else None

    def _level(self, call: Call, counted: Fields) -> str | None:
        """The level of the line; None: it is not to be written.

        Lambda drops what is below log_level, and takes a line without a level for INFO (Developer Guide, "Log-level
        filtering"): metrics would be lost with it. So a line that counts is raised to the lowest level that is kept.
        """
        own, lowest = LEVEL_OF.get(call.outcome, "WARN"), self._settings.log_level
        if LOG_LEVELS.index(own) >= LOG_LEVELS.index(lowest):
            return own
        return lowest if counted or self._is_counted_by_filter(call) else None

    def _is_counted_by_filter(self, call: Call) -> bool:
        """Whether a filter on the log counts the line; with a sample there is none, since not every call has a line."""
        return self._settings.metrics != "none" and self._settings.log_sample_rate == 1 and metrics.runs_tool(call)

    def _subject(self, scope: Scope) -> str | None:
        """Who called: hashed, two lines show that it was the same one, but not who. The name keeps servers apart."""
        token = caller(scope["aws.event"]["requestContext"])
        if token is None or self._settings.log_subject == "none":
            return None
        subject = token.subject or token.client_id
        if self._settings.log_subject == "plain":
            return subject
        named = f"{self._settings.name}\n{subject}".encode(errors="surrogatepass")
        return hashlib.sha256(named).hexdigest()[:SUBJECT_CHARACTERS]

    def _trace(self) -> Fields:
        """The fields of the tracing header, which the runtime sets anew for each request: Root=…;Parent=…;Sampled=…

        A client may send a header of its own: what is no id is left out.
        """
        return dict(TRACE_FIELD.findall(self._variables.get("_X_AMZN_TRACE_ID", "")))

    def _send_subsegment(self, call: Call, tool_counts: bool, trace: Fields) -> None:
        from .tracing import send_subsegment  # not imported where tracing is off

        name = call.tool if call.tool and tool_counts else "tools/call"
        send_subsegment(call, name, daemon=self._xray_daemon or "", trace=trace)

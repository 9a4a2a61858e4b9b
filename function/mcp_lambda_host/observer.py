"""Says of each MCP request what was asked and what came of it: one line of the log, which counts it, and a trace."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mangum.types import LambdaContext
from starlette.types import Scope

from . import calls, log, metrics
from .calls import Call
from .contract import LOG_LEVELS, MCP_PATH, METRIC_NAMESPACE
from .identity import caller
from .names import Names
from .settings import Settings

LEVEL_OF = {"ok": "INFO", "start_failed": "ERROR"}
"""By outcome; all others are warnings: mostly it is the client that has to do something else."""

LONGEST_NAME = 128
"""Characters of a method or name that a line keeps: tools have no longer ones, and clients may send anything."""

LONGEST_PAYLOAD = 10_000
"""Characters of the arguments and of the answer that a line keeps: CloudWatch Logs takes events of up to 1 MB."""


class Observer:
    """Watches the requests of one execution environment.

    Args:
        settings: What to tell of them.
        variables: The process's environment variables, in which Lambda says how it started the environment, where the
            X-Ray daemon is, and what trace the current request belongs to.

    Attributes:
        names: What the author's server has, once it is loaded.
    """

    def __init__(self, settings: Settings, variables: Mapping[str, str]) -> None:
        self.names = Names(None)
        self._settings = settings
        self._variables = variables
        self._xray_daemon = variables.get("AWS_XRAY_DAEMON_ADDRESS") if settings.tracing else None
        self._cold = variables.get("AWS_LAMBDA_INITIALIZATION_TYPE") != "provisioned-concurrency"

    @contextmanager
    def request(self, scope: Scope, body: bytes, context: LambdaContext) -> Iterator[Call]:
        """Watch one request; what runs inside gives the call its outcome.

        There is no line for other paths and methods than MCP's: the access log has them.
        """
        is_mcp = (scope["method"], scope["path"]) == ("POST", MCP_PATH)
        call = calls.read(scope, body) if is_mcp else Call()
        call.cold, self._cold = self._cold, False
        call.begun, begun = time.time(), time.perf_counter()
        token = log.REQUEST.set(context.aws_request_id)
        try:
            yield call
        except BaseException:  # the runtime answers, with a failure of the function
            call.fail("error", 500)
            raise
        finally:
            log.REQUEST.reset(token)
            call.milliseconds = round((time.perf_counter() - begun) * 1000, 1)
            if is_mcp:
                self._tell(call, scope, context)

    def _tell(self, call: Call, scope: Scope, context: LambdaContext) -> None:
        if call.method == "tools/list" and (self._settings.metrics == "tools" or self._xray_daemon):
            self.names.learn(call.answer)
        # The runtime's way to hand it over, anew for each invocation: Root=…;Parent=…;Sampled=…
        parts = self._variables.get("_X_AMZN_TRACE_ID", "").split(";")
        trace = dict(part.split("=", 1) for part in parts if "=" in part)
        counted = self._counted(call)
        if level := self._level(call, counted):
            envelope = {"timestamp": log.timestamp(call.ended), "level": level, "requestId": context.aws_request_id}
            known = {
                "traceId": trace.get("Root"),
                "subject": self._subject(scope),
                "remainingMs": context.get_remaining_time_in_millis(),
            }
            sys.stdout.write(log.line(envelope | self._told(call) | known | counted))
        if call.tool and self._xray_daemon:
            from . import tracing  # nothing of it is needed elsewhere

            name = call.tool if self.names.has_tool(call.tool) else "tools/call"
            tracing.send(call, name, daemon=self._xray_daemon, trace=trace)

    def _told(self, call: Call) -> dict[str, Any]:
        method = call.method and call.method[:LONGEST_NAME]
        name = self.names.of_tool(call.tool) or self.names.of(call)
        name = name and name[:LONGEST_NAME]
        told = {
            "message": " ".join(filter(None, (method, name, call.outcome))),
            "logger": __package__,
            "era": call.era,
            "method": method,
            "tool" if call.tool else "name": name,
            "outcome": call.outcome,
            "isError": call.outcome == "tool_error",
            "errorCode": call.error_code,
            "durationMs": call.milliseconds,
            "coldStart": call.cold,
        }
        if self._settings.log_payloads:
            told["arguments"] = json.dumps(call.params)[:LONGEST_PAYLOAD]
            told["answer"] = call.answer[:LONGEST_PAYLOAD]
        return told

    def _counted(self, call: Call) -> dict[str, Any]:
        """What makes metrics of the line. What is no message of MCP is not counted."""
        if self._settings.metrics == "none" or not call.method:
            return {}
        dimensions = {}
        if self._settings.metrics == "tools":
            dimensions = metrics.dimensions(call, has_tool=self.names.has_tool(call.tool))
        return metrics.members(call, namespace=f"{METRIC_NAMESPACE}/{self._settings.name}", dimensions=dimensions)

    def _level(self, call: Call, counted: dict[str, Any]) -> str | None:
        """Of the line; None: it is not to be written.

        Lambda drops what is below log_level, and takes a line without a level for INFO (Developer Guide, "Log-level
        filtering"): metrics would end with it. So a line that counts is raised to the lowest level that is kept.
        """
        own, lowest = LEVEL_OF.get(call.outcome, "WARN"), self._settings.log_level
        if LOG_LEVELS.index(own) >= LOG_LEVELS.index(lowest):
            return own
        return lowest if counted else None

    def _subject(self, scope: Scope) -> str | None:
        """Who called: hashed, two lines show that it was the same one, but not who. The name keeps servers apart."""
        token = caller(scope["aws.event"]["requestContext"])
        if token is None or self._settings.log_subject == "none":
            return None
        subject = token.subject or token.client_id
        if self._settings.log_subject == "plain":
            return subject
        return hashlib.sha256(f"{self._settings.name}\n{subject}".encode(errors="surrogatepass")).hexdigest()[:16]

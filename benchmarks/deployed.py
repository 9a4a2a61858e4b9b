"""A deployed function whose memory is tried out: only its $LATEST, which no traffic of the module reaches."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from . import reports
from .reports import Report
from .tool_call import refused, tool_call

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import LoggingConfigTypeDef

UPDATE_SECONDS = 120
LOG_SECONDS = 30


class DeployedError(Exception):
    """One sentence on what AWS or the function refused."""


class Deployed:
    """The function behind a name or an ARN without version.

    Raises:
        DeployedError: There is no such function, or AWS refused to be asked.
    """

    def __init__(self, name: str) -> None:
        with _in_one_sentence():
            # One attempt: a call that was sent twice would be counted, and paid, once.
            self._lambda = boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}))
            self._logs = boto3.client("logs")
            found = self._lambda.get_function_configuration(FunctionName=name, Qualifier="$LATEST")
        self.name = found["FunctionName"]
        self.memory: int = found["MemorySize"]
        self.architecture: str = found["Architectures"][0]
        self._logging = found["LoggingConfig"]

    @contextmanager
    def kept_memory(self) -> Iterator[None]:
        """Put the memory back at the end, however it comes, as long as this process can do anything at all."""
        try:
            yield
        finally:
            # A second Ctrl-C must not stop what the first one asked for.
            before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
            try:
                self._update(self.memory, self._logging)
            except DeployedError as error:
                command = f"aws lambda update-function-configuration --function-name {self.name}"
                raise DeployedError(
                    f"{error} Its memory was not put back: {command} --memory-size {self.memory}"
                ) from None
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    def resize(self, memory: int) -> None:
        """Give $LATEST so many MB, and have it report its calls; its next one starts a new environment."""
        logging = self._logging.copy()
        if logging["LogFormat"] == "JSON":  # a text has no levels, and always has reports
            logging["SystemLogLevel"] = "INFO"
        self._update(memory, logging)

    def _update(self, memory: int, logging: LoggingConfigTypeDef) -> None:
        with _in_one_sentence():
            self._wait_until_updated()
            self._lambda.update_function_configuration(FunctionName=self.name, MemorySize=memory, LoggingConfig=logging)
            self._wait_until_updated()

    def call(self, tool: str, arguments: dict[str, Any], claims: dict[str, Any]) -> Report:
        """Call a tool as the API would; what Lambda reports of it.

        Raises:
            DeployedError: The tool did not answer, or with an error.
        """
        begun = time.time()
        event = tool_call(tool, arguments, claims)
        with _in_one_sentence():
            answer = self._lambda.invoke(
                FunctionName=self.name, Qualifier="$LATEST", LogType="Tail", Payload=json.dumps(event)
            )
        refusal = refused(json.loads(answer["Payload"].read()))
        if refusal:
            raise DeployedError(f"{tool} of {self.name} answered {refusal}")
        return reports.in_tail(answer) or self._logged(answer["ResponseMetadata"]["RequestId"], begun)

    def _logged(self, request_id: str, begun: float) -> Report:
        """The report from CloudWatch, where it arrives some seconds later, if the tail of the log had none."""
        end = time.monotonic() + LOG_SECONDS
        while time.monotonic() < end:
            with _in_one_sentence():
                page = self._logs.filter_log_events(
                    logGroupName=self._logging["LogGroup"],
                    startTime=int(begun * 1000) - 60_000,
                    filterPattern=f'"{request_id}"',
                )
            found = reports.find("\n".join(event["message"].rstrip() for event in page["events"]), request_id)
            if found:
                return found
            time.sleep(0.2)
        raise DeployedError(f"{self._logging['LogGroup']} has no report of {request_id} after {LOG_SECONDS} s.")

    def _wait_until_updated(self) -> None:
        waiter = self._lambda.get_waiter("function_updated")
        waiter.wait(FunctionName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": UPDATE_SECONDS})


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise DeployedError(f"AWS: {str(error).strip()}") from None

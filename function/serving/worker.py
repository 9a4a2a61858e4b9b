"""Stands for Lambda's runtime client in the process of an execution environment: `worker.py DESCRIPTOR FOLDER`.

Reads events from a socket, a line each, gives them to the host's handler, and writes what that answers.
"""

from __future__ import annotations

import importlib
import json
import os
import site
import socket
import sys
import time
import traceback
from typing import Any


class Context:
    """What Lambda tells the handler beside the event (Lambda Developer Guide, "Python context object")."""

    client_context = None
    identity = None

    def __init__(self, request_id: str, seconds: float) -> None:
        self.aws_request_id = request_id
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = f"arn:aws:lambda:{os.environ['AWS_REGION']}:000000000000:{self.function_name}:live"
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = self.log_stream_name = "local"
        self._end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """How long the handler may still take."""
        return max(0, int((self._end - time.monotonic()) * 1000))


def main(descriptor: int, folder: str) -> None:
    """Start the server in a folder, and answer until there are no more events."""
    site.setquit()  # exit() and quit(), which `python -S` leaves out
    os.set_inheritable(descriptor, False)  # the server's own processes must not keep it open
    sys.path.insert(0, folder)
    with socket.socket(fileno=descriptor) as connection, connection.makefile("rwb") as channel:
        host = importlib.import_module("mcp_lambda_host.handler")
        channel.write(b"%s\n" % json.dumps({"started": host.environment.has_server}).encode())
        channel.flush()
        for line in channel:
            asked = json.loads(line)
            answer = _answer(host.handler, asked["event"], Context(asked["id"], asked["seconds"]))
            channel.write(b"%s\n" % json.dumps(answer).encode())
            channel.flush()


def _answer(handler: Any, event: Any, context: Context) -> Any:
    try:
        return handler(event, context)
    except Exception:
        traceback.print_exc()
        return None


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), sys.argv[2])
    finally:
        sys.stdout.flush()
        if sys.exc_info()[0]:
            traceback.print_exc()
        os._exit(1 if sys.exc_info()[0] else 0)  # without a wait for the server's threads, as Lambda has none

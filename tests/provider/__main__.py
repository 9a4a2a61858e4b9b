"""The stand-in for the AWS provider: `python -m tests.provider PROVIDER` prints its port, and ends with its input.

Terraform starts a provider several times in a command. Before it is configured, a provider is asked for its schema, and
what is valid: of these there is one for all. One that is configured has the environment and the directory that
Terraform gave it, and is used again when Terraform wants the same one anew: its start takes longer than its work.
"""

from __future__ import annotations

import json
import os
import re
import socket
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

import grpc

from lab.local_aws import REPOSITORY
from tests.provider import SOCKETS

NAMING = [
    "*.tf",
    "*/*.tf",
    "*/*/*.tf",  # examples, fronts, the other stacks
    "tests/integration/*/*.tf",
    "tests/integration/*/*/*.tf",
    "tests/*/*.hcl",
    "tests/*/*.py",
    "*.md",
    "docs/*.md",
]
"""Files that name resources."""

COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
"""With which Terraform tells a provider that it is Terraform who starts it."""

HANDSHAKE = "1|5|tcp|127.0.0.1:{}|grpc|\n"
"""A provider's first line: the versions of go-plugin and of Terraform's protocol, and where it listens."""

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
CALLS = 32  # at once; Terraform makes ten for each module that it tests

SCHEMAS = ("/GetSchema", "/GetResourceIdentitySchemas")
LARGE = 100_000  # bytes; the schema of aws_wafv2_web_acl alone, which is five times as large as all others together

IDLE = 2  # providers at most
MEMORY = {"GOMEMLIMIT": "500MiB"}  # of each, of which 150 MB are in use
OTHERS = ("PLUGIN_PROTOCOL_VERSIONS", "PYTEST_", "TF_VAR_", "TF_CLI_ARGS")
"""Begin the names of variables that change from command to command, and that a provider does without."""


class Provider:
    """A running provider: `command` in an environment and a directory."""

    running: set[Provider] = set()  # noqa: RUF012 - all of them

    def __init__(self, command: str, environ: dict[str, str], directory: str) -> None:
        self._process = subprocess.Popen(
            [command],
            env=environ | MEMORY | {SOCKETS: os.environ[SOCKETS]},
            cwd=directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.running.add(self)
        assert self._process.stdout
        _, _, network, address, *_ = self._process.stdout.readline().split("|")
        self._channel = grpc.insecure_channel(f"{network}:{address}", options=UNLIMITED)

    def ask(self, method: str, request: bytes) -> bytes:
        """Answer a call, whose messages stay as they are on the wire."""
        answer: bytes = self._channel.unary_unary(method)(request)
        return answer

    def stop(self) -> None:
        """End it."""
        self._channel.close()
        self._process.kill()
        self._process.wait()
        self.running.remove(self)


class Unconfigured(Provider):
    """A provider that makes each schema once."""

    def __init__(self, command: str) -> None:
        super().__init__(command, os.environ | COOKIE, "/")
        self._schemas: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def ask(self, method: str, request: bytes) -> bytes:
        """Answer a call, one for a schema with what is named in this repository alone."""
        if method.endswith("/Stop"):  # means one provider, and this is everybody's
            return b""
        if not method.endswith(SCHEMAS):
            return super().ask(method, request)
        with self._lock:
            if method not in self._schemas:
                self._schemas[method] = without_unnamed(super().ask(method, request))
            return self._schemas[method]


class Configured(Provider):
    """A provider that was configured in an environment and a directory, and how it answered.

    Attributes:
        wanted: What it was started with; one that is wanted with the same may be this one.
    """

    def __init__(self, command: str, wanted: Wanted) -> None:
        super().__init__(command, dict(wanted.environ), wanted.directory)
        self.wanted = wanted
        self.answer = self.ask(wanted.method, wanted.configuration)


class Wanted(NamedTuple):
    """What makes one configured provider as good as another."""

    environ: frozenset[tuple[str, str]]
    directory: str
    inode: int  # a directory that was made anew is another
    method: str
    configuration: bytes


class Pool:
    """Configured providers, of which those that nobody uses wait for the next who wants the same.

    Args:
        command: Starts a provider.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._idle: list[Configured] = []
        self._lock = threading.Lock()

    def take(self, wanted: Wanted) -> Configured:
        """Give one that nobody else uses."""
        with self._lock:
            found = next((provider for provider in self._idle if provider.wanted == wanted), None)
            if found:
                self._idle.remove(found)
        return found or Configured(self._command, wanted)

    def give_back(self, provider: Configured) -> None:
        """Let another one use it, if it was configured without a word; the one that has waited longest makes room."""
        if provider.answer:
            provider.stop()
            return
        with self._lock:
            self._idle.append(provider)
            too_many = self._idle[:-IDLE]
            del self._idle[:-IDLE]
        for provider in too_many:
            provider.stop()


class Instance(grpc.GenericRpcHandler):  # type: ignore[misc]
    """What Terraform takes for a provider that it has started.

    Args:
        unconfigured: Answers until it is configured.
        pool: Has those that are configured.
        process: Where the process that Terraform has started is below /proc.
        end: Is called when Terraform asks for the end.
    """

    def __init__(self, unconfigured: Unconfigured, pool: Pool, process: Path, end: Callable[[], None]) -> None:
        self._unconfigured, self._pool, self._process, self._end = unconfigured, pool, process, end
        self._own: Configured | None = None
        self._interrupted = False

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Find what answers a method: Terraform's own, and the end; there is no output to stream."""
        method = str(details.method)
        answers = self._answer if method.startswith("/tfplugin5.") else self._shut_down
        is_known = method.startswith("/tfplugin5.") or method == "/plugin.GRPCController/Shutdown"
        return grpc.unary_unary_rpc_method_handler(partial(answers, method)) if is_known else None

    def stop(self) -> None:
        """Give the provider back, if it was configured; one that was told to stop does nothing any more."""
        if self._own and self._interrupted:
            self._own.stop()
        elif self._own:
            self._pool.give_back(self._own)

    def _answer(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        self._interrupted |= method.endswith("/Stop")
        try:
            if method.endswith("/Configure"):
                self._own = self._pool.take(self._wanted(method, request))
                return self._own.answer
            answer = (self._own or self._unconfigured).ask(method, request)
            return without_large(answer, self._directory) if method.endswith(SCHEMAS) else answer
        except grpc.RpcError as error:
            context.abort(error.code(), error.details())
            raise

    def _wanted(self, method: str, configuration: bytes) -> Wanted:
        variables = os.fsdecode((self._process / "environ").read_bytes()).rstrip("\0").split("\0")
        environ = frozenset(
            (name, value)
            for name, _, value in (variable.partition("=") for variable in variables)
            if not name.startswith(OTHERS)
        )
        directory = self._directory
        return Wanted(environ, str(directory), directory.stat().st_ino, method, configuration)

    @property
    def _directory(self) -> Path:
        return (self._process / "cwd").readlink()

    def _shut_down(self, method: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        self._end()
        return b""


class Connection(socketserver.StreamRequestHandler):
    """Serves one instance, as long as the script that Terraform has started runs."""

    server: StandIn

    def handle(self) -> None:
        """Read the script's process id, and write the handshake for Terraform."""
        process = Path(f"/proc/{int(self.rfile.readline())}")
        end = partial(self.connection.shutdown, socket.SHUT_RD)
        instance = Instance(self.server.unconfigured, self.server.pool, process, end)
        server = grpc.server(ThreadPoolExecutor(CALLS), handlers=[instance], options=UNLIMITED)
        self.wfile.write(HANDSHAKE.format(server.add_insecure_port("127.0.0.1:0")).encode())
        server.start()
        self.rfile.read()
        server.stop(1)
        instance.stop()


class StandIn(socketserver.ThreadingTCPServer):
    """Gives each script that Terraform starts an instance of the provider `command`."""

    daemon_threads = True

    def __init__(self, command: str) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.unconfigured = Unconfigured(command)
        self.pool = Pool(command)


def without_unnamed(schemas: bytes) -> bytes:
    """An answer with schemas, without those of resources that no file of this repository names."""
    files = (file for pattern in NAMING for file in REPOSITORY.glob(pattern))
    named = set(re.findall(rb"\baws_\w+", b" ".join(file.read_bytes() for file in files)))
    return b"".join(field for field, name in named_fields(schemas) if not name.startswith(b"aws_") or name in named)


def without_large(schemas: bytes, root: Path) -> bytes:
    """An answer with schemas, without the large ones of resources that neither modules nor state of `root` have."""
    manifest = root / ".terraform" / "modules" / "modules.json"  # init writes it where a module is called
    called = json.loads(manifest.read_text())["Modules"] if manifest.exists() else []
    directories = {root, *(root / module["Dir"] for module in called)}
    text = b"".join(
        file.read_bytes() for directory in directories for file in directory.glob("*.tf*") if file.is_file()
    )
    return b"".join(field for field, name in named_fields(schemas) if len(field) < LARGE or b'"%b"' % name in text)


def named_fields(schemas: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The fields of an answer with schemas, each with the name of the resource that it is about, if it has one."""
    for field, value in fields(schemas):
        yield field, next((found for _, found in fields(value)), b"") if value[:1] == b"\n" else b""


def fields(message: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The fields of a message in Protocol Buffers' encoding, each whole, and its value if it is bytes or a message."""
    start = 0
    while start < len(message):
        key, at = varint(message, start)
        number, at = varint(message, at)
        is_bytes = key & 7 == 2
        end = at + number if is_bytes else at
        yield message[start:end], message[at:end]
        start = end


def varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a place of a message, seven bits a byte, and the place behind it."""
    number = shift = 0
    while True:
        number |= (message[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if message[at - 1] < 128:
            return number, at


if __name__ == "__main__":
    with StandIn(sys.argv[1]) as stand_in:
        threading.Thread(target=stand_in.serve_forever, daemon=True).start()
        print(stand_in.server_address[1], flush=True)
        sys.stdin.read()
        for provider in list(Provider.running):
            provider.stop()
    os._exit(0)

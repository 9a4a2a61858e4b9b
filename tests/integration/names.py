"""A proxy through which the names that AWS gives REST APIs lead to the local AWS, over TLS as there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import requests
import trustme

from lab.local_aws import LocalAWS


@contextmanager
def names_of_aws(aws: LocalAWS, directory: Path, *trusted: Path) -> Iterator[dict[str, str]]:
    """The variables by which a program of the library `requests` uses the proxy, until the block ends.

    Args:
        aws: Has the APIs.
        directory: An empty one, for the certificates that the program trusts.
        trusted: Files with further ones.
    """
    authority, tls = trustme.CA(), SSLContext(PROTOCOL_TLS_SERVER)
    authority.issue_cert(f"*.execute-api.{aws.environ['AWS_REGION']}.amazonaws.com").configure_cert(tls)
    bundle = directory / "trusted.pem"
    bundle.write_bytes(b"".join([authority.cert_pem.bytes(), *(file.read_bytes() for file in trusted)]))

    class Quiet(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    class Inside(Quiet):
        def do_GET(self) -> None:
            api = self.headers["host"].split(".")[0]
            answer = requests.get(f"{aws.endpoint}/_aws/execute-api/{api}{self.path}", timeout=30)
            self.send_response(answer.status_code)
            self.send_header("content-length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

    class Outside(Quiet):
        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            with tls.wrap_socket(self.connection, server_side=True) as tunnel:
                Inside(tunnel, self.client_address, self.server)

    with ThreadingHTTPServer(("127.0.0.1", 0), Outside) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield {
            "HTTPS_PROXY": f"http://127.0.0.1:{http.server_port}",
            "NO_PROXY": "localhost,127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(bundle),
        }
        http.shutdown()

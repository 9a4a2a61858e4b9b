"""Where the keys come from, how long they are used, and what happens when there are none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from authorizer import issuer
from mcp_lambda_aws.transport import certificates
from tests.authorization_server import AuthorizationServer
from tests.jwt_authorizer.conftest import AUDIENCE, Function

GOOD: dict[str, Any] = {"aud": AUDIENCE, "scope": "call"}
OIDC, RFC_8414 = "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"
NEW = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def publish_new(server: AuthorizationServer) -> str:
    """Have the issuer take another key; a token that is signed with it."""
    server.published = [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(NEW.public_key())) | {"kid": "new"}]
    return jwt.encode(server.claims(**GOOD), NEW, "RS256", headers={"kid": "new"})


def test_the_keys_are_fetched_once(function: Function, server: AuthorizationServer) -> None:
    assert [function.admits(server.token(**GOOD)) for _ in range(5)] == [True] * 5
    assert server.asked == [OIDC, "/keys"]


def test_an_issuer_that_knows_oauth_alone_is_found_too(
    function: Function, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = server.answer
    monkeypatch.setattr(server, "answer", lambda path, form: None if path == OIDC else answer(path, form))

    assert function.admits(server.token(**GOOD))
    assert server.asked == [OIDC, RFC_8414, "/keys"]


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("/", [OIDC, RFC_8414]),
        ("/tenant/v2.0", [f"/tenant/v2.0{OIDC}", f"{RFC_8414}/tenant/v2.0"]),
        ("/tenant/", [f"/tenant{OIDC}", f"{RFC_8414}/tenant"]),
    ],
)
def test_the_path_of_an_issuer_stands_where_each_specification_wants_it(
    server: AuthorizationServer, path: str, places: list[str]
) -> None:
    with pytest.raises(issuer.UnreachableError, match="metadata of another issuer"):
        issuer.Issuer(server.issuer + path).key("test")

    assert server.asked == places


def test_a_new_key_of_the_issuer_is_fetched_when_its_first_token_comes(
    function: Function, server: AuthorizationServer
) -> None:
    assert function.admits(server.token(**GOOD))
    token = publish_new(server)
    function.wait(300)

    assert function.admits(token)
    assert not function.admits(server.token(**GOOD))  # whose key the issuer has withdrawn


def test_a_flood_of_unknown_keys_makes_one_fetch_in_five_minutes(
    function: Function, server: AuthorizationServer
) -> None:
    assert function.admits(server.token(**GOOD))
    function.wait(300)
    server.asked.clear()
    for number in range(50):
        assert not function.admits(jwt.encode(server.claims(**GOOD), NEW, "RS256", headers={"kid": str(number)}))
        function.wait(299 / 50)

    assert server.asked == [OIDC, "/keys"]
    assert function.admits(server.token(**GOOD))


def test_keys_are_fetched_anew_after_an_hour(function: Function, server: AuthorizationServer) -> None:
    assert function.admits(server.token(**GOOD))
    publish_new(server)

    function.wait(3599)
    assert function.admits(server.token(**GOOD))
    function.wait(1)
    assert not function.admits(server.token(**GOOD))


def test_known_keys_are_used_on_while_they_cannot_be_fetched(
    function: Function, server: AuthorizationServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert function.admits(server.token(**GOOD))
    server.trouble = answering(503)
    function.wait(3600)
    server.asked.clear()

    assert [function.admits(server.token(**GOOD)) for _ in range(3)] == [True] * 3
    assert server.asked == [OIDC, RFC_8414]
    assert f"The keys that are known are used on: {server.issuer}{OIDC} answers 503" in caplog.text


def answering(status: int, body: bytes = b"{}", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Have the server answer everything with this."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("content-length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def hang(request: BaseHTTPRequestHandler) -> None:
    """Say nothing until the other side has gone."""
    request.connection.settimeout(20)
    request.rfile.read(1)
    request.close_connection = True


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True
    request.connection.close()


TROUBLES: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "down": (hang_up, "does not answer"),
    "slow": (hang, "does not answer: .*timed out"),
    "failing": (answering(500), "answers 500"),
    "redirecting": (answering(302, location="/elsewhere"), "answers 302"),
    "huge": (answering(200, b'{"keys": "' + b"x" * 600_000 + b'"}'), "is no JSON object of at most 524,288 bytes"),
    "talking of something else": (answering(200, b"<html>"), "is no JSON object"),
    "deep": (answering(200, b"[" * 100_000), "is no JSON object"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_without_keys_nobody_is_let_in_and_the_failure_says_why(
    function: Function, server: AuthorizationServer, trouble: str
) -> None:
    server.trouble, why = TROUBLES[trouble]
    begun = time.monotonic()

    with pytest.raises(Exception, match=f"^Nobody is let in: {server.issuer}{OIDC} {why}"):
        function.asks(server.token(**GOOD))

    assert time.monotonic() - begun < 8  # the gateway waits for ten seconds
    assert set(server.asked) <= {OIDC, RFC_8414}


def test_the_first_keys_are_asked_for_again_after_ten_seconds(function: Function, server: AuthorizationServer) -> None:
    server.trouble = answering(503)
    for _ in range(3):
        with pytest.raises(Exception, match="Nobody is let in"):
            function.asks(server.token(**GOOD))
    assert server.asked == [OIDC, RFC_8414]

    server.trouble = None
    function.wait(10)
    assert function.admits(server.token(**GOOD))


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"issuer": "https://evil.example"}, "is the metadata of another issuer than"),
        ({"jwks_uri": "http://localhost/keys"}, "has no jwks_uri that begins with https://"),
        ({"jwks_uri": None}, "has no jwks_uri that begins with https://"),
    ],
)
def test_metadata_that_cannot_be_believed_lets_nobody_in(
    function: Function, server: AuthorizationServer, metadata: dict[str, Any], why: str
) -> None:
    server.metadata = metadata

    with pytest.raises(Exception, match=f"Nobody is let in: .*{why}"):
        function.asks(server.token(**GOOD))


@pytest.mark.parametrize("published", [[], "none", [1, {"kid": 5}, {"kid": "test", "use": "enc"}]])
def test_keys_that_cannot_be_used_let_nobody_in(
    function: Function, server: AuthorizationServer, published: Any
) -> None:
    server.published = published

    with pytest.raises(Exception, match="has no keys with an id for signatures"):
        function.asks(server.token(**GOOD))


def test_an_issuer_whose_certificate_nobody_vouches_for_lets_nobody_in(
    function: Function, server: AuthorizationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    certificates.cache_clear()

    with pytest.raises(Exception, match="certificate verify failed"):
        function.asks(server.token(**GOOD))

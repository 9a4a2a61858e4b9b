"""Whose tokens let in: those that the issuer has signed, for this server, for now."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from tests.authorization_server import KEY_ID, AuthorizationServer
from tests.jwt_authorizer.conftest import AUDIENCE, Function

CURVES: dict[str, ec.EllipticCurve] = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
GOOD: dict[str, Any] = {"aud": AUDIENCE, "scope": "call"}


def test_a_good_token_lets_its_subject_in_and_the_server_is_told_its_claims(
    function: Function, server: AuthorizationServer
) -> None:
    answer = function.asks(server.token(aud=[AUDIENCE, "other"], scope="call book", roles=["admin"]))

    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"].split(":")[-1]) == ("Allow", "abc123/live/*")
    assert answer["principalId"] == "ada"
    claims = json.loads(answer["context"]["claims"])
    assert claims == server.claims(aud=[AUDIENCE, "other"], scope="call book", roles=["admin"]) | {
        name: claims[name] for name in ("exp", "iat")
    }


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", *CURVES])
def test_every_algorithm_of_both_families_is_verified(
    function: Function, server: AuthorizationServer, algorithm: str
) -> None:
    key = ec.generate_private_key(CURVES[algorithm]) if algorithm in CURVES else server.key
    of_key = jwt.algorithms.ECAlgorithm if algorithm in CURVES else jwt.algorithms.RSAAlgorithm
    server.published = [json.loads(of_key.to_jwk(key.public_key())) | {"kid": "mine"}]  # type: ignore[arg-type]
    token = jwt.encode(server.claims(**GOOD), key, algorithm, headers={"kid": "mine"})

    assert function.admits(token)
    assert not function.admits(tampered(token))


def tampered(token: str) -> str:
    """The token with another subject under the old signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{encoded(claims | {'sub': 'root'})}.{signature}"


def encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def forged(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token made by hand, which no library would make."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{base64.urlsafe_b64encode(sign(signed.encode())).decode().rstrip('=')}"


def signed(header: dict[str, Any], claims: dict[str, Any], server: AuthorizationServer) -> str:
    """Sign a token with the issuer's own key."""
    return forged(header, claims, lambda content: server.key.sign(content, padding.PKCS1v15(), hashes.SHA256()))


def with_hmac(server: AuthorizationServer) -> str:
    """HS256 with the public key as its secret."""
    header = {"alg": "HS256", "kid": KEY_ID}
    return forged(header, server.claims(**GOOD), lambda b: hmac.new(server.public_pem, b, hashlib.sha256).digest())


STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGERS_JWK = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(STRANGER.public_key())) | {"kid": KEY_ID}
KID = {"kid": KEY_ID}


def soon(seconds: int) -> int:
    """A time in the claims of a token, so many seconds from now."""
    return int(time.time()) + seconds


ATTACKS: dict[str, Callable[[AuthorizationServer], str]] = {
    "alg none": lambda server: jwt.encode(server.claims(**GOOD), "", "none", headers=KID),
    "alg None": lambda server: forged({"alg": "None", **KID}, server.claims(**GOOD), lambda _: b""),
    "no alg": lambda server: forged(KID, server.claims(**GOOD), lambda _: b""),
    "HMAC with the public key": with_hmac,
    "PS256, which is not offered": lambda server: jwt.encode(server.claims(**GOOD), server.key, "PS256", headers=KID),
    "RS512 where the key says RS256": lambda s: jwt.encode(s.claims(**GOOD), s.key, "RS512", headers=KID),
    "ES256 with an RSA key's id": lambda server: jwt.encode(
        server.claims(**GOOD), ec.generate_private_key(ec.SECP256R1()), "ES256", headers=KID
    ),
    "wrong key": lambda server: jwt.encode(server.claims(**GOOD), STRANGER, "RS256", headers=KID),
    "no kid": lambda server: jwt.encode(server.claims(**GOOD), server.key, "RS256"),
    "kid that is no text": lambda server: signed({"alg": "RS256", "kid": 1}, server.claims(**GOOD), server),
    "own key in jwk": lambda server: jwt.encode(
        server.claims(**GOOD), STRANGER, "RS256", headers=KID | {"jwk": STRANGERS_JWK}
    ),
    "tampered": lambda server: tampered(server.token(**GOOD)),
    "a changed byte of the signature": lambda server: server.token(**GOOD)[:-8] + "AAAAAAAA",
    "no signature": lambda server: server.token(**GOOD).rpartition(".")[0] + ".",
    "expired": lambda server: server.token(**GOOD, exp=soon(-60)),
    "without an end": lambda server: server.token(**GOOD, exp=None),
    "an end that is text": lambda server: server.token(**GOOD, exp=str(soon(300))),
    "an end that is true": lambda server: server.token(**GOOD, exp=True),
    "early": lambda server: server.token(**GOOD, nbf=soon(600)),
    "issued in the future": lambda server: server.token(**GOOD, iat=soon(600)),
    "wrong issuer": lambda server: server.token(**GOOD, iss="https://evil.example"),
    "issuer with a slash more": lambda server: server.token(**GOOD, iss=server.issuer + "/"),
    "wrong audience": lambda server: server.token(aud="https://other.example/mcp", scope="call"),
    "wrong audience of a client that is right": lambda s: s.token(aud="other", client_id="desk", scope="call"),
    "no audience and another client": lambda server: server.token(client_id="other", scope="call"),
    "audience that is an object": lambda server: server.token(aud={AUDIENCE: 1}, scope="call"),
    "a token for something else": lambda server: jwt.encode(
        server.claims(**GOOD), server.key, "RS256", headers=KID | {"typ": "logout+jwt"}
    ),
    "an extension that must be understood": lambda server: jwt.encode(
        server.claims(**GOOD), server.key, "RS256", headers=KID | {"crit": ["b64"], "b64": True}
    ),
    "a huge token": lambda server: server.token(**GOOD, padding="x" * 8192),
    "deep JSON": lambda _: ".".join(base64.urlsafe_b64encode(b"[" * 3000).decode().rstrip("=") for _ in range(3)),
    "no JSON": lambda _: "AAAA.AAAA.AAAA",
    "a list": lambda _: f"{encoded([])}.{encoded([])}.AAAA",
    "two parts": lambda server: server.token(**GOOD).rpartition(".")[0],
    "four parts": lambda server: server.token(**GOOD) + ".AAAA",
    "nothing": lambda _: "",
    "a byte that base64 has not": lambda server: server.token(**GOOD) + "é",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_answered_with_401(function: Function, server: AuthorizationServer, attack: str) -> None:
    assert function.admits(server.token(**GOOD))
    assert not function.admits(ATTACKS[attack](server))


@pytest.mark.parametrize("header", ["jku", "x5u"])
def test_a_place_of_keys_that_a_token_names_is_not_looked_at(
    function: Function, server: AuthorizationServer, header: str
) -> None:
    headers = {"kid": KEY_ID, header: f"{server.issuer}/other-keys"}

    assert not function.admits(jwt.encode(server.claims(**GOOD), STRANGER, "RS256", headers=headers))
    assert "/other-keys" not in server.asked


def test_a_key_that_is_too_short_or_for_encryption_lets_nobody_in(
    function: Function, server: AuthorizationServer
) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  (the point of it)
    published = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(short.public_key())) | {"kid": "short"}
    server.published += [published, STRANGERS_JWK | {"kid": "other", "use": "enc"}]

    header = {"alg": "RS256", "kid": "short"}
    of_short = forged(header, server.claims(**GOOD), lambda b: short.sign(b, padding.PKCS1v15(), hashes.SHA256()))

    assert not function.admits(of_short)
    assert not function.admits(jwt.encode(server.claims(**GOOD), STRANGER, "RS256", headers={"kid": "other"}))


def test_a_point_that_is_not_on_the_curve_lets_nobody_in(function: Function, server: AuthorizationServer) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    published = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"kid": "point"}
    server.published.append(published | {"y": published["x"]})

    assert not function.admits(jwt.encode(server.claims(**GOOD), key, "ES256", headers={"kid": "point"}))


@pytest.mark.parametrize(
    "claims",
    [
        {"scope": "call"},
        {"scope": "other read"},
        {"scp": ["read"]},
        {"scp": "call"},
        {"aud": None, "client_id": "desk", "scope": "call"},
    ],
)
def test_a_token_that_is_just_good_enough_lets_in(
    function: Function, server: AuthorizationServer, claims: dict[str, Any]
) -> None:
    assert function.admits(server.token(**({"aud": AUDIENCE} | claims)))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -5), ("nbf", 5), ("iat", 5)])
def test_the_clock_of_the_issuer_may_be_a_little_off(
    function: Function, server: AuthorizationServer, claim: str, seconds: int
) -> None:
    assert function.admits(server.token(**GOOD | {claim: soon(seconds)}))


@pytest.mark.parametrize("claims", [{}, {"scope": "other"}, {"scope": "callread"}, {"scp": {"call": 1}}, {"scope": 7}])
def test_a_good_token_without_a_scope_of_the_endpoint_is_denied_and_not_unauthorized(
    function: Function, server: AuthorizationServer, claims: dict[str, Any]
) -> None:
    answer = function.asks(server.token(aud=AUDIENCE, **claims))

    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Effect"], statement["Resource"].split(":")[-1]) == ("Deny", "abc123/live/*")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "{token}"},
        {"Authorization": "Basic {token}"},
        {"Authorization": "Bearer {token}, Bearer {token}"},
        {"Authorization": ["Bearer garbage", "Bearer {token}"]},
        {"Authorization": "", "X-Api-Key": "{token}"},
    ],
)
def test_a_good_token_in_another_form_or_place_does_not_count(
    function: Function, server: AuthorizationServer, headers: dict[str, Any]
) -> None:
    token = server.token(**GOOD)
    filled = json.loads(json.dumps(headers).replace("{token}", token))

    with pytest.raises(Exception, match=r"^Unauthorized$"):
        function.asks("", **filled)


def test_the_log_says_why_and_nothing_of_what_the_caller_sent(
    function: Function, server: AuthorizationServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    tokens = [attack(server) for attack in ATTACKS.values()]
    for token in tokens:
        function.admits(token)

    assert "the token has expired" in caplog.text
    assert [token for token in tokens if token and any(part and part in caplog.text for part in token.split("."))] == []
    assert "evil.example" not in caplog.text

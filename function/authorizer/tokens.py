"""Checks of a JSON Web Token (RFC 7519) as RFC 8725 asks for them. Signatures are verified by `cryptography`.

No message of an exception quotes a token: what a caller sent is in no log.
"""

from __future__ import annotations

import json
import math
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

LONGEST = 8_192
"""Most characters of a token: a REST API takes 10,240 bytes of headers together (API Gateway quotas)."""

LEEWAY = 10.0
"""Seconds by which the issuer's clock may differ from this one."""

SHORTEST_RSA = 2_048
"""Fewest bits of an RSA key (RFC 7518 section 3.3)."""

TYPES = {"jwt", "at+jwt", "application/jwt", "application/at+jwt"}
"""What `typ` may say in any case (RFC 9068 section 4); others are tokens for something else (RFC 8725 section 3.11)."""

Claims = dict[str, Any]
Jwk = Mapping[str, Any]
Verify = Callable[[Jwk, bytes, bytes], None]


class InvalidTokenError(Exception):
    """The token lets nobody in; the message says why."""


class Rules(NamedTuple):
    """What a token must say.

    Attributes:
        issuer: Exactly its `iss`.
        audience: One of these must be in its `aud`, or be its `client_id` where it has no `aud`.
    """

    issuer: str
    audience: frozenset[str]


class Algorithm(NamedTuple):
    """How a signature is verified.

    Attributes:
        key_type: `kty` of its keys: the key decides which algorithms there are for it, not the token.
        verify: Takes the key, the signature and what is signed; raises an InvalidSignature or a ValueError.
    """

    key_type: str
    verify: Verify


class Token(NamedTuple):
    """The parts of a token, of which none is to be believed yet."""

    algorithm: str
    key_id: str
    claims: Claims
    signed: bytes
    signature: bytes


def parse(token: str) -> Token:
    """Take a token apart.

    Raises:
        InvalidTokenError: It is none that could be verified. What it says of keys (`jku`, `jwk`, `x5u`) is ignored.
    """
    if len(token) > LONGEST:
        raise InvalidTokenError("the token is too long")
    try:
        head, body, signature = token.split(".")
        header, claims = json.loads(_decode(head)), json.loads(_decode(body))
        signed, signature_bytes = f"{head}.{body}".encode("ascii"), _decode(signature)
    except (ValueError, RecursionError):
        raise InvalidTokenError("the token is not three parts of base64, two of them JSON") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise InvalidTokenError("the token's header or its claims are no object")
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidTokenError(f"the token's alg is not one of {', '.join(ALGORITHMS)}")
    if not isinstance(key_id, str):
        raise InvalidTokenError("the token names no key")
    if "crit" in header or str(header.get("typ", "jwt")).lower() not in TYPES:
        raise InvalidTokenError("the token is of another kind, or has extensions that must be understood")
    return Token(algorithm, key_id, claims, signed, signature_bytes)


def verify(token: Token, jwk: Jwk) -> None:
    """Check a token's signature.

    Raises:
        InvalidTokenError: It was not made with this key, or the key is not for this algorithm.
    """
    algorithm = ALGORITHMS[token.algorithm]
    if jwk.get("kty") != algorithm.key_type or jwk.get("alg", token.algorithm) != token.algorithm:
        raise InvalidTokenError("the token's key is for another algorithm")
    try:
        algorithm.verify(jwk, token.signature, token.signed)
    except (InvalidSignature, UnsupportedAlgorithm, KeyError, TypeError, ValueError):
        raise InvalidTokenError("the token's signature is not valid") from None


def check(claims: Claims, rules: Rules, now: float) -> None:
    """Check what a token says of itself.

    Args:
        claims: Of a token whose signature is valid.
        rules: What they must be.
        now: Seconds since 1970.

    Raises:
        InvalidTokenError: It is for others, or not for now.
    """
    if claims.get("iss") != rules.issuer:
        raise InvalidTokenError("the token is of another issuer")
    audience = claims["aud"] if "aud" in claims else claims.get("client_id")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(one, str) and one in rules.audience for one in named):
        raise InvalidTokenError("the token is for another audience")
    if _time(claims, "exp", None) <= now - LEEWAY:
        raise InvalidTokenError("the token has expired")
    if max(_time(claims, name, now) for name in ("nbf", "iat")) > now + LEEWAY:
        raise InvalidTokenError("the token is not valid yet")


def scopes(claims: Claims) -> frozenset[str]:
    """The scopes in `scope` or `scp`: `a b` (RFC 6749 section 3.3), or a list."""
    granted = claims.get("scope") or claims.get("scp") or ""
    return frozenset(map(str, granted) if isinstance(granted, list) else str(granted).split())


def _time(claims: Claims, name: str, otherwise: float | None) -> float:
    time = claims.get(name, otherwise)
    if isinstance(time, bool) or not isinstance(time, int | float) or not -math.inf < time < math.inf:
        raise InvalidTokenError(f"the token's {name} is no time")
    return time


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(jwk: Jwk, name: str) -> int:
    return int.from_bytes(_decode(jwk[name]))


def _rsa(digest: hashes.HashAlgorithm) -> Algorithm:
    def check_signature(jwk: Jwk, signature: bytes, signed: bytes) -> None:
        key = rsa.RSAPublicNumbers(_number(jwk, "e"), _number(jwk, "n")).public_key()
        if key.key_size < SHORTEST_RSA:
            raise ValueError("the key is too short")
        key.verify(signature, signed, padding.PKCS1v15(), digest)

    return Algorithm("RSA", check_signature)


def _ec(digest: hashes.HashAlgorithm, curve: ec.EllipticCurve, name: str) -> Algorithm:
    size = -(-curve.key_size // 8)

    def check_signature(jwk: Jwk, signature: bytes, signed: bytes) -> None:
        if jwk["crv"] != name or len(signature) != 2 * size:  # RFC 7518 section 3.4
            raise ValueError("the key is of another curve, or the signature not of its size")
        key = ec.EllipticCurvePublicNumbers(_number(jwk, "x"), _number(jwk, "y"), curve).public_key()
        r, s = int.from_bytes(signature[:size]), int.from_bytes(signature[size:])
        key.verify(encode_dss_signature(r, s), signed, ec.ECDSA(digest))

    return Algorithm("EC", check_signature)


ALGORITHMS: Mapping[str, Algorithm] = {
    "RS256": _rsa(hashes.SHA256()),
    "RS384": _rsa(hashes.SHA384()),
    "RS512": _rsa(hashes.SHA512()),
    "ES256": _ec(hashes.SHA256(), ec.SECP256R1(), "P-256"),
    "ES384": _ec(hashes.SHA384(), ec.SECP384R1(), "P-384"),
    "ES512": _ec(hashes.SHA512(), ec.SECP521R1(), "P-521"),
}
"""Signatures that are checked, by `alg` (RFC 7518 section 3.1).

Neither `none` nor HMAC is among them, for which a public key would be a secret.
"""

"""Content that only this function can read or make, in the hands of clients and browsers."""

from __future__ import annotations

import hashlib
import json
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "v1"
KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES = 4, 12, 16

Content = dict[str, Any]


class NotSealedError(Exception):
    """The text was not sealed here, for this purpose, or has expired; the message says which."""


class Seals:
    """Seals with AES-256-GCM. The first key of the ring seals, all of them open.

    The purpose and the server are authenticated with the content: a code can be presented neither as a refresh token
    nor at another server that has the keys.

    Args:
        secrets: At least 32 bytes of randomness each.
        server: Names the authorization server, by its issuer.
        now: Seconds since 1970.
    """

    def __init__(self, secrets: Sequence[str], server: str, now: Callable[[], float] = time.time) -> None:
        if not secrets or any(len(secret) < 32 for secret in secrets):
            raise ValueError("a key ring has at least one key, and each at least 32 characters")
        derived = [_derive(secret) for secret in secrets]
        self._ring = {_key_id(key): AESGCM(key) for key in derived}
        self._sealing = _key_id(derived[0])
        self._server = server
        self._now = now

    def seal(self, purpose: str, content: Content, seconds: float) -> str:
        """The content, sealed for so many seconds."""
        body = json.dumps({"expires": int(self._now() + seconds), "content": content}, separators=(",", ":")).encode()
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ring[self._sealing].encrypt(nonce, body, self._bound_to(purpose))
        return f"{VERSION}.{_encode(self._sealing + nonce + sealed)}"

    def open(self, purpose: str, text: str) -> Content:
        """The content of what was sealed for this purpose.

        Raises:
            NotSealedError: It was not, or has expired.
        """
        version, _, encoded = text.partition(".")
        try:
            raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            raise NotSealedError("it is no sealed text") from None
        # One text for one content: another spelling of the same bytes would pass a list of those that were used.
        if version != VERSION or _encode(raw) != encoded or len(raw) < KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES:
            raise NotSealedError("it is no sealed text")
        key_id, nonce, sealed = raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:][:NONCE_BYTES], raw[KEY_ID_BYTES + NONCE_BYTES :]
        key = self._ring.get(key_id)
        if not key:
            raise NotSealedError("it was sealed with another key")
        return self._read(key, nonce, sealed, purpose)

    def _read(self, key: AESGCM, nonce: bytes, sealed: bytes, purpose: str) -> Content:
        try:
            body = json.loads(key.decrypt(nonce, sealed, self._bound_to(purpose)))
        except InvalidTag:
            raise NotSealedError("it was changed, or sealed for another purpose or by another server") from None
        if self._now() >= body["expires"]:
            raise NotSealedError("it has expired")
        content: Content = body["content"]
        return content

    def _bound_to(self, purpose: str) -> bytes:
        return f"{VERSION} {purpose} {self._server}".encode()


def digest(text: str) -> str:
    """SHA-256 of a text in base64url without padding, as PKCE has it (RFC 7636 section 4.2)."""
    return _encode(hashlib.sha256(text.encode()).digest())


def random_text() -> str:
    """256 random bits as 43 characters, which are also a code verifier of PKCE."""
    return _encode(os.urandom(32))


def _derive(secret: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"mcp-lambda login {VERSION}".encode()).derive(secret.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"mcp-lambda login key id" + key).digest()[:KEY_ID_BYTES]


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")

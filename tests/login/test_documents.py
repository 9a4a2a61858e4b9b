"""Fetching a document from a URL that somebody else chose."""

from __future__ import annotations

import json
import ssl
import threading
import time
from typing import Any

import pytest

from login import documents
from login.documents import LARGEST, Documents, NoDocumentError
from tests.login.conftest import DOCUMENT, DOCUMENT_URL, Login, Web, http_answer
from tests.token_authorizer.conftest import Clock


@pytest.fixture
def web(login: Login) -> Web:
    return login.web


def fetched(web: Web, url: str = DOCUMENT_URL) -> dict[str, Any]:
    return Documents(web.resolve, web.connect).get(url)


def test_a_document_is_fetched_from_the_address_that_was_checked_and_kept_for_a_while(web: Web) -> None:
    clock = Clock()
    kept = Documents(web.resolve, web.connect, (clock,))

    assert [kept.get(DOCUMENT_URL) for _ in range(3)] == [DOCUMENT] * 3
    assert (web.connected, web.waited) == (["93.184.216.34"], documents.SECONDS)

    clock.now += documents.LIFETIME
    web.addresses = ["1.1.1.1"]
    kept.get(DOCUMENT_URL)
    assert web.connected == ["93.184.216.34", "1.1.1.1"]


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["172.16.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],  # the metadata of an EC2 instance
        ["169.254.170.2"],  # credentials of a container
        ["100.64.0.1"],
        ["0.0.0.0"],  # noqa: S104
        ["224.0.0.1"],
        ["255.255.255.255"],
        ["93.184.216.34", "127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["::ffff:93.184.216.34"],
        ["fe80::1"],
        ["64:ff9b::7f00:1"],
        [],
    ],
)
def test_a_host_that_is_not_public_is_never_connected_to(web: Web, addresses: list[str]) -> None:
    web.addresses = addresses

    with pytest.raises(NoDocumentError, match=r"not (public|known)"):
        fetched(web)
    assert web.connected == []


@pytest.mark.parametrize(
    "url",
    [
        "http://desk.example/client.json",
        "https://desk.example",
        "https://desk.example/",
        "https://desk.example:8443/client.json",
        "https://127.0.0.1/client.json",
        "https://2130706433/client.json",
        "https://0x7f.1/client.json",
        "https://[::1]/client.json",
        "https://localhost/client.json",
        "https://ada@desk.example/client.json",
        "https://desk.example@evil.example/client.json",
        "https://desk.example/client.json#fragment",
        "https://desk.example/../client.json",
        "https://desk.example/a/./client.json",
        "https://desk.example/a/..",
        "https://desk.example/client.json\r\nhost: evil.example",
        "https://desk.example\\@evil.example/client.json",
        "https://DESK.example/client.json",
        "https://desk.example/" + "a" * 300,
        "file:///etc/passwd",
    ],
)
def test_a_url_of_another_form_is_not_even_resolved(web: Web, url: str) -> None:
    with pytest.raises(NoDocumentError, match="no https:// URL"):
        fetched(web, url)
    assert web.connected == []


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (http_answer("", "302 Found", "location: https://desk.example/oauth/client.json"), "answers 302"),
        (http_answer(json.dumps(DOCUMENT), "404 Not Found"), "answers 404"),
        (http_answer(json.dumps(DOCUMENT | {"x": "x" * LARGEST})), "at most 10,240 bytes"),
        (http_answer("[" * 5_000), "no JSON object"),
        (http_answer("[]"), "no JSON object"),
        (http_answer("{}"), "another client_id"),
        (http_answer(json.dumps(DOCUMENT | {"client_id": DOCUMENT_URL + "/"})), "another client_id"),
        (http_answer(json.dumps(DOCUMENT | {"client_id": [DOCUMENT_URL]})), "another client_id"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "cannot be fetched"),
        (b"", "cannot be fetched"),
    ],
)
def test_an_answer_that_is_not_the_document_is_refused(web: Web, answer: bytes, problem: str) -> None:
    web.answer = answer

    with pytest.raises(NoDocumentError, match=problem):
        fetched(web)


def test_the_certificate_must_be_the_hosts(web: Web) -> None:
    with pytest.raises(NoDocumentError, match="SSLCertVerificationError"):
        fetched(web, "https://other.example/client.json")


def test_bytes_that_drip_end_with_the_time(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, all of them never would."""
    monkeypatch.setattr(documents, "SECONDS", 0.5)

    def drip(connection: ssl.SSLSocket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nx: " + b"x" * 1_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)  # faster than any timeout of a read

    web.answer = drip
    started = time.monotonic()

    with pytest.raises(NoDocumentError):
        fetched(web)
    assert time.monotonic() - started < 5


def test_a_name_that_is_never_resolved_ends_with_the_time(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name servers are those of whoever asks."""
    monkeypatch.setattr(documents, "SECONDS", 0.1)
    answered = threading.Event()

    def resolve(_: str) -> list[str]:
        answered.wait(5)
        return ["93.184.216.34"]

    started = time.monotonic()
    with pytest.raises(NoDocumentError, match="not known"):
        Documents(resolve, web.connect).get(DOCUMENT_URL)
    answered.set()

    assert time.monotonic() - started < 4
    assert web.connected == []


def test_the_host_is_asked_for_the_document_alone_and_told_who_asks(web: Web) -> None:
    fetched(web)

    lines = web.asked.decode().split("\r\n")
    assert lines[0] == "GET /oauth/client.json HTTP/1.1"
    assert {"Host: desk.example", "accept: application/json", "user-agent: mcp-lambda-login"} <= set(lines)
    assert not [line for line in lines if line.lower().startswith(("authorization", "cookie"))]


def test_a_document_without_an_end_is_not_read_to_the_last_moment(web: Web) -> None:
    def pour(connection: ssl.SSLSocket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b" " * 1_000)

    web.answer = pour
    started = time.monotonic()

    with pytest.raises(NoDocumentError, match="at most 10,240 bytes"):
        fetched(web)
    assert time.monotonic() - started < documents.SECONDS


def test_many_documents_do_not_fill_the_memory(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 2)
    kept = Documents(web.resolve, web.connect)
    for number in range(3):
        url = f"{DOCUMENT_URL}?{number}"
        web.answer = http_answer(json.dumps({"client_id": url}))
        kept.get(url)

    web.answer = http_answer("{}")
    assert kept.get(f"{DOCUMENT_URL}?2")
    with pytest.raises(NoDocumentError):
        kept.get(f"{DOCUMENT_URL}?0")

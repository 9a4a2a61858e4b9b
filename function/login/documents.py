"""Client id metadata documents: what a client says of itself at the URL that is its id.

https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/

Whoever asks to log in chooses the URL, so fetching it must not reach what only this function could (SSRF).
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException, HTTPSConnection
from threading import Thread, Timer
from typing import Any

from authorizer.clocks import CLOCKS, Clock, Moment
from mcp_lambda_aws.transport import json_object

LARGEST = 10 * 1024
"""Most bytes of a document; the draft recommends servers to take no more than 5 KB."""

SECONDS = 3.0
"""How long a name may take to resolve, a connection to open, and then the rest, however slowly the bytes come."""

LIFETIME = 300.0
"""How long a document is believed without asking again."""

MOST = 50
"""So many documents are kept at most, for whoever asks chooses their number."""

# A host is a name with a dot and a last label of letters: 127.1, 0x7f.1 and 2130706433 are addresses, too. The only
# port is 443: others would make this a scanner of ports. The draft wants a path, without "." and ".." segments.
URL = re.compile(
    r"https://(?P<host>(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63})(?::443)?"
    r"(?P<target>(?!/?(?:.*/)?\.{1,2}(?:[/?]|$))/[A-Za-z0-9._~!$&'()*+,;=:@%/-]+(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
)
LONGEST_URL = 256

HEADERS = {"accept": "application/json", "user-agent": "mcp-lambda-login"}
"""Firewalls before many hosts refuse whoever does not say what it is."""

Document = dict[str, Any]
Resolve = Callable[[str], Sequence[str]]
Connect = Callable[[str, float], socket.socket]


class NoDocumentError(Exception):
    """There is no document to believe; the message says why."""


def resolve(host: str) -> Sequence[str]:
    """The IPv4 addresses of a host. Not IPv6: some of its ranges stand for IPv4 addresses (NAT64, 6to4)."""
    found = socket.getaddrinfo(host, 443, socket.AF_INET, socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def connect(address: str, seconds: float) -> socket.socket:
    """A connection to an address."""
    return socket.create_connection((address, 443), seconds)


class Documents:
    """Fetches documents, and keeps each for a while.

    Args:
        resolve: Gives the addresses of a host; tests have hosts of their own.
        connect: Opens a connection to an address.
        clocks: All of them say how old a document is.
    """

    def __init__(
        self, resolve: Resolve = resolve, connect: Connect = connect, clocks: Sequence[Clock] = CLOCKS
    ) -> None:
        self._resolve = resolve
        self._connect = connect
        self._clocks = clocks
        self._kept: dict[str, tuple[Moment, Document]] = {}

    def get(self, url: str) -> Document:
        """The document at a URL, which says that this URL is its client's id.

        Raises:
            NoDocumentError: There is none.
        """
        fetched, document = self._kept.get(url, (None, {}))
        if fetched and fetched.is_within(LIFETIME):
            return document
        document = self._fetch(url)
        # Exactly the URL: otherwise a page that anybody may fill on a host could pass for another client of that host.
        if document.get("client_id") != url:
            raise NoDocumentError("the document is of another client_id")
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[url] = Moment(self._clocks), document
        return document

    def _fetch(self, url: str) -> Document:
        place = URL.fullmatch(url) if len(url) <= LONGEST_URL else None
        if not place:
            raise NoDocumentError("the client_id is no https:// URL of a host's name and a path")
        connection = PinnedConnection(place["host"], self._public_address(place["host"]), self._connect)
        try:
            with connection:
                connection.request("GET", place["target"], headers=HEADERS)
                response = connection.getresponse()
                if response.status != 200:  # redirects are not followed: they lead past these checks
                    raise NoDocumentError(f"the document's host answers {response.status}")
                body = response.read(LARGEST + 1)
        except (OSError, HTTPException, ValueError) as error:
            raise NoDocumentError(f"the document cannot be fetched ({type(error).__name__})") from None
        document = json_object(body) if len(body) <= LARGEST else None
        if document is None:
            raise NoDocumentError(f"the document is no JSON object of at most {LARGEST:,} bytes")
        return document

    def _public_address(self, host: str) -> str:
        """An address of a host, all of whose addresses are public: a name may lead into a network as well."""
        addresses: list[ipaddress.IPv4Address] = []

        def resolve() -> None:
            with suppress(OSError, ValueError):
                addresses.extend([ipaddress.IPv4Address(address) for address in self._resolve(host)])

        # The resolver has no time limit that a caller could set, and whoever asks may own the host's name servers.
        resolving = Thread(target=resolve, daemon=True)
        resolving.start()
        resolving.join(SECONDS)
        if not addresses:
            raise NoDocumentError("the document's host is not known")
        if not all(address.is_global and not address.is_multicast for address in addresses):
            raise NoDocumentError("the document's host is not public")
        return str(addresses[0])


class PinnedConnection(HTTPSConnection):
    """A connection to the address that was checked: asked again, the name could lead elsewhere (DNS rebinding).

    The certificate must be the host's. The socket is shut when the time is over: a timeout of its own begins anew with
    each byte.
    """

    def __init__(self, host: str, address: str, connect: Connect) -> None:
        self._tls = ssl.create_default_context()
        super().__init__(host, timeout=SECONDS, context=self._tls)
        self._address = address
        self._open = connect
        self._end = Timer(SECONDS, self._shut)

    def connect(self) -> None:
        """Connect to the address, and let time run."""
        plain = self._open(self._address, SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self._end.daemon = True
        self._end.start()
        self.sock.do_handshake()

    def __enter__(self) -> PinnedConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self._end.cancel()
        self.close()

    def _shut(self) -> None:
        with suppress(OSError, AttributeError, TypeError):  # it has been closed in the meantime
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # not TLS's, which may wait for the other side

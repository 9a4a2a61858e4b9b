"""Where a browser may be sent with a code: the rules for redirect URIs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

LONGEST = 512
"""Most characters of a redirect URI: it is sealed into the state, which providers must hand back in a URL."""

# Only what every browser reads in the same way: printable ASCII without spaces, quotes, backslashes and fragments, and
# no user names before the host.
REST = r"(?P<rest>(?:[/?][!$-;=?-\[\]_a-z~%]*)?)"
LOOPBACK = re.compile(rf"http://(?P<host>127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{{1,5}})?{REST}")
HTTPS = re.compile(rf"https://(?P<host>(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*)(?::[0-9]{{1,5}})?{REST}")
PRIVATE = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):[!$-;=?-\[\]_a-z~%]+")

NEVER = re.compile(
    "about|blob|chrome.*|data|file|filesystem|ftps?|https?|intent|javascript|mailto|ms-.*|resource|search-ms|sms|tel|"
    "vbscript|view-source|wss?"
)
"""Schemes that are no client's own: a browser reads them itself, or hands them to a program that does more than log
in. RFC 8252 section 7.1 wants domains as names of schemes, which widely used clients (`cursor:`, `vscode:`) ignore."""


class Redirect(NamedTuple):
    """A redirect URI that may be used.

    Attributes:
        uri: As the client wrote it.
        kind: `https`, `loopback` or `private`, a scheme of a program's own.
        host: Host of the first two, scheme of the last.
        rest: Path and query.
    """

    uri: str
    kind: str
    host: str
    rest: str

    def is_same(self, asked: Redirect) -> bool:
        """Whether a client that registered this one may ask for that one: exactly it, or another port on loopback.

        A program cannot know in advance which port it will get (RFC 8252 section 7.3).
        """
        if self.kind == "loopback" == asked.kind:
            return (self.host, self.rest) == (asked.host, asked.rest)
        return self.uri == asked.uri

    def with_parameters(self, parameters: dict[str, str]) -> str:
        """The URI with further parameters in its query."""
        return f"{self.uri}{'&' if '?' in self.uri else '?'}{urlencode(parameters)}"


def parse(uri: object) -> Redirect | None:
    """The redirect URI; None: nobody may be sent there."""
    if not isinstance(uri, str) or len(uri) > LONGEST:
        return None
    for kind, form in (("loopback", LOOPBACK), ("https", HTTPS)):
        if match := form.fullmatch(uri):
            return Redirect(uri, kind, match["host"], match["rest"])
    private = PRIVATE.fullmatch(uri)
    if private and not NEVER.fullmatch(private["scheme"]):
        return Redirect(uri, "private", private["scheme"], "")
    return None


def is_listed(redirect: Redirect, entries: Iterable[str]) -> bool:
    """Whether entries of allowed_clients name where a redirect leads: a host, `localhost` or a scheme (`cursor:`).

    A host stands for https alone: whoever registers `evil://claude.ai` must not pass for claude.ai.
    """
    names = {"https": redirect.host, "loopback": "localhost", "private": f"{redirect.host}:"}
    return names[redirect.kind] in entries

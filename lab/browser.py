"""A browser of a person who says yes to everything, and the way of such a person from a client to its tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

CALLBACK = "http://127.0.0.1:33418/callback"
FORM = "application/x-www-form-urlencoded"
MOST_PAGES = 10


class LostError(Exception):
    """The way does not end at the client; the message says where it does."""


class Answer(NamedTuple):
    """An answer as a browser sees it: headers in pairs, their names in lower case."""

    status: int
    headers: list[tuple[str, str]]
    text: str


Send = Callable[[str, str, Mapping[str, str], str], Answer]
"""Sends a request: its method, URL, headers and body. It follows no redirect and keeps no cookie."""


class Form(HTMLParser):
    """The first form of a page that is posted.

    Attributes:
        action: Where it is sent; None: there is none.
        hidden: Its fields that nobody fills in.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a form or a field."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None and given.get("method", "").lower() == "post":
            self.action = given.get("action", "")
        if tag == "input" and given.get("type") == "hidden" and "name" in given:
            self.hidden.setdefault(given["name"], given.get("value", ""))


class Browser:
    """Follows redirects, keeps the cookies of each host, and fills in forms.

    Args:
        send: Sends a request.
        answers: What the person fills in, by the names of fields.
    """

    def __init__(self, send: Send, answers: Mapping[str, str]) -> None:
        self._send = send
        self._answers = {"decision": "continue", **answers}
        self._cookies: dict[str, dict[str, str]] = {}

    def log_in(self, url: str) -> dict[str, str]:
        """What the client is told at its callback, beginning with where it sends the browser.

        Raises:
            LostError: The browser does not get there.
        """
        answer = self._open("GET", url)
        for _ in range(MOST_PAGES):
            places = [value for name, value in answer.headers if name == "location"]
            if places:
                url = urljoin(url, places[0])
                if url.startswith(CALLBACK):
                    return dict(parse_qsl(urlsplit(url).query))
                answer = self._open("GET", url)
                continue
            form = Form(answer.text)
            if form.action is None:
                raise LostError(f"{urlsplit(url).path} answers {answer.status} with no form: {answer.text[-200:]}")
            url = urljoin(url, form.action)
            answer = self._open("POST", url, urlencode(form.hidden | self._answers))
        raise LostError(f"{urlsplit(url).path} leads to page after page")

    def _open(self, method: str, url: str, form: str = "") -> Answer:
        kept = self._cookies.setdefault(urlsplit(url).netloc, {})
        headers = {"cookie": "; ".join(f"{name}={value}" for name, value in kept.items())} if kept else {}
        answer = self._send(method, url, headers | ({"content-type": FORM} if form else {}), form)
        cookies = [value.split(";")[0].partition("=") for name, value in answer.headers if name == "set-cookie"]
        kept |= {name: value for name, _, value in cookies}
        return answer

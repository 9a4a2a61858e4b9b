"""The pages that people see: who asks to log in, and what went wrong."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape

from .clients import Client
from .gateway import Response
from .redirects import Redirect

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:10vh auto;padding:0 1rem;color:#1b1b1b;"
    "background:#fff}h1{font-size:1.4rem}dt{color:#595959}dd{margin:0 0 .8rem;overflow-wrap:anywhere}"
    "button{font:inherit;padding:.5rem 1.2rem;margin-right:.6rem;border:1px solid #1b1b1b;border-radius:.3rem;"
    "background:#fff;color:#1b1b1b;cursor:pointer}button.go{background:#1b1b1b;color:#fff}"
)

# No scripts at all, so what a client says of itself runs nowhere. No framing: an attacker's page could lay its own over
# the button. There is no form-action: browsers apply it to redirects as well, and those go to the provider, from
# there to wherever it lets people log in, and back to a client on any host.
POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": POLICY,
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # the URL has the client's state
    "cross-origin-opener-policy": "same-origin",  # the opener cannot lead the window elsewhere
    "cache-control": "no-store",
}


def consent_page(
    server: str, host: str, client: Client, redirect: Redirect, request: str, path: str, cookie: str
) -> Response:
    """Ask a person whether a client may have access, before the provider does: it knows only this server as its client.

    A person who is still logged in there would see nothing at all, and a client that nobody chose would have access
    ("confused deputy", MCP's Security Best Practices).

    Args:
        server: Name of the MCP server.
        host: Its host.
        client: Who asks.
        redirect: Where it gets its answer.
        request: The sealed request, which the form sends back.
        path: Where the form is sent.
        cookie: Set with the page.
    """
    name = client.name or "A program"
    goes_to = {
        "https": redirect.host,
        "loopback": "a program on this computer",
        "private": f"the program that opens {redirect.host}: links",
    }[redirect.kind]
    says = f"{client.origin} (checked)" if client.origin else "not known: it could have taken any name"
    rows = [("Access to", f"{server} at {host}"), ("Published by", says), ("You are sent back to", goes_to)]
    listed = "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in rows)
    content = (
        f"<h1>{escape(name)} asks for access to {escape(server)}</h1><dl>{listed}</dl>"
        "<p>Continue only if you have just started this yourself. You log in on the next page.</p>"
        f'<form method="post" action="{escape(path)}">'
        f'<input type="hidden" name="request" value="{escape(request)}">'
        '<button class="go" name="decision" value="continue">Continue</button>'
        '<button name="decision" value="cancel">Cancel</button></form>'
    )
    return _page(200, f"Access to {server}", content, (cookie,))


def error_page(message: str, status: int = 400) -> Response:
    """Say what is wrong, to a person that can be sent nowhere."""
    content = f"<h1>You cannot be logged in</h1><p>{escape(message)}</p><p>Start again from the program.</p>"
    return _page(status, "No login", content)


def refusal_page(message: str, redirect: Redirect, place: str) -> Response:
    """Say what is wrong with a client's request, and let the person decide whether to go where the client is told.

    Anybody can register a client. Sent on at once, people would follow a link to this server to any page in the world
    (RFC 9700 section 4.11.2).
    """
    content = (
        f"<h1>You cannot be logged in</h1><p>The program has asked for what there is not: {escape(message)}</p>"
        f'<p><a href="{escape(place)}">Tell {escape(redirect.host)}</a>, if that is where you come from.</p>'
    )
    return _page(400, "No login", content)


def _page(status: int, title: str, content: str, cookies: tuple[str, ...] = ()) -> Response:
    body = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>{content}</main></body></html>"
    )
    return Response(status, body, dict(HEADERS), cookies)

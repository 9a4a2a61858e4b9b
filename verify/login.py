"""People log in: the module's own authorization server between a client and Cognito."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import requests

from lab.browser import CALLBACK, FORM, Answer, Browser, LostError, Send
from lab.events import Event, message_in, modern

from .calls import REQUEST_SECONDS, Run
from .rows import Group, Seen, UnseenError

GROUP = Group("login of people")

JSON = "application/json"


@GROUP.row(
    "a token of the pool, a tool that sees the person, and a new token",
    "login",
    not_emulated="its function looks for Cognito at AWS",
)
def login_at_cognito(run: Run) -> Seen:
    """A person logs in on Cognito's own page for a client that has registered itself, and the client goes on alone."""
    server = run.outputs["login"]
    name, password = "person", f"Aa1-{secrets.token_urlsafe(24)}"
    cognito = run.client("cognito-idp")
    cognito.admin_create_user(UserPoolId=server["user_pool_id"], Username=name, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=server["user_pool_id"], Username=name, Password=password, Permanent=True)
    try:
        return way_of_a_person(server["url"], send, {"username": name, "password": password})
    except LostError as lost:
        raise UnseenError(f"the person got lost: {lost}") from None


def way_of_a_person(url: str, send: Send, answers: Mapping[str, str]) -> Seen:
    """What comes of a login, a call and a new token.

    Args:
        url: The endpoint's.
        send: Sends requests.
        answers: What the person fills in at the provider.

    Raises:
        LostError: The person does not get back to the client.
    """
    origin = url.removesuffix("/mcp")

    def ask(method: str, place: str, kind: str, body: str) -> tuple[int, dict[str, Any]]:
        answer = send(method, place, {"content-type": kind}, body)
        document: dict[str, Any] = json.loads(answer.text) if answer.text.startswith("{") else {}
        return answer.status, document

    _, metadata = ask("GET", f"{origin}/.well-known/oauth-authorization-server", JSON, "")
    status, client = ask(
        "POST", metadata.get("registration_endpoint", origin), JSON, json.dumps({"redirect_uris": [CALLBACK]})
    )
    if status != 201:
        return Seen(False, f"a registration is answered with {status}, metadata with {sorted(metadata)}")
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    own = {"client_id": client["client_id"], "redirect_uri": CALLBACK}
    asked = {"response_type": "code", "code_challenge": challenge, "code_challenge_method": "S256"}
    back = Browser(send, answers).log_in(f"{metadata['authorization_endpoint']}?{urlencode(own | asked)}")
    if "code" not in back:
        return Seen(False, f"the client is told {back}")

    def redeem(**form: str) -> dict[str, Any]:
        return ask("POST", metadata["token_endpoint"], FORM, urlencode(own | form))[1]

    tokens = redeem(grant_type="authorization_code", code=back["code"], code_verifier=verifier)
    again = redeem(grant_type="authorization_code", code=back["code"], code_verifier=verifier)
    renewed = redeem(grant_type="refresh_token", refresh_token=tokens.get("refresh_token", ""))
    seen = [subject_seen(url, send, given.get("access_token", "")) for given in (tokens, renewed)]
    holds = back.get("iss") == origin and "error" in again and seen[0] == seen[1] != ""
    said = ["the same person both times" if seen[0] == seen[1] != "" else f"{sum(map(bool, seen))} of 2 calls"]
    return Seen(holds, f"{said[0]}; the code once more: {again.get('error', 'tokens')}")


def subject_seen(url: str, send: Send, token: str) -> str:
    """Whom a tool sees who calls with a token; empty: the call is refused."""
    event: Event = modern("tools/call", {"name": "who", "arguments": {}})
    headers = {name: value for name, value in event["headers"].items() if name != "host"}
    answer = send("POST", url, headers | {"authorization": f"Bearer {token}"}, event["body"])
    if answer.status != 200:
        return ""
    caller = json.loads(message_in(answer.text)["result"]["content"][0]["text"])
    return str(caller.get("subject") or "")


def send(method: str, url: str, headers: Mapping[str, str], body: str) -> Answer:
    """An answer from the internet."""
    answer = requests.request(
        method, url, headers=dict(headers), data=body.encode(), timeout=REQUEST_SECONDS, allow_redirects=False
    )
    # `requests` has the cookies of several headers in one, which commas do not part again.
    pairs = [(name.lower(), value) for name, value in answer.raw.headers.items()]
    return Answer(answer.status_code, pairs, answer.text)

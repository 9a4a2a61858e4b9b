"""Who gets in, and what the others are told."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from lab.callers import own_signer
from lab.events import message_in, modern, tool_call

from .calls import Run, counts
from .rows import Group, Seen, When

GROUP = Group("authentication")

PAGE = "https://app.example"
EXTENSION = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
OWN_OPTIONS = "it answers every OPTIONS itself"


@GROUP.row('401 with error="invalid_token", and no resource_metadata', "guarded", not_emulated="it sends no challenge")
def challenge_of_the_gateway(run: Run) -> Seen:
    """A JWT authorizer's own refusal has a WWW-Authenticate, which does not lead to the OAuth metadata."""
    answer = run.post("guarded", modern("tools/list"), {"authorization": "Bearer wrong"})
    challenge = answer.headers.get("www-authenticate", "none")
    without = run.post("guarded", modern("tools/list")).headers.get("www-authenticate", "none")
    holds = answer.status_code == 401 and "invalid_token" in challenge and "resource_metadata" not in challenge
    return Seen(holds, f"{answer.status_code} with {challenge}; for a request without a token: {without}")


@GROUP.row('403 with Bearer error="insufficient_scope", scope="refund" and resource_metadata', "guarded")
def challenge_of_the_host(run: Run) -> Seen:
    """The host's refusal for missing scopes keeps its WWW-Authenticate on the way through an HTTP API."""
    answer = run.post("guarded", tool_call(modern, "refund"), run.credentials("guarded"))
    challenge = answer.headers.get("www-authenticate", "none")
    wanted = ('error="insufficient_scope"', 'scope="refund"', "resource_metadata=")
    holds = answer.status_code == 403 and all(part in challenge for part in wanted)
    return Seen(holds, f"{answer.status_code} with {challenge}")


@GROUP.row("204 or 200, with the page's origin allowed", "guarded", not_emulated=OWN_OPTIONS)
def preflight(run: Run) -> Seen:
    """A page's preflight is answered without a token, although $default has an authorizer."""
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    answer = run.send("guarded", "OPTIONS", headers={"origin": PAGE} | asked)
    allowed = answer.headers.get("access-control-allow-origin", "none")
    return Seen(answer.status_code in (200, 204) and allowed == PAGE, f"{answer.status_code}, origin {allowed}")


@GROUP.row("204, from the gateway or the host", "guarded", not_emulated=OWN_OPTIONS)
def options_without_an_origin(run: Run) -> Seen:
    """An OPTIONS that is no preflight, which needs no token either, does not reach the author's application."""
    answer = run.send("guarded", "OPTIONS", "/latin-1")
    return Seen(answer.status_code == 204, f"{answer.status_code}: {answer.text[:100]}")


@GROUP.row("the preflight and the call are allowed, a foreign origin is refused with 403", "open")
def origin_of_an_extension(run: Run) -> Seen:
    """An HTTP API takes origins of browser extensions in cors_origins."""
    asked = {"origin": EXTENSION, "access-control-request-method": "POST"}
    allowed = run.send("open", "OPTIONS", headers=asked).headers.get("access-control-allow-origin", "none")
    called = run.post("open", modern("tools/list"), {"origin": EXTENSION}).status_code
    foreign = run.post("open", modern("tools/list"), {"origin": "https://evil.example"}).status_code
    holds = allowed in ("*", EXTENSION) and (called, foreign) == (200, 403)
    return Seen(holds, f"the preflight allows {allowed}, the call is answered with {called}, a foreign one {foreign}")


@GROUP.row("the page's origin, and www-authenticate exposed", "guarded")
def answer_to_a_page(run: Run) -> Seen:
    """The gateway adds its CORS headers to the answer of a call."""
    answer = run.post("guarded", modern("tools/list"), {"origin": PAGE} | run.credentials("guarded"))
    allowed, exposed = (
        answer.headers.get(f"access-control-{name}", "none") for name in ("allow-origin", "expose-headers")
    )
    return Seen(allowed == PAGE and "www-authenticate" in exposed.lower(), f"origin {allowed}, exposed {exposed}")


@GROUP.row("client, subject and scopes of the token", "guarded")
def caller_by_token(run: Run) -> Seen:
    """The event tells the host what stands in a token: tools see whose it is, and with which scopes."""
    claims = json.loads(base64.urlsafe_b64decode(run.token.split(".")[1] + "=="))
    expected = {"client_id": claims["client_id"], "subject": claims["sub"], "scopes": claims["scope"].split()}
    return _caller(run, "guarded", expected, headers=run.credentials("guarded"))


@GROUP.row("client and subject of the key's entry", "keyed")
def caller_by_key(run: Run) -> Seen:
    """The event tells the host what the module's own authorizer found: tools see whose key it is."""
    expected = {"client_id": "verify", "subject": "verify", "scopes": []}
    return _caller(run, "keyed", expected, headers=run.credentials("keyed"))


@GROUP.row("400, 401 or 403", "guarded")
def two_authorization_headers(run: Run) -> Seen:
    """A good token beside another one does not get in, whichever comes first."""
    good, bad = run.credentials("guarded")["authorization"], "Bearer wrong"
    statuses = [_status_with(run, headers) for headers in ((good, bad), (bad, good))]
    return Seen(set(statuses) <= {400, 401, 403}, " and ".join(map(str, statuses)))


@GROUP.row("401 without a key, 403 with a wrong one, 200 with a good one", "keyed")
def wrong_key(run: Run) -> Seen:
    """The gateway tells a missing key from a wrong one, and the authorizer opens its parameter under a KMS key."""
    given: tuple[dict[str, str], ...] = ({}, {"authorization": "Bearer wrong"}, run.credentials("keyed"))
    statuses = [run.post("keyed", modern("tools/list"), headers).status_code for headers in given]
    return Seen(statuses == [401, 403, 200], ", ".join(map(str, statuses)))


@GROUP.row("409 ConflictException", "guarded")
def authorizer_in_use(run: Run) -> Seen:
    """AWS deletes no authorizer that a route asks."""
    gateway, api = run.client("apigatewayv2"), run.outputs["guarded"]["api_id"]
    (authorizer,) = gateway.get_authorizers(ApiId=api)["Items"]
    try:
        gateway.delete_authorizer(ApiId=api, AuthorizerId=authorizer["AuthorizerId"])
    except ClientError as error:
        status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
        return Seen(code == "ConflictException", f"{status} {code}")
    return Seen(False, "it was deleted")


@GROUP.row("200 and 403, and never a 5xx", "guarded", when=When.CHANGED)
def from_jwt_to_iam(run: Run) -> Seen:
    """A live stack leaves jwt in one apply, and no request meets an error of the gateway meanwhile."""
    return _answers(run, "guarded", {200, 403})


@GROUP.row("200, and never a 5xx", "keyed", when=When.CHANGED)
def from_token_to_none(run: Run) -> Seen:
    """A live stack leaves token in one apply, and no request meets an error of the gateway meanwhile."""
    return _answers(run, "keyed", {200})


@GROUP.row("200 signed, 403 unsigned", "guarded", when=When.CHANGED)
def signed_call(run: Run) -> Seen:
    """With iam, who signs with AWS credentials gets in, and nobody else."""
    statuses = [
        run.post("guarded", modern("tools/list"), auth=own_signer()).status_code,
        run.post("guarded", modern("tools/list")).status_code,
    ]
    return Seen(statuses == [200, 403], f"{statuses[0]} signed, {statuses[1]} unsigned")


@GROUP.row("405 signed, 403 unsigned", "guarded", when=When.CHANGED)
def signed_unserved_method(run: Run) -> Seen:
    """A signature, which is for this API alone, does not change what an API answers that serves nothing."""
    statuses = [run.send("guarded", "GET", auth=own_signer()).status_code, run.send("guarded", "GET").status_code]
    return Seen(statuses == [405, 403], f"{statuses[0]} signed, {statuses[1]} unsigned")


@GROUP.row("the caller's ARN as client and subject", "guarded", when=When.CHANGED)
def caller_by_signature(run: Run) -> Seen:
    """The event tells the host who has signed: tools see the ARN of the caller."""
    arn = run.client("sts").get_caller_identity()["Arn"]
    return _caller(run, "guarded", {"client_id": arn, "subject": arn}, auth=own_signer())


def _caller(run: Run, part: str, expected: dict[str, Any], **options: Any) -> Seen:
    """Whether a tool sees the caller as expected. It is not told who it is."""
    answer = message_in(run.post(part, tool_call(modern, "who"), **options).text)
    caller = json.loads(answer["result"]["content"][0]["text"])
    wrong = [key for key, value in expected.items() if caller.get(key) != value]
    return Seen(not wrong, f"{', '.join(wrong)} differ" if wrong else f"{', '.join(expected)} as expected")


def _status_with(run: Run, authorizations: tuple[str, ...]) -> int:
    """The status of an answer to a request with several Authorization headers, which `requests` cannot send."""
    url, event = urlsplit(run.url("guarded")), modern("tools/list")
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.netloc, timeout=30)
    connection.putrequest("POST", url.path)
    for name, value in event["headers"].items():
        if name != "host":
            connection.putheader(name, value)
    for value in authorizations:
        connection.putheader("authorization", value)
    connection.putheader("content-length", str(len(event["body"])))
    connection.endheaders(event["body"].encode())
    return connection.getresponse().status


def _answers(run: Run, part: str, expected: set[int]) -> Seen:
    return Seen(bool(run.statuses[part]) and set(run.statuses[part]) <= expected, counts(run.statuses[part]))

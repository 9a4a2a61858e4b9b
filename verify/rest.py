"""What stands in the way of a request to a REST API. A row for more of it goes here, and its part into rest.tf."""

from __future__ import annotations

import base64
import json

from lab.events import message_in, modern, tool_call

from .calls import Run, until
from .rows import Group, Seen
from .telemetry import ARRIVE_SECONDS, events

GROUP = Group("REST API")

UNREACHABLE = "its user pool has no keys where the module's function could fetch them"


@GROUP.row("401 with resource_metadata", "refusing")
def challenge_of_a_gateway_response(run: Run) -> Seen:
    """A gateway response sets WWW-Authenticate, which a REST API does not let a function do."""
    answer = run.send("refusing", "GET")
    challenge = answer.headers.get("www-authenticate", "none")
    holds = answer.status_code == 401 and "resource_metadata" in challenge
    return Seen(holds, f"{answer.status_code} with {challenge}")


@GROUP.row("403 with error=insufficient_scope", "refusing")
def challenge_of_a_denied_caller(run: Run) -> Seen:
    """Who is denied by a policy gets a challenge, too; what the authorizer says of the caller may be in a header."""
    answer = run.send("refusing", "GET", headers={"authorization": "Bearer refuse"})
    challenge = answer.headers.get("www-authenticate", "none")
    holds = answer.status_code == 403 and "insufficient_scope" in challenge
    said = f"{answer.status_code} with {challenge}"
    return Seen(holds, f"{said}; the context gives {answer.headers.get('x-reason', 'no header')}")


@GROUP.row("200 with its body, open and guarded", "refusing")
def mock_integration(run: Run) -> Seen:
    """A MOCK integration answers by itself, after the authorizer where there is one."""
    answers = [
        run.send("refusing", "GET", "/health"),
        run.send("refusing", "GET", headers={"authorization": "Bearer let-in"}),
    ]
    seen = [f"{answer.status_code} {answer.text}" for answer in answers]
    return Seen(seen == ['200 {"mocked":true}'] * 2, ", ".join(seen))


@GROUP.row("the same decision for the same credential, and another one for another", "own")
def kept_decision(run: Run) -> Seen:
    """A REST API keeps what the user's own authorizer decides by the credential, and tools see what it said."""
    asked = [_subject(run, token) for token in ("one", "one", "other")]
    return Seen(asked[0] == asked[1] != asked[2], f"{len(set(asked))} decisions for three calls with two credentials")


@GROUP.row("401 without a credential, 403 where it is denied, both as JSON-RPC errors", "own")
def refusals_of_an_own_authorizer(run: Run) -> Seen:
    """A REST API refuses whom the user's own authorizer denies, and does not ask it where nothing is presented."""
    answers = [run.post("own", modern("tools/list"), headers) for headers in ({}, {"authorization": "Bearer refuse"})]
    codes = [(answer.status_code, answer.json().get("error", {}).get("code")) for answer in answers]
    return Seen(codes == [(401, 401), (403, 403)], ", ".join(f"{status} with {code}" for status, code in codes))


@GROUP.row("client and subject of the token", "rest", not_emulated=UNREACHABLE)
def caller_by_token_at_a_rest_api(run: Run) -> Seen:
    """The module's own function checks a token of a user pool, and tools see whose it is."""
    claims = json.loads(base64.urlsafe_b64decode(run.token.split(".")[1] + "=="))
    caller = json.loads(run.text("rest", "who", run.credentials("rest")))
    wrong = [key for key, claim in (("client_id", "client_id"), ("subject", "sub")) if caller[key] != claims[claim]]
    return Seen(not wrong, f"{', '.join(wrong)} differ" if wrong else "client_id, subject as expected")


@GROUP.row("405 with allow: POST, to GET and to DELETE", "rest", not_emulated=UNREACHABLE)
def unserved_methods(run: Run) -> Seen:
    """The module's MOCK integrations answer in text, although the API takes every body for binary data."""
    answers = [run.send("rest", method, headers=run.credentials("rest")) for method in ("GET", "DELETE")]
    seen = [(answer.status_code, answer.headers.get("allow")) for answer in answers]
    return Seen(seen == [(405, "POST")] * 2, ", ".join(f"{status} with allow: {allow}" for status, allow in seen))


@GROUP.row("403 with x-amzn-remapped-www-authenticate", "rest", not_emulated=UNREACHABLE)
def renamed_challenge(run: Run) -> Seen:
    """A REST API renames the challenge of a function, here of the host for a scope that is missing."""
    answer = run.post("rest", tool_call(modern, "refund"), run.credentials("rest"))
    found = [name for name in answer.headers if name.lower().endswith("www-authenticate")]
    holds = answer.status_code == 403 and [name.lower() for name in found] == ["x-amzn-remapped-www-authenticate"]
    return Seen(holds, f"{answer.status_code} with {', '.join(found) or 'no challenge'}")


@GROUP.row("a line with the status 401", "rest", not_emulated="it writes no access log")
def access_log_by_the_accounts_role(run: Run) -> Seen:
    """A REST API writes its access log with the role that the account names."""
    run.post("rest", modern("tools/list"))
    found = until(ARRIVE_SECONDS, lambda: events(run, run.outputs["rest"]["front_log_group_name"], '"401"'))
    line = json.loads(found[0]) if found else {}
    return Seen(line.get("status") == "401", ", ".join(f"{key} {line[key]}" for key in ("status", "request") if line))


def _subject(run: Run, token: str) -> str:
    """Whom a tool sees behind the user's own authorizer, which names everybody after the moment when it was asked."""
    answer = run.post("own", tool_call(modern, "who"), {"authorization": f"Bearer {token}"})
    subject: str = json.loads(message_in(answer.text)["result"]["content"][0]["text"])["subject"]
    return subject

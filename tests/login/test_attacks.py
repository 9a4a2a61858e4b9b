"""What somebody tries who wants another person's tokens, or to send people elsewhere."""

from __future__ import annotations

import json
import logging
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from login.clients import LARGEST_REGISTRATION, LONGEST_NAME, MOST_REDIRECTS
from login.gateway import MOST_FIELDS
from login.pages import POLICY
from login.redirects import LONGEST
from login.sealed import Seals, digest
from login.server import COOKIE, LONGEST_CODE, LONGEST_STATE
from tests.login.conftest import DOCUMENT, DOCUMENT_URL, FIXED, LOOPBACK, ORIGIN, WEB, Answer, Login, http_answer

EVIL = "https://evil.example/take"


def is_page(answer: Answer) -> bool:
    """Whether a person is told, and nobody is sent anywhere."""
    return answer.status == 400 and "location" not in answer.headers and "You cannot be logged in" in answer.body


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "",
        EVIL,
        f"{WEB}/",
        f"{WEB}?next=1",
        f"{WEB}#fragment",
        WEB.upper(),
        WEB.replace("https", "http"),
        WEB.replace("claude.example", "claude.example.evil.example"),
        WEB.replace("claude.example", "claude.example@evil.example"),
        WEB.replace("claude.example", "claude.example:8443"),
        "https://claude.example\\@evil.example/api/callback",
        "//evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://localhost:33418/callback",
        "http://127.0.0.1:33418/callback\r\nset-cookie: a=b",
    ],
)
def test_nobody_is_sent_to_an_address_that_the_client_has_not_registered(login: Login, uri: str | None) -> None:
    assert is_page(login.ask(redirect_uri=uri))
    assert is_page(login.ask(redirect_uri=uri, response_type="token"))  # nor with an error


@pytest.mark.parametrize("client_id", [None, "", "desk", "v1.AAAA", "https://desk.example", "http://desk.example/c"])
def test_an_unknown_client_gets_nobody_sent_anywhere(login: Login, client_id: str | None) -> None:
    assert is_page(login.ask(client_id=client_id))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": f"{ORIGIN}/mcp/"}, "invalid_target"),
    ],
)
def test_a_client_is_told_what_its_request_lacks(login: Login, changed: dict[str, Any], error: str) -> None:
    back = login.ask(**changed)

    assert back.location.startswith(f"{LOOPBACK}?")
    assert (back.parameters["error"], back.parameters["state"], back.parameters["iss"]) == (
        error,
        "the client's",
        ORIGIN,
    )


@pytest.mark.parametrize("uri", [WEB, "cursor://anysphere.cursor-mcp/oauth/callback"])
def test_nobody_is_led_on_to_a_page_by_a_request_that_is_bound_to_fail(login: Login, uri: str) -> None:
    """Anybody registers a client: a link to this server would open any page in the world (RFC 9700, 4.11.2)."""
    client_id = login.register(redirect_uris=[uri]).json["client_id"]

    page = login.ask(client_id=client_id, redirect_uri=uri, response_type="token")

    assert is_page(page)
    assert f'<a href="{uri}?error=unsupported_response_type&amp;' in page.body
    assert page.headers["content-security-policy"] == POLICY


def test_a_state_that_fits_into_no_url_is_refused(login: Login) -> None:
    assert login.ask(state="s" * LONGEST_STATE).status == 200
    assert is_page(login.ask(state="s" * (LONGEST_STATE + 1)))


def test_a_repeated_parameter_is_refused(login: Login) -> None:
    query = [("client_id", DOCUMENT_URL), ("redirect_uri", LOOPBACK), ("redirect_uri", EVIL)]

    assert is_page(login.send("authorize", urlencode(query)))


def test_a_page_cannot_be_framed_and_runs_nothing(login: Login) -> None:
    headers = login.ask().headers

    assert headers["content-security-policy"] == POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert "default-src 'none'" in POLICY
    assert headers["x-frame-options"] == "DENY"


def test_a_name_is_text_whatever_it_says(login: Login) -> None:
    name = "<script>alert(1)</script>\u202etxt.exe"
    client_id = login.register(client_name=name).json["client_id"]

    page = login.ask(client_id=client_id)

    assert "<script" not in page.body
    assert "&lt;script&gt;" in page.body
    assert "\u202e" not in page.body


def test_consent_is_asked_each_time_even_of_who_is_logged_in(login: Login) -> None:
    """The provider would send such a person back at once, and a client that nobody chose would have access."""
    login.tokens()

    assert login.ask().status == 200


def test_another_browser_cannot_consent(login: Login) -> None:
    page = login.ask()
    login.cookies.clear()

    assert is_page(login.decide(page))


def test_a_cookie_that_was_not_made_here_is_replaced(login: Login) -> None:
    """Whoever could put a short one into a browser would guess what binds the login to it."""
    login.cookies[COOKIE] = "1"
    login.ask()
    made = login.cookies[COOKIE]
    login.ask()

    assert len(made) == 43
    assert login.cookies[COOKIE] == made  # a login in another tab goes on


def test_the_cookie_is_the_browsers_alone(login: Login) -> None:
    cookie = login.ask().cookies[0]

    assert cookie.startswith("__Host-")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


def test_a_request_cannot_be_taken_for_a_consent(login: Login) -> None:
    """Whoever skips the page has no state to come back with."""
    page = login.ask()
    request = page.body.partition('name="request" value="')[2].partition('"')[0]

    assert is_page(login.send("callback", urlencode({"state": request, "code": "stolen"})))


def test_another_browser_cannot_come_back(login: Login) -> None:
    """The attacker consents himself, and has the victim follow the provider's URL."""
    sent = login.decide(login.ask())
    login.cookies[COOKIE] = "x" * 43

    assert is_page(login.come_back(sent))


def test_a_changed_state_or_the_issuer_of_another_provider_gives_no_code(login: Login) -> None:
    sent = login.decide(login.ask())
    state = sent.parameters["state"]

    assert is_page(login.come_back(sent, state=state[:-2] + ("AA" if state[-2:] != "AA" else "BB")))
    assert login.come_back(sent, iss="https://evil.example").parameters["error"] == "server_error"
    assert "code" in login.come_back(sent, iss=login.provider.issuer).parameters


@pytest.mark.parametrize("seconds", [600, 10_000])
def test_a_consent_that_comes_too_late_is_none(login: Login, seconds: float) -> None:
    page = login.ask()
    login.now += seconds

    assert is_page(login.decide(page))


def test_a_login_that_comes_back_too_late_is_none(login: Login) -> None:
    sent = login.decide(login.ask())
    login.now += 900

    assert is_page(login.come_back(sent))


def test_a_code_that_no_provider_makes_is_not_carried(login: Login) -> None:
    sent = login.decide(login.ask())

    assert login.come_back(sent, code="c" * (LONGEST_CODE + 1)).parameters["error"] == "server_error"
    assert login.come_back(sent, code="").parameters["error"] == "server_error"


def test_a_verifier_that_could_be_guessed_is_refused(login: Login) -> None:
    short = "v" * 42
    code = login.code(code_challenge=digest(short))

    assert login.token(code=code, code_verifier=short).json["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": None},
        {"code_verifier": "w" * 43},
        {"code_verifier": "v" * 42},
        {"client_id": FIXED},
        {"redirect_uri": WEB},
        {"code": "v1.AAAA"},
        {"code": None},
    ],
)
def test_a_stolen_code_is_worth_nothing_and_is_not_used_up(login: Login, changed: dict[str, Any]) -> None:
    code = login.code()

    stolen = login.token(**({"code": code} | changed))

    assert (stolen.status, stolen.json["error"]) == (400, "invalid_grant")
    assert login.token(code=code).status == 200


def test_a_code_is_good_once_and_not_for_long(login: Login) -> None:
    code = login.code()
    assert [login.token(code=code).status for _ in range(2)] == [200, 400]

    late = login.code()
    login.now += 120
    assert login.token(code=late).json["error"] == "invalid_grant"


def test_a_provider_whose_code_was_made_for_another_challenge_gives_nothing(login: Login) -> None:
    """PKCE on the second leg: a code that was injected at the callback is bound to another verifier."""
    sent = login.decide(login.ask())
    other = urlsplit(login.provider.log_in(urlencode(sent.parameters | {"code_challenge": "c" * 43})).strip()).query
    code = login.send("callback", other).parameters["code"]

    assert login.token(code=code).json["error"] == "invalid_grant"


def test_a_token_of_one_purpose_is_none_of_another(login: Login) -> None:
    tokens, code = login.tokens(), login.code()
    client_id = login.register().json["client_id"]

    assert login.token(code=tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert login.token(grant_type="refresh_token", refresh_token=code).json["error"] == "invalid_grant"
    assert login.token(code=client_id).json["error"] == "invalid_grant"
    assert is_page(login.ask(client_id=code))


def test_a_refresh_token_and_a_registration_end(login: Login) -> None:
    refresh, client_id = login.tokens()["refresh_token"], login.register().json["client_id"]
    login.now += 400 * 86_400

    assert login.token(grant_type="refresh_token", refresh_token=refresh).json["error"] == "invalid_grant"
    assert is_page(login.ask(client_id=client_id))


def test_another_client_cannot_refresh(login: Login) -> None:
    refresh = login.tokens()["refresh_token"]

    stolen = login.token(grant_type="refresh_token", refresh_token=refresh, client_id=FIXED)

    assert stolen.json["error"] == "invalid_grant"


def test_another_client_revokes_nothing(login: Login) -> None:
    """The answer is the same: nobody learns whether a token is one (RFC 7009 section 2.2)."""
    refresh = login.tokens()["refresh_token"]

    answers = [
        login.send("revoke", body=urlencode({"token": token, "client_id": FIXED})) for token in (refresh, "v1.AAAA")
    ]

    assert [(answer.status, answer.body) for answer in answers] == [(200, "")] * 2
    assert login.token(grant_type="refresh_token", refresh_token=refresh).status == 200


def test_another_server_with_the_same_keys_takes_nothing(login: Login) -> None:
    refresh = login.tokens()["refresh_token"]
    login.start(origin="https://other.example")

    stolen = login.token(grant_type="refresh_token", refresh_token=refresh, resource=None)

    assert stolen.json["error"] == "invalid_grant"


def test_tokens_for_another_resource_are_refused(login: Login) -> None:
    assert login.token(code=login.code(), resource="https://other.example/mcp").json["error"] == "invalid_target"


@pytest.mark.parametrize(
    "metadata",
    [
        {"redirect_uris": []},
        {"redirect_uris": "https://evil.example"},
        {"redirect_uris": ["http://evil.example/"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": [f"https://a.example/#{1}"]},
        {"redirect_uris": [LOOPBACK] * 11},
        {"redirect_uris": [f"https://a.example/{'a' * LONGEST}"]},
        {"redirect_uris": [f"https://a.example/{'a' * 480}"] * (LARGEST_REGISTRATION // 480 + 1)},
        {"grant_types": ["implicit"]},
        {"response_types": ["token"]},
    ],
)
def test_what_cannot_be_registered_is_refused(login: Login, metadata: dict[str, Any]) -> None:
    answer = login.register(**metadata)

    assert answer.status == 400
    assert answer.json["error"] in ("invalid_redirect_uri", "invalid_client_metadata")


def test_a_body_that_is_too_long_or_of_another_kind_is_refused(login: Login) -> None:
    with pytest.raises(Exception, match="more than 16,384 bytes"):
        login.register(client_name="x" * 30_000)

    assert login.send("register", body="[]", kind="application/json").json["error"] == "invalid_request"
    assert login.send("token", body="{}", kind="application/json").json["error"] == "invalid_request"
    assert login.send("token", body="a=1&a=2").json["error"] == "invalid_request"
    fields = urlencode({f"field-{number}": "" for number in range(MOST_FIELDS + 1)})
    assert login.send("token", body=fields).json["error_description"] == "The form cannot be read."


def test_no_cache_keeps_a_code_a_token_or_where_a_browser_came_from(login: Login) -> None:
    sent = login.decide(login.ask())
    back = login.come_back(sent)
    tokens = login.token(code=back.parameters["code"])

    assert {answer.headers["cache-control"] for answer in (sent, back, tokens)} == {"no-store"}
    assert {answer.headers["referrer-policy"] for answer in (sent, back)} == {"no-referrer"}


def test_a_sealed_text_has_one_spelling(login: Login) -> None:
    client_id = login.register().json["client_id"]

    assert login.ask(client_id=client_id).status == 200
    assert is_page(login.ask(client_id=f"{client_id}="))
    assert is_page(login.ask(client_id=client_id.replace(".", ".\n")))


def test_a_key_that_could_be_guessed_seals_nothing() -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        Seals(["k" * 31], ORIGIN)


def test_only_clients_that_are_allowed_are_let_in(login: Login) -> None:
    refresh = login.tokens()["refresh_token"]

    login.start(allowed=("https://other.example/client.json",))
    assert is_page(login.ask())
    assert login.register().json["error"] == "invalid_redirect_uri"
    assert login.token(grant_type="refresh_token", refresh_token=refresh).json["error"] == "invalid_client"

    login.start(allowed=(DOCUMENT_URL,))
    assert login.ask().status == 200
    assert is_page(login.ask(client_id=FIXED))

    login.start(allowed=("localhost", "cursor:"))
    assert login.ask().status == 200
    assert is_page(login.ask(redirect_uri=WEB))
    assert login.register(redirect_uris=["cursor://anysphere.cursor-mcp/oauth/callback"]).status == 201

    login.start(allowed=("claude.example",))
    assert login.register(redirect_uris=["evil://claude.example/callback"]).status == 400
    assert login.ask(client_id=FIXED, redirect_uri=WEB).status == 200


def test_nothing_is_known_of_the_providers_client_id_so_it_stays_on_this_computer(login: Login) -> None:
    assert is_page(login.ask(client_id=FIXED, redirect_uri=WEB))


def test_what_a_document_says_has_bounds(login: Login) -> None:
    many = [f"https://claude.example/{number}" for number in range(MOST_REDIRECTS + 1)]
    login.web.answer = http_answer(json.dumps(DOCUMENT | {"redirect_uris": many, "client_name": "n" * 1_000}))

    page = login.ask(redirect_uri=many[-2])

    assert f"<h1>{'n' * LONGEST_NAME} asks" in page.body
    assert is_page(login.ask(redirect_uri=many[-1]))


def test_a_document_of_a_client_with_another_flow_is_refused(login: Login) -> None:
    login.web.answer = http_answer(json.dumps(DOCUMENT | {"grant_types": ["client_credentials"]}))

    assert is_page(login.ask())


@pytest.mark.parametrize("method", ["private_key_jwt", "client_secret_basic"])
def test_a_client_that_wants_to_prove_itself_is_not_taken_for_one_that_need_not(login: Login, method: str) -> None:
    login.web.answer = http_answer(json.dumps(DOCUMENT | {"token_endpoint_auth_method": method}))

    assert is_page(login.ask())


def test_nothing_secret_is_in_the_log_or_in_an_error(login: Login, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sent = login.decide(login.ask())
    back = login.come_back(sent)
    code = back.parameters["code"]
    tokens = login.token(code=code).json
    refused = [login.token(code=code), login.token(code="v1.AAAA", code_verifier=None), login.ask(redirect_uri=EVIL)]
    provider_code = dict(parse_qsl(urlsplit(login.provider.log_in(urlsplit(sent.location).query)).query))["code"]
    login.send("callback", urlencode({"state": "wrong", "code": provider_code}))

    told = caplog.text + "".join(answer.body for answer in refused)
    secrets = [code, provider_code, sent.parameters["state"], login.cookies[COOKIE], "the client's", digest("v" * 43)]
    assert [secret for secret in [*secrets, *map(str, tokens.values())] if len(secret) > 8 and secret in told] == []


def test_strangers_cannot_fill_the_log(login: Login, caplog: pytest.LogCaptureFixture) -> None:
    """A line for each request that is refused, and no more of the request in it than fits into a few hundred bytes."""
    caplog.set_level(logging.DEBUG)
    scheme = f"x{'y' * 400}"
    client_id = login.register(client_name="n" * 9_000, redirect_uris=[f"{scheme}:callback"]).json["client_id"]
    long, state = "x" * 4_000, login.decide(login.ask()).parameters["state"]
    caplog.clear()
    asked = [
        login.ask(client_id=long),
        login.ask(redirect_uri=f"https://a.example/{long}"),
        login.ask(client_id=f"https://desk.example/{long}"),
        login.ask(client_id=client_id, redirect_uri=f"{scheme}:callback", scope=long, resource=long),
        login.send("callback", urlencode({"state": long, "error": long})),
        login.send("callback", urlencode({"state": state, "error": long})),
        login.send("token", body=urlencode({"grant_type": long, "code": long, "client_id": long})),
        login.send("register", body=long, kind="application/json"),
    ]

    assert {answer.status for answer in asked} == {400, 303}
    assert len(caplog.messages) == len(asked)
    assert [message for message in caplog.messages if len(message) > 600] == []


def test_what_the_provider_has_against_this_server_is_told_to_nobody(
    login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    """A client learns what concerns it; the log has the reason, and no more than fits into a line."""
    code = login.code()

    def refuse(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps(
            {"error": f"unauthorized_client{'x' * 9_000}", "error_description": "secret of desk"}
        ).encode()
        handler.send_response(401)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    login.provider.trouble = refuse
    caplog.set_level(logging.DEBUG)
    answer = login.token(code=code)

    assert (answer.status, answer.json) == (502, {"error": "server_error"})
    assert "unauthorized_client" in caplog.text
    assert "secret of desk" not in caplog.text
    assert max(map(len, caplog.messages)) < 600


def test_a_provider_that_hangs_up_or_gives_another_kind_of_token_gives_none(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, answer = login.code(), login.provider.answer
    login.provider.trouble = lambda handler: handler.connection.close()
    assert login.token(code=code).json["error"] == "temporarily_unavailable"

    def answered(path: str, form: dict[str, str]) -> dict[str, Any] | None:
        document = answer(path, form)
        return document and document | {"token_type": "DPoP"}

    login.provider.trouble = None
    monkeypatch.setattr(login.provider, "answer", answered)
    assert login.token(code=code).json["error"] == "server_error"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint"])
def test_nobody_is_sent_to_a_provider_in_clear(login: Login, name: str) -> None:
    login.provider.metadata = {name: f"http://localhost/{name}"}

    decided = login.decide(login.ask())

    if name == "token_endpoint":
        code = login.come_back(decided).parameters["code"]
        assert login.token(code=code).json["error"] == "temporarily_unavailable"
    else:
        assert (decided.status, "location" in decided.headers) == (503, False)


def test_people_are_told_when_the_provider_is_away(login: Login) -> None:
    login.provider.trouble = lambda handler: handler.send_error(500)

    page = login.ask()
    answer = login.decide(page)

    assert (page.status, answer.status) == (200, 503)
    assert "identity provider cannot be reached" in answer.body

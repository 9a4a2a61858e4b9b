"""Who is let in by the module's own authorizer, asked as the gateway asks it."""

from __future__ import annotations

import hashlib
import sys
from typing import Any

import pytest

from authorizer.keys import KeyRing
from tests.token_authorizer.conftest import (
    ARN,
    KEY,
    OTHER,
    SSM,
    Clock,
    ColdStart,
    Handler,
    bearer,
    entry,
    event,
    in_hours,
    rest_event,
)

DENIED = {"isAuthorized": False}


def test_a_key_is_let_in_with_its_name_and_scopes(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.keys(entry(OTHER, "desk"), entry(scopes=["orders:read", "orders:write"]))

    answer = cold_start()(bearer(KEY), None)

    assert answer == {
        "isAuthorized": True,
        "context": {"client_id": "ci", "sub": "ci", "scope": "orders:read orders:write"},
    }
    assert ssm.calls == [{"Name": ARN, "WithDecryption": True}]


def test_the_name_of_the_scheme_may_be_in_any_case(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.keys(entry())

    assert cold_start()(event(authorization=f"bEARER  {KEY}"), None)["isAuthorized"] is True


def test_a_key_without_scopes_may_leave_them_out(ssm: SSM, cold_start: ColdStart) -> None:
    without = entry()
    del without["scopes"]
    ssm.keys(without)

    assert cold_start()(bearer(KEY), None)["context"]["scope"] == ""


def test_a_key_in_x_api_key_is_let_in_where_that_is_the_header(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.keys(entry())
    handler = cold_start("x-api-key")

    assert handler(event(x_api_key=KEY), None)["isAuthorized"] is True
    assert handler(event(x_api_key=f"Bearer {KEY}"), None) == DENIED
    assert handler(event(x_api_key=f"{KEY},{KEY}"), None) == DENIED
    assert handler(bearer(KEY), None) == DENIED


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "garbage",
        KEY,
        "Bearer",
        "Bearer ",
        f"Basic {KEY}",
        f"Digest {KEY}",
        f"Bearer{KEY}",
        f"Bearer {OTHER}",
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY[:12]}",
        f"Bearer {KEY}A",
        f"Bearer {KEY.upper()}",
        f"Bearer {KEY}=",
        f"Bearer {KEY} ",
        f"Bearer {KEY}\n",
        f"Bearer {KEY},Bearer {KEY}",
        f"Bearer {KEY}, Bearer {OTHER}",
        f"Bearer {OTHER},Bearer {KEY}",
        f"Bearer {hashlib.sha256(KEY.encode()).hexdigest()}",
        "Bearer null",
        "Bearer é" + KEY,
    ],
)
def test_anything_else_is_denied(ssm: SSM, cold_start: ColdStart, authorization: str) -> None:
    ssm.keys(entry())

    assert cold_start()(event(authorization=authorization), None) == DENIED


@pytest.mark.parametrize("headers", [{}, {"x_api_key": KEY}, {"cookie": f"authorization=Bearer {KEY}"}])
def test_a_key_anywhere_else_is_denied(ssm: SSM, cold_start: ColdStart, headers: dict[str, str]) -> None:
    ssm.keys(entry())
    asked = event(**headers) | {"rawQueryString": f"authorization=Bearer {KEY}", "identitySource": [f"Bearer {KEY}"]}

    assert cold_start()(asked, None) == DENIED


def test_an_event_without_headers_is_denied(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.keys(entry())

    assert cold_start()({"version": "2.0", "headers": None}, None) == DENIED
    assert cold_start()({}, None) == DENIED


POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": "arn:aws:execute-api:eu-central-1:111122223333:abc123/live/*",
        }
    ],
}


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_a_rest_api_is_answered_with_a_policy_for_the_whole_stage(ssm: SSM, cold_start: ColdStart, name: str) -> None:
    ssm.keys(entry(scopes=["orders:read"]))

    answer = cold_start()(rest_event(**{name: f"Bearer {KEY}"}), None)

    context = {"client_id": "ci", "sub": "ci", "scope": "orders:read"}
    assert answer == {"principalId": "ci", "policyDocument": POLICY, "context": context}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {OTHER}"},
        {"Authorization": [f"Bearer {OTHER}", f"Bearer {KEY}"]},
        {"Authorization": f"Bearer {KEY}", "authorization": f"Bearer {KEY}"},
    ],
)
def test_a_rest_api_is_told_that_a_credential_is_not_valid_by_the_one_word_that_makes_a_401(
    ssm: SSM, cold_start: ColdStart, headers: dict[str, str | list[str]]
) -> None:
    ssm.keys(entry())

    with pytest.raises(Exception, match=r"^Unauthorized$"):
        cold_start()(rest_event(**headers), None)


def test_a_key_works_until_it_expires(ssm: SSM, cold_start: ColdStart, caplog: pytest.LogCaptureFixture) -> None:
    ssm.keys(entry(expires=in_hours(1)), entry(OTHER, "desk", expires=in_hours(-1)))
    handler = cold_start()

    assert handler(bearer(KEY), None)["isAuthorized"] is True
    assert handler(bearer(OTHER), None) == DENIED
    assert "The key of desk was presented, but it expired at" in caplog.text


def test_nobody_has_a_key_where_there_are_none(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.keys()

    assert cold_start()(bearer(KEY), None) == DENIED


def with_clocks(handler: Handler, monkeypatch: pytest.MonkeyPatch) -> tuple[Clock, Clock]:
    """Give the function's cache a monotonic and a wall clock."""
    module: Any = sys.modules[handler.__module__]
    clocks = (Clock(), Clock())
    monkeypatch.setattr(module, "ring", KeyRing(module.read_keys, clocks))
    return clocks


def test_a_revoked_key_dies_within_a_minute(ssm: SSM, cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch) -> None:
    ssm.keys(entry(), entry(OTHER, "desk"))
    handler = cold_start()
    clocks = with_clocks(handler, monkeypatch)
    assert handler(bearer(KEY), None)["isAuthorized"] is True

    ssm.keys(entry(OTHER, "desk"))
    for clock in clocks:
        clock.now += 59
    assert handler(bearer(KEY), None)["isAuthorized"] is True
    assert len(ssm.calls) == 2  # one at the cold start, one for the clocks of this test

    for clock in clocks:
        clock.now += 1
    assert handler(bearer(KEY), None) == DENIED
    assert handler(bearer(OTHER), None)["isAuthorized"] is True


@pytest.mark.parametrize(("monotonic", "wall"), [(0, 60), (60, 0), (5, -1)], ids=["frozen", "set back", "in the past"])
def test_a_copy_is_old_as_soon_as_one_clock_says_so(
    ssm: SSM, cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch, monotonic: float, wall: float
) -> None:
    ssm.keys(entry())
    handler = cold_start()
    clocks = with_clocks(handler, monkeypatch)
    handler(bearer(KEY), None)

    ssm.keys()
    clocks[0].now += monotonic
    clocks[1].now += wall

    assert handler(bearer(KEY), None) == DENIED


def test_keys_that_cannot_be_read_again_are_not_used_any_longer(
    ssm: SSM, cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssm.keys(entry())
    handler = cold_start()
    clocks = with_clocks(handler, monkeypatch)
    handler(bearer(KEY), None)

    ssm.refuses(400, "AccessDeniedException", "not you")
    clocks[0].now += 60
    for _ in range(2):
        with pytest.raises(Exception, match="AccessDeniedException not you"):
            handler(bearer(KEY), None)

    ssm.keys(entry())
    assert handler(bearer(KEY), None)["isAuthorized"] is True


def test_nothing_that_a_caller_sends_is_logged(
    ssm: SSM, cold_start: ColdStart, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    ssm.keys(entry(), entry(OTHER, "desk", expires=in_hours(-1)))
    handler = cold_start()
    for key in (KEY, OTHER, f"{KEY}A"):
        handler(bearer(key), None)

    said = caplog.text + "".join(capfd.readouterr())
    assert KEY not in said
    assert OTHER not in said
    assert hashlib.sha256(OTHER.encode()).hexdigest() not in said

"""What the parameter may hold; with anything else nobody is let in, and the log says why."""

from __future__ import annotations

import json

import pytest

from tests.token_authorizer.conftest import ARN, KEY, OTHER, SSM, ColdStart, Handler, bearer, entry, in_hours


def reason(handler: Handler) -> str:
    """Why nobody is let in."""
    with pytest.raises(Exception, match=r"^Nobody is let in: ") as caught:
        handler(bearer(KEY), None)
    assert caught.type.__name__ == "ClosedError"
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "\n" not in str(caught.value)
    return str(caught.value)


MALFORMED: dict[str, tuple[str, str]] = {
    "not_json": (KEY, "holds no JSON"),
    "empty": ("", "holds no JSON"),
    "cut_off": ('{"keys": [', "holds no JSON"),
    "deep": ("[" * 100_000, "holds no JSON"),
    "list": (json.dumps([entry()]), 'must hold {"keys": [...]}'),
    "null": ("null", 'must hold {"keys": [...]}'),
    "no_keys": ("{}", 'must hold {"keys": [...]}'),
    "more": (json.dumps({"keys": [], "version": 1}), "and nothing else"),
    "keys_by_name": (json.dumps({"keys": {"ci": KEY}}), 'must hold {"keys": [...]}'),
    "bare_key": (json.dumps({"keys": [KEY]}), "entry 1, which is no object"),
    "key_itself": (
        json.dumps({"keys": [{"name": "ci", "key": KEY}]}),
        "entry 1 with something else than expires, name",
    ),
    "misspelt_end": (json.dumps({"keys": [entry(expire=in_hours(-1))]}), "entry 1 with something else than expires"),
    "no_name": (json.dumps({"keys": [{"sha256": "0" * 64}]}), "entry 1 whose name is not 1 to 64 letters"),
    "name_of_two_lines": (json.dumps({"keys": [entry(name="a\nb")]}), "entry 1 whose name is not"),
    "long_name": (json.dumps({"keys": [entry(name="a" * 65)]}), "entry 1 whose name is not"),
    "no_hash": (json.dumps({"keys": [entry(), {"name": "desk"}]}), "entry 2 whose sha256 is not 64 hexadecimal digits"),
    "short_hash": (json.dumps({"keys": [entry(sha256="a" * 63)]}), "entry 1 whose sha256 is not 64"),
    "long_hash": (json.dumps({"keys": [entry(sha256="a" * 65)]}), "entry 1 whose sha256 is not 64"),
    "hash_in_capitals": (json.dumps({"keys": [entry(sha256="A" * 64)]}), "in lower case"),
    "hash_is_the_key": (json.dumps({"keys": [entry(sha256=KEY)]}), "entry 1 whose sha256 is not 64"),
    "hash_is_a_number": (json.dumps({"keys": [entry(sha256=0)]}), "entry 1 whose sha256 is not 64"),
    "scopes_in_one": (json.dumps({"keys": [entry(scopes="a b")]}), "entry 1 whose scopes are not a list"),
    "two_scopes_in_one": (json.dumps({"keys": [entry(scopes=["a b"])]}), "each of them one word"),
    "scopes_by_comma": (json.dumps({"keys": [entry(scopes=["a,b"])]}), "without quotes, backslashes, commas"),
    "empty_scope": (json.dumps({"keys": [entry(scopes=[""])]}), "each of them one word"),
    "no_time": (json.dumps({"keys": [entry(expires="soon")]}), "entry 1 whose expires is no time"),
    "null_time": (json.dumps({"keys": [entry(expires=None)]}), "entry 1 whose expires is no time"),
    "seconds": (json.dumps({"keys": [entry(expires=1798761600)]}), "entry 1 whose expires is no time"),
    "time_without_zone": (json.dumps({"keys": [entry(expires="2099-01-01")]}), "with its zone, such as 2027-01-01T00"),
    "one_name_twice": (json.dumps({"keys": [entry(), entry(OTHER)]}), "two entries of one name"),
    "one_key_twice": (json.dumps({"keys": [entry(), entry(name="desk")]}), "two entries of one sha256"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_parameter_lets_nobody_in_and_says_why(
    ssm: SSM, cold_start: ColdStart, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    held, why = MALFORMED[case]
    ssm.holds(held)

    said = reason(cold_start())

    assert why in said
    assert ARN in said
    assert KEY not in said + "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (400, "ParameterNotFound", ""),
        (400, "AccessDeniedException", "User: x is not authorized\nto perform: ssm:GetParameter"),
        (400, "InvalidKeyId", "the key is disabled"),
        (500, "InternalServerError", ""),
    ],
)
def test_an_unreadable_parameter_lets_nobody_in_and_says_why(
    ssm: SSM, cold_start: ColdStart, status: int, error: str, message: str
) -> None:
    ssm.refuses(status, error, message)

    said = reason(cold_start())

    assert f"{ARN} cannot be read: GetParameter was refused with {status} {error}" in said
    assert " ".join(message.split()) in said


@pytest.mark.parametrize("answer", ["", "{}", '{"Parameter": {}}', '{"Parameter": {"Value": null}}', "<html>", "[]"])
def test_an_answer_without_a_value_lets_nobody_in(ssm: SSM, cold_start: ColdStart, answer: str) -> None:
    ssm.answers = [(200, answer)]

    assert "the answer of GetParameter holds no value that is text" in reason(cold_start())


@pytest.mark.parametrize("answer", ["", "<html>", "[]", "null"])
def test_a_refusal_without_a_reason_is_still_told(ssm: SSM, cold_start: ColdStart, answer: str) -> None:
    ssm.answers = [(503, answer)]

    assert "was refused with 503" in reason(cold_start())


@pytest.mark.parametrize("fault", [(500, ""), (400, '{"__type": "ThrottlingException"}')], ids=["fault", "throttled"])
def test_a_fault_of_the_service_is_tried_twice_more(ssm: SSM, cold_start: ColdStart, fault: tuple[int, str]) -> None:
    ssm.keys(entry())
    ssm.answers[:0] = [fault, fault]

    assert cold_start()(bearer(KEY), None)["isAuthorized"] is True
    assert len(ssm.calls) == 3


def test_a_refusal_is_not_tried_again(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.refuses(400, "ParameterNotFound", "")

    reason(cold_start())

    assert len(ssm.calls) == 2  # at the cold start, and when it was asked


def test_a_service_out_of_reach_lets_nobody_in(
    ssm: SSM, cold_start: ColdStart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_SSM")

    assert "cannot be read: http://127.0.0.1:9 did not answer (ConnectionRefusedError)" in reason(cold_start())


def test_a_failed_cold_start_is_tried_again_at_the_next_call(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.refuses(400, "ThrottlingException", "Rate exceeded")
    handler = cold_start()

    ssm.keys(entry())

    assert handler(bearer(KEY), None)["isAuthorized"] is True


def test_a_header_that_is_none_of_both_stops_the_cold_start(ssm: SSM, cold_start: ColdStart) -> None:
    ssm.keys()

    with pytest.raises(KeyError, match="cookie"):
        cold_start("cookie")

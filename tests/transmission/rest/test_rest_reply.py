"""Answers: the table of verdicts, strict JSON, words, receipts, addresses; nothing that a far end sends ever raises."""

from datetime import UTC, datetime
import json
import time
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Answer, Fate, Followed, Verdict
from custom_components.kvarbo.transmission.rest.pointer import MISSING
from custom_components.kvarbo.transmission.rest.profile import RestProfile
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from custom_components.kvarbo.transmission.rest.reply import (
    Reading,
    parse_answer,
    read_fate,
    same_origin,
    wait_of,
)
from custom_components.kvarbo.transmission.rest.session import Incoming
from custom_components.kvarbo.transmission.rest.words import Said, printable, say
from tests.transmission.rest.rest_sample import KVARBO, TOKEN, changed

URL = "https://larm.example:8443/api/v1/events"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def _read(
    status: int,
    body: bytes | dict[str, Any] | list[Any] = b"",
    *,
    profile: RestProfile = KVARBO,
    retry_after: str | None = None,
    is_life: bool = False,
    language: Language = Language.EN,
) -> Verdict:
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    incoming = Incoming(status=status, body=octets, retry_after=retry_after, took=0.5)
    reading = Reading(accept=profile.accept, language=language, secret=TOKEN)
    return reading.verdict(incoming, URL, NOW, is_life=is_life)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (101, Answer.UNREACHABLE),
        (200, Answer.ACCEPTED),
        (201, Answer.UNREACHABLE),
        (202, Answer.UNREACHABLE),
        (204, Answer.UNREACHABLE),
        (300, Answer.UNREACHABLE),
        (304, Answer.UNREACHABLE),
        (399, Answer.UNREACHABLE),
        (400, Answer.FORM_REFUSED),
        (401, Answer.CREDENTIALS_REFUSED),
        (402, Answer.UNREACHABLE),
        (403, Answer.CREDENTIALS_REFUSED),
        (404, Answer.UNREACHABLE),
        (405, Answer.UNREACHABLE),
        (407, Answer.UNREACHABLE),
        (408, Answer.UNREACHABLE),
        (409, Answer.UNREACHABLE),
        (410, Answer.UNREACHABLE),
        (413, Answer.FORM_REFUSED),
        (414, Answer.FORM_REFUSED),
        (415, Answer.FORM_REFUSED),
        (421, Answer.UNREACHABLE),
        (422, Answer.FORM_REFUSED),
        (425, Answer.UNREACHABLE),
        (429, Answer.BUSY),
        (431, Answer.FORM_REFUSED),
        (499, Answer.UNREACHABLE),
        (500, Answer.UNREACHABLE),
        (502, Answer.UNREACHABLE),
        (503, Answer.BUSY),
        (504, Answer.UNREACHABLE),
        (599, Answer.UNREACHABLE),
    ],
)
def test_the_table_of_statuses(status: int, answer: Answer) -> None:
    """Whatever the body says: a body that accepts counts only with a status that the profile lists."""
    verdict = _read(status, {"verdict": "accepted", "receipt": "R-1", "words": "Hej"})
    assert verdict.answer is answer
    assert verdict.maybe_heard is (answer is Answer.UNREACHABLE)
    assert (verdict.receipt is not None) is (answer is Answer.ACCEPTED)
    assert verdict.took == 0.5
    assert (verdict.words == "Hej") is (answer is not Answer.UNREACHABLE)
    assert str(status) in verdict.words or answer is not Answer.UNREACHABLE
    assert str(status) in _read(status).words or status == 200


@pytest.mark.parametrize(
    ("body", "answer", "retry_after"),
    [
        ({"verdict": "accepted", "receipt": "R-1"}, Answer.ACCEPTED, None),
        ({"verdict": "hold"}, Answer.HOLD, None),
        ({"verdict": "hold", "retry_after": 7}, Answer.HOLD, 7.0),
        ({"verdict": "hold", "retry_after": 2.5}, Answer.HOLD, 2.5),
        ({"verdict": "hold", "retry_after": -3}, Answer.HOLD, 0.0),
        ({"verdict": "hold", "retry_after": 10**30}, Answer.HOLD, 3600.0),
        ({"verdict": "hold", "retry_after": "soon"}, Answer.HOLD, None),
        ({"verdict": "hold", "retry_after": True}, Answer.HOLD, None),
        ({"verdict": "busy", "retry_after": 9}, Answer.BUSY, 9.0),
        ({"verdict": "not_treated", "retry_after": 9}, Answer.NOT_TREATED, None),
        ({"verdict": "form_refused"}, Answer.FORM_REFUSED, None),
        ({"verdict": "ACCEPTED", "receipt": "R-1"}, Answer.UNREACHABLE, None),
        ({"verdict": ["accepted"], "receipt": "R-1"}, Answer.UNREACHABLE, None),
        ({"verdict": {"accepted": 1}, "receipt": "R-1"}, Answer.UNREACHABLE, None),
        ({"verdict": None, "receipt": "R-1"}, Answer.UNREACHABLE, None),
        ({"verdict": True, "receipt": "R-1"}, Answer.UNREACHABLE, None),
        ({"receipt": "R-1"}, Answer.UNREACHABLE, None),
        ([{"verdict": "accepted", "receipt": "R-1"}], Answer.UNREACHABLE, None),
    ],
)
def test_verdicts_in_the_body(
    body: dict[str, Any] | list[Any], answer: Answer, retry_after: float | None
) -> None:
    verdict = _read(200, body)
    assert verdict.answer is answer
    assert verdict.retry_after == retry_after
    assert verdict.maybe_heard is (answer is Answer.UNREACHABLE)


def test_one_is_not_true_and_zero_is_not_false() -> None:
    def change(document: dict[str, Any]) -> None:
        document["accept"]["verdict"] = {"pointer": "/ok", "accepted": [True], "busy": [0]}

    profile = parse_profile(changed(change))
    for value, answer in (
        (True, Answer.ACCEPTED),
        (1, Answer.UNREACHABLE),
        (0, Answer.BUSY),
        (False, Answer.UNREACHABLE),
    ):
        assert _read(200, {"ok": value, "receipt": "R"}, profile=profile).answer is answer


@pytest.mark.parametrize(
    ("receipt", "kept"),
    [
        ("R-1", "R-1"),
        (4711, "4711"),
        (0, "0"),
        ("å" * 512, "å" * 512),
        (f"R-{TOKEN}", "R-***"),
        ("", None),
        ("   ", None),
        ("R\n1", None),
        ("R\u202e1", None),
        ("a" * 513, None),
        (True, None),
        (None, None),
        (1.5, None),
        (10**18, None),
        (["R-1"], None),
        ({"id": "R-1"}, None),
    ],
)
def test_receipts_are_text_that_can_be_shown_or_none_at_all(receipt: Any, kept: str | None) -> None:
    verdict = _read(200, {"verdict": "accepted", "receipt": receipt})
    assert verdict.receipt == kept
    assert verdict.answer is (Answer.UNREACHABLE if kept is None else Answer.ACCEPTED)
    assert verdict.maybe_heard is (kept is None)


def _accept(**accept: Any) -> RestProfile:
    return parse_profile(changed(lambda document: document.update(accept=accept)))


def test_a_status_alone_is_a_receipt_only_where_the_profile_names_none() -> None:
    alone = _accept(statuses=[200, 204])
    assert _read(204, profile=alone).answer is Answer.ACCEPTED
    assert _read(200, b"whatever", profile=alone).answer is Answer.ACCEPTED
    with_receipt = _accept(statuses=[202], receipt="/id")
    assert _read(202, {"id": "R-1"}, profile=with_receipt).receipt == "R-1"
    for body in (b"", b"<html>", {"di": "R-1"}):
        verdict = _read(202, body, profile=with_receipt)
        assert verdict.answer is Answer.UNREACHABLE
        assert verdict.maybe_heard


def test_a_verdict_without_a_receipt_where_the_profile_names_only_that() -> None:
    profile = _accept(statuses=[200, 409], verdict={"pointer": "", "accepted": ["OK", "ALREADY"]})
    assert _read(200, b'"OK"', profile=profile).answer is Answer.ACCEPTED
    assert _read(409, b'"ALREADY"', profile=profile).answer is Answer.ACCEPTED
    assert _read(409, b'"NO"', profile=profile).answer is Answer.UNREACHABLE


def test_a_sign_of_life_needs_no_receipt_and_by_profile_no_verdict() -> None:
    assert _read(200, {"verdict": "accepted"}, is_life=True).answer is Answer.ACCEPTED
    assert _read(200, b"pong", is_life=True).answer is Answer.UNREACHABLE
    profile = parse_profile(changed(lambda d: d["accept"].update(life="status")))
    assert _read(200, b"pong", profile=profile, is_life=True).answer is Answer.ACCEPTED
    assert _read(200, b"pong", profile=profile).answer is Answer.UNREACHABLE
    assert _read(500, b"pong", profile=profile, is_life=True).answer is Answer.UNREACHABLE
    said = _read(200, {"conflict": True, "words": "Hej"}, profile=profile, is_life=True)
    assert said.conflict
    assert said.words == "Hej"


@pytest.mark.parametrize(
    ("value", "conflict"), [(True, True), (False, False), (1, False), ("true", False)]
)
def test_a_conflict_is_true_and_nothing_else(value: Any, conflict: bool) -> None:
    body = {"verdict": "accepted", "receipt": "R", "conflict": value}
    assert _read(200, body).conflict is conflict


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Mottaget", "Mottaget"),
        ("  a\r\nb\x00c\x1b[31m ", "a b c [31m"),
        ("a\u202eb\ud800c\u2028d", "a b c d"),
        ("å" * 500, "å" * 200),
        ("\n" * 100_0 + "a", "a"),
        (f"x {TOKEN} y", "x *** y"),
        (7, ""),
        (None, ""),
        (["a"], ""),
    ],
)
def test_words_are_printable_bounded_and_without_our_token(words: Any, shown: str) -> None:
    verdict = _read(200, {"verdict": "busy", "words": words})
    assert verdict.words == shown


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("999999999", 3600.0),
        ("Sun, 22 Nov 2026 03:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 02:00:30 GMT", 0.0),
        ("Sun, 22 Nov 2026 03:00:30", 30.0),
        ("Sun, 22 Nov 2026 03:00:30 -0000", 30.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("-5", None),
        ("1.5", None),
        ("1e3", None),
        ("\u0662", None),
        ("soon", None),
        ("", None),
        ("Sun, 99 Nov 2026 03:00:30 GMT", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert wait_of(header, NOW) == seconds
    assert _read(503, retry_after=header).retry_after == seconds
    assert _read(200, {"verdict": "hold"}, retry_after=header).retry_after == seconds


@given(st.text())
def test_retry_after_never_raises(header: str) -> None:
    wait = wait_of(header, NOW)
    assert wait is None or 0 <= wait <= 3600


ORIGIN = "https://larm.example:8443"


@pytest.mark.parametrize(
    ("address", "whole"),
    [
        ("/v1/receipts/R-1", f"{ORIGIN}/v1/receipts/R-1"),
        ("receipts/R-1", f"{ORIGIN}/api/v1/receipts/R-1"),
        ("?id=R-1", f"{ORIGIN}/api/v1/events?id=R-1"),
        ("../x", f"{ORIGIN}/api/x"),
        (f"{ORIGIN}/r/1?full=1", f"{ORIGIN}/r/1?full=1"),
        ("HTTPS://LARM.example:8443/r", f"{ORIGIN}/r"),
        ("//larm.example:8443/r", f"{ORIGIN}/r"),
        ("https://larm.example/r", None),
        ("http://larm.example:8443/r", None),
        ("https://elsewhere.example:8443/r", None),
        ("//elsewhere.example/r", None),
        ("https://larm.example:8443@elsewhere.example/r", None),
        ("https://user:pass@larm.example:8443/r", None),
        ("https://@larm.example:8443/r", f"{ORIGIN}/r"),
        ("https://larm.example.elsewhere.example:8443/r", None),
        ("https:\\\\elsewhere.example/r", None),
        ("/\\elsewhere.example/r", None),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("mailto:a@b", None),
        ("/r#part", None),
        ("/r 1", None),
        ("/r\r\nHost: x", None),
        ("/å", None),
        ("https://[::1", None),
        ("https://larm.example:99999/r", None),
        (f"/r?token={TOKEN}", None),
        ("/" + "a" * 2048, None),
        ("", None),
        (None, None),
        (7, None),
        (["/r"], None),
    ],
)
def test_a_status_address_is_of_the_same_origin_or_none(address: Any, whole: str | None) -> None:
    assert same_origin(address, URL, TOKEN) == whole
    verdict = _read(200, {"verdict": "accepted", "receipt": "R-1", "status": address})
    assert verdict.answer is Answer.ACCEPTED
    assert verdict.status_address == whole


def test_a_foreign_status_address_is_logged_without_being_repeated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = {"verdict": "accepted", "receipt": "R-1", "status": f"https://x.example/{TOKEN}"}
    _read(200, body)
    assert "status address that is not its own" in caplog.text
    assert TOKEN not in caplog.text
    assert "x.example" not in caplog.text
    caplog.clear()
    _read(200, {"verdict": "accepted", "receipt": "R-1"})
    _read(200, {"verdict": "accepted", "receipt": "R-1", "status": None})
    assert caplog.text == ""


@given(st.text() | st.text(st.sampled_from("/:@?#[]%.\\htpslarmexe842")))
def test_no_address_leads_to_another_origin(address: str) -> None:
    whole = same_origin(address, URL, TOKEN)
    assert whole is None or whole.startswith((f"{ORIGIN}/", f"{ORIGIN}?")) or whole == ORIGIN


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b"[Infinity]",
        b"1e999",
        b'{"a": 1, "a": 2}',
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"[" * 65536,
        b'{"a":' * 10000,
        b"[" * 25 + b"]" * 25,
        b"9" * 5000,
        b"'a'",
        b'"a\nb"',
        "\ufeff1".encode("utf-16"),
    ],
)
def test_what_is_not_strict_json_is_missing(body: bytes) -> None:
    assert parse_answer(body) is MISSING


def test_what_is_strict_json_is_read() -> None:
    assert parse_answer(b' {"a": [1.5, "\\u00e5[[[[{{{{\\"[", null]} ') == {
        "a": [1.5, 'å[[[[{{{{"[', None]
    }
    assert parse_answer(b"[" * 24 + b"]" * 24) is not MISSING
    assert parse_answer(b'["' + b"[" * 60000 + b'"]') == ["[" * 60000]


@pytest.mark.parametrize(
    "body",
    [
        b'"\\' * 32768,
        b'"\\"' * 21845,
        b"[]" * 32768,
        b"[" + b"{}," * 21844 + b"{}]",
        b'{"a":1,' * 9362,
        b'"' * 65536,
        b"[]{" * 21845,
    ],
)
def test_no_answer_is_slow_to_read(body: bytes) -> None:
    """64 KiB of the worst kind take some milliseconds; a quadratic reading takes seconds."""
    begin = time.perf_counter()
    parse_answer(body)
    assert time.perf_counter() - begin < 0.5


@given(st.binary() | st.text().map(str.encode))
def test_reading_agrees_with_the_standard_or_is_missing(body: bytes) -> None:
    found = parse_answer(body)
    if found is not MISSING:
        assert found == json.loads(body)


NASTY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["accepted", "hold", "busy", "R-1", "/v1/r", TOKEN, f"x{TOKEN}"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
BODIES = (
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ("verdict", "receipt", "status", "words", "retry_after", "conflict"), NASTY
        ),
    )
    .map(json.dumps)
    .map(str.encode)
    | st.binary()
)


@given(st.integers(100, 999), BODIES, st.none() | st.text(), st.booleans())
def test_every_answer_has_a_verdict_that_keeps_its_promises(
    status: int, body: bytes, retry_after: str | None, is_life: bool
) -> None:
    verdict = _read(status, body, retry_after=retry_after, is_life=is_life)
    assert len(verdict.words) <= 200
    assert verdict.words.isprintable()
    assert TOKEN not in repr(verdict)
    assert verdict.maybe_heard is (verdict.answer is Answer.UNREACHABLE)
    assert verdict.words or verdict.answer is not Answer.UNREACHABLE
    if verdict.answer is Answer.ACCEPTED:
        assert status == 200
        assert verdict.receipt or is_life
    else:
        assert verdict.receipt is verdict.status_address is None
    if verdict.retry_after is not None:
        assert verdict.answer in {Answer.HOLD, Answer.BUSY}
        assert 0 <= verdict.retry_after <= 3600
    if verdict.status_address is not None:
        assert verdict.status_address.startswith(ORIGIN)
    assert KVARBO.status is not None
    incoming = Incoming(status=status, body=body, retry_after=None, took=0)
    followed = read_fate(KVARBO.status, incoming)
    assert followed.fate is Fate.NOT_KNOWN or status == 200
    assert not followed.by_person or followed.fate in {Fate.ACKNOWLEDGED, Fate.CLOSED}


def test_a_profile_that_has_no_place_for_it_never_asks_for_the_door() -> None:
    profile = parse_profile(changed(lambda d: d["status"].pop("door")))
    assert profile.status is not None
    body = b'{"state": "acknowledged", "by": "person", "door": "d-1"}'
    incoming = Incoming(status=200, body=body, retry_after=None, took=0)
    assert read_fate(profile.status, incoming).door is None


def test_a_status_without_a_person_never_says_that_one_did_it() -> None:
    profile = parse_profile(changed(lambda d: d["status"].pop("person")))
    assert profile.status is not None
    body = b'{"state": "acknowledged", "by": "person"}'
    incoming = Incoming(status=200, body=body, retry_after=None, took=0)
    assert read_fate(profile.status, incoming) == Followed(Fate.ACKNOWLEDGED)


@pytest.mark.parametrize("language", list(Language))
def test_every_failure_has_words_in_every_language(language: Language) -> None:
    texts = {said: say(said, language, "x7") for said in Said}
    assert all(texts.values())
    assert all("{" not in text for text in texts.values())
    assert len(set(texts.values())) == len(Said)
    other = {
        said: say(said, Language.SV if language is Language.EN else Language.EN, "x7")
        for said in Said
    }
    for said in Said:
        assert ("x7" in texts[said]) is ("x7" in other[said])
        assert said is Said.STATUS or texts[said] != other[said]


def test_printable_is_bounded_in_time_too() -> None:
    assert printable(" " * 10_000_000 + "a") == ""
    assert printable("a" * 10_000_000) == "a" * 200

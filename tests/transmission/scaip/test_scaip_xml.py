"""The documents: built strictly, read leniently, bounded, and nothing from outside."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.transmission.scaip.elements import (
    RULES,
    TEXTS,
    ElementError,
    ElementProblem,
    check,
    fit,
    fit_whole,
    is_speech_address,
)
from custom_components.kvarbo.transmission.scaip.values import (
    LONGEST_SENT,
    Dialect,
    MessageType,
    ScaipAnswer,
    ScaipRequest,
    Voice,
)
from custom_components.kvarbo.transmission.scaip.xml_reader import (
    UnreadableError,
    read_answer,
    read_request,
)
from custom_components.kvarbo.transmission.scaip.xml_writer import (
    fitting,
    write_answer,
    write_request,
)

REQUEST = ScaipRequest(
    ref="0123456789ABCDEF",
    cid="4711",
    dty=4,
    hbo=True,
    did="3",
    dco=2,
    dte="Larmknapp",
    crd=("sip:hem@192.0.2.1", "gsm:+46701234567"),
    stc=10,
    stt="Hjälp & stöd <nu>",
    pri=9,
    lco=11,
    tim=datetime(2026, 11, 26, 3, 12, 5, tzinfo=timezone(timedelta(hours=1))),
    lte="Badrum",
    ite="Tryckt på larmknapp 3",
)


def test_what_is_sent_is_exactly_this() -> None:
    assert write_request(REQUEST, Dialect.MRQ).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?><mrq><ref>0123456789ABCDEF</ref><mty>ME</mty>'
        "<hbo>001</hbo><cid>4711</cid><dty>0004</dty><did>3</did><dco>002</dco><dte>Larmknapp</dte>"
        "<crd>sip:hem@192.0.2.1</crd><crd>gsm:+46701234567</crd><stc>0010</stc>"
        "<stt>Hjälp &amp; stöd &lt;nu&gt;</stt><pri>9</pri><lco>011</lco>"
        "<lge><tim>2026-11-26T03:12:05+01</tim></lge><lte>Badrum</lte>"
        "<ite>Tryckt på larmknapp 3</ite></mrq>"
    )


@pytest.mark.parametrize("dialect", Dialect)
def test_what_is_built_is_read_back(dialect: Dialect) -> None:
    assert read_request(write_request(REQUEST, dialect)) == REQUEST


def test_a_zone_of_half_hours_is_written_as_the_world_does() -> None:
    moment = datetime(2026, 11, 26, 3, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    octets = write_request(replace(REQUEST, tim=moment), Dialect.MRQ)
    assert b"<tim>2026-11-25T21:42:00+00</tim>" in octets
    assert read_request(octets).tim == moment


_TEXT = st.text(max_size=200)
_NUMBER = st.none() | st.integers(0, 999)
requests = st.builds(
    ScaipRequest,
    ref=st.from_regex("[0-9A-Za-z]{1,16}", fullmatch=True),
    cid=st.from_regex("[0-9]{1,16}", fullmatch=True),
    dty=st.integers(0, 9999),
    mty=st.sampled_from(MessageType),
    ver=st.none() | st.just("01.00"),
    sco=st.none() | st.integers(0, 3),
    cha=st.none() | st.integers(0, 1),
    hbo=st.booleans(),
    did=st.none() | st.from_regex("[!-~]{1,8}", fullmatch=True),
    dco=_NUMBER,
    dte=st.none() | _TEXT,
    crd=st.lists(st.sampled_from(["no-voice:", "gsm:112", "sip:a@b"]), max_size=2).map(tuple),
    stc=st.none() | st.integers(0, 9999),
    stt=st.none() | _TEXT,
    pri=st.none() | st.integers(0, 9),
    lco=_NUMBER,
    lva=st.none() | st.just("7"),
    tim=st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda d: d.replace(microsecond=0)),
    lte=st.none() | _TEXT,
    ite=st.none() | _TEXT,
)


@given(requests, st.sampled_from(Dialect))
def test_whatever_is_said_fits_and_is_read_back(request: ScaipRequest, dialect: Dialect) -> None:
    fitted = fit_whole(request, dialect)
    octets = write_request(fitted, dialect)
    assert octets == fitting(request, dialect)
    assert len(octets) <= LONGEST_SENT
    assert read_request(octets) == fitted
    # No code is ever left out for a text's sake.
    assert replace(fitted, dte=None, stt=None, lte=None, ite=None) == replace(
        request, dte=None, stt=None, lte=None, ite=None
    )


def test_texts_are_cut_and_cleaned() -> None:
    fitted = fit(replace(REQUEST, stt="a\r\n\0b\ufffe  c", lte="\x01", ite="ö" * 200))
    assert fitted.stt == "a b c"
    assert fitted.lte is None
    assert fitted.ite == "ö" * 127 + "…"


def test_the_longest_words_go_first_where_a_document_is_too_long() -> None:
    fitted = fit_whole(replace(REQUEST, ite="é" * 128), Dialect.MRQ, longest=520)
    assert fitted.ite is None
    assert fitted.lte == "Badrum"
    bare = fit_whole(REQUEST, Dialect.MRQ, longest=1)
    assert (bare.ite, bare.lte, bare.dte, bare.stt) == (None, None, None, None)
    assert bare.lco == REQUEST.lco


@pytest.mark.parametrize(
    ("changes", "element", "problem"),
    [
        ({"ref": ""}, "ref", ElementProblem.MISSING),
        ({"cid": ""}, "cid", ElementProblem.MISSING),
        ({"ref": "A" * 17}, "ref", ElementProblem.TOO_LONG),
        ({"ref": "A-1"}, "ref", ElementProblem.WRONG_VALUE),
        ({"cid": "47 11"}, "cid", ElementProblem.WRONG_VALUE),
        ({"cid": "4" * 17}, "cid", ElementProblem.TOO_LONG),
        ({"dty": 10_000}, "dty", ElementProblem.TOO_LONG),
        ({"dty": -1}, "dty", ElementProblem.WRONG_VALUE),
        ({"did": "123456789"}, "did", ElementProblem.TOO_LONG),
        ({"did": "ö"}, "did", ElementProblem.WRONG_VALUE),
        ({"dco": 1000}, "dco", ElementProblem.TOO_LONG),
        ({"crd": ("tel:112",)}, "crd", ElementProblem.WRONG_VALUE),
        ({"pri": 10}, "pri", ElementProblem.TOO_LONG),
        ({"sco": 4}, "sco", ElementProblem.WRONG_VALUE),
        ({"ver": "1.0"}, "ver", ElementProblem.WRONG_VALUE),
        ({"stt": "a\0b"}, "stt", ElementProblem.WRONG_VALUE),
        ({"ite": "x" * 129}, "ite", ElementProblem.TOO_LONG),
    ],
)
def test_what_is_against_the_rules_is_named(
    changes: dict[str, Any], element: str, problem: ElementProblem
) -> None:
    with pytest.raises(ElementError) as error:
        check(replace(REQUEST, **changes))
    assert (error.value.element, error.value.problem) == (element, problem)


def test_a_document_that_is_too_long_is_not_written() -> None:
    long = replace(REQUEST, crd=("sip:" + "a" * 250,) * 5)
    with pytest.raises(ElementError) as error:
        write_request(long, Dialect.SCAIP)
    assert (error.value.element, error.value.problem) == ("scaip", ElementProblem.TOO_LONG)


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("no-voice:", True),
        ("gsm:0701234567", True),
        ("gsm:+46701234567", True),
        ("sip:hem@192.0.2.1:5060;transport=tcp", True),
        ("no-voice:x", False),
        ("gsm:", False),
        ("gsm:07x", False),
        ("sip:", False),
        ("sip:a b", False),
        ("sip:" + "a" * 260, False),
    ],
)
def test_a_caller_address_has_one_of_three_forms(address: str, *, good: bool) -> None:
    assert is_speech_address(address) is good


def test_every_text_has_its_rule() -> None:
    assert set(TEXTS) < set(RULES)


# -- answers -----------------------------------------------------------------------------------

answers = st.builds(
    ScaipAnswer,
    ref=st.from_regex("[0-9A-Za-z]{1,16}", fullmatch=True),
    snu=st.integers(0, 99),
    ste=st.from_regex("([!-~åäöÅÄÖ]([ -~åäö]{0,30}[!-~])?)?", fullmatch=True).map(
        lambda text: " ".join(text.split())
    ),
    cve=st.none() | st.just("01.00"),
    mre=st.sampled_from(Voice),
    cre=st.none() | st.integers(1, 62),
    tnu=st.none() | st.just("sip:op@larm.example"),
    hbi=st.none() | st.integers(1, 1440),
)


@given(answers, st.sampled_from(Dialect))
def test_every_answer_is_read_back(answer: ScaipAnswer, dialect: Dialect) -> None:
    assert read_answer(write_answer(answer, dialect)) == answer


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        (b"<mrs><ref>A1</ref><snu>0</snu></mrs>", ScaipAnswer(ref="A1", snu=0)),
        (b"<MRS><SNU>00</SNU><REF> A1 </REF></MRS>", ScaipAnswer(ref="A1", snu=0)),
        (
            (
                b' \r\n<?xml version="1.0"?><s:scaip xmlns:s="urn:x"><s:snu>0004</s:snu>'
                b"<s:ref>A1</s:ref><s:new><s:deep>1</s:deep></s:new></s:scaip>"
            ),
            ScaipAnswer(ref="A1", snu=4),
        ),
        (b"<mrs><ref/><snu>6</snu><ste>  </ste></mrs>", ScaipAnswer(ref="", snu=6)),
        (b"<mrs><snu>0</snu><ref>A</ref><ref>B</ref></mrs>", ScaipAnswer(ref="A", snu=0)),
        (
            b"<mrs><ref>A</ref><snu>0</snu><mre>9</mre><cre>63</cre><hbi>0</hbi><tnu/></mrs>",
            ScaipAnswer(ref="A", snu=0),
        ),
        (
            b"<mrs><ref>A</ref><snu>0</snu><mre>01</mre><cre>5</cre><hbi>1440</hbi></mrs>",
            ScaipAnswer(ref="A", snu=0, mre=Voice.DUPLEX, cre=5, hbi=1440),
        ),
        (
            '<?xml version="1.0" encoding="ISO-8859-1"?><mrs><ref>A</ref><snu>5</snu>'
            "<ste>Ok\x8eänd\tenhet</ste></mrs>".encode("latin-1"),
            ScaipAnswer(ref="A", snu=5, ste="Ok änd enhet"),
        ),
        (
            '\ufeff<?xml version="1.0" encoding="UTF-16"?><mrs><ref>A</ref><snu>0</snu></mrs>'.encode(
                "utf-16-le"
            ),
            ScaipAnswer(ref="A", snu=0),
        ),
    ],
)
def test_real_receivers_differ_and_are_understood(document: bytes, answer: ScaipAnswer) -> None:
    assert read_answer(document, "text/plain") == answer


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"OK",
        b"<html><snu>0</snu></html>",
        b"<mrs><ref>A</ref></mrs>",
        b"<mrs><ref>A</ref><snu>zero</snu></mrs>",
        b"<mrs><ref>A</ref><snu>-1</snu></mrs>",
        b"<mrs><ref>A</ref><snu>\xd9\xa1</snu></mrs>",
        b"<mrs><ref>A</ref><snu>0</snu>",
        b"<?xml version='1.0' encoding='klingon'?><mrs><snu>0</snu></mrs>",
        b"<!DOCTYPE mrs><mrs><snu>0</snu></mrs>",
        b"<!DOCTYPE mrs [<!ENTITY a 'b'>]><mrs><snu>0</snu><ref>&a;</ref></mrs>",
        b"<mrs><snu>0</snu>" + b"<a>" * 9 + b"</a>" * 9 + b"</mrs>",
        b"<mrs>" + b"<a/>" * 300 + b"<snu>0</snu></mrs>",
        b"<mrs><snu>0</snu><ste>" + b"a" * 20_000 + b"</ste></mrs>",
    ],
)
def test_what_is_no_answer_is_told(document: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_answer(document)


def test_nothing_is_read_from_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("planted", encoding="utf-8")
    for document in (
        f'<!DOCTYPE m [<!ENTITY x SYSTEM "{secret.as_uri()}">]><mrs><snu>0</snu><ste>&x;</ste></mrs>',
        f'<!DOCTYPE mrs SYSTEM "{secret.as_uri()}"><mrs><snu>0</snu></mrs>',
        f'<!DOCTYPE m [<!ENTITY % x SYSTEM "{secret.as_uri()}"> %x;]><mrs><snu>0</snu></mrs>',
    ):
        with pytest.raises(UnreadableError) as error:
            read_answer(document.encode())
        assert "planted" not in str(error.value)


def test_a_thousand_million_laughs_are_not_laughed() -> None:
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
    )
    document = f"<!DOCTYPE m [{entities}]><mrs><snu>0</snu><ste>&l9;</ste></mrs>"
    with pytest.raises(UnreadableError):
        read_answer(document.encode())


@pytest.mark.parametrize(
    "document",
    [
        b"<mrq><ref>A</ref><cid>1</cid></mrq>",
        b"<mrq><ref>A</ref><dty>1</dty></mrq>",
        b"<mrq><cid>A</cid><dty>1</dty></mrq>",
        b"<mrq><ref>A</ref><cid>1</cid><dty>1</dty><mty>XX</mty></mrq>",
    ],
)
def test_what_is_no_request_is_told(document: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_request(document)


@pytest.mark.parametrize("tim", ["soon", "2026-11-26T03:12:05"])
def test_a_time_that_makes_no_sense_is_no_time(tim: str) -> None:
    document = f"<mrq><ref>A</ref><cid>1</cid><dty>1</dty><lge><tim>{tim}</tim></lge></mrq>"
    assert read_request(document.encode()).tim is None

"""Each rule about our sending, broken once by hand: the municipality complains of it, and of it alone."""

import pytest

from simulator.municipality.scaip_words import is_technical, kind, place
from simulator.municipality.scaip_xml import (
    NotScaipError,
    answer,
    complaints,
    missing,
    moment,
    read,
)

GOOD = (
    '<?xml version="1.0" encoding="UTF-8"?><mrq><ref>0123456789ABCDEF</ref><mty>ME</mty><hbo>001</hbo>'
    "<cid>4711</cid><dty>0004</dty><did>3</did><dco>002</dco><dte>Larmknapp</dte><crd>no-voice:</crd>"
    "<stc>0010</stc><stt>Larmknapp</stt><pri>9</pri><lco>011</lco>"
    "<lge><tim>2026-11-26T03:12:05+01</tim></lge><lte>Badrum</lte><ite>Tryckt</ite></mrq>"
)
TYPE = "application/scaip+xml"


def test_what_is_right_is_not_complained_of() -> None:
    assert list(complaints(GOOD.encode(), TYPE, "mrq")) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<ref>0123456789ABCDEF</ref>", "", "ref is missing"),
        ("<cid>4711</cid>", "", "cid is missing"),
        ("<dty>0004</dty>", "", "dty is missing"),
        ("<pri>9</pri>", "<pri>9</pri><pri>8</pri>", "pri stands there twice"),
        ("0123456789ABCDEF", "0123456789ABCDEFG", "ref has 17 characters"),
        ("0123456789ABCDEF", "0123-456", "ref does not look as it must"),
        ("<cid>4711<", "<cid>12345678901234567<", "cid has 17 characters"),
        ("<cid>4711<", "<cid>47x<", "cid does not look as it must"),
        ("<did>3<", "<did>123456789<", "did has 9 characters"),
        ("<dty>0004<", "<dty>4<", "dty does not look as it must"),
        ("<stc>0010<", "<stc>010<", "stc does not look as it must"),
        ("<dco>002<", "<dco>2<", "dco does not look as it must"),
        ("<lco>011<", "<lco>11<", "lco does not look as it must"),
        ("<hbo>001<", "<hbo>1<", "hbo does not look as it must"),
        ("<mty>ME<", "<mty>XX<", "mty does not look as it must"),
        ("no-voice:", "tel:112", "crd does not look as it must"),
        ("<dte>Larmknapp<", "<dte>" + "x" * 33 + "<", "dte has 33 characters"),
        ("<ite>Tryckt<", "<ite>" + "x" * 129 + "<", "ite has 129 characters"),
        ("<pri>9</pri>", "<pri>9</pri><xyz>1</xyz>", "xyz is no element that a home sends"),
        ("+01</tim>", "</tim>", "tim is not ISO 8601 with its offset in hours"),
        ("<tim>2026-11-26T03:12:05+01</tim>", "<geo>59.3,18.1</geo>", "never a position"),
        ("<ite>", "<ite><b>", "the XML cannot be read"),
        ("<mrq>", "<!DOCTYPE mrq><mrq>", "a document type"),
    ],
)
def test_each_thing_that_is_wrong_is_named(old: str, new: str, words: str) -> None:
    found = list(complaints(GOOD.replace(old, new, 1).encode(), TYPE, "mrq"))
    assert len(found) == 1
    assert words in found[0]


def test_dialect_type_and_size() -> None:
    assert "where scaip was agreed" in next(complaints(GOOD.encode(), TYPE, "scaip"))
    assert "does not belong to mrq" in next(complaints(GOOD.encode(), "application/xml", "mrq"))
    speech = "".join(f"<crd>sip:{letter * 250}</crd>" for letter in "abc")
    long = GOOD.replace("<crd>no-voice:</crd>", speech)
    assert next(complaints(long.encode(), TYPE, "mrq")).startswith("the document has")
    with pytest.raises(NotScaipError) as error:
        read(b"<mrq>" + b"a" * 20_000 + b"</mrq>")
    assert error.value.snu == 1
    with pytest.raises(NotScaipError):
        read(b"<html/>")


@pytest.mark.parametrize(
    ("said", "snu"),
    [
        ({"ref": "A", "cid": "1", "dty": "0004"}, None),
        ({"cid": "1", "dty": "0004"}, 10),
        ({"ref": "A", "dty": "0004"}, 7),
        ({"ref": "A", "cid": "1", "dty": ""}, 7),
    ],
)
def test_what_is_missing_is_answered_by_its_number(said: dict[str, str], snu: int | None) -> None:
    assert missing(said) == snu


def test_answers_hold_nothing_of_the_asker_that_could_break_them() -> None:
    assert b"<ref>a&lt;b</ref><snu>03</snu><ste>&amp;</ste>" in answer("mrq", "a<b", 3, ste="&")
    with pytest.raises(NotScaipError):
        read("<!DOCTYPE a><mrq/>".encode("utf-16"))


def test_words_for_operators() -> None:
    assert is_technical(12, 16)
    assert not is_technical(34, 67)
    assert kind(4, 10) == "wall button: manual alarm"
    assert kind(900, 901) == "device 900: status 901"
    assert (place(11), place(99), place(None)) == ("bathroom", "place 99", None)
    assert moment("2026-11-26T03:12:05+01") is not None
    assert moment("soon") is None
    assert moment("2026-11-26T03:12:05") is None

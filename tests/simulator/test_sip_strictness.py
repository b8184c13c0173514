"""The far end's SIP server complains of each thing that it should, and of nothing else."""

import pytest

from simulator.sip.complaints import Watch
from simulator.sip.digest import Gate
from simulator.sip.message import NotSipError, Sip, user_of

GOOD = (
    "MESSAGE sip:larm@larm.example SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:4000;branch=z9hG4bKabcdef;rport\r\n"
    "Max-Forwards: 70\r\n"
    "From: <sip:4711@larm.example>;tag=a\r\n"
    "To: <sip:larm@larm.example>\r\n"
    "Call-ID: c1\r\n"
    "CSeq: 7 MESSAGE\r\n"
    "Content-Type: application/scaip+xml\r\n"
    "Content-Length: 6\r\n\r\n<mrq/>"
)


def said(text: str, transport: str = "udp", size: int = 600) -> list[str]:
    return list(Watch().request(Sip.read(text.encode()), transport, size, 0.0))


def test_what_is_right_is_not_complained_of() -> None:
    assert said(GOOD) == []
    assert said(GOOD.replace("/UDP", "/TLS"), "tls") == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Max-Forwards: 70\r\n", "", "max-forwards is missing"),
        ("Call-ID: c1\r\n", "Call-ID: c1\r\nCall-ID: c2\r\n", "call-id stands there 2 times"),
        (";tag=a", "", "From has no tag"),
        ("z9hG4bKabcdef", "abcdefghijkl", "the branch does not begin with z9hG4bK"),
        ("z9hG4bKabcdef", "z9hG4bK1", "or says no more than that"),
        (";rport", "", "Via does not ask for rport"),
        ("/UDP", "/TCP", "Via does not say UDP"),
        ("To: ", "Contact: <sip:x@y>\r\nTo: ", "a MESSAGE bears a Contact"),
        ("Content-Type: application/scaip+xml\r\n", "", "a body has no Content-Type"),
        ("7 MESSAGE", "7 message", "CSeq does not name the method"),
        ("sip:larm@larm.example SIP", "<sip:larm@larm.example> SIP", "the Request-URI is not bare"),
    ],
)
def test_each_thing_that_is_wrong_is_named(old: str, new: str, words: str) -> None:
    found = said(GOOD.replace(old, new, 1))
    assert any(words in one for one in found), found


def test_size_and_length_by_transport() -> None:
    assert said(GOOD, size=1301) == ["1301 octets went by UDP"]
    stream = GOOD.replace("/UDP", "/TCP").replace("Content-Length: 6\r\n", "")
    assert said(stream, "tcp") == ["a stream needs Content-Length"]


def test_names_and_numbers_of_transactions() -> None:
    watch = Watch()

    def judged(text: str, now: float, transport: str = "udp") -> list[str]:
        return list(watch.request(Sip.read(text.encode()), transport, 600, now))

    assert judged(GOOD, 0) == []
    assert "before its time" in judged(GOOD, 0.1)[0]
    assert judged(GOOD, 1.2) == []
    other = GOOD.replace("Call-ID: c1", "Call-ID: c2")
    assert judged(other, 2) == ["a branch names two transactions"]
    back = GOOD.replace("7 MESSAGE", "6 MESSAGE").replace("abcdef", "bcdefg")
    assert judged(back, 3) == ["CSeq does not grow within its Call-ID"]
    watch.answered(Sip.read(GOOD.encode()), 4)
    assert "a copy came after the final answer" in judged(GOOD, 9)
    stream = GOOD.replace("/UDP", "/TCP").replace("abcdef", "cdefgh").replace("c1", "c9")
    assert judged(stream, 10, "tcp") == []
    assert judged(stream, 11, "tcp") == ["a request came twice on a connection"]


def test_answers_of_units_are_judged_too() -> None:
    asked = Sip.read(GOOD.encode())
    right = Sip("SIP/2.0 200 OK", [*asked.fields[:1], *asked.fields[2:6]])
    right.fields = [(n, v + ";tag=x" if n == "to" else v) for n, v in right.fields]
    assert list(Watch.answer(right, asked)) == []
    wrong = Sip("SIP/2.0 200 OK", [("via", "SIP/2.0/UDP x"), ("call-id", "other")])
    words = " ".join(Watch.answer(wrong, asked))
    for one in ("Via", "call-id", "cseq", "from", "no To tag"):
        assert one in words


def digest(**changes: str) -> Sip:
    gate_says = {
        "username": "4711",
        "realm": "r",
        "nonce": "n",
        "uri": "sip:larm@larm.example",
        "response": "x",
        "algorithm": "SHA-256",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "c",
        **changes,
    }
    line = ", ".join(f'{name}="{value}"' for name, value in gate_says.items() if value)
    sip = Sip.read(GOOD.encode())
    sip.fields.append(("authorization", f"Digest {line}"))
    return sip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"uri": "sip:other"}, "uri is not the Request-URI"),
        ({"cnonce": ""}, "has no cnonce"),
        ({"qop": ""}, "has no qop"),
        ({"nonce": "stranger"}, "nonce was never given"),
        ({"algorithm": "MD5"}, "not of the strongest offer"),
    ],
)
def test_ways_of_proving_are_judged(changes: dict[str, str], words: str) -> None:
    gate = Gate({"4711": "p"}, "r", ("SHA-256", "MD5"), 60)
    gate.challenges(0)
    gate._nonces["n"] = 0
    assert any(words in one for one in gate.complaints(digest(**changes)))


def test_a_count_that_does_not_grow_is_complained_of_and_nobody_is_let_in_by_guessing() -> None:
    gate = Gate({"4711": "p"}, "r", ("SHA-256",), 60)
    gate._nonces["n"] = 0
    assert list(gate.complaints(digest())) == []
    assert list(gate.complaints(digest())) == ["the digest's nc does not grow"]
    assert gate.lets_in(digest(), 1) is None
    assert gate.lets_in(digest(username="4712"), 1) is None
    assert gate.lets_in(digest(), 61) is None
    assert gate.lets_in(Sip.read(GOOD.encode()), 1) is None


@pytest.mark.parametrize(
    "octets", [b"", b"HELLO\r\n\r\n", b"a b SIP/2.0\r\nx\r\n\r\n", b"\xff\r\n\r\n"]
)
def test_what_is_no_sip_is_told(octets: bytes) -> None:
    with pytest.raises(NotSipError):
        Sip.read(octets)


def test_users_of_addresses() -> None:
    assert user_of('"A" <sip:4711@x>;tag=1') == "4711"
    assert user_of("sip:x") == ""

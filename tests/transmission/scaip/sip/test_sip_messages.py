"""From octets to messages and back, in datagrams and streams (network points 5 and 6)."""

import contextlib

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.transmission.scaip.sip.build import to_octets
from custom_components.kvarbo.transmission.scaip.sip.framing import Framer, Sign
from custom_components.kvarbo.transmission.scaip.sip.message import (
    Headers,
    Message,
    Request,
    Response,
)
from custom_components.kvarbo.transmission.scaip.sip.parse import LONGEST, parse_message
from custom_components.kvarbo.transmission.scaip.sip.values import (
    Address,
    BadMessageError,
    CSeq,
    SipUri,
    Via,
    media_type,
)

BASE = (
    b"MESSAGE sip:4711@home.example SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport\r\n"
    b"From: <sip:larm@larm.example>;tag=1\r\nTo: <sip:4711@home.example>\r\n"
    b"Call-ID: c1\r\nCSeq: 1 MESSAGE\r\nContent-Type: application/scaip+xml\r\n"
)
WHOLE = BASE + b"Content-Length: 5\r\n\r\n<mrs>"


def test_point_05_compact_folded_and_any_case() -> None:
    message = parse_message(
        b"mEsSaGe sip:4711@home.example sip/2.0\r\n"
        b"v: SIP/2.0/TCP a.example;branch=z9hG4bKx\r\n ,SIP / 2.0 / UDP b.example : 5070 ;received=192.0.2.7\r\n"
        b'F: "Larm, central" <sip:larm@larm.example>\r\n\t;tag=1\r\n'
        b"T:<sip:4711@home.example>\r\nI: c1\r\ncseq : 1   MESSAGE\r\nC: Application/SCAIP+xml;charset=utf-8\r\n"
        b"L: 4\r\n\r\nabcd and the rest"
    )
    assert isinstance(message, Request)
    assert message.method == "MESSAGE"
    first, second = (Via.parse(via) for via in message.headers.all("via"))
    assert (first.host, first.branch) == ("a.example", "z9hG4bKx")
    assert (second.host, second.port, second.params["received"]) == ("b.example", 5070, "192.0.2.7")
    assert Address.parse(message.headers.first("from") or "").tag == "1"
    assert CSeq.parse(message.headers.first("cseq") or "") == CSeq(1, "MESSAGE")
    assert media_type(message.headers.first("content-type")) == "application/scaip+xml"
    assert message.body == b"abcd"


def test_point_05_bare_line_feeds_are_read() -> None:
    message = parse_message(WHOLE.replace(b"\r\n", b"\n"))
    assert message.body == b"<mrs>"


def test_a_datagram_without_a_length_is_its_own_length() -> None:
    assert parse_message(BASE + b"\r\n<mrs/>").body == b"<mrs/>"
    assert parse_message(BASE.rstrip(b"\r\n")).body == b""


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "the first line is not SIP"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "the first line is not SIP"),
        (b"SIP/2.0 999 What\r\n\r\n", "the first line is not SIP"),
        (WHOLE.replace(b"Call-ID: c1\r\n", b""), "call-id is missing"),
        (WHOLE.replace(b"Length: 5", b"Length: 50"), "the body is shorter than its stated length"),
        (WHOLE.replace(b"Length: 5", b"Length: -5"), "the length of the body cannot be read"),
        (
            WHOLE.replace(b"Length: 5", b"Length: 5\r\nl: 4"),
            "the length of the body cannot be read",
        ),
        (WHOLE.replace(b"Call-ID: c1", b"Call ID: c1"), "a header cannot be read"),
        (WHOLE.replace(b"Call-ID: c1", b"nothing here"), "a header cannot be read"),
        (BASE + b"X: " + b"a" * 9000 + b"\r\n\r\n", "a header is too long"),
        (BASE + b"X: a\r\n" * 300 + b"\r\n", "there are too many headers"),
        (BASE + b"\r\n" + b"a" * LONGEST, "the message is too long"),
    ],
)
def test_what_is_no_message_is_told(octets: bytes, words: str) -> None:
    with pytest.raises(BadMessageError) as error:
        parse_message(octets)
    assert error.value.words == words


def test_a_request_whose_headers_can_be_read_can_be_answered() -> None:
    with pytest.raises(BadMessageError) as error:
        parse_message(WHOLE.replace(b"Length: 5", b"Length: 50"))
    assert error.value.request is not None
    assert error.value.request.headers.first("call-id") == "c1"


def test_what_is_written_is_read_the_same() -> None:
    message = parse_message(WHOLE)
    octets = to_octets(message)
    assert octets.startswith(b"MESSAGE sip:4711@home.example SIP/2.0\r\nVia: SIP/2.0/UDP")
    assert b"\r\nCall-ID: c1\r\nCSeq: 1 MESSAGE\r\n" in octets
    assert octets.endswith(b"Content-Length: 5\r\n\r\n<mrs>")
    again = parse_message(octets)
    assert again.headers.without("content-length") == message.headers.without("content-length")
    assert again.body == message.body


@pytest.mark.parametrize("bad", ["a\r\nEvil: 1", "a\nEvil: 1", "a\0"])
def test_no_header_can_break_out_of_its_line(bad: str) -> None:
    message = Response(status=200, reason="OK", headers=Headers((("to", bad),)))
    with pytest.raises(BadMessageError):
        to_octets(message)
    with pytest.raises(BadMessageError):
        SipUri(host="larm.example", user=bad)
    with pytest.raises(BadMessageError):
        SipUri(host=f"larm.example{bad[1:]}")
    with pytest.raises(BadMessageError):
        SipUri(host="larm.example", params={"x": bad})


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:larm.example", SipUri(host="larm.example")),
        (
            "SIPS:4711@Larm.Example:5061",
            SipUri(host="larm.example", user="4711", port=5061, secure=True),
        ),
        ("sip:[2001:DB8::1]:5070", SipUri(host="2001:db8::1", port=5070)),
        (
            "sip:a:b@c;transport=TLS;lr?x=y",
            SipUri(host="c", user="a", params={"transport": "TLS", "lr": None}),
        ),
    ],
)
def test_addresses_are_read_and_written(text: str, uri: SipUri) -> None:
    assert SipUri.parse(text) == uri
    assert SipUri.parse(str(uri)) == uri


@pytest.mark.parametrize(
    "text", ["", "tel:112", "sip:", "sip:a@", "sip:a@b:0", "sip:a@b:70000", "sip:a b@c", "sip:<x>"]
)
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(BadMessageError):
        SipUri.parse(text)


@pytest.mark.parametrize(
    ("text", "tag", "uri"),
    [
        ('"A <b> \\" c" <sip:x@y;p=1>;tag=7;q', "7", "sip:x@y;p=1"),
        ("sip:x@y;tag=8", "8", "sip:x@y"),
        ("<sip:x@y>", None, "sip:x@y"),
    ],
)
def test_named_addresses_are_read(text: str, tag: str | None, uri: str) -> None:
    address = Address.parse(text)
    assert (address.tag, address.uri) == (tag, uri)


@pytest.mark.parametrize("text", ["", "<sip:x@y", ";tag=1", '"a <" sip:x'])
def test_what_is_no_named_address_is_told(text: str) -> None:
    with pytest.raises(BadMessageError):
        Address.parse(text)


@pytest.mark.parametrize("text", ["", "UDP a", "SIP/2.0/UDP", "SIP/2.0/UDP a:99999"])
def test_what_is_no_via_is_told(text: str) -> None:
    with pytest.raises(BadMessageError):
        Via.parse(text)


@pytest.mark.parametrize("text", ["", "x MESSAGE", "1", "99999999999 MESSAGE", "4294967296 A"])
def test_what_is_no_cseq_is_told(text: str) -> None:
    with pytest.raises(BadMessageError):
        CSeq.parse(text)


# -- streams -----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 37, 10_000])
def test_point_06_messages_come_whole_however_they_are_cut(size: int) -> None:
    stream = b"\r\n\r\n" + WHOLE + b"\r\n" + WHOLE.replace(b"<mrs>", b"<MRS>") + WHOLE
    framer, found = Framer(), list[Message | Sign]()
    for at in range(0, len(stream), size):
        found += framer.feed(stream[at : at + size])
    bodies = [message.body for message in found if not isinstance(message, Sign)]
    assert bodies == [b"<mrs>", b"<MRS>", b"<mrs>"]


def test_point_06_signs_of_life_are_told_apart() -> None:
    framer = Framer()
    assert list(framer.feed(b"\r\n\r\n")) == [Sign.PING]
    assert list(framer.feed(b"\r\n")) == [Sign.PONG]
    assert list(framer.feed(b"\n")) == [Sign.PONG]
    assert list(framer.feed(b"")) == []


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (BASE + b"\r\n", "a message in a stream states no length"),
        (BASE + b"Content-Length: 99999999\r\n\r\n", "the message is too long"),
        (b"A" * (LONGEST + 1), "the headers are too long"),
        (b"HELLO\r\n\r\n", "the first line is not SIP"),
    ],
)
def test_point_06_a_stream_that_cannot_be_read_ends(octets: bytes, words: str) -> None:
    with pytest.raises(BadMessageError) as error:
        list(Framer().feed(octets))
    assert error.value.words == words


def test_point_06_the_compact_length_counts() -> None:
    (message,) = Framer().feed(WHOLE.replace(b"Content-Length", b"l"))
    assert isinstance(message, Request)


@given(st.binary(max_size=600))
def test_any_octets_raise_nothing_but_our_own(octets: bytes) -> None:
    for text in (octets, BASE + octets, WHOLE[:60] + octets + WHOLE[60:]):
        try:
            message = parse_message(text)
            for via in message.headers.all("via"):
                Via.parse(via)
            to_octets(message)
        except BadMessageError:
            pass
        with contextlib.suppress(BadMessageError):
            list(Framer().feed(text))


_WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12)


@given(_WORD, _WORD, st.integers(1, 65535), st.dictionaries(_WORD, _WORD, max_size=3), st.binary())
def test_any_message_of_ours_is_read_back(
    user: str, host: str, port: int, params: dict[str, str], body: bytes
) -> None:
    uri = SipUri(host=f"h{host}h", user=user, port=port, params=params)
    request = Request(
        method="MESSAGE",
        uri=str(uri),
        headers=Headers(
            (
                (
                    "via",
                    str(Via(transport="UDP", host="a", port=port, params={"branch": "z9hG4bK1"})),
                ),
                ("from", f"<{uri}>;tag={user}"),
                ("to", f"<{uri}>"),
                ("call-id", host),
                ("cseq", "1 MESSAGE"),
            )
        ),
        body=body,
    )
    again = parse_message(to_octets(request))
    assert isinstance(again, Request)
    assert SipUri.parse(again.uri) == uri
    assert again.headers.without("content-length") == request.headers
    assert again.body == body

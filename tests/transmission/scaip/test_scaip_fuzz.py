"""Whatever comes over the wire raises nothing but our own errors, and nothing grows."""

import contextlib
import gc
import os
import random
import time
import tracemalloc
from typing import Final

from custom_components.kvarbo.transmission.scaip.sip.digest import Credentials, DigestSession
from custom_components.kvarbo.transmission.scaip.sip.framing import Framer
from custom_components.kvarbo.transmission.scaip.sip.incoming import Incoming, Reception
from custom_components.kvarbo.transmission.scaip.sip.message import Request, Response
from custom_components.kvarbo.transmission.scaip.sip.parse import parse_message
from custom_components.kvarbo.transmission.scaip.sip.registration import granted_by
from custom_components.kvarbo.transmission.scaip.sip.values import BadMessageError
from custom_components.kvarbo.transmission.scaip.xml_reader import (
    UnreadableError,
    read_answer,
    read_request,
)
from tests.support.virtual_time import VirtualLoop

from .mutate import mutations

#: So many messages; a run by hand takes more: KVARBO_FUZZ=10000000.
MESSAGES: Final = int(os.environ.get("KVARBO_FUZZ", "100000"))
#: And no longer than this in a run of all tests, seconds of work.
LIMIT: Final = 60.0 if "KVARBO_FUZZ" not in os.environ else float("inf")

DOCUMENTS: Final = (
    (
        b'<?xml version="1.0" encoding="UTF-8"?><mrs><ref>A1</ref><snu>04</snu><ste>v\xc3\xa4nta</ste>'
        b"<mre>01</mre><cre>05</cre><tnu>sip:a@b</tnu><hbi>0005</hbi></mrs>"
    ),
    b'<s:scaip xmlns:s="urn:x" a="b"><s:ref/><s:snu>0</s:snu></s:scaip>',
    (
        b"<mrq><ref>A1</ref><cid>4711</cid><dty>0004</dty><mty>ME</mty><crd>no-voice:</crd>"
        b"<lge><tim>2026-11-26T03:12:05+01</tim></lge></mrq>"
    ),
)
MESSAGES_OF_SIP: Final = (
    (
        b"MESSAGE sip:4711@home SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKx;rport\r\n"
        b'From: "Larm" <sip:larm@a>;tag=1\r\nTo: <sip:4711@home>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\n'
        b"Content-Type: application/scaip+xml\r\nContent-Length: 36\r\n\r\n"
        b"<mrs><ref>A</ref><snu>0</snu></mrs>\r\n"
    ),
    (
        b"SIP/2.0 401 Unauthorized\r\nv: SIP/2.0/TCP h;branch=z9hG4bKy\r\nf: <sip:a@b>;tag=1\r\n"
        b"t: <sip:a@b>;tag=2\r\ni: c\r\nCSeq: 2 REGISTER\r\nContact: <sip:a@b>;expires=60, <sip:c@d>\r\n"
        b'WWW-Authenticate: Digest realm="r, s", nonce="n", qop="auth", algorithm=SHA-256\r\n'
        b"l: 0\r\n\r\n"
    ),
    (
        b"OPTIONS sip:4711@home SIP/2.0\r\nVia: SIP/2.0/TLS a;branch=z9hG4bKz,\r\n SIP/2.0/UDP b\r\n"
        b"From: sip:a@b;tag=1\r\nTo: <sip:4711@home>\r\nCall-ID: c\r\nCSeq: 3 OPTIONS\r\nRequire: x\r\n\r\n"
    ),
)


class Reader:
    """All that reads what comes, with what it may raise."""

    def __init__(self) -> None:
        self.delivered = 0
        self.digest = DigestSession(Credentials("a", "b"))
        self.incoming = Incoming(
            Reception(
                user="4711",
                accepts=frozenset({"application/scaip+xml"}),
                deliver=self._take,
                tag="t",
            ),
            VirtualLoop(),
        )

    def _take(self, body: bytes, _media_type: str) -> None:
        self.delivered += 1
        self.document(body)

    def document(self, octets: bytes) -> None:
        for read in (read_answer, read_request):
            with contextlib.suppress(UnreadableError):
                read(octets)

    def message(self, octets: bytes) -> None:
        try:
            message = parse_message(octets)
            if isinstance(message, Request):
                answer = self.incoming.answer(message, ("192.0.2.1", 5060))
                # Nobody but us is spoken for: no answer carries anything of the request's body.
                assert answer is None or answer.body == b""
            else:
                self._response(message)
        except BadMessageError:
            pass
        with contextlib.suppress(BadMessageError):
            list(Framer().feed(octets))

    def _response(self, response: Response) -> None:
        attempt = self.digest.begin("REGISTER", "sip:b")
        attempt.challenged(response)
        attempt.headers()
        granted_by(response, 60)


def test_a_hundred_thousand_messages_that_are_almost_right() -> None:
    lot = random.Random(4711)
    reader = Reader()
    documents, messages = mutations(DOCUMENTS, lot), mutations(MESSAGES_OF_SIP, lot)

    def feed(count: int) -> int:
        done, began = 0, time.process_time()
        while done < count and time.process_time() - began < LIMIT:
            for _ in range(50):
                reader.document(next(documents))
                reader.message(next(messages))
            done += 100
        return done

    feed(2000)
    gc.collect()
    tracemalloc.start()
    feed(1000)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    feed(3000)
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # What is remembered of answers is bounded, and full by now.
    assert after - before < 200_000
    done = feed(MESSAGES)
    assert done >= MESSAGES or LIMIT == 60.0
    assert reader.delivered > 100

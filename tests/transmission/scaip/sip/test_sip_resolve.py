"""From an address to places, by real DNS (network point 14; RFC 3263)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
import socket
import struct
from typing import Any, override

import pytest

from custom_components.kvarbo.transmission.scaip.sip import dns
from custom_components.kvarbo.transmission.scaip.sip.dns import Dns
from custom_components.kvarbo.transmission.scaip.sip.resolve import (
    MOST,
    Lookup,
    Naptr,
    Srv,
    resolve,
)
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.sip.wire import Fault, Transport, UnansweredError

pytestmark = pytest.mark.usefixtures("socket_enabled")


class Book(Lookup):
    """Names as a test has written them down; also what was asked for."""

    def __init__(
        self,
        *,
        naptr: Sequence[Naptr] = (),
        srv: dict[str, Sequence[Srv]] | None = None,
        hosts: dict[str, Sequence[str]] | None = None,
    ) -> None:
        self._naptr = naptr
        self._srv = srv or {}
        self._hosts = hosts or {}
        self.asked: list[str] = []

    @override
    async def naptr(self, name: str) -> Sequence[Naptr]:
        self.asked.append(f"NAPTR {name}")
        return self._naptr

    @override
    async def srv(self, name: str) -> Sequence[Srv]:
        self.asked.append(f"SRV {name}")
        return self._srv.get(name, ())

    @override
    async def addresses(self, name: str) -> Sequence[str]:
        self.asked.append(f"A {name}")
        return self._hosts.get(name, ())


async def places(text: str, book: Lookup) -> list[tuple[str, str, int, str]]:
    found = await resolve(SipUri.parse(text), lookup=book, weigh=lambda most: most)
    return [(t.transport.value, t.host, t.port, t.name) for t in found]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sip:192.0.2.1", ("udp", "192.0.2.1", 5060)),
        ("sip:192.0.2.1;transport=tls", ("tls", "192.0.2.1", 5061)),
        ("sips:192.0.2.1;transport=udp", ("tls", "192.0.2.1", 5061)),
        ("sip:[2001:db8::1]:5070;transport=TCP", ("tcp", "2001:db8::1", 5070)),
    ],
)
async def test_point_14_a_number_is_asked_of_nobody(text: str, place: tuple[str, str, int]) -> None:
    book = Book()
    assert await places(text, book) == [(*place, place[1])]
    assert book.asked == []


async def test_point_14_a_named_port_skips_the_lists_of_servers() -> None:
    book = Book(hosts={"larm.example": ["192.0.2.1", "2001:db8::1"]})
    assert await places("sip:larm.example:5070;transport=tcp", book) == [
        ("tcp", "192.0.2.1", 5070, "larm.example"),
        ("tcp", "2001:db8::1", 5070, "larm.example"),
    ]
    assert book.asked == ["A larm.example"]


async def test_point_14_naptr_then_srv_then_addresses() -> None:
    book = Book(
        naptr=[
            Naptr(order=2, preference=1, service="SIP+D2U", replacement="_sip._udp.x.example."),
            Naptr(order=1, preference=9, service="sip+d2t", replacement="_sip._tcp.x.example"),
            Naptr(order=1, preference=1, service="SIPS+D2T", replacement="_sips._tcp.x.example"),
            Naptr(order=0, preference=0, service="E2U+sip", replacement="other.example"),
        ],
        srv={
            "_sips._tcp.x.example": [
                Srv(priority=2, weight=0, port=5063, host="c.example."),
                Srv(priority=1, weight=1, port=5061, host="a.example"),
                Srv(priority=1, weight=5, port=5062, host="b.example"),
                Srv(priority=0, weight=5, port=1, host="."),
            ],
            "_sip._udp.x.example": [Srv(priority=1, weight=0, port=5060, host="192.0.2.9")],
        },
        hosts={"a.example": ["192.0.2.1"], "b.example": ["192.0.2.2"], "c.example": ["192.0.2.3"]},
    )
    assert await places("sip:larm.example", book) == [
        # By lot and weight: `weigh` has drawn the highest, so the last one.
        ("tls", "192.0.2.2", 5062, "larm.example"),
        ("tls", "192.0.2.1", 5061, "larm.example"),
        ("tls", "192.0.2.3", 5063, "larm.example"),
        ("udp", "192.0.2.9", 5060, "larm.example"),
    ]


async def test_point_14_a_stated_transport_asks_for_its_own_servers_alone() -> None:
    book = Book(
        srv={"_sip._tcp.larm.example": [Srv(priority=1, weight=1, port=5070, host="a.example")]},
        hosts={"a.example": ["192.0.2.1"]},
    )
    assert await places("sip:larm.example;transport=tcp", book) == [
        ("tcp", "192.0.2.1", 5070, "larm.example")
    ]
    assert book.asked == ["SRV _sip._tcp.larm.example", "A a.example"]


async def test_point_14_without_any_list_the_name_itself_is_the_server() -> None:
    book = Book(hosts={"larm.example": ["192.0.2.1"]})
    assert await places("sips:larm.example", book) == [("tls", "192.0.2.1", 5061, "larm.example")]
    assert await places("sip:larm.example", book) == [("udp", "192.0.2.1", 5060, "larm.example")]
    assert "SRV _sips._tcp.larm.example" in book.asked


async def test_a_name_that_nobody_knows_is_told() -> None:
    with pytest.raises(UnansweredError) as error:
        await resolve(SipUri(host="larm.example"), lookup=Book())
    assert (error.value.fault, error.value.detail) == (Fault.NO_NAME, "larm.example")


async def test_places_are_bounded() -> None:
    many = [f"192.0.2.{n}" for n in range(1, 50)]
    found = await resolve(
        SipUri(host="a.example", port=5060), lookup=Book(hosts={"a.example": many})
    )
    assert len(found) == MOST
    assert {target.transport for target in found} == {Transport.UDP}


# -- a real server of names --------------------------------------------------------------------


def _name(text: str) -> bytes:
    return b"".join(bytes([len(p)]) + p.encode() for p in text.split(".") if p) + b"\0"


def _string(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


_RECORDS = {
    ("larm.example.", 35): [
        struct.pack("!HH", 1, 2)
        + _string("s")
        + _string("SIPS+D2T")
        + _string("")
        + _name("_sips._tcp.larm.example")
    ],
    ("_sips._tcp.larm.example.", 33): [struct.pack("!HHH", 1, 2, 5061) + _name("a.larm.example")],
    ("a.larm.example.", 1): [bytes([192, 0, 2, 1])],
    ("a.larm.example.", 28): [b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"],
}


class NameServer(asyncio.DatagramProtocol):
    """Answers what it knows, denies the rest, and keeps silent about `silent.example`."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.DatagramTransport)
        self.transport = transport

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        name, (kind,) = ".".join(labels).lower() + ".", struct.unpack("!H", data[at + 1 : at + 3])
        if name == "silent.example.":
            return
        found = _RECORDS.get((name, kind), [])
        answer = data[:2] + struct.pack("!HHHHH", 0x8180 if found else 0x8183, 1, len(found), 0, 0)
        answer += data[12 : at + 5]
        for record in found:
            answer += _name(name) + struct.pack("!HHIH", kind, 1, 60, len(record)) + record
        self.transport.sendto(answer, addr)


@asynccontextmanager
async def name_server() -> AsyncIterator[Dns]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        yield Dns([f"127.0.0.1:{port}"], limit=1.0)
    finally:
        transport.close()


async def test_point_14_by_a_real_server_of_names() -> None:
    async with name_server() as lookup:
        assert await places("sip:larm.example", lookup) == [
            ("tls", "192.0.2.1", 5061, "larm.example"),
            ("tls", "2001:db8::1", 5061, "larm.example"),
        ]
        assert await lookup.srv("nothing.example") == []


async def test_a_silent_server_of_names_is_not_waited_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with name_server() as lookup:
        lookup._limit = 0.2
        assert await lookup.naptr("silent.example") == []


async def test_without_servers_of_its_own_it_asks_as_the_host_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No test may ask the host's own servers, so the loop answers as the host would."""

    async def getaddrinfo(host: str, port: object, **_: object) -> list[Any]:
        if host != "hub.local":
            raise socket.gaierror(-2, "Name or service not known")
        return [(2, 1, 6, "", ("192.0.2.1", 0)), (2, 1, 6, "", ("192.0.2.1", 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    lookup = Dns()
    assert await lookup.addresses("hub.local") == ["192.0.2.1"]
    assert await lookup.addresses("no.such.name.invalid") == []
    assert dns._text(b"a\xff") == "a\ufffd"

"""Real sockets: datagrams, connections, seals, and what can stand in the way (points 6, 10, 12, 16, 17)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
import socket
import ssl
from typing import Any, override

import pytest

from custom_components.kvarbo.transmission.rest.settings import (
    Credentials,
    SettingError,
    SettingProblem,
    Trust,
)
from custom_components.kvarbo.transmission.rest.tls import make_context
from custom_components.kvarbo.transmission.scaip.sip.flow import FlowOptions, Flows
from custom_components.kvarbo.transmission.scaip.sip.message import Message
from custom_components.kvarbo.transmission.scaip.sip.stream import Stream
from custom_components.kvarbo.transmission.scaip.sip.values import BadMessageError
from custom_components.kvarbo.transmission.scaip.sip.wire import (
    Fault,
    Flow,
    FlowHearer,
    Target,
    Transport,
    UnansweredError,
)
from custom_components.kvarbo.transmission.tunnel import Tunnel
from simulator.municipality.certificates import Authority, server_context
from simulator.testing import until

MESSAGE = (
    b"MESSAGE sip:4711@a SIP/2.0\r\nVia: SIP/2.0/TCP b;branch=z9hG4bK1\r\nFrom: <sip:b>;tag=1\r\n"
    b"To: <sip:a>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nContent-Length: 3\r\n\r\nabc"
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


@dataclass(eq=False)
class Ear(FlowHearer):
    """Keeps what a flow has told."""

    messages: list[Message] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)
    ends: list[UnansweredError] = field(default_factory=list)

    @override
    def received(self, flow: Flow, message: Message) -> None:
        self.messages.append(message)

    @override
    def malformed(self, flow: Flow, error: BadMessageError) -> None:
        self.bad.append(error.words)

    @override
    def lost(self, flow: Flow, error: UnansweredError) -> None:
        assert not flow.is_open
        self.ends.append(error)


def no_tls() -> ssl.SSLContext:
    raise AssertionError("nobody has asked for a seal")


def options(**changes: Any) -> FlowOptions:
    given: dict[str, Any] = {"tls": no_tls, "clock": asyncio.get_running_loop(), **changes}
    return FlowOptions(**given)


def target(port: int, transport: Transport = Transport.TCP, name: str = "127.0.0.1") -> Target:
    return Target(transport=transport, host="127.0.0.1", port=port, name=name)


@dataclass
class Server:
    """A far end of plain octets."""

    port: int = 0
    got: bytearray = field(default_factory=bytearray)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    reads: bool = True


@asynccontextmanager
async def serving(
    tls: ssl.SSLContext | None = None, *, reads: bool = True
) -> AsyncIterator[Server]:
    server = Server(reads=reads)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.writers.append(writer)
        try:
            while reads and (octets := await reader.read(4096)):
                server.got += octets
        except OSError:
            pass

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for writer in server.writers:
            writer.transport.abort()


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- connections -------------------------------------------------------------------------------


async def test_point_06_two_requests_in_pieces_of_37_octets() -> None:
    ear = Ear()
    async with serving() as server:
        flow = await Flows(options()).open(target(server.port), ear)
        flow.send(b"x")
        await until(lambda: server.got, what="the first octet")
        stream = MESSAGE * 2
        for at in range(0, len(stream), 37):
            server.writers[0].write(stream[at : at + 37])
            await server.writers[0].drain()
        await until(lambda: len(ear.messages) == 2, what="both")
        assert [message.body for message in ear.messages] == [b"abc", b"abc"]
        await flow.close()
        await flow.close()
        with pytest.raises(UnansweredError):
            flow.send(b"late")
    assert ear.ends == []


async def test_point_12_a_sign_of_life_is_asked_for_and_answered() -> None:
    ear = Ear()
    async with serving() as server:
        flow = await Flows(options(ping_every=0.02, pong_within=5)).open(target(server.port), ear)
        assert flow.target == target(server.port)
        await until(lambda: server.got == b"\r\n\r\n", what="a ping")
        server.writers[0].write(b"\r\n")
        await until(lambda: server.got == b"\r\n\r\n\r\n\r\n", what="the next ping")
        await flow.close()
    assert ear.ends == []


async def test_point_12_a_sign_of_life_that_is_asked_for_is_given() -> None:
    async with serving() as server:
        flow = await Flows(options()).open(target(server.port), Ear())
        await until(lambda: server.writers, what="the connection")
        server.writers[0].write(b"\r\n\r\n")
        await until(lambda: server.got == b"\r\n", what="our answer")
        await flow.close()


async def test_nothing_is_heard_after_the_end() -> None:
    class Ending(Ear):
        @override
        def received(self, flow: Flow, message: Message) -> None:
            super().received(flow, message)
            assert isinstance(flow, Stream)
            flow._lose(UnansweredError(Fault.CLOSED))

    ear = Ending()
    async with serving() as server:
        await Flows(options()).open(target(server.port), ear)
        await until(lambda: server.writers, what="the connection")
        server.writers[0].write(MESSAGE * 3)
        await until(lambda: ear.ends, what="the end")
    assert len(ear.messages) == 1


async def test_point_12_a_connection_without_a_sign_of_life_is_lost() -> None:
    ear = Ear()
    async with serving() as server:
        flow = await Flows(options(ping_every=0.01, pong_within=0.02)).open(
            target(server.port), ear
        )
        await until(lambda: ear.ends, what="the end")
        assert ear.ends[0].fault is Fault.CUT_OFF
        assert not flow.is_open


async def test_point_17_small_messages_are_not_kept_waiting() -> None:
    made: list[socket.socket] = []

    class Noted(Tunnel):
        @override
        def open_socket(self, family: int, kind: int, proto: int, host: str) -> socket.socket:
            made.append(super().open_socket(family, kind, proto, host))
            return made[-1]

    async with serving() as server:
        flow = await Flows(options(tunnel=Noted())).open(target(server.port), Ear())
        (own,) = made
        assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert own.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 5000
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert flow.local == own.getsockname()
        await flow.close()


async def test_a_far_end_that_hangs_up_is_told() -> None:
    ear = Ear()
    async with serving() as server:
        await Flows(options()).open(target(server.port), ear)
        await until(lambda: server.writers, what="the connection")
        server.writers[0].close()
        await until(lambda: ear.ends, what="the end")
    assert [end.fault for end in ear.ends] == [Fault.CUT_OFF]


async def test_a_far_end_that_breaks_off_is_told() -> None:
    ear = Ear()
    async with serving() as server:
        flow = await Flows(options()).open(target(server.port), ear)
        flow.send(b"x")
        await until(lambda: server.got, what="the connection")
        server.writers[0].get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        server.writers[0].transport.abort()
        await until(lambda: ear.ends, what="the end")
    assert [end.fault for end in ear.ends] == [Fault.CUT_OFF]


async def test_octets_that_are_no_sip_end_a_connection() -> None:
    ear = Ear()
    async with serving() as server:
        await Flows(options()).open(target(server.port), ear)
        await until(lambda: server.writers, what="the connection")
        server.writers[0].write(MESSAGE + b"HTTP/1.1 200 OK\r\n\r\n" + MESSAGE)
        await until(lambda: ear.ends, what="the end")
    assert len(ear.messages) == 1
    assert ear.bad == ["the first line is not SIP"]
    assert [end.fault for end in ear.ends] == [Fault.NOT_SIP]


async def test_a_far_end_that_does_not_read_is_lost_before_memory_grows() -> None:
    ear = Ear()
    async with serving(reads=False) as server:
        flow = await Flows(options()).open(target(server.port), ear)
        with pytest.raises(UnansweredError, match=Fault.CUT_OFF):  # noqa: PT012 - at any of them
            for _ in range(100_000):
                flow.send(b"x" * 1000)
    assert [end.fault for end in ear.ends] == [Fault.CUT_OFF]


# -- what stands in the way --------------------------------------------------------------------


async def fails(place: Target, **changes: Any) -> UnansweredError:
    with pytest.raises(UnansweredError) as error:
        await Flows(options(**changes)).open(place, Ear())
    assert not error.value.maybe_heard
    return error.value


async def test_nothing_listens() -> None:
    assert (await fails(target(free_port()))).fault is Fault.REFUSED


@pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_no_way_leads_there(transport: Transport, host: str) -> None:
    """No test may speak to another host, so the socket says what a network says that leads nowhere."""
    families = []

    class Nowhere(socket.socket):
        @override
        def connect(self, address: object) -> None:
            raise OSError(101, "Network is unreachable")

    class NoWay(Tunnel):
        @override
        def open_socket(self, family: int, kind: int, proto: int, host: str) -> socket.socket:
            families.append(family)
            made = Nowhere(family, kind, proto)
            made.settimeout(0)
            return made

    place = Target(transport=transport, host=host, port=9, name="x")
    error = await fails(place, tunnel=NoWay(), local_port=free_port(socket.SOCK_DGRAM))
    assert (error.fault, error.detail) == (Fault.NO_ROUTE, "Network is unreachable")
    assert families == [socket.AF_INET6 if ":" in host else socket.AF_INET]


async def test_nobody_takes_the_connection() -> None:
    # A queue of one that is full: the handshake is never answered.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            probe = socket.socket()
            probe.setblocking(False)
            probe.connect_ex(("127.0.0.1", port))
            waiting.append(probe)
        error = await fails(target(port), connect_limit=0.1)
        assert (error.fault, error.detail) == (Fault.SILENT, "0.1")
        for probe in waiting:
            probe.close()


# -- seals -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.in_folder(tmp_path_factory.mktemp("authority"))


def trusting(authority: Authority, own: Credentials | None = None) -> Callable[[], ssl.SSLContext]:
    trust = Trust(ca_certificate=authority.file.read_text(), public=False)
    return lambda: make_context(trust, own or Credentials())


async def test_a_sealed_flow_carries_both_ways(authority: Authority) -> None:
    ear, made = Ear(), []
    inner = trusting(authority)

    def once() -> ssl.SSLContext:
        made.append(1)
        return inner()

    async with serving(server_context(authority.server(), None)) as server:
        flows = Flows(options(tls=once))
        place = target(server.port, Transport.TLS, "localhost")
        flow = await flows.open(place, ear)
        flow.send(MESSAGE)
        await until(lambda: server.got == MESSAGE, what="our message")
        server.writers[0].write(MESSAGE)
        await until(lambda: ear.messages, what="theirs")
        await flow.close()
        await (await flows.open(place, ear)).close()
    assert made == [1]


async def test_a_certificate_of_another_name_is_told_from_one_nobody_vouches_for(
    authority: Authority, tmp_path: Path
) -> None:
    async with serving(server_context(authority.server(), None)) as server:
        place = target(server.port, Transport.TLS, "larm.example")
        error = await fails(place, tls=trusting(authority))
        assert error.fault is Fault.WRONG_NAME
        assert "larm.example" in error.detail
        stranger = Authority.in_folder(tmp_path / "stranger")
        place = target(server.port, Transport.TLS, "localhost")
        assert (await fails(place, tls=trusting(stranger))).fault is Fault.CERTIFICATE


async def test_a_far_end_without_a_seal_is_told() -> None:
    async with serving() as server:
        place = target(server.port, Transport.TLS, "localhost")

        async def answer_plainly() -> None:
            await until(lambda: server.got, what="the handshake")
            server.writers[0].write(b"SIP/2.0 400 What\r\n\r\n")

        answering = asyncio.create_task(answer_plainly())
        error = await fails(place, tls=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        assert error.fault is Fault.TLS
        await answering


async def test_a_certificate_of_ours_that_is_missing_is_told_after_the_handshake(
    authority: Authority,
) -> None:
    """With TLS 1.3 our side of the handshake is over before theirs has judged us."""
    ear = Ear()
    context = server_context(authority.server(), authority.file)

    def serve(listener: socket.socket) -> None:
        # In a thread: asyncio's own server hangs up without the alert that other servers send.
        taken, _ = listener.accept()
        with pytest.raises(ssl.SSLError), taken:
            context.wrap_socket(taken, server_side=True)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        serving_it = asyncio.create_task(asyncio.to_thread(serve, listener))
        place = target(listener.getsockname()[1], Transport.TLS, "localhost")
        await Flows(options(tls=trusting(authority))).open(place, ear)
        await until(lambda: ear.ends, what="the alert")
        await serving_it
    assert [end.fault for end in ear.ends] == [Fault.OWN_CERTIFICATE_REFUSED]


@pytest.mark.parametrize(
    ("name", "fault"),
    [("ca_certificate", Fault.AUTHORITIES), ("client_key", Fault.OWN_CERTIFICATE)],
)
async def test_certificates_that_cannot_be_used_are_told(name: str, fault: Fault) -> None:
    def broken() -> ssl.SSLContext:
        raise SettingError(name, SettingProblem.NOT_PEM)

    async with serving() as server:
        place = target(server.port, Transport.TLS, "localhost")
        assert (await fails(place, tls=broken)).fault is fault


# -- datagrams ---------------------------------------------------------------------------------


@asynccontextmanager
async def datagrams() -> AsyncIterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.setblocking(False)
        yield far


async def test_datagrams_both_ways_and_no_stranger_is_heard() -> None:
    ear, loop = Ear(), asyncio.get_running_loop()
    async with datagrams() as far, datagrams() as stranger:
        place = target(far.getsockname()[1], Transport.UDP)
        flow = await Flows(options()).open(place, ear)
        flow.send(MESSAGE)
        octets, home = await loop.sock_recvfrom(far, 4096)
        assert (octets, home) == (MESSAGE, flow.local)
        assert flow.target == place
        stranger.sendto(MESSAGE.replace(b"abc", b"bad"), home)
        far.sendto(b"\r\n\r\n", home)
        far.sendto(b"nonsense", home)
        far.sendto(MESSAGE, home)
        await until(lambda: ear.messages, what="the far end's own")
        assert [message.body for message in ear.messages] == [b"abc"]
        assert ear.bad == ["the first line is not SIP"]
        await flow.close()
        await flow.close()
        with pytest.raises(UnansweredError):
            flow.send(b"late")
    assert ear.ends == []


async def test_point_17_a_refusal_is_seen_on_udp() -> None:
    ear = Ear()
    port = free_port(socket.SOCK_DGRAM)
    flow = await Flows(options()).open(target(port, Transport.UDP), ear)
    flow.send(MESSAGE)
    await until(lambda: ear.ends, what="the refusal")
    assert [end.fault for end in ear.ends] == [Fault.REFUSED]
    assert not flow.is_open


async def test_a_way_that_is_gone_is_seen_on_udp() -> None:
    ear = Ear()
    async with datagrams() as far:
        flow = await Flows(options()).open(target(far.getsockname()[1], Transport.UDP), ear)
        flow.error_received(OSError(101, "Network is unreachable"))  # type: ignore[attr-defined]
    assert [(end.fault, end.detail) for end in ear.ends] == [
        (Fault.NO_ROUTE, "Network is unreachable")
    ]


async def test_point_10_our_own_port_is_fixed_and_any_is_better_than_none() -> None:
    port = free_port(socket.SOCK_DGRAM)
    async with datagrams() as far:
        place = target(far.getsockname()[1], Transport.UDP)
        flows = Flows(options(local_port=port))
        first, second = await flows.open(place, Ear()), await flows.open(place, Ear())
        assert first.local == ("127.0.0.1", port)
        assert second.local[1] not in (0, port)
        await first.close()
        await second.close()

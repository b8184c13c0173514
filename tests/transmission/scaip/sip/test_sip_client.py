"""The asking side: timers, copies, one outcome (network points 1 to 3)."""

import asyncio

import pytest

from custom_components.kvarbo.transmission.scaip.sip.client import ClientTransaction
from custom_components.kvarbo.transmission.scaip.sip.message import Headers, Request, Response
from custom_components.kvarbo.transmission.scaip.sip.wire import Fault, Transport, UnansweredError
from tests.support.virtual_time import run_virtual

REQUEST = Request(
    method="MESSAGE",
    uri="sip:larm@larm.example",
    headers=Headers(
        (
            ("via", "SIP/2.0/UDP 127.0.0.1:4000;branch=z9hG4bKa;rport"),
            ("from", "<sip:a@b>;tag=1"),
            ("to", "<sip:larm@larm.example>"),
            ("call-id", "c"),
            ("cseq", "1 MESSAGE"),
        )
    ),
)


def answer(status: int) -> Response:
    return Response(status=status, reason="", headers=REQUEST.headers)


class Asking:
    """One transaction and what became of it, with times."""

    def __init__(self, transport: Transport = Transport.UDP) -> None:
        self.loop = asyncio.get_running_loop()
        self.sent: list[float] = []
        self.outcomes: list[Response | UnansweredError] = []
        self.broken = False
        self.transaction = ClientTransaction(
            REQUEST,
            transport=transport,
            clock=self.loop,
            send=self.send,
            done=self.outcomes.append,
        )

    def send(self, octets: bytes) -> None:
        if self.broken:
            raise UnansweredError(Fault.NO_ROUTE)
        assert octets.startswith(b"MESSAGE sip:larm@larm.example SIP/2.0\r\nVia:")
        self.sent.append(self.loop.time())


def test_point_01_copies_go_out_on_udp_until_timer_f_ends_it() -> None:
    async def scene() -> None:
        asking = Asking()
        asking.transaction.start()
        await asyncio.sleep(100)
        assert asking.sent == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        (outcome,) = asking.outcomes
        assert isinstance(outcome, UnansweredError)
        assert outcome.fault is Fault.SILENT
        assert outcome.maybe_heard

    run_virtual(scene())


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
def test_point_01_a_connection_repeats_nothing_and_timer_f_stays(transport: Transport) -> None:
    async def scene() -> None:
        asking = Asking(transport)
        asking.transaction.start()
        await asyncio.sleep(31.9)
        assert asking.outcomes == []
        await asyncio.sleep(0.2)
        assert asking.sent == [0]
        assert len(asking.outcomes) == 1

    run_virtual(scene())


def test_point_01_after_a_provisional_answer_copies_go_every_four_seconds_at_once() -> None:
    async def scene() -> None:
        asking = Asking()
        asking.transaction.start()
        await asyncio.sleep(0.6)
        asking.transaction.received(answer(100))
        await asyncio.sleep(9)
        assert asking.sent == [0, 0.5, 4.6, 8.6]
        assert asking.outcomes == []
        asking.transaction.cancel()

    run_virtual(scene())


@pytest.mark.parametrize(("transport", "absorbs"), [(Transport.UDP, 5.0), (Transport.TCP, 0.0)])
def test_point_01_late_copies_of_the_answer_are_absorbed_on_udp(
    transport: Transport, absorbs: float
) -> None:
    async def scene() -> None:
        asking = Asking(transport)
        asking.transaction.start()
        asking.transaction.received(answer(200))
        asking.transaction.received(answer(200))
        asking.transaction.received(answer(486))
        assert [o.status for o in asking.outcomes if isinstance(o, Response)] == [200]
        assert asking.transaction.is_over is (absorbs == 0)
        await asyncio.sleep(absorbs + 0.001)
        assert asking.transaction.is_over
        assert asking.sent == [0]

    run_virtual(scene())


def test_a_way_that_breaks_ends_it_and_what_was_sent_may_have_been_heard() -> None:
    async def scene() -> None:
        asking = Asking()
        asking.transaction.start()
        asking.transaction.lost(UnansweredError(Fault.CUT_OFF))
        await asyncio.sleep(40)
        (outcome,) = asking.outcomes
        assert isinstance(outcome, UnansweredError)
        assert (outcome.fault, outcome.maybe_heard) == (Fault.CUT_OFF, True)
        assert asking.sent == [0]

    run_virtual(scene())


def test_a_copy_that_cannot_be_sent_ends_it() -> None:
    async def scene() -> None:
        asking = Asking()
        asking.transaction.start()
        asking.broken = True
        await asyncio.sleep(1)
        (outcome,) = asking.outcomes
        assert isinstance(outcome, UnansweredError)
        assert (outcome.fault, outcome.maybe_heard) == (Fault.NO_ROUTE, True)

    run_virtual(scene())


def test_what_was_never_sent_was_not_heard_and_leaves_no_timer() -> None:
    async def scene() -> None:
        asking = Asking()
        asking.broken = True
        with pytest.raises(UnansweredError) as error:
            asking.transaction.start()
        assert not error.value.maybe_heard
        await asyncio.sleep(40)
        assert asking.outcomes == []

    run_virtual(scene())


def test_whoever_is_cancelled_says_nothing() -> None:
    async def scene() -> None:
        asking = Asking()
        asking.transaction.start()
        asking.transaction.cancel()
        asking.transaction.received(answer(200))
        await asyncio.sleep(40)
        assert asking.outcomes == []
        assert asking.sent == [0]
        assert asking.transaction.is_over

    run_virtual(scene())

"""Being known to the far end (network points 10 and 11)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from custom_components.kvarbo.transmission.scaip.sip.message import Headers, Request, Response
from custom_components.kvarbo.transmission.scaip.sip.registration import (
    Registered,
    Registration,
    granted_by,
)
from custom_components.kvarbo.transmission.scaip.sip.values import BadMessageError
from custom_components.kvarbo.transmission.scaip.sip.wire import Fault, UnansweredError
from tests.support.sip_peer import TCP, UDP, Guard, SipPeer, brief
from tests.support.virtual_time import run_virtual

from .test_sip_agent import Speaking, in_virtual_time


def registrar(peer: SipPeer, granted: int = 60) -> Callable[[Request], Response | None]:
    """A far end that grants so many seconds, and answers messages."""

    def react(request: Request) -> Response | None:
        if request.method != "REGISTER":
            return brief(200)(request)
        contact = request.headers.first("contact") or ""
        return brief(200, contact=f"{contact};expires={granted}")(request)

    return react


async def registered(granted: int = 60, *targets: Any) -> tuple[Speaking, SipPeer]:
    peer = SipPeer()
    peer.react = registrar(peer, granted)
    speaking = Speaking(peer, *targets, registers=True)
    await speaking.say()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return speaking, peer


@in_virtual_time
async def test_point_11_a_new_flow_is_registered_and_no_message_waits_for_it() -> None:
    peer = SipPeer()
    peer.react = lambda r: None if r.method == "REGISTER" else brief(200)(r)
    speaking = Speaking(peer, registers=True)
    assert (await speaking.say()).took == 0
    await asyncio.sleep(1)
    register = peer.of("REGISTER")[0]
    assert register.uri == "sip:larm.example"
    assert register.headers.first("to") == "<sip:4711@larm.example>"
    assert register.headers.first("expires") == "180"
    assert register.headers.first("contact") == (
        '<sip:4711@127.0.0.1:40000>;+sip.instance="<urn:uuid:1-2-3>";reg-id=1'
    )
    await speaking.agent.close()


@in_virtual_time
async def test_point_11_the_granted_time_counts_and_is_renewed_well_before_its_end() -> None:
    speaking, peer = await registered(60)
    await asyncio.sleep(0.1)
    assert speaking.agent.registration == Registered(status=200, reason="OK", expires=60)
    await asyncio.sleep(29)
    assert len(peer.of("REGISTER")) == 1
    await asyncio.sleep(16.5)
    assert len(peer.of("REGISTER")) == 2
    first, second = peer.of("REGISTER")
    # One life, one Call-ID: a registrar takes the newest of them (RFC 3261 section 10.2).
    assert first.headers.first("call-id") == second.headers.first("call-id")
    await speaking.agent.close()


@in_virtual_time
async def test_point_11_a_lost_flow_is_registered_anew_at_once() -> None:
    speaking, peer = await registered(600, TCP)
    await asyncio.sleep(1)
    peer.flows[0].breaks()
    await asyncio.sleep(0.1)
    contacts = [r.headers.first("contact") or "" for r in peer.of("REGISTER")]
    assert ["40000" in contacts[0], "40001" in contacts[1]] == [True, True]
    assert ";transport=tcp>" in contacts[1]
    assert len(contacts) == 2
    await speaking.agent.close()


@in_virtual_time
async def test_point_11_a_registrar_that_is_down_is_asked_again_until_it_is_back() -> None:
    speaking, peer = await registered(600, TCP)
    await asyncio.sleep(1)
    peer.closed[TCP] = Fault.REFUSED
    peer.flows[0].breaks()
    await asyncio.sleep(20)
    assert len(peer.of("REGISTER")) == 1
    del peer.closed[TCP]
    await asyncio.sleep(22)
    assert len(peer.of("REGISTER")) == 2
    await speaking.agent.close()


@pytest.mark.parametrize("status", [403, 404])
def test_point_11_whoever_has_forgotten_us_is_told_again_before_it_is_a_refusal(
    status: int,
) -> None:
    async def scene() -> None:
        peer, forgot = SipPeer(), [True]

        def react(request: Request) -> Response | None:
            if request.method == "REGISTER":
                forgot[0] = len(peer.of("REGISTER")) < 2
                return brief(200)(request)
            return brief(status if forgot[0] else 200)(request)

        peer.react = react
        speaking = Speaking(peer, registers=True)
        assert (await speaking.say()).status == 200
        assert len(peer.of("MESSAGE")) == 2
        forgot[0] = True
        peer.react = brief(status)
        assert (await speaking.say()).status == status
        await speaking.agent.close()

    run_virtual(scene())


@in_virtual_time
async def test_point_11_a_refused_registration_stops_no_message_and_is_shown() -> None:
    peer = SipPeer()
    guard = Guard("another")
    peer.react = lambda r: guard(r) if r.method == "REGISTER" else brief(200)(r)
    speaking = Speaking(peer, registers=True)
    assert (await speaking.say()).status == 200
    await asyncio.sleep(1)
    assert speaking.agent.registration == Registered(status=401, reason="")
    before = len(peer.of("REGISTER"))
    assert (await speaking.say()).status == 200
    await asyncio.sleep(50)
    assert len(peer.of("REGISTER")) == before
    guard.password = "s3cret"
    await asyncio.sleep(70)
    state = speaking.agent.registration
    assert state is not None
    assert state.status == 200
    await speaking.agent.close()


@in_virtual_time
async def test_point_11_an_interval_that_is_too_brief_is_made_longer() -> None:
    peer = SipPeer()

    def react(request: Request) -> Response | None:
        asked = int(request.headers.first("expires") or 0)
        if request.method == "REGISTER" and 0 < asked < 600:
            return brief(423, min_expires="600")(request)
        return brief(200)(request)

    peer.react = react
    speaking = Speaking(peer, registers=True)
    reply = await speaking.agent.refresh()
    assert reply is not None
    assert reply.status == 200
    await speaking.agent.close()
    assert [r.headers.first("expires") for r in peer.of("REGISTER")] == ["180", "600", "0"]


@in_virtual_time
async def test_point_10_we_say_goodbye_and_wait_no_longer_than_a_second() -> None:
    speaking, peer = await registered()
    await asyncio.sleep(0.1)
    await speaking.agent.close()
    assert peer.of("REGISTER")[-1].headers.first("expires") == "0"
    speaking, peer = await registered()
    await asyncio.sleep(0.1)
    peer.react = lambda _: None
    began = asyncio.get_running_loop().time()
    await speaking.agent.close()
    assert asyncio.get_running_loop().time() - began == 1
    count = len(peer.copies)
    await asyncio.sleep(100)
    assert len(peer.copies) == count


@in_virtual_time
async def test_whoever_does_not_register_never_does() -> None:
    speaking = Speaking(SipPeer(), UDP)
    await speaking.say()
    assert await speaking.agent.refresh() is None
    await asyncio.sleep(100)
    await speaking.agent.close()
    assert speaking.peer.of("REGISTER") == []
    assert speaking.agent.registration is None


@pytest.mark.parametrize(
    ("lines", "granted"),
    [
        ((), 180),
        ((("expires", "90"),), 90),
        ((("contact", "<sip:a@b>;expires=70"), ("contact", "<sip:c@d>;expires=50")), 50),
        ((("contact", "<sip:a@b>"), ("expires", "40")), 40),
        ((("expires", "999999"),), 3600),
        ((("expires", "0"),), 3600),
        ((("expires", "soon"),), 180),
    ],
)
def test_the_granted_time_is_found_wherever_it_stands(
    lines: tuple[tuple[str, str], ...], granted: int
) -> None:
    assert granted_by(Response(status=200, reason="", headers=Headers(lines)), 180) == granted


@in_virtual_time
async def test_an_answer_that_makes_no_sense_is_no_end_of_trying() -> None:
    answers: list[Response | Exception] = [
        Response(status=200, reason="", headers=Headers((("contact", "<sip:a"),))),
        UnansweredError(Fault.SILENT),
        Response(status=200, reason="", headers=Headers()),
    ]
    asked = []

    async def send(expires: int) -> Response:
        asked.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    registration = Registration(
        send,
        asked=180,
        clock=asyncio.get_running_loop(),
        spread=lambda least, most: (least + most) / 2,
    )
    registration.wanted()
    await asyncio.sleep(30)
    assert asked == [0, 5, 15]
    assert registration.state == Registered(status=200, reason="", expires=180)
    with pytest.raises(BadMessageError):
        granted_by(Response(status=200, reason="", headers=Headers((("contact", "<x"),))), 1)


@in_virtual_time
async def test_point_11_a_far_end_that_is_down_on_udp_is_not_hammered() -> None:
    """Each datagram is refused at once and ends its flow: the pauses hold all the same."""
    peer = SipPeer()

    def refuse(request: Request) -> Response | None:
        peer.flows[-1].breaks(Fault.REFUSED)
        return None

    peer.react = refuse
    speaking = Speaking(peer, UDP, registers=True)
    with pytest.raises(UnansweredError):
        await speaking.say()
    await asyncio.sleep(120)
    assert 3 < len(peer.of("REGISTER")) < 12
    peer.react = registrar(peer)
    await asyncio.sleep(70)
    assert speaking.agent.registration is not None
    await speaking.agent.close()


@in_virtual_time
async def test_a_fault_inside_is_no_end_of_trying() -> None:
    asked = []

    async def send(expires: int) -> Response:
        asked.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        raise ValueError("a fault of ours")

    registration = Registration(
        send, asked=180, clock=asyncio.get_running_loop(), spread=lambda least, most: 1.0
    )
    registration.wanted()
    await asyncio.sleep(16)
    assert asked == [0, 5, 15]
    await registration.stop()

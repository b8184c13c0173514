"""What is answered to requests that come to us (network points 4, 9, 10, 16)."""

import asyncio

import pytest

from custom_components.kvarbo.transmission.scaip.sip.message import Request, Response
from custom_components.kvarbo.transmission.scaip.sip.server import KEPT
from custom_components.kvarbo.transmission.scaip.sip.values import BadMessageError, Via
from tests.support.sip_peer import MemoryFlow, SipPeer
from tests.support.virtual_time import run_virtual

from .test_sip_agent import Speaking, in_virtual_time


async def reached(peer: SipPeer) -> tuple[Speaking, MemoryFlow]:
    """An agent that has spoken once, and its flow."""
    speaking = Speaking(peer)
    await speaking.say()
    return speaking, peer.flows[0]


@in_virtual_time
async def test_point_04_an_answer_goes_back_the_way_it_came() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    peer.says(flow, b"<mrs/>", more=(("via", "SIP/2.0/TCP edge.example;branch=z9hG4bKold"),))
    (answer,) = peer.answers
    assert (answer.status, answer.reason) == (200, "OK")
    top, below = answer.headers.all("via")
    told = Via.parse(top)
    assert (told.params["received"], told.params["rport"]) == ("192.0.2.1", "5060")
    assert below == "SIP/2.0/TCP edge.example;branch=z9hG4bKold"
    assert ";tag=" in (answer.headers.first("to") or "")
    assert answer.headers.first("from") == "<sip:larm@larm.example>;tag=f"
    assert (answer.headers.first("call-id"), answer.headers.first("cseq")) == ("c1", "7 MESSAGE")
    assert speaking.heard == [(b"<mrs/>", "application/scaip+xml")]


@in_virtual_time
async def test_point_04_a_sender_who_says_another_place_learns_where_we_saw_it() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    incoming = speaking.agent._incoming
    request = peer.says(flow, b"")
    told = Via.parse(
        (incoming.answer(request, ("192.0.2.9", 1)) or peer.answers[0]).headers.all("via")[0]
    )
    assert told.params["rport"] == "5060"  # as it was answered first
    lying = Request(
        method="MESSAGE",
        uri=request.uri,
        headers=request.headers.without("via").on_top(
            ("via", "SIP/2.0/UDP x.example;branch=z9hG4bK9")
        ),
    )
    answer = incoming.answer(lying, ("192.0.2.9", 1))
    assert answer is not None
    assert Via.parse(answer.headers.all("via")[0]).params["received"] == "192.0.2.9"


@in_virtual_time
async def test_point_10_copies_are_answered_from_memory_and_heard_once() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    for _ in range(3):
        peer.says(flow, b"<mrs/>", branch="z9hG4bKsame")
    assert len(peer.answers) == 3
    assert len({str(answer) for answer in peer.answers}) == 1
    assert len(speaking.heard) == 1
    # And after timer J it is a new one.
    await asyncio.sleep(32.1)
    peer.says(flow, b"<mrs/>", branch="z9hG4bKsame")
    assert len(speaking.heard) == 2


@in_virtual_time
async def test_point_10_what_is_remembered_is_bounded() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    for n in range(KEPT + 50):
        peer.says(flow, b"x", branch=f"z9hG4bK{n}", more=(("user-agent", str(n)),))
    assert len(speaking.agent._incoming._answered._kept) <= KEPT + 1


@pytest.mark.parametrize(
    ("changes", "status", "header"),
    [
        ({"method": "OPTIONS"}, 200, ("allow", "MESSAGE, OPTIONS")),
        ({"method": "INVITE"}, 405, ("allow", "MESSAGE, OPTIONS")),
        ({"method": "SUBSCRIBE"}, 405, ("allow", "MESSAGE, OPTIONS")),
        ({"method": "BYE"}, 481, None),
        ({"method": "CANCEL"}, 481, None),
        ({"uri": "sip:4712@192.0.2.9"}, 404, None),
        ({"uri": "sip:192.0.2.9"}, 404, None),
        ({"uri": "tel:112"}, 404, None),
        ({"uri": "sip:4711@:5060"}, 200, None),
        ({"uri": "sip:4712@:5060"}, 404, None),
        ({"type": "text/plain"}, 415, ("accept", "application/scaip+xml")),
        ({"more": (("require", "100rel"),)}, 420, ("unsupported", "100rel")),
        # We are its last stop: nothing goes any further from here.
        ({"more": (("max-forwards", "0"),)}, 200, None),
    ],
)
def test_point_16_other_requests_are_refused(
    changes: dict[str, object], status: int, header: tuple[str, str] | None
) -> None:
    async def scene() -> None:
        peer = SipPeer()
        speaking, flow = await reached(peer)
        peer.says(flow, b"x", **changes)
        (answer,) = peer.answers
        assert answer.status == status
        assert header is None or answer.headers.first(header[0]) == header[1]
        assert bool(speaking.heard) is (status == 200 and changes.get("method") is None)

    run_virtual(scene())


@in_virtual_time
async def test_point_16_a_body_that_is_too_long_is_refused() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    peer.says(flow, b"x" * 17_000)
    assert [answer.status for answer in peer.answers] == [413]
    assert speaking.heard == []


@in_virtual_time
async def test_point_16_nothing_is_answered_to_an_ack_or_an_answer() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    request = peer.says(flow, b"", method="ACK")
    speaking.agent.received(flow, Response(status=200, reason="", headers=request.headers))
    assert speaking.agent._incoming.refuse(request, ("a", 1)) is None
    assert peer.answers == []


@in_virtual_time
async def test_point_16_what_can_be_read_in_part_is_answered_so() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    request = peer.says(flow, b"")
    peer.answers.clear()
    speaking.agent.malformed(flow, BadMessageError("short", request))
    speaking.agent.malformed(flow, BadMessageError("nothing"))
    assert [answer.status for answer in peer.answers] == [400]


@in_virtual_time
async def test_point_16_headers_that_make_no_sense_raise_nothing() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    bad = peer.says(flow, b"").headers.without("via").on_top(("via", "nonsense"))
    peer.answers.clear()
    speaking.agent.received(flow, Request(method="MESSAGE", uri="sip:4711@x", headers=bad))
    speaking.agent.received(flow, Response(status=200, reason="", headers=bad))
    speaking.agent.malformed(
        flow, BadMessageError("x", Request(method="MESSAGE", uri="sip:x", headers=bad))
    )
    assert peer.answers == []


@in_virtual_time
async def test_an_answer_that_cannot_be_sent_harms_nobody() -> None:
    peer = SipPeer()
    speaking, flow = await reached(peer)
    request = peer.says(flow, b"1", branch="z9hG4bK1")
    flow.is_open = False
    speaking.agent.received(flow, request)
    assert len(peer.answers) == 1

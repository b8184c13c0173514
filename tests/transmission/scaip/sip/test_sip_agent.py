"""The user agent against a far end in memory: asking (network points 1, 2, 7, 8, 10, 11, 13 to 15)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from custom_components.kvarbo.transmission.scaip.sip.agent import Agent, AgentSettings
from custom_components.kvarbo.transmission.scaip.sip.build import to_octets
from custom_components.kvarbo.transmission.scaip.sip.digest import Credentials
from custom_components.kvarbo.transmission.scaip.sip.message import Request
from custom_components.kvarbo.transmission.scaip.sip.reply import Reply
from custom_components.kvarbo.transmission.scaip.sip.server import answer_to
from custom_components.kvarbo.transmission.scaip.sip.values import Address, CSeq, SipUri, Via
from custom_components.kvarbo.transmission.scaip.sip.wire import (
    Fault,
    Target,
    Transport,
    UnansweredError,
)
from tests.support.samples import sealed
from tests.support.sip_peer import TCP, UDP, Guard, SipPeer, brief, resolver
from tests.support.virtual_time import run_virtual

SETTINGS = AgentSettings(
    own=SipUri(host="larm.example", user="4711"),
    receiver=SipUri(host="larm.example", user="larm"),
    route=SipUri(host="larm.example", params={"transport": "udp"}),
    credentials=Credentials("4711", "s3cret"),
    registers=False,
    instance="urn:uuid:1-2-3",
    accepts=frozenset({"application/scaip+xml"}),
)


class Speaking:
    """An agent, its far end, and what has come to it."""

    def __init__(self, peer: SipPeer, *targets: Target, **changes: Any) -> None:
        self.peer = peer
        self.heard: list[tuple[bytes, str]] = []
        self.agent = Agent(
            replace(SETTINGS, **changes),
            open_flow=peer.open,
            resolve=resolver(*(targets or (UDP,))),
            clock=asyncio.get_running_loop(),
            on_message=lambda body, kind: self.heard.append((body, kind)),
        )

    async def say(
        self, body: bytes = b"<mrq/>", written: Callable[[], None] | None = None
    ) -> Reply:
        return await self.agent.message(sealed(body), "application/scaip+xml", written=written)


def in_virtual_time(scene: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def test() -> None:
        run_virtual(scene())

    test.__name__ = scene.__name__
    return test


@in_virtual_time
async def test_a_message_is_said_and_answered() -> None:
    speaking, written = Speaking(SipPeer(way=0.02)), list[float]()
    loop = asyncio.get_running_loop()
    reply = await speaking.say(written=lambda: written.append(loop.time()))
    assert (reply.status, reply.body) == (200, b"")
    assert reply.took == pytest.approx(0.04)
    assert written == [0]
    (request,) = speaking.peer.requests
    assert request.uri == "sip:larm@larm.example"
    assert (
        request.headers.first(
            "from",
        )
        == f"<sip:4711@larm.example>;tag={Address.parse(request.headers.first('from') or '').tag}"
    )
    assert request.headers.first("to") == "<sip:larm@larm.example>"
    assert request.headers.first("max-forwards") == "70"
    assert request.headers.first("content-type") == "application/scaip+xml"
    assert request.body == b"<mrq/>"
    via = Via.parse(request.headers.first("via") or "")
    assert via.branch.startswith("z9hG4bK")
    assert "rport" in via.params
    await speaking.agent.close()


@pytest.mark.parametrize(("lost", "after"), [(0, 0), (1, 0.5), (2, 1.5), (3, 3.5), (4, 7.5)])
@pytest.mark.parametrize("back", [False, True])
def test_point_01_lost_copies_cost_what_the_timers_say(
    lost: int, after: float, *, back: bool
) -> None:
    async def scene() -> None:
        speaking = Speaking(SipPeer(lose=0 if back else lost, lose_answers=lost if back else 0))
        reply = await speaking.say()
        assert (reply.status, reply.took) == (200, after)
        # One message there, however often its copies went; all of one name.
        assert len(speaking.peer.requests) == 1
        assert len({str(request) for _, _, request in speaking.peer.copies}) == 1

    run_virtual(scene())


@in_virtual_time
async def test_point_02_a_retry_with_credentials_is_a_new_transaction_of_the_same_call() -> None:
    speaking = Speaking(SipPeer(react=Guard()))
    assert (await speaking.say()).status == 200
    first, second = speaking.peer.requests
    assert second.headers.first("call-id") == first.headers.first("call-id")
    assert second.headers.first("from") == first.headers.first("from")
    numbers = [CSeq.parse(r.headers.first("cseq") or "").number for r in (first, second)]
    assert numbers[1] == numbers[0] + 1
    assert len({r.headers.first("via") for r in (first, second)}) == 2
    # And a message said again is another call, with the kept nonce at once.
    assert (await speaking.say()).status == 200
    third = speaking.peer.requests[2]
    assert third.headers.first("call-id") != first.headers.first("call-id")
    assert len(speaking.peer.requests) == 3


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_point_07_challenges_of_both_kinds_are_answered(status: int, algorithm: str) -> None:
    async def scene() -> None:
        guard = Guard(status=status, algorithm=algorithm)
        speaking = Speaking(SipPeer(react=guard))
        assert (await speaking.say()).status == 200
        guard.nonce = 2  # the old one has grown old, and nobody says stale
        assert (await speaking.say()).status == 200
        assert len(speaking.peer.requests) == 4

    run_virtual(scene())


@in_virtual_time
async def test_point_07_a_wrong_password_is_told_after_one_try() -> None:
    speaking = Speaking(SipPeer(react=Guard("another")))
    assert (await speaking.say()).status == 401
    assert len(speaking.peer.requests) == 2


@in_virtual_time
async def test_point_07_many_at_once_are_all_believed() -> None:
    speaking = Speaking(SipPeer(react=Guard(), way=0.01))
    replies = await asyncio.gather(*(speaking.say(b"%d" % n) for n in range(20)))
    assert {reply.status for reply in replies} == {200}


@pytest.mark.parametrize(
    ("status", "more", "retry_after"),
    [
        (202, {}, None),
        (302, {"contact": "<sip:elsewhere@example>"}, None),
        (413, {"retry_after": "30 (full)"}, 30.0),
        (480, {}, None),
        (486, {"retry_after": "12;duration=3"}, 12.0),
        (503, {"retry_after": "soon"}, None),
        (600, {}, None),
    ],
)
def test_point_08_other_answers_come_back_as_they_are(
    status: int, more: dict[str, str], retry_after: float | None
) -> None:
    async def scene() -> None:
        speaking = Speaking(SipPeer(react=brief(status, **more)))
        reply = await speaking.say()
        assert (reply.status, reply.retry_after) == (status, retry_after)
        # Nobody is followed elsewhere: that would be a way out of the tunnel.
        assert len(speaking.peer.requests) == 1

    run_virtual(scene())


@in_virtual_time
async def test_point_08_no_answer_is_not_a_refusal() -> None:
    speaking = Speaking(SipPeer(react=lambda _: None))
    with pytest.raises(UnansweredError) as error:
        await speaking.say()
    assert (error.value.fault, error.value.maybe_heard) == (Fault.SILENT, True)
    assert asyncio.get_running_loop().time() == 32


@in_virtual_time
async def test_point_09_a_body_in_the_answer_is_handed_on() -> None:
    def react(request: Request) -> Any:
        response = answer_to(
            request, 200, tag="t", source=("a", 1), more=(("content-type", "Application/XML; q=1"),)
        )
        return replace(response, body=b"<scaip/>")

    reply = await Speaking(SipPeer(react=react)).say()
    assert (reply.body, reply.media_type) == (b"<scaip/>", "application/xml")


@pytest.mark.parametrize("size", [600, 1400])
def test_point_13_what_is_too_long_for_a_datagram_goes_by_tcp(size: int) -> None:
    async def scene() -> None:
        speaking = Speaking(SipPeer())
        await speaking.say(b"x")
        await speaking.say(b"a" * size)
        await speaking.say(b"a" * size)
        transports = [flow.target.transport for _, flow, _ in speaking.peer.copies]
        wide = Transport.UDP if size < 1000 else Transport.TCP
        assert transports == [Transport.UDP, wide, wide]
        via = Via.parse(speaking.peer.requests[1].headers.first("via") or "")
        assert via.transport == wide.upper()
        # One connection for all of them.
        assert len(speaking.peer.flows) == (1 if wide is Transport.UDP else 2)
        await speaking.agent.close()
        assert not any(flow.is_open for flow in speaking.peer.flows)

    run_virtual(scene())


@in_virtual_time
async def test_point_13_where_there_is_no_connection_udp_is_better_than_nothing() -> None:
    speaking = Speaking(SipPeer(closed={TCP: Fault.REFUSED}))
    assert (await speaking.say(b"a" * 1400)).status == 200
    assert [flow.target for flow in speaking.peer.flows] == [UDP]


SECOND = replace(UDP, host="192.0.2.2")
THIRD = replace(UDP, host="192.0.2.3")


@in_virtual_time
async def test_point_14_a_place_that_cannot_be_opened_is_left_for_the_next() -> None:
    peer = SipPeer(closed={UDP: Fault.NO_ROUTE})
    speaking = Speaking(peer, UDP, SECOND)
    assert (await speaking.say()).status == 200
    assert [flow.target for flow in peer.flows] == [SECOND]


@pytest.mark.parametrize("status", [503, 408])
def test_point_14_a_place_that_cannot_serve_is_left_for_the_next(status: int) -> None:
    async def scene() -> None:
        peer = SipPeer()

        def react(request: Request) -> Any:
            first = peer.flows[0].target == peer.copies[-1][1].target
            return brief(status if first else 200)(request)

        peer.react = react
        speaking = Speaking(peer, UDP, SECOND)
        assert (await speaking.say()).status == 200
        assert [flow.target for flow in peer.flows] == [UDP, SECOND]
        # It stays there, and the one that failed comes last for a while.
        assert (await speaking.say()).status == 200
        assert len(peer.flows) == 2

    run_virtual(scene())


@in_virtual_time
async def test_point_14_a_silent_place_is_left_after_timer_f_and_asked_last() -> None:
    peer = SipPeer()
    peer.react = lambda r: None if peer.copies[-1][1].target == UDP else brief(200)(r)
    speaking = Speaking(peer, UDP, SECOND)
    reply = await speaking.say()
    assert reply.status == 200
    assert asyncio.get_running_loop().time() == 32
    peer.flows[-1].breaks()
    await speaking.say()
    assert [flow.target for flow in peer.flows] == [UDP, SECOND, SECOND]


@in_virtual_time
async def test_point_14_where_all_fail_the_last_word_is_told() -> None:
    peer = SipPeer(closed={UDP: Fault.NO_ROUTE, SECOND: Fault.WRONG_NAME})
    speaking = Speaking(peer, UDP, SECOND)
    with pytest.raises(UnansweredError) as error:
        await speaking.say()
    assert (error.value.fault, error.value.maybe_heard) == (Fault.WRONG_NAME, False)
    del peer.closed[UDP]
    assert (await speaking.say()).status == 200


@in_virtual_time
async def test_point_14_what_may_have_been_heard_stays_so_wherever_it_goes_next() -> None:
    peer = SipPeer(react=lambda _: None, closed={SECOND: Fault.REFUSED})
    speaking = Speaking(peer, UDP, SECOND)
    with pytest.raises(UnansweredError) as error:
        await speaking.say()
    assert (error.value.fault, error.value.maybe_heard) == (Fault.REFUSED, True)


@in_virtual_time
async def test_point_15_messages_overlap_and_carry_no_contact() -> None:
    peer = SipPeer()
    peer.react = lambda r: None if r.body == b"first" else brief(200)(r)
    speaking = Speaking(peer)
    first = asyncio.ensure_future(speaking.say(b"first"))
    await asyncio.sleep(0)
    assert (await speaking.say(b"second")).took == 0
    assert all(request.headers.first("contact") is None for request in peer.requests)
    with pytest.raises(UnansweredError):
        await first


@in_virtual_time
async def test_point_12_options_ask_whether_anybody_is_there() -> None:
    speaking = Speaking(SipPeer(react=brief(405)))
    assert (await speaking.agent.options()).status == 405
    (request,) = speaking.peer.requests
    assert (request.method, request.uri) == ("OPTIONS", "sip:larm.example")


@in_virtual_time
async def test_a_way_that_breaks_is_told_and_opened_anew() -> None:
    peer = SipPeer(react=lambda _: None)
    speaking = Speaking(peer, TCP)
    saying = asyncio.ensure_future(speaking.say())
    await asyncio.sleep(1)
    peer.flows[0].breaks()
    with pytest.raises(UnansweredError) as error:
        await saying
    assert (error.value.fault, error.value.maybe_heard) == (Fault.CUT_OFF, True)
    peer.react = brief(200)
    assert (await speaking.say()).status == 200
    assert len(peer.flows) == 2


@in_virtual_time
async def test_whoever_is_cancelled_sends_no_further_copy() -> None:
    peer = SipPeer(react=lambda _: None)
    speaking = Speaking(peer)
    saying = asyncio.ensure_future(speaking.say())
    await asyncio.sleep(0.6)
    saying.cancel()
    await asyncio.sleep(40)
    assert len(peer.copies) == 2


@in_virtual_time
async def test_after_the_end_nothing_is_said() -> None:
    speaking = Speaking(SipPeer(react=lambda _: None))
    saying = asyncio.ensure_future(speaking.say())
    await asyncio.sleep(0.1)
    await speaking.agent.close()
    await speaking.agent.close()
    with pytest.raises(UnansweredError) as error:
        await speaking.say()
    assert error.value.fault is Fault.CLOSED
    saying.cancel()
    await asyncio.sleep(10)
    assert len(speaking.peer.copies) == 1


@in_virtual_time
async def test_point_14_names_are_looked_up_again_and_an_old_answer_is_better_than_none() -> None:
    asked: list[float] = []
    loop, peer = asyncio.get_running_loop(), SipPeer()

    async def resolve(uri: SipUri) -> tuple[Target, ...]:
        assert uri == SETTINGS.route
        await asyncio.sleep(0)
        asked.append(loop.time())
        if len(asked) > 1:
            raise UnansweredError(Fault.NO_NAME)
        return (UDP,)

    agent = Agent(
        SETTINGS, open_flow=peer.open, resolve=resolve, clock=loop, on_message=lambda _b, _t: None
    )
    for _ in range(2):
        assert (await agent.message(sealed(b""), "text/xml")).status == 200
        peer.flows[-1].is_open = False
    await asyncio.sleep(301)
    assert (await agent.message(sealed(b""), "text/xml")).status == 200
    assert asked == [0, 301]
    await agent.close()
    assert loop.time() == 301


@in_virtual_time
async def test_a_name_that_was_never_known_is_told() -> None:
    async def resolve(_uri: SipUri) -> tuple[Target, ...]:
        await asyncio.sleep(0)
        raise UnansweredError(Fault.NO_NAME, "larm.example")

    loop = asyncio.get_running_loop()
    agent = Agent(
        SETTINGS,
        open_flow=SipPeer().open,
        resolve=resolve,
        clock=loop,
        on_message=lambda _b, _t: None,
    )
    with pytest.raises(UnansweredError, match=Fault.NO_NAME):
        await agent.message(sealed(b""), "text/xml")


@in_virtual_time
async def test_point_03_answers_are_matched_by_branch_and_method_alone() -> None:
    peer = SipPeer(react=lambda _: None)
    speaking = Speaking(peer)
    saying = asyncio.ensure_future(speaking.say())
    await asyncio.sleep(0.1)
    _, flow, request = peer.copies[0]
    right = brief(200)(request)
    via = right.headers.first("via") or ""
    strangers = (
        right.headers.without("via").on_top(
            ("via", via.replace("branch=z9hG4bK", "branch=z9hG4bKx"))
        ),
        right.headers.without("cseq").with_(("cseq", "1 OPTIONS")),
    )
    for headers in strangers:
        peer.answers_with(flow, replace(right, headers=headers))
    await asyncio.sleep(0.1)
    assert not saying.done()
    # Everything else may differ, as it does behind odd proxies.
    odd = right.headers.without("call-id", "from").with_(("call-id", "x"), ("from", "<sip:x@y>"))
    peer.answers_with(flow, replace(right, headers=odd))
    assert (await saying).status == 200
    peer.answers_with(flow, right)  # and a late copy finds nobody
    await asyncio.sleep(1)
    await speaking.agent.close()


@in_virtual_time
async def test_an_answer_in_the_very_turn_in_which_we_are_cut_off_harms_nobody() -> None:
    """Raised within what reads the connection, an error would end it, with all that waits on it."""
    peer = SipPeer(react=lambda _: None)
    speaking = Speaking(peer, TCP)
    saying = asyncio.ensure_future(speaking.say())
    await asyncio.sleep(0.1)
    _, flow, request = peer.copies[0]
    saying.cancel()
    flow.comes(to_octets(brief(200)(request)))
    with pytest.raises(asyncio.CancelledError):
        await saying
    peer.react = brief(200)
    assert (await speaking.say()).status == 200
    assert len(peer.flows) == 1

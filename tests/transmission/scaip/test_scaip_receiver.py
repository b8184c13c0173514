"""The session: an alarm is over when a SCAIP answer with its ref has come, wherever it comes from."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
import re
from typing import Any

import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind, Note
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Answer, Verdict
from custom_components.kvarbo.transmission.rest.settings import Trust
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import ScaipSettings
from custom_components.kvarbo.transmission.scaip.sip.agent import Agent, AgentSettings
from custom_components.kvarbo.transmission.scaip.sip.digest import Credentials
from custom_components.kvarbo.transmission.scaip.sip.message import Request, Response
from custom_components.kvarbo.transmission.scaip.sip.server import answer_to
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.sip.wire import Fault, Target
from custom_components.kvarbo.transmission.scaip.values import Dialect
from tests.support.sip_peer import TCP, UDP, Guard, SipPeer, brief, resolver
from tests.support.virtual_time import VirtualClock, run_virtual
from tests.transmission.rest.rest_sample import a_beat, a_delivery, a_dispatch

from .sip.test_sip_agent import in_virtual_time

REF = a_delivery().reference[-16:]
SETTINGS = ScaipSettings(
    receiver=SipUri(host="larm.example", user="larm"),
    own=SipUri(host="larm.example", user="4711"),
    route=SipUri(host="larm.example", params={"transport": "udp"}),
    credentials=Credentials("4711", "s3cret"),
    registers=False,
    instance="urn:uuid:1",
    trust=Trust(),
    speech=("sip:hem@192.0.2.7",),
)


def mrs(snu: int | str, ref: str | None = REF, **more: str) -> bytes:
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in more.items())
    name = "" if ref is None else f"<ref>{ref}</ref>"
    return f"<mrs>{name}<snu>{snu}</snu>{fields}</mrs>".encode()


def in_body(*bodies: bytes, status: int = 200) -> Callable[[Request], Response]:
    """Answers with these documents one after the other, the last one again and again."""
    left = list(bodies)

    def react(request: Request) -> Response:
        body = left.pop(0) if len(left) > 1 else left[0]
        response = answer_to(
            request,
            status,
            tag="t",
            source=("a", 1),
            more=(("content-type", "application/scaip+xml"),),
        )
        return replace(response, body=body)

    return react


class Facing:
    """A receiver of the home, facing a far end in memory."""

    def __init__(
        self, peer: SipPeer, *targets: Target, profile: ScaipProfile | None = None, **changes: Any
    ) -> None:
        self.peer = peer

        def make_agent(settings: AgentSettings, came: Callable[[bytes, str], None]) -> Agent:
            return Agent(
                settings,
                open_flow=peer.open,
                resolve=resolver(*(targets or (UDP,))),
                clock=asyncio.get_running_loop(),
                on_message=came,
            )

        self.receiver = ScaipReceiver(
            settings=replace(SETTINGS, **changes),
            profile=profile or ScaipProfile(name="mrq", dialect=Dialect.MRQ),
            language=Language.EN,
            controller="4711",
            clock=VirtualClock(),
            make_agent=make_agent,
        )

    async def send(self, kind: MessageKind = MessageKind.ALARM, **changes: Any) -> Verdict:
        return await self.receiver.send(a_dispatch(kind, session=a_delivery().reference, **changes))

    def says(self, body: bytes, branch: str = "z9hG4bKown") -> None:
        """Let the receiver send a MESSAGE of its own."""
        self.peer.says(self.peer.flows[-1], body, branch=branch)

    @property
    def documents(self) -> list[str]:
        return [request.body.decode() for request in self.peer.of("MESSAGE")]


@pytest.mark.parametrize("dialect", Dialect)
def test_an_answer_in_the_body_is_taken_in_both_dialects(dialect: Dialect) -> None:
    async def scene() -> None:
        answer = mrs("00", ste="Tack").replace(
            b"mrs", dialect.encode() if dialect is Dialect.SCAIP else b"mrs"
        )
        profile = ScaipProfile(name="x", dialect=dialect)
        facing = Facing(SipPeer(react=in_body(answer), way=0.05), profile=profile)
        verdict = await facing.send()
        assert verdict.took == pytest.approx(0.1)
        assert replace(verdict, took=None) == Verdict(
            answer=Answer.ACCEPTED, words="Tack", receipt=REF
        )
        (request,) = facing.peer.requests
        kind = "application/scaip+xml" if dialect is Dialect.MRQ else "application/xml"
        assert request.headers.first("content-type") == kind
        assert f"<{dialect}><ref>{REF}</ref>" in request.body.decode()

    run_virtual(scene())


@in_virtual_time
async def test_a_sip_answer_alone_is_no_acceptance() -> None:
    facing = Facing(SipPeer())
    verdict = await facing.send()
    assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, True)
    assert "no alarm receiver has answered within 30 s" in verdict.words
    assert asyncio.get_running_loop().time() == 30


@pytest.mark.parametrize("status", [200, 202])
def test_a_message_of_the_receivers_own_is_the_answer(status: int) -> None:
    async def scene() -> None:
        facing = Facing(SipPeer(react=brief(status)))
        sending = asyncio.ensure_future(facing.send())
        await asyncio.sleep(29)
        facing.says(mrs(0))
        verdict = await sending
        assert (verdict.answer, verdict.receipt, verdict.took) == (Answer.ACCEPTED, REF, 29)
        assert [answer.status for answer in facing.peer.answers] == [200]

    run_virtual(scene())


@in_virtual_time
async def test_a_message_of_the_receivers_own_may_overtake_the_sip_answer() -> None:
    facing = Facing(SipPeer(react=lambda _: None))
    sending = asyncio.ensure_future(facing.send())
    await asyncio.sleep(0.2)
    facing.says(mrs(0))
    assert (await sending).answer is Answer.ACCEPTED
    await asyncio.sleep(60)
    # Whoever has answered has it: no further copy goes out.
    assert len(facing.peer.copies) == 1


@pytest.mark.parametrize(
    ("answer", "meaning", "words"),
    [
        (mrs("04", ste="vänta"), Answer.HOLD, "vänta"),
        (mrs(4), Answer.HOLD, "The receiver holds the alarm"),
        (mrs(5), Answer.NOT_TREATED, "The receiver does not treat such alarms"),
        (mrs(6), Answer.BUSY, "The receiver is busy"),
        (mrs(1), Answer.FORM_REFUSED, "The receiver says that the message is too long"),
        (mrs(2), Answer.FORM_REFUSED, "The receiver says that the message has the wrong format"),
        (mrs(3, ste="Unknown unit 4711"), Answer.FORM_REFUSED, "Unknown unit 4711"),
        (mrs(7), Answer.FORM_REFUSED, "The receiver misses a mandatory part of the message"),
        (mrs(10, None), Answer.FORM_REFUSED, "The receiver misses the reference"),
        (
            mrs(99),
            Answer.NOT_TREATED,
            "The receiver answers with an error that it does not explain",
        ),
        (
            mrs(42),
            Answer.NOT_TREATED,
            "The receiver answers with the number 42, which is not known",
        ),
    ],
)
def test_every_answer_says_what_to_do_next(answer: bytes, meaning: Answer, words: str) -> None:
    async def scene() -> None:
        verdict = await Facing(SipPeer(react=in_body(answer))).send()
        assert (verdict.answer, verdict.words, verdict.receipt) == (meaning, words, None)

    run_virtual(scene())


@pytest.mark.parametrize(
    ("status", "meaning", "maybe_heard"),
    [
        (401, Answer.CREDENTIALS_REFUSED, False),
        (403, Answer.CREDENTIALS_REFUSED, False),
        (404, Answer.NOT_TREATED, False),
        (408, Answer.UNREACHABLE, True),
        (413, Answer.FORM_REFUSED, False),
        (415, Answer.FORM_REFUSED, False),
        (400, Answer.NOT_TREATED, False),
        (302, Answer.NOT_TREATED, False),
        (486, Answer.BUSY, False),
        (503, Answer.BUSY, False),
        (600, Answer.BUSY, False),
    ],
)
def test_every_sip_answer_says_what_to_do_next(
    status: int, meaning: Answer, *, maybe_heard: bool
) -> None:
    async def scene() -> None:
        peer = SipPeer(react=brief(status, retry_after="7"))
        verdict = await Facing(peer).send()
        assert (verdict.answer, verdict.maybe_heard) == (meaning, maybe_heard)
        assert str(status) in verdict.words
        assert verdict.retry_after == (7 if meaning is Answer.BUSY else None)

    run_virtual(scene())


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (Fault.REFUSED, Answer.UNREACHABLE),
        (Fault.NO_ROUTE, Answer.UNREACHABLE),
        (Fault.WRONG_NAME, Answer.UNREACHABLE),
        (Fault.OWN_CERTIFICATE_REFUSED, Answer.CREDENTIALS_REFUSED),
    ],
)
def test_what_stands_in_the_way_is_told_in_words(fault: Fault, meaning: Answer) -> None:
    async def scene() -> None:
        verdict = await Facing(SipPeer(closed={UDP: fault})).send()
        assert (verdict.answer, verdict.maybe_heard) == (meaning, False)
        assert verdict.words

    run_virtual(scene())


@in_virtual_time
async def test_a_wrong_password_is_told_from_an_unknown_unit() -> None:
    wrong = await Facing(SipPeer(react=Guard("another"))).send()
    assert wrong.words.startswith("User name or password is wrong")
    unknown = await Facing(SipPeer(react=brief(404))).send()
    assert unknown.words.startswith("The receiver or this unit is not known there")


@pytest.mark.parametrize("body", [b"OK", b"<mrs><ref>X</ref></mrs>", mrs(0, "ANOTHER")])
def test_a_body_that_is_no_answer_to_us_is_waited_past(body: bytes) -> None:
    async def scene() -> None:
        facing = Facing(SipPeer(react=in_body(body)))
        sending = asyncio.ensure_future(facing.send())
        await asyncio.sleep(3)
        facing.says(b"nonsense", branch="z9hG4bK1")
        facing.says(mrs(0, "ANOTHER2"), branch="z9hG4bK2")
        facing.says(mrs(0), branch="z9hG4bK3")
        assert (await sending).took == 3

    run_virtual(scene())


@in_virtual_time
async def test_point_09_an_empty_ref_belongs_to_the_transaction() -> None:
    assert (await Facing(SipPeer(react=in_body(mrs(0, "")))).send()).receipt == REF
    facing = Facing(SipPeer())
    sending = asyncio.ensure_future(facing.send())
    await asyncio.sleep(1)
    facing.says(mrs(0, ""))  # of its own it says nothing
    assert (await sending).answer is Answer.UNREACHABLE


@in_virtual_time
async def test_a_hold_is_repeated_as_a_new_transaction_of_the_same_session() -> None:
    facing = Facing(SipPeer(react=in_body(mrs(4), mrs(4), mrs(0))))
    answers = [(await facing.send()).answer for _ in range(3)]
    assert answers == [Answer.HOLD, Answer.HOLD, Answer.ACCEPTED]
    assert len({re.search("<ref>(.*)</ref>", d)[1] for d in facing.documents}) == 1  # type: ignore[index]
    assert len({r.headers.first("via") for r in facing.peer.requests}) == 3


@in_virtual_time
async def test_nobody_holds_longer_than_half_an_hour() -> None:
    facing = Facing(SipPeer(react=in_body(mrs(4))))
    dispatch = a_dispatch(session=a_delivery().reference)
    held = replace(dispatch, delivery=replace(dispatch.delivery, held_since=dispatch.sent_at))
    almost = replace(held, sent_at=held.sent_at + timedelta(minutes=29, seconds=59))
    assert (await facing.receiver.send(almost)).answer is Answer.HOLD
    over = replace(held, sent_at=held.sent_at + timedelta(minutes=30))
    verdict = await facing.receiver.send(over)
    assert verdict.answer is Answer.BUSY
    assert verdict.words.startswith("Held for 30 minutes")
    await asyncio.sleep(1)
    assert f"<ref>{REF}</ref><mty>RE</mty>" in facing.documents[-1]
    assert len(facing.documents) == 3
    await facing.receiver.close()


@in_virtual_time
async def test_an_acceptance_that_comes_late_is_not_asked_for_again() -> None:
    facing = Facing(SipPeer())
    assert (await facing.send()).answer is Answer.UNREACHABLE
    facing.says(mrs(0, ste="late"))
    verdict = await facing.send()
    assert (verdict.answer, verdict.words, verdict.receipt) == (Answer.ACCEPTED, "late", REF)
    assert len(facing.documents) == 1


@in_virtual_time
async def test_an_acceptance_that_comes_after_a_restart_counts() -> None:
    """Killed between the SIP answer and the receiver's own: the new life hears it before it asks."""
    facing = Facing(SipPeer())
    await facing.receiver.probe(a_beat())
    facing.says(mrs(0))
    assert (await facing.send()).answer is Answer.ACCEPTED
    assert facing.documents == []


@pytest.mark.parametrize("snu", [4, 5, 6, 3])
def test_a_late_no_says_nothing_of_now(snu: int) -> None:
    async def scene() -> None:
        facing = Facing(SipPeer())
        await facing.receiver.probe(a_beat())
        facing.says(mrs(snu))
        facing.peer.react = in_body(mrs(0))
        assert (await facing.send()).answer is Answer.ACCEPTED
        assert len(facing.documents) == 1

    run_virtual(scene())


@in_virtual_time
async def test_point_10_a_repeated_answer_answers_nothing_else() -> None:
    facing = Facing(SipPeer(react=in_body(mrs(0))))
    await facing.send()
    facing.peer.react = brief(200)
    facing.says(mrs(0), branch="z9hG4bKagain")
    # News under the same session is not taken as heard by it.
    sending = asyncio.ensure_future(facing.send(MessageKind.ALL_CLEAR))
    await asyncio.sleep(1)
    assert not sending.done()
    facing.says(mrs(0), branch="z9hG4bKthird")
    assert (await sending).answer is Answer.ACCEPTED
    assert "<mty>IN</mty>" in facing.documents[-1]


@in_virtual_time
async def test_news_of_one_session_is_said_one_after_the_other_and_others_do_not_wait() -> None:
    facing = Facing(SipPeer())
    first = asyncio.ensure_future(facing.send(MessageKind.UPDATE, note=Note.PRESSED_AGAIN))
    second = asyncio.ensure_future(facing.send(MessageKind.ALL_CLEAR))
    other = asyncio.ensure_future(facing.receiver.heartbeat(a_beat()))
    await asyncio.sleep(1)
    assert len(facing.documents) == 2
    facing.says(mrs(0), branch="z9hG4bK1")
    await first
    await asyncio.sleep(0.1)
    assert len(facing.documents) == 3
    facing.says(mrs(0), branch="z9hG4bK2")
    await second
    other.cancel()


@in_virtual_time
async def test_where_we_register_a_forgotten_way_is_told_anew_and_the_alarm_said_again() -> None:
    """A proxy that was started anew has lost our place: within the limit for the next receiver."""
    facing = Facing(SipPeer(), TCP, registers=True)
    await facing.receiver.probe(a_beat())
    await asyncio.sleep(1)
    sending = asyncio.ensure_future(facing.send())
    await asyncio.sleep(7.9)
    assert len(facing.documents) == 1
    before = len(facing.peer.of("REGISTER"))
    facing.peer.react = in_body(mrs(0))
    verdict = await sending
    assert (verdict.answer, verdict.took) == (Answer.ACCEPTED, 8)
    assert len(facing.peer.of("REGISTER")) == before + 1
    assert len(facing.documents) == 2
    await facing.receiver.close()


@in_virtual_time
async def test_whoever_learns_where_we_are_only_after_we_spoke_hears_it_again_at_once() -> None:
    facing = Facing(SipPeer(way=0.1), TCP, registers=True)
    sending = asyncio.ensure_future(facing.send())
    await asyncio.sleep(0.9)
    assert len(facing.documents) == 1
    await asyncio.sleep(1)
    assert len(facing.documents) == 2
    facing.says(mrs(0))
    assert (await sending).answer is Answer.ACCEPTED
    # And once is enough.
    assert len(facing.documents) == 2
    await facing.receiver.close()


@in_virtual_time
async def test_a_registrar_that_is_silent_costs_the_answer_nothing() -> None:
    peer = SipPeer()
    peer.react = lambda r: None if r.method == "REGISTER" else brief(200)(r)
    facing = Facing(peer, TCP, registers=True)
    sending = asyncio.ensure_future(facing.send())
    await asyncio.sleep(20)
    facing.says(mrs(0))
    assert (await sending).took == 20
    await facing.receiver.close()

"""Beside the alarm itself: callbacks, heartbeats, probes, and the end (R23, R35)."""

import re
from typing import Any

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.alarm.callback import Callback, Voice
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.transmission.receiver import Answer, Fate
from custom_components.kvarbo.transmission.scaip.awaited import REMEMBERED, Awaited
from custom_components.kvarbo.transmission.scaip.sip.message import Request, Response
from custom_components.kvarbo.transmission.scaip.values import ScaipAnswer
from tests.support.sip_peer import SipPeer, brief
from tests.support.virtual_time import run_virtual
from tests.transmission.rest.rest_sample import a_beat, a_delivery, a_dispatch, an_alarm

from .sip.test_sip_agent import in_virtual_time
from .test_scaip_receiver import Facing, in_body, mrs


@in_virtual_time
async def test_a_receiver_that_wants_to_speak_is_understood() -> None:
    answers = [
        mrs(0, mre="01", cre="05", hbi="0010"),
        mrs(0, mre="2", cre="62", tnu="sip:op@larm.example"),
        mrs(0, mre="3"),
        mrs(0, cre="5"),
        mrs(5, mre="1", cre="5"),
    ]
    facing = Facing(SipPeer(react=in_body(*answers)))
    verdicts = [await facing.send() for _ in answers]
    assert [v.callback for v in verdicts] == [
        Callback(voice=Voice.DUPLEX, minutes=5),
        Callback(voice=Voice.MICROPHONE, address="sip:op@larm.example"),
        Callback(voice=Voice.SPEAKER),
        None,
        None,
    ]
    assert [v.interval for v in verdicts] == [600, None, None, None, None]


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, True),
        ({"alarm": an_alarm(test=True)}, False),
        ({"demo": True}, False),
        ({"alarm": an_alarm(kind=AlarmKind.PATH_LOST)}, False),
        ({"alarm": an_alarm(state=AlarmState.CLOSED)}, False),
        ({"delivery": {"minimal": True}}, False),
    ],
)
def test_the_speech_unit_is_offered_for_a_persons_live_alarm_alone(
    changes: dict[str, Any], *, offered: bool
) -> None:
    async def scene() -> None:
        facing = Facing(SipPeer(react=in_body(mrs(0))))
        await facing.send(**changes)
        assert ("<crd>sip:hem@192.0.2.7</crd>" in facing.documents[0]) is offered

    run_virtual(scene())


@in_virtual_time
async def test_a_heartbeat_is_proved_by_an_answer_and_offers_nobody() -> None:
    peer = SipPeer()
    facing = Facing(peer)

    def react(request: Request) -> Response:
        ref = re.search(b"<ref>(.*)</ref>", request.body)
        assert ref is not None
        return in_body(mrs(0, ref[1].decode(), hbi="2"))(request)

    peer.react = react
    first, second = (
        await facing.receiver.heartbeat(a_beat()),
        await facing.receiver.heartbeat(a_beat()),
    )
    assert (first.answer, first.interval) == (Answer.ACCEPTED, 120)
    assert first.receipt != second.receipt
    assert "<mty>PI</mty><hbo>001</hbo>" in facing.documents[0]
    assert "<crd>no-voice:</crd>" in facing.documents[0]


@in_virtual_time
async def test_a_probe_tells_of_life_and_not_of_who_we_are() -> None:
    for status in (200, 405, 401, 503):
        verdict = await Facing(SipPeer(react=brief(status))).receiver.probe(a_beat())
        assert (verdict.answer, verdict.identified) == (Answer.ACCEPTED, False)
    silent = await Facing(SipPeer(react=lambda _: None)).receiver.probe(a_beat())
    assert silent.answer is Answer.UNREACHABLE


@in_virtual_time
async def test_nothing_can_be_followed() -> None:
    assert (await Facing(SipPeer()).receiver.follow(a_delivery())).fate is Fate.NOT_KNOWN


@in_virtual_time
async def test_a_fault_of_ours_is_a_silence_and_not_an_end() -> None:
    facing = Facing(SipPeer(react=in_body(mrs(0))))
    facing.receiver._controller = "no-digits"
    verdict = await facing.send()
    assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, True)
    assert "ElementError" in verdict.words


@in_virtual_time
async def test_what_the_gate_refuses_is_a_silence_and_nothing_is_sent() -> None:
    facing = Facing(SipPeer(react=in_body(mrs(0))))
    facing.receiver._controller = "Karin Andersson"
    verdict = await facing.send()
    assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
    assert "GateError" in verdict.words
    assert not facing.peer.flows


@in_virtual_time
async def test_after_the_end_nothing_is_said() -> None:
    facing = Facing(SipPeer(react=in_body(mrs(4))))
    await facing.send()
    facing.receiver._in_background(facing.receiver._give_up(a_dispatch()))
    await facing.receiver.close()
    await facing.receiver.close()
    verdict = await facing.send()
    assert verdict.words == "The receiver is no longer in use"
    assert not facing.peer.flows[0].is_open


def test_what_is_remembered_is_bounded() -> None:
    awaited = Awaited()
    for n in range(REMEMBERED + 9):
        awaited.arrived(ScaipAnswer(ref=f"A{n}", snu=0))
        awaited.is_over(f"B{n}")
    assert awaited.accepted_already("A0") is None
    assert awaited.accepted_already(f"A{REMEMBERED}") is not None
    assert awaited.accepted_already(f"A{REMEMBERED}") is None
    assert len(awaited._over) == REMEMBERED

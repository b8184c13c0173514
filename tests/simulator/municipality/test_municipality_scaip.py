"""The integration's SCAIP sender against the municipality's receiver: two hands, one protocol.

They share no code. The receiver complains of anything that the rules forbid, and has nothing to
complain of.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind, Note
from custom_components.kvarbo.alarm.callback import Callback, Voice
from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Answer, Verdict
from custom_components.kvarbo.transmission.rest.settings import Trust
from custom_components.kvarbo.transmission.scaip import scaip
from custom_components.kvarbo.transmission.scaip.profile import ScaipProfile
from custom_components.kvarbo.transmission.scaip.scaip import ScaipReceiver
from custom_components.kvarbo.transmission.scaip.settings import (
    ScaipSettings,
    instance_of,
    read_credentials,
)
from custom_components.kvarbo.transmission.scaip.sip.values import SipUri
from custom_components.kvarbo.transmission.scaip.values import Dialect
from simulator.municipality import Municipality
from simulator.municipality.faults import By, Mode
from simulator.municipality.scaip_port import Answers, ScaipOptions
from simulator.sip import Challenge
from simulator.testing import until
from tests.transmission.rest.rest_sample import a_beat, a_dispatch, an_alarm

pytestmark = pytest.mark.usefixtures("socket_enabled")
SESSION = "01JD8ZQ3N4ABCDEFGHJKMNPQRS"
REF = SESSION[-16:]


@asynccontextmanager
async def facing(
    transport: str = "tcp",
    *,
    password: str = "s3cret",
    controller: str = "4711",
    tls: Path | None = None,
    **options: Any,
) -> AsyncIterator[tuple[Municipality, ScaipReceiver]]:
    """A municipality with SCAIP, and a home's receiver that speaks to it."""
    given = ScaipOptions(users={"4711": "s3cret"}, **{"tls": 0 if tls else None, **options})
    async with Municipality(token="t", scaip=given, tls=tls) as municipality:
        port = municipality.scaip
        assert port is not None
        address = SipUri(host="localhost", user="larm")
        settings = ScaipSettings(
            receiver=address,
            own=SipUri(host="localhost", user=controller),
            route=SipUri(
                host="127.0.0.1", port=port.ports[transport], params={"transport": transport}
            ),
            credentials=read_credentials(controller, password),
            registers=given.challenge in (Challenge.BOTH, Challenge.REGISTER),
            instance=instance_of(controller, address),
            trust=Trust(ca_certificate=(tls / "ca.pem").read_text(), public=False)
            if tls
            else Trust(),
        )
        receiver = ScaipReceiver(
            settings=settings,
            profile=ScaipProfile(name="x", dialect=Dialect(given.dialect)),
            language=Language.SV,
            controller=controller,
            clock=SystemClock(),
        )
        try:
            yield municipality, receiver
        finally:
            await receiver.close()


async def send(
    receiver: ScaipReceiver, kind: MessageKind = MessageKind.ALARM, **changes: Any
) -> Verdict:
    return await receiver.send(a_dispatch(kind, **{"session": SESSION, **changes}))


def complaints(municipality: Municipality) -> list[str]:
    assert municipality.scaip is not None
    return [complaint.words for complaint in municipality.scaip.complaints]


@pytest.mark.parametrize("challenge", Challenge)
@pytest.mark.parametrize("answers", Answers)
@pytest.mark.parametrize("dialect", ["mrq", "scaip"])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_both_dialects_both_answers_every_transport(
    transport: str, dialect: str, answers: Answers, challenge: Challenge, tmp_path: Path
) -> None:
    async with facing(
        transport,
        dialect=dialect,
        answers=answers,
        challenge=challenge,
        tls=tmp_path if transport == "tls" else None,
    ) as (municipality, receiver):
        assert (await receiver.heartbeat(a_beat())).answer is Answer.ACCEPTED
        verdict = await send(receiver)
        assert (verdict.answer, verdict.receipt) == (Answer.ACCEPTED, REF)
        assert (await send(receiver, MessageKind.ALL_CLEAR)).answer is Answer.ACCEPTED
        assert complaints(municipality) == []
        (alarm,) = municipality.state()["alarms"]
        assert (alarm["alarm"], alarm["home"], alarm["location"]) == (REF, "4711", "bathroom")
        assert [m["type"].split(".")[-1] for m in alarm["messages"]] == ["raised", "cleared"]
        assert municipality.state()["homes"][0]["home"] == "4711"


@pytest.mark.parametrize("kind", AlarmKind)
async def test_no_kind_of_alarm_gives_cause_for_complaint(kind: AlarmKind) -> None:
    async with facing("udp", challenge=Challenge.NONE) as (municipality, receiver):
        alarm = an_alarm(kind=kind)
        assert (await send(receiver, alarm=alarm)).answer is Answer.ACCEPTED
        for news, note in (
            (MessageKind.UPDATE, Note.PRESSED_AGAIN),
            (MessageKind.ALL_CLEAR, None),
            (MessageKind.CANCEL, None),
        ):
            assert (await send(receiver, news, note=note, alarm=alarm)).answer is Answer.ACCEPTED
        assert complaints(municipality) == []


@pytest.mark.parametrize("copies", range(3))
@pytest.mark.parametrize("back", [False, True])
async def test_lost_copies_cost_time_and_nothing_else(copies: int, *, back: bool) -> None:
    """In real time with few; all of them by virtual time in `test_sip_agent`, and with Kamailio."""
    async with facing("udp", challenge=Challenge.NONE) as (municipality, receiver):
        assert municipality.scaip is not None
        if back:
            municipality.scaip.server.loses_answers = copies
        else:
            municipality.scaip.server.loses = copies
        verdict = await send(receiver)
        assert verdict.answer is Answer.ACCEPTED
        assert (verdict.took or 0) >= (0, 0.5, 1.5)[copies] - 0.05
        (alarm,) = municipality.state()["alarms"]
        assert (alarm["attempts"], alarm["repeats"]) == (1, 0)
        assert complaints(municipality) == []


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        ({"mode": Mode.HOLD}, Answer.HOLD),
        ({"mode": Mode.BUSY}, Answer.BUSY),
        ({"mode": Mode.NOT_TREATED}, Answer.NOT_TREATED),
        *(({"mode": Mode.REFUSE, "snu": snu}, Answer.FORM_REFUSED) for snu in (1, 2, 3, 7, 10)),
        ({"mode": Mode.REFUSE, "snu": 99}, Answer.NOT_TREATED),
        ({"mode": Mode.CREDENTIALS}, Answer.CREDENTIALS_REFUSED),
        ({"mode": Mode.ERROR, "status": 403}, Answer.CREDENTIALS_REFUSED),
        ({"mode": Mode.ERROR, "status": 480}, Answer.BUSY),
        ({"mode": Mode.TWICE}, Answer.ACCEPTED),
        ({"mode": Mode.EARLY}, Answer.ACCEPTED),
        ({"mode": Mode.NO_REFERENCE}, Answer.ACCEPTED),
        ({"mode": Mode.SLOW, "seconds": 0.3}, Answer.ACCEPTED),
        ({"mode": Mode.CALLBACK, "minutes": 7}, Answer.ACCEPTED),
        # What only REST knows harms nobody here, and a fault on the other way neither.
        ({"mode": Mode.REDIRECT}, Answer.ACCEPTED),
        ({"mode": Mode.BUSY, "by": By.REST}, Answer.ACCEPTED),
    ],
)
@pytest.mark.parametrize("answers", Answers)
async def test_whatever_the_receiver_does_is_understood(
    fault: dict[str, Any], meaning: Answer, answers: Answers
) -> None:
    async with facing(answers=answers) as (municipality, receiver):
        await receiver.heartbeat(a_beat())
        # An answer of the receiver's own goes to where the home is registered.
        assert municipality.scaip is not None
        await until(municipality.scaip.server.registered, what="the registration")
        await municipality.set_fault(**fault)
        verdict = await send(receiver)
        assert verdict.answer is meaning
        taken = [alarm["alarm"] for alarm in municipality.state()["alarms"]]
        assert taken == ([REF] if meaning is Answer.ACCEPTED else [])
        if fault["mode"] is Mode.CALLBACK:
            assert verdict.callback == Callback(voice=Voice.DUPLEX, minutes=7)
            assert verdict.interval == 420
        assert complaints(municipality) == []


@pytest.mark.parametrize("mode", [Mode.SILENT, Mode.TAKEN_AND_MUTE, Mode.EMPTY200, Mode.GARBAGE])
async def test_silence_is_no_acceptance(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaip, "SEPARATE", 0.2)
    async with facing("udp", challenge=Challenge.NONE) as (municipality, receiver):
        await municipality.set_fault(mode)
        sending = asyncio.ensure_future(send(receiver))
        if mode is Mode.SILENT:
            # Ended by the lane's own ceiling or timer F; here the far end comes back.
            await until(lambda: municipality.record.received, what="the first copy")
            sending.cancel()
            return
        verdict = await sending
        assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, True)
        await municipality.set_fault(None)
        assert (await send(receiver)).answer is Answer.ACCEPTED
        (alarm,) = municipality.state()["alarms"]
        # Taken once, however often it was said; the repeat is counted (A5).
        assert alarm["repeats"] == (1 if mode is Mode.TAKEN_AND_MUTE else 0)


async def test_a_minimal_form_is_taken_where_the_full_one_is_refused() -> None:
    async with facing() as (municipality, receiver):
        await municipality.set_fault(Mode.REFUSE_FULL)
        assert (await send(receiver)).answer is Answer.FORM_REFUSED
        minimal = await send(receiver, delivery={"minimal": True})
        assert minimal.answer is Answer.ACCEPTED
        assert municipality.state()["alarms"][0]["messages"][0]["minimal"]
        assert complaints(municipality) == []


async def test_a_session_given_up_is_aborted_under_its_own_name() -> None:
    async with facing() as (municipality, receiver):
        await municipality.set_fault(Mode.HOLD, count=1)
        assert (await send(receiver)).answer is Answer.HOLD
        verdict = await send(
            receiver, MessageKind.UPDATE, note=Note.TAKEN_ELSEWHERE, session_open=True
        )
        assert verdict.answer is Answer.ACCEPTED
        (alarm,) = municipality.state()["alarms"]
        assert [m["data"]["message"] for m in alarm["messages"]] == ["RE"]
        assert complaints(municipality) == []


async def test_what_a_technician_can_mend_is_told_apart() -> None:
    async with facing(password="wrong") as (_, receiver):
        assert "lösenord är fel" in (await receiver.heartbeat(a_beat())).words
    async with facing(controller="4712", challenge=Challenge.NONE) as (_, receiver):
        verdict = await receiver.heartbeat(a_beat())
        assert (verdict.answer, verdict.words) == (Answer.FORM_REFUSED, "Unknown unit 4712")
    async with facing() as (municipality, receiver):
        await municipality.set_fault(Mode.DOWN, by=By.SCAIP)
        assert (await receiver.heartbeat(a_beat())).words == "Ingen svarar på denna adress och port"
        await municipality.set_fault(None)
        assert (await receiver.heartbeat(a_beat())).answer is Answer.ACCEPTED


async def test_a_registrar_that_was_started_anew_costs_one_nudge(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scaip, "NUDGE", 0.2)
    monkeypatch.setattr(scaip, "AFTER_REGISTERING", 0.1)
    async with facing(answers=Answers.SEPARATE) as (municipality, receiver):
        assert municipality.scaip is not None
        assert (await receiver.heartbeat(a_beat())).answer is Answer.ACCEPTED
        municipality.scaip.server.forget()
        assert (await send(receiver)).answer is Answer.ACCEPTED
        assert municipality.scaip.unheard == 1
        (alarm,) = municipality.state()["alarms"]
        assert alarm["repeats"] == 1


async def test_a_home_by_two_ways_is_one_home_with_one_hub() -> None:
    async with facing() as (municipality, receiver):
        for _ in range(3):
            await receiver.heartbeat(a_beat())
        (heard,) = municipality.state()["homes"]
        assert (heard["hubs"], heard["conflict"], heard["silent"]) == ([], False, False)


async def test_the_wrong_password_is_in_no_record() -> None:
    async with facing() as (municipality, receiver):
        await send(receiver)
        assert "s3cret" not in str(municipality.record.shown())
        assert "authorization" not in str(municipality.record.shown()).lower()

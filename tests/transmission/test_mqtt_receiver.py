"""The MQTT receiver: what counts as taken, what is said of everything else, and what is on the wire."""

import asyncio
from dataclasses import replace
import json
from typing import Any

import pytest

from custom_components.kvarbo.alarm.alarm import MessageKind
from custom_components.kvarbo.transmission.gate import GATE, Content
from custom_components.kvarbo.transmission.mqtt.wire import LONGEST, Framing, TooLongError
from custom_components.kvarbo.transmission.receiver import Answer, Fate, Followed, Heartbeat
from simulator.mqtt import Published
from simulator.municipality.faults import Mode
from simulator.testing import until
from tests.transmission.mqtt_sample import PASSWORD, a_receiver, behind_a_broker
from tests.transmission.rest.rest_sample import (
    CONTROLLER,
    REFERENCE,
    a_beat,
    a_delivery,
    a_dispatch,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

HOME = f"kvarbo/v1/{CONTROLLER}"
PRESENCE = b'{"source":"urn:kvarbo:4711","presence":"%s"}'


def alarms_of(published: list[Published]) -> list[Published]:
    return [p for p in published if p.topic == f"{HOME}/alarms"]


async def test_an_alarm_is_taken_when_the_application_receipts_it() -> None:
    sealed: list[Content] = []
    GATE.on_pass = sealed.append
    try:
        async with behind_a_broker() as (municipality, port, receiver):
            written: list[bool] = []
            verdict = await receiver.send(a_dispatch(), written=lambda: written.append(True))
            assert verdict.answer is Answer.ACCEPTED
            assert verdict.identified
            assert verdict.receipt
            assert verdict.words == "Mottaget"
            assert verdict.took is not None
            assert written == [True]
            [alarm] = municipality.state(None)["alarms"]
            assert alarm["kind"] == "help_call"
            [message] = alarms_of(port.broker.published)
            assert (message.qos, message.retain, message.expiry) == (1, False, None)
            assert message.content_type == "application/cloudevents+json"
            assert message.response_topic == f"{HOME}/receipts"
            assert message.correlation == REFERENCE.encode()
            assert message.payload in {content.octets for content in sealed}
            # The will is with the broker, and nobody has heard it yet.
            said = {p.payload for p in port.broker.published}
            assert {c.octets for c in sealed} - said == {PRESENCE % b"offline"}
            assert said <= {c.octets for c in sealed}
    finally:
        GATE.on_pass = None


async def test_signs_of_life_are_receipted_by_the_application_too() -> None:
    async with behind_a_broker() as (municipality, port, receiver):
        for verdict in (await receiver.heartbeat(a_beat()), await receiver.probe(a_beat())):
            assert verdict.answer is Answer.ACCEPTED
            assert not verdict.conflict
        [home] = municipality.state(None)["homes"]
        assert home["home"] == CONTROLLER
        assert home["last_heartbeat"]
        await municipality.set_fault(Mode.SILENT)
        quick = a_receiver(port.broker.port, answer_limit=0.3, client_id="another")
        assert (await quick.probe(a_beat())).answer is Answer.UNREACHABLE
        await quick.close()


@pytest.mark.parametrize(
    ("mode", "fields", "answer", "maybe_heard"),
    [
        (Mode.SILENT, {}, Answer.UNREACHABLE, True),
        (Mode.ACCEPT_AND_DIE, {}, Answer.UNREACHABLE, True),
        (Mode.NO_REFERENCE, {}, Answer.UNREACHABLE, True),
        (Mode.GARBAGE, {}, Answer.UNREACHABLE, True),
        (Mode.EMPTY200, {}, Answer.UNREACHABLE, True),
        (Mode.TWICE, {}, Answer.ACCEPTED, False),
        (Mode.SLOW, {"seconds": 0.1}, Answer.ACCEPTED, False),
        (Mode.HOLD, {"retry_after": 3}, Answer.HOLD, False),
        (Mode.BUSY, {"retry_after": 3}, Answer.BUSY, False),
        (Mode.NOT_TREATED, {}, Answer.NOT_TREATED, False),
        (Mode.REFUSE, {}, Answer.FORM_REFUSED, False),
    ],
)
async def test_what_the_application_does_is_what_counts(
    mode: Mode, fields: dict[str, Any], answer: Answer, maybe_heard: bool
) -> None:
    async with behind_a_broker(answer_limit=0.5) as (municipality, _, receiver):
        await receiver.heartbeat(a_beat())
        await municipality.set_fault(mode, **fields)
        verdict = await receiver.send(a_dispatch())
        assert (verdict.answer, verdict.maybe_heard) == (answer, maybe_heard)
        if "retry_after" in fields:
            assert verdict.retry_after == 3
        await municipality.set_fault(Mode.NONE)
        assert (await receiver.send(a_dispatch())).answer is Answer.ACCEPTED


async def test_the_brokers_own_word_is_no_receipt() -> None:
    async with behind_a_broker(answer_limit=0.4) as (municipality, _, receiver):
        await municipality.set_fault(Mode.SILENT)
        verdict = await receiver.send(a_dispatch())
        assert verdict.answer is Answer.UNREACHABLE
        assert "broker has it" in verdict.words
        assert verdict.maybe_heard


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        (0x87, Answer.CREDENTIALS_REFUSED),
        (0x97, Answer.BUSY),
        (0x99, Answer.FORM_REFUSED),
        (0x80, Answer.UNREACHABLE),
        (None, Answer.UNREACHABLE),
    ],
)
async def test_a_broker_that_refuses_a_message(word: int | None, answer: Answer) -> None:
    async with behind_a_broker(answer_limit=0.4) as (municipality, port, receiver):
        await receiver.heartbeat(a_beat())
        await municipality.set_fault(Mode.SILENT)
        port.broker.word = word
        assert (await receiver.send(a_dispatch())).answer is answer


async def test_where_nobody_listens_nothing_was_heard() -> None:
    async with behind_a_broker(answer_limit=0.4) as (municipality, port, receiver):
        await municipality.set_fault(Mode.SILENT)
        port.broker.listening.clear()
        verdict = await receiver.send(a_dispatch())
        assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
        assert "no receiver listens" in verdict.words


@pytest.mark.parametrize("password", ["wrong", None])
async def test_a_broker_that_does_not_know_us(password: str | None) -> None:
    async with behind_a_broker(password=password) as (_, _, receiver):
        verdict = await receiver.send(a_dispatch())
        assert verdict.answer is Answer.CREDENTIALS_REFUSED
        assert "wrong" not in verdict.words


async def test_topics_of_another_home_are_refused_by_the_broker() -> None:
    async with behind_a_broker() as (_, port, _receiver):
        port.broker.users["4712"] = "x"
        other = a_receiver(port.broker.port, username="4712", password="x", client_id="4712")
        assert (await other.send(a_dispatch())).answer is Answer.CREDENTIALS_REFUSED
        await other.close()


async def test_nobody_there_and_back() -> None:
    async with behind_a_broker() as (municipality, port, receiver):
        await municipality.set_fault(Mode.DOWN)
        verdict = await receiver.send(a_dispatch())
        assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, False)
        await municipality.set_fault(Mode.NONE)
        assert (await receiver.send(a_dispatch())).answer is Answer.ACCEPTED
        await municipality.set_fault(Mode.DOWN)
        await until(lambda: not receiver._link.is_up, what="the loss")
        await municipality.set_fault(Mode.NONE)
        # By itself: what waits at the broker for us is wanted.
        await until(lambda: receiver._link.is_up, 5, what="the connection")
        assert port.broker.connects >= 2


async def test_what_is_in_the_air_when_the_connection_goes_may_have_been_heard() -> None:
    async with behind_a_broker() as (municipality, _, receiver):
        await receiver.heartbeat(a_beat())
        await municipality.set_fault(Mode.SILENT)
        sending = asyncio.create_task(receiver.send(a_dispatch()))
        await until(lambda: bool(receiver._receipts), what="the message")
        await municipality.set_fault(Mode.DOWN)
        verdict = await sending
        assert (verdict.answer, verdict.maybe_heard) == (Answer.UNREACHABLE, True)


async def test_what_became_of_an_alarm_comes_by_the_state_topic() -> None:
    async with behind_a_broker() as (municipality, port, receiver):
        verdict = await receiver.send(a_dispatch())
        assert verdict.answer is Answer.ACCEPTED
        [alarm] = municipality.state(None)["alarms"]
        delivery = a_delivery()
        await until(lambda: REFERENCE in receiver._fates, what="the first word")
        assert (await receiver.follow(delivery)).fate is Fate.RECEIVED
        municipality.acknowledge(alarm["alarm"], "person")
        expected = Followed(Fate.ACKNOWLEDGED, by_person=True)
        await until(lambda: receiver._fates[REFERENCE] == expected, what="the word of a person")
        assert await receiver.follow(delivery) == expected
        # A hub that starts anew hears the last word of each again.
        await receiver.close()
        again = a_receiver(port.broker.port)
        await again.heartbeat(a_beat())
        await until(lambda: REFERENCE in again._fates, what="the word again")
        assert await again.follow(delivery) == expected
        assert await again.follow(replace(delivery, reference="X")) == Followed(Fate.NOT_KNOWN)
        await again.close()


async def test_presence_tells_of_coming_and_of_going_in_every_way() -> None:
    async with behind_a_broker() as (_, port, receiver):
        await receiver.heartbeat(a_beat())
        await until(lambda: port.presence.get(CONTROLLER) == "online", what="the birth")
        for connection in list(port.broker.connections):
            connection.cut()
        await until(lambda: port.presence.get(CONTROLLER) == "offline", what="the will")
        await until(lambda: port.presence.get(CONTROLLER) == "online", 5, what="the return")
        await receiver.close()
        await until(lambda: port.presence.get(CONTROLLER) == "offline", what="the clean end")
        told = [p for p in port.broker.published if p.topic.endswith("/presence")]
        assert not any(p.retain for p in told)
        assert {json.loads(p.payload)["source"] for p in told} == {f"urn:kvarbo:{CONTROLLER}"}


async def test_a_receipt_that_comes_while_we_are_away_is_there_when_we_are_back() -> None:
    async with behind_a_broker() as (municipality, port, receiver):
        await receiver.heartbeat(a_beat())
        for connection in list(port.broker.connections):
            connection.cut()
        [session] = port.broker.sessions.values()
        assert set(session.filters) == {f"{HOME}/receipts", f"{HOME}/states/+"}
        port.broker.publish(f"{HOME}/states/R9", b'{"state": "closed", "by": "person"}')
        await until(lambda: "R9" in receiver._fates, 5, what="what was kept")
        assert municipality.state(None)["alarms"] == []


async def test_two_hubs_under_one_name_are_told_of() -> None:
    async with behind_a_broker() as (_, port, receiver):
        assert not (await receiver.heartbeat(a_beat())).conflict
        twin = a_receiver(port.broker.port)
        await twin.heartbeat(a_beat())
        await twin.close()
        await until(lambda: receiver._link.is_up, 5, what="the connection again")
        assert (await receiver.heartbeat(a_beat())).conflict


async def test_many_at_once_do_not_wait_for_each_other() -> None:
    async with behind_a_broker() as (municipality, port, receiver):
        await municipality.set_fault(Mode.SLOW, seconds=0.3)
        began = asyncio.get_running_loop().time()
        one = a_dispatch()
        several = [
            replace(
                one,
                delivery=replace(one.delivery, reference=f"01JD8ZQ3N4V5W6X7Y8Z9A0B{n:03d}"),
                message=replace(one.message, id=f"01JD8ZQ3N4V5W6X7Y8Z9A0C{n:03d}"),
            )
            for n in range(50)
        ]
        verdicts = await asyncio.gather(*map(receiver.send, several))
        assert {v.answer for v in verdicts} == {Answer.ACCEPTED}
        assert asyncio.get_running_loop().time() - began < 5
        assert len(alarms_of(port.broker.published)) == 50


async def test_the_minimal_form_and_news() -> None:
    async with behind_a_broker() as (_, port, receiver):
        await receiver.send(a_dispatch(delivery={"minimal": True}))
        news = a_dispatch(MessageKind.CANCEL, delivery={"reference": "01JD8ZQ3N4V5W6X7Y8Z9A0B1C9"})
        assert (await receiver.send(news)).answer is Answer.ACCEPTED
        least, cancel = (json.loads(p.payload) for p in alarms_of(port.broker.published))
        assert set(least["data"]) == {
            "schema", "alarm", "kind", "class", "priority", "test", "demo", "raised_at",
        }  # fmt: skip
        assert cancel["type"] == "org.kvarbo.alarm.cancelled"


async def test_no_secret_in_words_or_repr() -> None:
    async with behind_a_broker() as (municipality, _, receiver):
        await municipality.set_fault(Mode.REFUSE)
        verdict = await receiver.send(a_dispatch())
        assert PASSWORD not in repr(verdict) + repr(receiver.__dict__)


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff" * 64,
        b"\x20\x03\x00\x00\x00" * 3,
        b"\x30\xff\xff\xff\x7f",
    ],
)
async def test_what_is_no_broker_is_told_as_such_and_harms_nothing(octets: bytes) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(octets)
        await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver = a_receiver(server.sockets[0].getsockname()[1], answer_limit=0.5)
    verdict = await receiver.send(a_dispatch())
    assert verdict.answer is Answer.UNREACHABLE
    await receiver.close()
    server.close()


def test_a_packet_that_is_too_long_is_refused_by_its_head() -> None:
    framing = Framing()
    framing.feed(b"\x30\x02ab\xd0\x00")
    framing.feed(b"\x30\x80")
    framing.feed(b"\x80\x04")
    with pytest.raises(TooLongError):
        framing.feed(b"\x00" * LONGEST + b"\x30\x81\x80\x04")
    with pytest.raises(TooLongError):
        Framing().feed(b"\x30\xff\xff\xff\xff")


async def test_a_closed_receiver_opens_nothing() -> None:
    async with behind_a_broker() as (_, port, receiver):
        await receiver.close()
        beat: Heartbeat = a_beat()
        assert (await receiver.heartbeat(beat)).answer is Answer.UNREACHABLE
        assert port.broker.connects == 0

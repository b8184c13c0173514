"""The built-in profile against the municipality's receiver, and against CloudEvents 1.0 itself.

The checks of CloudEvents are written from its specification (sections 3.1 of the core and 3.2 of
the JSON format), and then its own library reads what was sent.
"""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
import json
import re
from typing import Any

from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
import pytest

from custom_components.kvarbo.alarm.alarm import Alarm, AlarmState, MessageKind, Note, Source
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Owner, ReasonCode, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import (
    Answer,
    Dispatch,
    Fate,
    Followed,
    Health,
    Takes,
)
from custom_components.kvarbo.transmission.rest.rest import RestReceiver
from custom_components.kvarbo.transmission.rest.settings import Trust
from simulator.municipality import Mode, Municipality
from simulator.testing_municipality import TOKEN
from tests.transmission.rest.rest_sample import (
    ALARM_ID,
    CONTROLLER,
    PRESSED_AT,
    REFERENCE,
    a_beat,
    a_delivery,
    a_dispatch,
    a_receiver,
    an_alarm,
)
from tests.transmission.rest.rest_server import accepted, serving


@pytest.fixture
async def receiver(municipality: Municipality) -> AsyncIterator[RestReceiver]:
    one = a_receiver(municipality.url, token=TOKEN, language=Language.SV)
    yield one
    await one.close()


async def test_an_alarm_is_received_acknowledged_and_closed(
    municipality: Municipality, receiver: RestReceiver
) -> None:
    verdict = await receiver.send(a_dispatch())
    assert verdict.answer is Answer.ACCEPTED
    assert verdict.receipt
    assert verdict.words == "Mottaget"
    delivery = a_delivery(receipt=verdict.receipt, status_address=verdict.status_address)
    assert await receiver.follow(delivery) == Followed(Fate.RECEIVED)
    municipality.acknowledge(ALARM_ID)
    assert await receiver.follow(delivery) == Followed(Fate.ACKNOWLEDGED, by_person=True)
    municipality.close_alarm(ALARM_ID, by="system")
    assert (await receiver.follow(delivery)).fate is Fate.CLOSED


async def test_what_a_machine_acknowledges_is_no_person(
    municipality: Municipality, receiver: RestReceiver
) -> None:
    verdict = await receiver.send(a_dispatch())
    municipality.acknowledge(ALARM_ID, by="system")
    delivery = a_delivery(status_address=verdict.status_address)
    assert await receiver.follow(delivery) == Followed(Fate.ACKNOWLEDGED)


async def test_every_kind_of_message_is_taken(
    municipality: Municipality, receiver: RestReceiver
) -> None:
    """Each kind of alarm, source, place and note, full and minimal: the receiver checks every field."""
    count = 0
    for kind in MessageKind:
        for minimal in (False, True):
            for note in (None, *Note):
                count += 1
                reference = f"01JD8ZQ3N4V5W6X7Y8Z9A0{count:04d}"
                delivery = {"minimal": minimal, "reference": reference}
                verdict = await receiver.send(a_dispatch(kind, note=note, delivery=delivery))
                assert verdict.answer is Answer.ACCEPTED, (kind, minimal, verdict.words)
    places = [None, *Location]
    for number, alarm_kind in enumerate(AlarmKind):
        alarm = an_alarm(
            kind=alarm_kind,
            location=places[number % len(places)],
            reason=list(ReasonCode)[number % len(ReasonCode)],
            test=number % 2 == 0,
            presses=number,
            owner=[None, *Owner][number % (len(Owner) + 1)],
            seen_at=PRESSED_AT if number % 3 else None,
            seen_in=places[-number % len(places)],
            repeats=number + 1,
            until=PRESSED_AT if number % 2 else None,
            id=f"01JD8ZQ3N4V5W6X7Y8Z9B0{number:04d}",
        )
        delivery = {"reference": f"01JD8ZQ3N4V5W6X7Y8Z9C0{number:04d}"}
        verdict = await receiver.send(a_dispatch(alarm=alarm, delivery=delivery))
        assert verdict.answer is Answer.ACCEPTED, (alarm_kind, verdict.words)
    for beat in (a_beat(), a_beat(audit_head="a1" * 32)):
        assert (await receiver.heartbeat(beat)).answer is Answer.ACCEPTED
        assert (await receiver.probe(beat)).answer is Answer.ACCEPTED


async def test_a_repeat_has_the_same_identity(
    municipality: Municipality, receiver: RestReceiver
) -> None:
    await municipality.set_fault(Mode.ACCEPT_AND_DIE, count=1)
    lost = await receiver.send(a_dispatch())
    assert lost.answer is Answer.UNREACHABLE
    assert lost.maybe_heard
    again = await receiver.send(a_dispatch(delivery={"attempts": 2}))
    assert again.answer is Answer.ACCEPTED
    assert len(municipality.state()["alarms"]) == 1


@pytest.mark.parametrize(
    ("fault", "expected", "maybe_heard"),
    [
        ({"mode": Mode.ERROR}, Answer.UNREACHABLE, True),
        ({"mode": Mode.ERROR, "status": 503}, Answer.BUSY, False),
        ({"mode": Mode.ERROR, "status": 404}, Answer.UNREACHABLE, True),
        ({"mode": Mode.ERROR, "status": 413}, Answer.FORM_REFUSED, False),
        ({"mode": Mode.REFUSE}, Answer.FORM_REFUSED, False),
        ({"mode": Mode.REFUSE_FULL}, Answer.FORM_REFUSED, False),
        ({"mode": Mode.HOLD, "retry_after": 7}, Answer.HOLD, False),
        ({"mode": Mode.BUSY, "retry_after": 8}, Answer.BUSY, False),
        ({"mode": Mode.BUSY}, Answer.BUSY, False),
        ({"mode": Mode.NOT_TREATED}, Answer.NOT_TREATED, False),
        ({"mode": Mode.CREDENTIALS}, Answer.CREDENTIALS_REFUSED, False),
        ({"mode": Mode.DOWN}, Answer.UNREACHABLE, False),
        ({"mode": Mode.ACCEPT_AND_DIE}, Answer.UNREACHABLE, True),
        ({"mode": Mode.SILENT}, Answer.UNREACHABLE, True),
        ({"mode": Mode.SLOW, "seconds": 30}, Answer.UNREACHABLE, True),
        ({"mode": Mode.TRICKLE}, Answer.UNREACHABLE, True),
        ({"mode": Mode.HUGE}, Answer.UNREACHABLE, True),
        ({"mode": Mode.REDIRECT}, Answer.UNREACHABLE, True),
        ({"mode": Mode.EMPTY200}, Answer.UNREACHABLE, True),
        ({"mode": Mode.GARBAGE}, Answer.UNREACHABLE, True),
    ],
    ids=str,
)
async def test_each_fault_of_the_municipality_has_its_verdict(
    municipality: Municipality, fault: dict[str, Any], expected: Answer, maybe_heard: bool
) -> None:
    receiver = a_receiver(municipality.url, token=TOKEN, answer_limit=1)
    await municipality.set_fault(**fault)
    verdict = await receiver.send(a_dispatch())
    await receiver.close()
    assert verdict.answer is expected
    assert verdict.maybe_heard is maybe_heard
    assert verdict.words
    assert verdict.retry_after == fault.get("retry_after")


async def test_a_refused_form_names_the_field_in_the_receivers_words(
    municipality: Municipality,
) -> None:
    receiver = a_receiver(municipality.url, token=TOKEN)
    verdict = await receiver.send(a_dispatch(alarm=an_alarm(resident=12)))
    await receiver.close()
    assert verdict.answer is Answer.FORM_REFUSED
    assert "data.resident" in verdict.words


async def test_a_wrong_token_is_refused_in_the_receivers_words(
    municipality: Municipality,
) -> None:
    receiver = a_receiver(municipality.url, token="another")
    verdict = await receiver.send(a_dispatch())
    await receiver.close()
    assert verdict.answer is Answer.CREDENTIALS_REFUSED
    assert verdict.words == "The bearer token is missing or wrong"


async def test_two_hubs_under_one_number_are_told(
    municipality: Municipality, receiver: RestReceiver
) -> None:
    other = a_beat(hub="01JD8ZQ3N4V5W6X7Y8Z9A0B1D9")
    told = [(await receiver.heartbeat(beat)).conflict for beat in (a_beat(), other, a_beat())]
    assert told == [False, False, True]
    assert (await receiver.probe(other)).conflict


async def test_the_same_over_tls(municipality_tls: Municipality) -> None:
    assert municipality_tls.ca_file is not None
    trust = Trust(ca_certificate=municipality_tls.ca_file.read_text(), public=False)
    receiver = a_receiver(municipality_tls.url, token=TOKEN, trust=trust)
    verdict = await receiver.send(a_dispatch())
    delivery = a_delivery(status_address=verdict.status_address)
    assert await receiver.follow(delivery) == Followed(Fate.RECEIVED)
    await receiver.close()


# -- on the wire -----------------------------------------------------------------------------------

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_URI = re.compile(r"urn:kvarbo:[0-9]{1,16}")


def _check_cloud_event(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Check a request as CloudEvents 1.0 in structured JSON mode, and return its data."""
    assert headers["content-type"] == "application/cloudevents+json"
    event = json.loads(body.decode("utf-8"))
    assert isinstance(event, dict)
    for name, value in event.items():
        assert re.fullmatch(r"[a-z0-9]{1,20}", name), (
            "attribute names are lower case letters and digits"
        )
        if name != "data":
            assert isinstance(value, str), "an attribute that has no value is left out, not null"
            assert value
            assert not re.search(r"[\x00-\x1f\x7f-\x9f]", value)
    assert event["specversion"] == "1.0"
    assert event["id"]
    assert _URI.fullmatch(event["source"])
    assert event["type"].startswith("org.kvarbo.")
    assert _RFC3339.fullmatch(event["time"])
    assert event["datacontenttype"] == "application/json"
    assert event.keys() <= {
        "specversion",
        "id",
        "source",
        "type",
        "subject",
        "time",
        "datacontenttype",
        "data",
    }
    data = event["data"]
    assert isinstance(data, dict)
    # And by the specification's own library, which knows nothing of us.
    read = from_structured_event(HTTPMessage(headers=headers, body=body))
    assert read.get_id() == event["id"]
    assert read.get_source() == event["source"]
    assert read.get_type() == event["type"]
    assert read.get_subject() == event.get("subject")
    assert read.get_time() == datetime.fromisoformat(event["time"])
    assert read.get_data() == data
    return data


async def _on_the_wire(
    socket_enabled: None, send: Callable[[RestReceiver], Any]
) -> tuple[dict[str, str], bytes]:
    async with serving(accepted()) as server:
        receiver = a_receiver(server.url)
        await send(receiver)
        await receiver.close()
    [request] = server.requests
    return request.headers, request.body


async def test_an_alarm_on_the_wire_is_exactly_this(socket_enabled: None) -> None:
    headers, body = await _on_the_wire(socket_enabled, lambda r: r.send(a_dispatch()))
    data = _check_cloud_event(headers, body)
    event = json.loads(body)
    assert event["id"] == REFERENCE
    assert event["source"] == f"urn:kvarbo:{CONTROLLER}"
    assert event["type"] == "org.kvarbo.alarm.raised"
    assert event["subject"] == ALARM_ID
    assert data == {
        "schema": 1,
        "alarm": ALARM_ID,
        "kind": "help_call",
        "class": "personal",
        "priority": 9,
        "test": False,
        "demo": False,
        "resident": 1,
        "device": 3,
        "role": "help_button",
        "location": "bathroom",
        "reason": "help button 3 pressed, bathroom",
        "owner": None,
        "language": "en",
        "sensed_at": "2026-11-22T02:48:00.123Z",
        "raised_at": "2026-11-22T02:48:00.127Z",
        "seen_at": None,
        "seen_in": None,
        "until": None,
        "sent_at": "2026-11-22T02:48:00.153Z",
        "delayed": False,
        "attempt": 1,
        "clock_trouble": False,
        "durable": True,
        "presses": 1,
        "occurrences": 1,
        "cleared_at": None,
        "cancelled_at": None,
        "note": None,
        "also_sent_to": None,
    }


LATER = PRESSED_AT + timedelta(minutes=9)


def a_night_absence(**changes: Any) -> Alarm:
    given: dict[str, Any] = {
        "kind": AlarmKind.NIGHT_ABSENCE,
        "source": Source(0, Role.RULE),
        "location": None,
        "reason": ReasonCode.WATCHED,
        "raised_at": PRESSED_AT + timedelta(minutes=20),
        "owner": Owner.NIGHT_PATROL,
        "seen_at": PRESSED_AT + timedelta(minutes=3),
        "seen_in": Location.HALLWAY,
    }
    return an_alarm(**given | changes)


@pytest.mark.parametrize(
    ("dispatch", "kind", "expected"),
    [
        (
            a_dispatch(alarm=an_alarm(test=True, source=an_alarm().source), demo=True),
            "raised",
            {"test": True, "demo": True},
        ),
        (
            a_dispatch(durable=False, delayed=True, delivery={"attempts": 3}),
            "raised",
            {"durable": False, "delayed": True, "attempt": 3},
        ),
        # Raised and gone again before anyone heard: one message with both times.
        (
            a_dispatch(alarm=an_alarm(kind=AlarmKind.PATH_LOST, cleared_at=LATER)),
            "raised",
            {"class": "technical", "cleared_at": "2026-11-22T02:57:00.123Z"},
        ),
        (
            a_dispatch(MessageKind.UPDATE, alarm=an_alarm(presses=3), note=Note.PRESSED_AGAIN),
            "updated",
            {
                "note": "pressed_again",
                "presses": 3,
                "reason": "help button 3 pressed 3 times, bathroom",
            },
        ),
        (
            a_dispatch(MessageKind.ALL_CLEAR, alarm=an_alarm(cleared_at=LATER)),
            "cleared",
            {"cleared_at": "2026-11-22T02:57:00.123Z", "cancelled_at": None},
        ),
        (
            a_dispatch(MessageKind.ALL_CLEAR),
            "cleared",
            {"cleared_at": "2026-11-22T02:48:00.127Z"},
        ),
        (
            a_dispatch(
                MessageKind.CANCEL, alarm=an_alarm(state=AlarmState.CANCELLED, ended_at=LATER)
            ),
            "cancelled",
            {"cancelled_at": "2026-11-22T02:57:00.123Z", "cleared_at": None},
        ),
        (
            a_dispatch(MessageKind.CANCEL),
            "cancelled",
            {"cancelled_at": "2026-11-22T02:48:00.127Z"},
        ),
        (a_dispatch(alarm=an_alarm(location=None)), "raised", {"location": None}),
        (
            a_dispatch(MessageKind.UPDATE, alarm=a_night_absence(repeats=3), note=Note.REPEATED),
            "updated",
            {
                "note": "repeated",
                "occurrences": 3,
                "owner": "night_patrol",
                "seen_at": "2026-11-22T02:51:00.123Z",
                "seen_in": "hallway",
                "until": None,
                "reason": "up 02:48, not back, last in the hallway 02:51 (3 times)",
            },
        ),
        # Where a technical alarm goes, nobody may learn what the resident did.
        (
            a_dispatch(alarm=a_night_absence(kind=AlarmKind.RULE_FAULT, reason=ReasonCode.BLIND)),
            "raised",
            {
                "class": "technical",
                "owner": "night_patrol",
                "seen_at": None,
                "seen_in": None,
                "reason": "a sensor has given no value since 02:48",
            },
        ),
        (
            a_dispatch(
                alarm=an_alarm(
                    kind=AlarmKind.RULE_FAULT, reason=ReasonCode.HUB_WAS_OFF, until=LATER
                )
            ),
            "raised",
            {
                "until": "2026-11-22T02:57:00.123Z",
                "reason": "the home was not watched from 02:48 to 02:57",
            },
        ),
    ],
)
async def test_messages_on_the_wire(
    socket_enabled: None, dispatch: Dispatch, kind: str, expected: dict[str, Any]
) -> None:
    headers, body = await _on_the_wire(socket_enabled, lambda r: r.send(dispatch))
    data = _check_cloud_event(headers, body)
    assert json.loads(body)["type"] == f"org.kvarbo.alarm.{kind}"
    assert {key: data[key] for key in expected} == expected


async def test_signs_of_life_tell_nothing_of_the_resident(socket_enabled: None) -> None:
    headers, body = await _on_the_wire(socket_enabled, lambda r: r.heartbeat(a_beat()))
    data = _check_cloud_event(headers, body)
    assert "subject" not in json.loads(body)
    assert data == {
        "schema": 1,
        "hub": a_beat().hub,
        "version": "0.1.0",
        "interval": 300,
        "undelivered": 0,
        "audit_head": None,
        "devices": None,
        "devices_missing": None,
        "devices_silent": None,
        "low_batteries": None,
        "weak_links": None,
        "open_items": None,
        "sent_at": "2026-11-22T02:48:00.123Z",
    }
    ailing = Health(devices=12, missing=1, silent=2, low_batteries=0, weak_links=0, open_items=3)
    beat = a_beat(to=Takes.OPERATIONS, health=ailing)
    headers, body = await _on_the_wire(socket_enabled, lambda r: r.heartbeat(beat))
    told = _check_cloud_event(headers, body)
    assert told == data | {
        "devices": 12,
        "devices_missing": 1,
        "devices_silent": 2,
        "low_batteries": 0,
        "weak_links": 0,
        "open_items": 3,
    }
    headers, body = await _on_the_wire(socket_enabled, lambda r: r.probe(a_beat()))
    data = _check_cloud_event(headers, body)
    assert data == {"schema": 1, "hub": a_beat().hub, "sent_at": "2026-11-22T02:48:00.123Z"}


async def test_swedish_letters_go_as_utf_8(socket_enabled: None) -> None:
    alarm = an_alarm(kind=AlarmKind.SMOKE, location=Location.KITCHEN)
    async with serving(accepted()) as server:
        receiver = a_receiver(server.url, language=Language.SV)
        await receiver.send(a_dispatch(alarm=alarm))
        await receiver.close()
    assert "larmknapp 3 tryckt, kök".encode() in server.requests[0].body


async def test_the_reason_tells_the_time_of_the_home_as_it_is_now(socket_enabled: None) -> None:
    zones = [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5))]
    async with serving(accepted()) as server:
        receiver = a_receiver(server.url, zone=lambda: zones.pop(0))
        for _ in range(3):
            await receiver.send(a_dispatch(alarm=a_night_absence(seen_at=None, seen_in=None)))
        await receiver.close()
    told = [json.loads(request.body)["data"]["reason"] for request in server.requests]
    assert told == ["up 02:48, not back", "up 03:48, not back", "up 21:48, not back"]


async def test_an_alarm_is_small(socket_enabled: None) -> None:
    """R39: it gets through a bad link."""
    _, body = await _on_the_wire(socket_enabled, lambda r: r.send(a_dispatch()))
    assert len(body) < 1000

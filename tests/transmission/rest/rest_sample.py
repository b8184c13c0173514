"""Alarms, messages and receivers to try with."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
import json
from pathlib import Path
from typing import Any

from custom_components.kvarbo.alarm.alarm import Alarm, Delivery, Message, MessageKind, Note, Source
from custom_components.kvarbo.alarm.clock import SystemClock
from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, ReasonCode, Role
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.transmission.receiver import Dispatch, Heartbeat
from custom_components.kvarbo.transmission.rest.profile import RestProfile, built_in
from custom_components.kvarbo.transmission.rest.profile_reader import parse_profile
from custom_components.kvarbo.transmission.rest.rest import RestReceiver
from custom_components.kvarbo.transmission.rest.session import ConnectorFactory, open_connector
from custom_components.kvarbo.transmission.rest.settings import Credentials, Trust
from custom_components.kvarbo.transmission.tunnel import OPEN, Tunnel

type MakeReceiver = Callable[..., RestReceiver]

TOKEN = "planted-token-0123456789"
CONTROLLER = "4711"
ALARM_ID = "01JD8ZQ3N4V5W6X7Y8Z9A0B1C2"
MESSAGE_ID = "01JD8ZQ3N4V5W6X7Y8Z9A0B1C3"
REFERENCE = "01JD8ZQ3N4V5W6X7Y8Z9A0B1C4"
PRESSED_AT = datetime(2026, 11, 22, 2, 48, 0, 123456, UTC)
KVARBO = parse_profile(built_in("kvarbo"))

DOCS = Path(__file__).parents[3] / "docs" / "rest.md"


def an_alarm(**changes: Any) -> Alarm:
    """A help button pressed in the bathroom."""
    alarm = Alarm(
        id=ALARM_ID,
        episode="b3:1",
        kind=AlarmKind.HELP_CALL,
        priority=9,
        source=Source(3, Role.HELP_BUTTON),
        location=Location.BATHROOM,
        resident=1,
        reason=ReasonCode.PRESSED,
        sensed_at=PRESSED_AT,
        raised_at=PRESSED_AT + timedelta(milliseconds=4),
        raised_by="help_button",
    )
    return replace(alarm, **changes)


def a_dispatch(
    kind: MessageKind = MessageKind.ALARM,
    *,
    alarm: Alarm | None = None,
    note: Note | None = None,
    delivery: dict[str, Any] | None = None,
    **changes: Any,
) -> Dispatch:
    """A message of it, on its way for the first time."""
    alarm = alarm or an_alarm()
    dispatch = Dispatch(
        alarm=alarm,
        message=Message(
            id=MESSAGE_ID, alarm_id=alarm.id, kind=kind, created_at=alarm.raised_at, note=note
        ),
        delivery=replace(a_delivery(), alarm_id=alarm.id, **(delivery or {})),
        sent_at=PRESSED_AT + timedelta(milliseconds=30),
    )
    return replace(dispatch, **changes)


def a_delivery(**changes: Any) -> Delivery:
    """A delivery of the first attempt."""
    delivery = Delivery(
        reference=REFERENCE,
        message_id=MESSAGE_ID,
        alarm_id=ALARM_ID,
        receiver="r1",
        queued_at=PRESSED_AT,
        attempts=1,
    )
    return replace(delivery, **changes)


def a_beat(**changes: Any) -> Heartbeat:
    """A sign of life."""
    beat = Heartbeat(
        hub="01JD8ZQ3N4V5W6X7Y8Z9A0B1C5",
        version="0.1.0",
        interval=300,
        undelivered=0,
        sent_at=PRESSED_AT,
    )
    return replace(beat, **changes)


def a_receiver(
    url: str,
    *,
    profile: RestProfile = KVARBO,
    token: str | None = TOKEN,
    certificate: str | None = None,
    key: str | None = None,
    trust: Trust | None = None,
    language: Language = Language.EN,
    connector: ConnectorFactory = open_connector,
    tunnel: Tunnel = OPEN,
    answer_limit: float = 10.0,
    zone: Callable[[], tzinfo] = lambda: UTC,
) -> RestReceiver:
    """A receiver at this address; close it."""
    return RestReceiver(
        profile=profile,
        url=url,
        credentials=Credentials(token=token, client_certificate=certificate, client_key=key),
        trust=trust or Trust(),
        language=language,
        controller=CONTROLLER,
        clock=SystemClock(),
        connector=connector,
        tunnel=tunnel,
        answer_limit=answer_limit,
        zone=zone,
    )


def kvarbo_document() -> dict[str, Any]:
    """The built-in profile as JSON, to be changed."""
    document: dict[str, Any] = json.loads(built_in("kvarbo"))
    return document


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The built-in profile's text after a change."""
    document = kvarbo_document()
    change(document)
    return json.dumps(document, indent=2)


def other_profile_text() -> str:
    """The profile of another receiver, as docs/rest.md shows it."""
    text = DOCS.read_text(encoding="utf-8")
    begin = text.index("```json title=example\n") + len("```json title=example\n")
    return text[begin : text.index("```", begin)]

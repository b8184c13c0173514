"""An alarm on a page: its reason in words, who has it, and who may look at it (R29, R07)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.alarm import Alarm, Delivery, DeliveryState, Source
from custom_components.kvarbo.alarm.kinds import (
    KINDS,
    AlarmClass,
    AlarmKind,
    Location,
    Owner,
    ReasonCode,
    Role,
)
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.pages.alarms import describe_alarm, is_seen
from custom_components.kvarbo.pages.facts import Sight

AT = datetime(2026, 11, 27, 1, 10, tzinfo=UTC)
INSTALLS = frozenset({Sight.COUNTS, Sight.DEVICES})
ALARM = Alarm(
    id="01K",
    episode="e",
    kind=AlarmKind.NIGHT_ABSENCE,
    priority=7,
    source=Source(0, Role.RULE),
    location=Location.HALLWAY,
    resident=1,
    reason=ReasonCode.WATCHED,
    sensed_at=AT,
    raised_at=AT + timedelta(minutes=25),
    raised_by="watcher",
    owner=Owner.NIGHT_PATROL,
)
TAKEN = Delivery(
    reference="r",
    message_id="m",
    alarm_id="01K",
    receiver="key",
    queued_at=AT,
    state=DeliveryState.RECEIVED,
    received_at=AT + timedelta(minutes=26),
    receipt="secret",
    words="Anna",
)


def test_an_alarm_says_why_in_words_and_who_has_it() -> None:
    zone = ZoneInfo("Europe/Stockholm")
    told = describe_alarm(ALARM, TAKEN, 2, demo=True, language=Language.SV, zone=zone)
    assert told["what"] == "Uppe på natten och inte tillbaka i sängen"
    assert "02:10" in told["why"]
    assert (told["owner"], told["receiver"]) == ("night_patrol", 2)
    assert told["received_at"] == "2026-11-27T02:36:00+01:00"
    assert told["mark"] == "DEMO"
    assert {"Anna", "secret", "key"}.isdisjoint(map(str, told.values()))


def test_what_nobody_has_taken_is_with_nobody() -> None:
    told = describe_alarm(ALARM, None, None, demo=False, language=Language.EN, zone=UTC)
    assert (told["received_at"], told["receiver"], told["mark"]) == (None, None, "")


@pytest.mark.parametrize("kind", AlarmKind)
def test_who_installs_sees_equipment_and_tests_and_no_alarm_about_a_person(kind: AlarmKind) -> None:
    alarm = replace(ALARM, kind=kind)
    technical = KINDS[kind].alarm_class is AlarmClass.TECHNICAL
    assert is_seen(alarm, INSTALLS) is technical
    assert is_seen(replace(alarm, test=True), INSTALLS)
    assert is_seen(alarm, frozenset(Sight))
    assert not is_seen(replace(alarm, test=True), frozenset({Sight.COUNTS}))

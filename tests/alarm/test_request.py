"""What cannot be raised is refused with the name of the field."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Owner
from custom_components.kvarbo.alarm.making import repeated_alarm, requested_alarm
from custom_components.kvarbo.alarm.request import AlarmRequest, BadRequestError
from tests.support.samples import NOON

NAIVE = datetime(2027, 3, 1, 12)  # noqa: DTZ001 - a time that must be refused


@pytest.mark.parametrize(
    ("fields", "field", "problem"),
    [
        ({"priority": -1}, "priority", "out_of_range"),
        ({"priority": 10}, "priority", "out_of_range"),
        ({"resident": -1}, "resident", "out_of_range"),
        ({"resident": 10}, "resident", "out_of_range"),
        ({"episode": "x" * 201}, "episode", "bad_text"),
        ({"episode": "a\nb"}, "episode", "bad_text"),
        ({"episode": "a\x00"}, "episode", "bad_text"),
        ({"sensed_at": NAIVE}, "sensed_at", "no_time_zone"),
        ({"seen_at": NAIVE}, "seen_at", "no_time_zone"),
        ({"until": NAIVE}, "until", "no_time_zone"),
    ],
)
def test_a_bad_request_names_its_field(fields: dict[str, object], field: str, problem: str) -> None:
    with pytest.raises(BadRequestError) as caught:
        AlarmRequest(kind=AlarmKind.FALL, **fields).checked()  # type: ignore[arg-type]
    assert (caught.value.field, caught.value.problem) == (field, problem)
    assert str(caught.value) == f"{field}: {problem}"


@pytest.mark.parametrize(
    "fields",
    [
        {"priority": 0},
        {"priority": 9},
        {"resident": 9},
        {"episode": "x" * 200},
        {"episode": "Åäö 1"},
    ],
)
def test_the_edge_of_what_can_be_is_taken(fields: dict[str, object]) -> None:
    request = AlarmRequest(kind=AlarmKind.FALL, **fields)  # type: ignore[arg-type]
    assert request.checked() is request


def test_times_are_kept_in_utc() -> None:
    stockholm = timezone(timedelta(hours=1))
    request = AlarmRequest(kind=AlarmKind.FALL, sensed_at=NOON.astimezone(stockholm)).checked()
    assert request.sensed_at == NOON
    assert request.sensed_at.utcoffset() == timedelta(0)
    there = NOON.astimezone(stockholm)
    request = AlarmRequest(kind=AlarmKind.FALL, seen_at=there, until=there).checked()
    assert (request.seen_at, request.until, request.sensed_at) == (NOON, NOON, None)
    assert request.seen_at is not None
    assert request.seen_at.tzinfo is UTC


SAID: dict[str, Any] = {
    "owner": Owner.NURSE,
    "seen_at": NOON,
    "seen_in": Location.KITCHEN,
    "until": NOON,
}


def test_what_a_rule_says_goes_into_the_alarm() -> None:
    request = AlarmRequest(kind=AlarmKind.INACTIVITY, **SAID)
    alarm = requested_alarm(request, "01A", NOON, "rule", clock_trouble=False)
    assert {name: getattr(alarm, name) for name in SAID} == SAID
    assert alarm.repeats == 1


def test_a_technical_alarm_tells_nothing_of_what_somebody_did() -> None:
    request = AlarmRequest(kind=AlarmKind.RULE_FAULT, **SAID)
    alarm = requested_alarm(request, "01A", NOON, "rule", clock_trouble=False)
    assert (alarm.owner, alarm.until) == (Owner.NURSE, NOON)
    assert (alarm.seen_at, alarm.seen_in) == (None, None)
    assert repeated_alarm(alarm, NOON, Location.KITCHEN) == replace(alarm, repeats=2)


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        ((None, None), (NOON, Location.KITCHEN)),
        ((NOON + timedelta(hours=1), None), (NOON + timedelta(hours=1), None)),
        ((None, Location.STUDY), (None, Location.STUDY)),
    ],
)
def test_r60_a_newer_sign_of_life_takes_the_place_of_the_former_whole(
    seen: tuple[datetime | None, Location | None], known: tuple[datetime | None, Location | None]
) -> None:
    """A new time with an old room would be a lie."""
    request = AlarmRequest(kind=AlarmKind.INACTIVITY, **SAID)
    alarm = requested_alarm(request, "01A", NOON, "rule", clock_trouble=False)
    again = repeated_alarm(replace(alarm, cleared_at=NOON), *seen)
    assert (again.repeats, again.cleared_at) == (2, None)
    assert (again.seen_at, again.seen_in) == known


def test_what_is_not_said_is_the_kind_s_own() -> None:
    request = AlarmRequest(kind=AlarmKind.NOT_UP)
    alarm = requested_alarm(request, "01A", NOON, "rule", clock_trouble=True)
    assert (alarm.priority, alarm.episode, alarm.sensed_at) == (6, "e01A", NOON)
    assert alarm.clock_trouble
    assert alarm.last_press_at is None
    chosen = AlarmRequest(kind=AlarmKind.NOT_UP, priority=2, episode="mine")
    alarm = requested_alarm(chosen, "01B", NOON, "rule", clock_trouble=False)
    assert (alarm.priority, alarm.episode, alarm.clock_trouble) == (2, "mine", False)

"""What cannot be raised is refused with the name of the field."""

from datetime import datetime, timedelta, timezone

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.alarm.making import requested_alarm
from custom_components.kvarbo.alarm.request import AlarmRequest, BadRequestError
from tests.support.samples import NOON


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
        ({"sensed_at": datetime(2027, 3, 1, 12)}, "sensed_at", "no_time_zone"),  # noqa: DTZ001
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


def test_what_is_not_said_is_the_kind_s_own() -> None:
    request = AlarmRequest(kind=AlarmKind.NOT_UP)
    alarm = requested_alarm(request, "01A", NOON, "rule", clock_trouble=True)
    assert (alarm.priority, alarm.episode, alarm.sensed_at) == (6, "e01A", NOON)
    assert alarm.clock_trouble
    assert alarm.last_press_at is None
    chosen = AlarmRequest(kind=AlarmKind.NOT_UP, priority=2, episode="mine")
    alarm = requested_alarm(chosen, "01B", NOON, "rule", clock_trouble=False)
    assert (alarm.priority, alarm.episode, alarm.clock_trouble) == (2, "mine", False)

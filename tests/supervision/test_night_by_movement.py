"""Up in the night and not back, where movement alone must tell."""

from typing import Any

import pytest

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE
from tests.supervision.nights import (
    BATHROOM,
    BEDROOM,
    BEDROOM_DOOR,
    CHAIR,
    HALL,
    IDLE,
    KITCHEN,
    MOTION_ONLY,
    OK,
    UNKNOWN,
    Flat,
)


def asleep(settings: dict[str, Any] | None = None, **home: Any) -> Flat:
    """Return a home without a bed sensor, 02:10, still since 22:30 in the bedroom."""
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, MOTION_ONLY, settings, **home)
    flat.until(22, 25)
    flat.walks(KITCHEN, HALL, BATHROOM, BEDROOM)
    flat.until(22, 30)
    flat.walks(BEDROOM)
    flat.until(2, 10)
    return flat


def test_gone_silent_away_from_the_bedroom_is_the_alarm_with_its_reason() -> None:
    flat = asleep({"warning": 300})
    flat.walks(BEDROOM, HALL)
    flat.until(2, 14)
    flat.walks(KITCHEN)
    flat.until(3)
    flat.walks(BEDROOM)
    assert flat.tale == [("warned", "02:29"), ("alarmed", "02:34"), ("recovered", "03:00")]
    (alarm,) = flat.alarms
    assert (flat.clock(alarm.since), alarm.seen_in) == ("02:10", Location.KITCHEN)
    assert flat.clock(alarm.seen_at) == "02:14"


def test_who_moves_about_the_kitchen_is_awake_but_not_without_end() -> None:
    flat = asleep({"awake_limit": HOUR})
    flat.walks(BEDROOM)
    for _ in range(70):
        flat.walks(KITCHEN, pause=MINUTE)
    assert flat.tale == [("alarmed", "03:11")]


def test_movement_after_the_warning_puts_the_alarm_off_and_does_not_warn_again() -> None:
    flat = asleep({"warning": 600})
    flat.walks(BEDROOM, KITCHEN)
    flat.until(2, 25)
    flat.walks(KITCHEN)
    flat.until(4)
    assert flat.tale == [("warned", "02:20"), ("alarmed", "02:45")]
    flat.walks(KITCHEN, HALL)
    assert len(flat.tale) == 2  # no sign of life elsewhere ends it


def test_a_motion_sensor_that_fires_once_by_itself_gets_nobody_up() -> None:
    flat = asleep()
    flat.walks(BATHROOM)
    flat.until(4)
    flat.walks(KITCHEN)
    flat.until(12)
    assert flat.tale == []
    flat = asleep()
    flat.walks(BATHROOM)
    flat.walks(HALL, pause=9 * MINUTE)
    flat.until(12)
    assert [told for told, _ in flat.tale] == ["alarmed"]
    assert flat.clock(flat.alarms[0].since) == "02:10"


def test_a_lone_sign_is_forgotten_when_the_bedroom_moves() -> None:
    flat = asleep()
    flat.walks(BATHROOM)
    flat.walks(BEDROOM, pause=4 * MINUTE)  # turned over: nobody was up
    flat.walks(KITCHEN, pause=4 * MINUTE)
    flat.until(12)
    assert flat.tale == []


def test_s4_the_longest_time_up_and_about_counts_only_what_could_be_seen() -> None:
    flat = asleep({"awake_limit": HOUR})
    flat.walks(BEDROOM, KITCHEN)
    flat.says(BEDROOM, UNKNOWN)
    flat.says(BEDROOM, IDLE, after=30 * MINUTE)
    for _ in range(80):
        flat.walks(KITCHEN, pause=MINUTE)
    assert flat.tale == [("alarmed", "03:40")]


def test_who_has_not_slept_yet_is_not_up_at_night() -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, MOTION_ONLY)
    flat.until(22, 30)
    flat.walks(BEDROOM, KITCHEN)  # fetches something and sits down in the kitchen
    flat.until(12)
    assert flat.tale == []


def test_sleep_may_begin_before_the_window_and_ends_with_the_night() -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, MOTION_ONLY)
    flat.until(20, 30)
    flat.walks(BEDROOM)
    flat.until(23)
    flat.walks(BEDROOM, KITCHEN)
    flat.until(0)
    assert flat.tale == [("alarmed", "23:20")]
    flat.walks(BEDROOM)
    flat.until(22)
    flat.walks(BEDROOM, KITCHEN)  # the next evening, not asleep yet
    flat.until(12)
    assert flat.tale == [("alarmed", "23:20"), ("recovered", "00:00")]


def test_in_and_out_of_the_bedroom_the_absence_begins_anew() -> None:
    flat = asleep()
    flat.walks(BEDROOM, BATHROOM)
    flat.until(2, 25)
    flat.walks(BEDROOM)
    flat.walks(KITCHEN, pause=60)
    flat.until(4)
    assert [told for told, _ in flat.tale] == ["near_miss", "alarmed"]
    assert flat.clock(flat.alarms[0].since) == "02:26"


def test_a_bedroom_door_alone_is_no_return_and_the_ok_press_needs_sleep_before_the_next() -> None:
    flat = asleep()
    flat.walks(BEDROOM, HALL)
    flat.walks(BEDROOM_DOOR)
    flat.until(3)
    assert flat.tale == [("alarmed", "02:30")]
    flat.says(OK)
    assert flat.tale[1:] == [("recovered", "03:00")]
    flat.walks(KITCHEN, HALL, KITCHEN)
    flat.until(12)
    assert len(flat.tale) == 2


def test_by_movement_too_the_day_ends_what_the_night_began() -> None:
    flat = asleep()
    flat.until(5, 55)
    flat.walks(BEDROOM, KITCHEN)
    flat.until(6, 5)
    flat.walks(KITCHEN)
    flat.until(12)
    assert flat.alarms == []
    flat = asleep({"chair_counts_as_back": False})
    flat.until(3)
    flat.walks(BEDROOM, KITCHEN)
    flat.says(CHAIR, after=15 * MINUTE)
    flat.until(12)
    assert flat.tale == [("alarmed", "03:35")]  # sitting down is a sign of life, no return


@pytest.mark.parametrize(
    ("dwelling", "sensors", "standing"),
    [
        (Dwelling(), MOTION_ONLY, Standing.WATCHING),
        (Dwelling(pet=True), MOTION_ONLY, Standing.REFUSED),
        (Dwelling(residents=2), MOTION_ONLY, Standing.REFUSED),
        (Dwelling(robot_vacuum=True), MOTION_ONLY, Standing.REFUSED),
        (Dwelling(), (BEDROOM,), Standing.LACKS_SENSORS),
        (Dwelling(), (KITCHEN, BEDROOM_DOOR), Standing.LACKS_SENSORS),
    ],
)
def test_s6_movement_that_may_be_anybodys_is_refused(
    dwelling: Dwelling, sensors: tuple[Sensor, ...], standing: Standing
) -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, sensors, dwelling=dwelling)
    assert flat.standing is standing


def test_s4_what_could_not_be_seen_is_neither_sleep_nor_stillness() -> None:
    flat = asleep()
    flat.walks(BEDROOM, KITCHEN)
    flat.says(BEDROOM, UNKNOWN, after=5 * MINUTE)
    flat.says(BEDROOM, IDLE, after=HOUR)
    flat.until(6)
    assert flat.tale == [("alarmed", "03:30")]
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, MOTION_ONLY)
    flat.until(22, 30)
    flat.walks(BEDROOM)
    flat.says(BEDROOM, UNKNOWN, after=MINUTE)
    flat.says(BEDROOM, IDLE, after=2 * HOUR)
    flat.walks(KITCHEN, HALL)
    flat.until(12)
    assert flat.tale == []  # the one minute that was seen is no sleep


def test_after_its_alarm_movement_elsewhere_changes_nothing_even_by_day() -> None:
    flat = asleep()
    flat.walks(BEDROOM, KITCHEN)
    flat.until(7)
    flat.walks(KITCHEN)
    flat.until(7, 30)
    assert flat.tale == [("alarmed", "02:30")]
    flat.walks(BEDROOM)
    assert flat.tale == [("alarmed", "02:30"), ("recovered", "07:30")]


def test_a_window_of_the_whole_day_works_too() -> None:
    flat = asleep({"begin": 0.0, "end": 0.0})
    flat.walks(BEDROOM, KITCHEN)
    flat.until(12)
    assert flat.tale == [("alarmed", "02:30")]
    assert flat.at - flat.alarms[0].at < DAY

"""Roaming at night: from room to room again and again, after having been asleep."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from tests.supervision.nights import (
    BATHROOM,
    BED,
    BEDROOM,
    FLUSH,
    HALL,
    KITCHEN,
    MOTION_ONLY,
    OK,
    UNKNOWN,
    WITH_BED,
    Flat,
    again,
)


def night(hour: int = 2, **settings: float) -> Flat:
    """Return a home in which somebody has slept since ten."""
    flat = Flat.with_watcher(WatcherKind.ROAMING, settings=settings)
    flat.until(22)
    flat.walks(BATHROOM, BEDROOM)
    flat.until(hour)
    return flat


def roam(flat: Flat, times: int, pause: float = MINUTE) -> None:
    for turn in range(times):
        flat.walks((KITCHEN, HALL, BEDROOM)[turn % 3], pause=pause)


def test_again_and_again_alarms_with_its_reason_and_ends_with_rest() -> None:
    flat = night()
    roam(flat, 20)
    flat.until(6)
    assert flat.tale == [("alarmed", "02:10"), ("recovered", "02:50")]
    (alarm,) = flat.alarms
    assert (flat.clock(alarm.since), alarm.seen_in) == ("02:01", Location.KITCHEN)


def test_a_warning_comes_before_it_where_the_coordinator_wants_one() -> None:
    flat = night(warning=300.0)
    roam(flat, 12)
    flat.until(6)
    assert flat.tale == [("warned", "02:10"), ("alarmed", "02:15"), ("recovered", "02:42")]
    flat = night(warning=300.0)
    roam(flat, 10)
    flat.says(BED, after=MINUTE)
    flat.until(6)
    assert flat.tale == [("warned", "02:10"), ("recovered", "02:11")]


def test_visits_to_the_toilet_are_no_roaming() -> None:
    flat = night(0)
    for _ in range(4):
        flat.walks(BATHROOM, pause=20)
        flat.says(FLUSH, after=4 * MINUTE)
        flat.walks(BEDROOM, pause=30)
        flat.pass_by(HOUR)
    assert flat.tale == []


def test_a_doorway_between_two_sensors_is_no_roaming() -> None:
    flat = night()
    roam(flat, 60, pause=5)
    flat.until(6)
    assert flat.tale == []


def test_changes_count_within_the_span_only() -> None:
    flat = night(0, changes=10, span=30 * MINUTE)
    roam(flat, 60, pause=3.5 * MINUTE)
    flat.until(12)
    assert flat.tale == []
    flat = night(0, changes=10, span=40 * MINUTE)
    roam(flat, 12, pause=3.5 * MINUTE)
    assert [told for told, _ in flat.tale] == ["alarmed"]


def test_a_late_evening_is_no_roaming_unless_it_is_to_count() -> None:
    for quiet, tale in ((30 * MINUTE, []), (0.0, ["alarmed"])):
        flat = Flat.with_watcher(WatcherKind.ROAMING, settings={"quiet_for": quiet})
        flat.until(22)
        roam(flat, 90)
        assert [told for told, _ in flat.tale] == tale


def test_outside_the_night_nobody_roams_and_each_night_begins_anew() -> None:
    flat = night(5)
    roam(flat, 30)
    assert flat.tale == []
    flat = night(4)
    roam(flat, 3)  # slept and up
    flat.until(20, 5)
    roam(flat, 230)
    assert flat.clock(flat.at) == "23:55"
    assert flat.tale == []  # not slept yet in the next one


@pytest.mark.parametrize("end", [OK, BED])
def test_s2_the_ok_press_and_going_to_bed_end_it_and_it_counts_anew(end: Sensor) -> None:
    flat = night()
    roam(flat, 9)
    flat.says(end)
    roam(flat, 9)
    assert flat.tale == []
    roam(flat, 2)
    flat.says(end)
    assert [told for told, _ in flat.tale] == ["alarmed", "recovered"]


@pytest.mark.parametrize(
    ("dwelling", "sensors", "standing"),
    [
        (Dwelling(), MOTION_ONLY, Standing.WATCHING),
        (Dwelling(), (BATHROOM, FLUSH, BED), Standing.LACKS_SENSORS),
        (Dwelling(residents=2), WITH_BED, Standing.REFUSED),
        (Dwelling(pet=True), WITH_BED, Standing.REFUSED),
        (Dwelling(robot_vacuum=True), WITH_BED, Standing.REFUSED),
    ],
)
def test_s6_what_cannot_tell_who_roams_is_refused(
    dwelling: Dwelling, sensors: tuple[Sensor, ...], standing: Standing
) -> None:
    flat = Flat.with_watcher(WatcherKind.ROAMING, sensors, dwelling=dwelling)
    assert flat.standing is standing


def test_s6_with_a_visitor_nobody_can_tell_who_walks_about() -> None:
    flat = night()
    flat.house.resident(1).visitor_since = flat.at
    flat.house.resident(1).visitor_until = flat.at + HOUR
    flat.supervisor.restand(flat.at)
    roam(flat, 30)
    assert flat.standing is Standing.VISITOR
    assert flat.tale == []


def test_s4_what_could_not_be_seen_is_neither_sleep_nor_rest() -> None:
    sensors = (KITCHEN, HALL)
    flat = Flat.with_watcher(WatcherKind.ROAMING, sensors)
    flat.until(22)
    flat.walks(KITCHEN, HALL)
    for sensor in sensors:
        flat.says(sensor, UNKNOWN)
    flat.pass_by(3 * HOUR)
    flat.says(HALL)
    roam(flat, 30)
    assert flat.tale == []
    flat = Flat.with_watcher(WatcherKind.ROAMING, sensors)
    flat.until(22)
    flat.walks(KITCHEN)
    flat.until(2)
    for _ in range(6):
        flat.walks(HALL, KITCHEN, pause=MINUTE)
    for sensor in sensors:
        flat.says(sensor, UNKNOWN)
    flat.pass_by(HOUR)
    assert [told for told, _ in flat.tale] == ["alarmed"]


@pytest.mark.parametrize("turns", [5, 9, 15])
def test_s3_a_restart_in_the_middle_keeps_what_was_counted(turns: int) -> None:
    flat = night()
    roam(flat, turns)
    flat.pass_by(61)
    whole = list(flat.tale)
    flat = again(flat)
    roam(flat, 15 - turns)
    flat.until(6)
    assert [told for told, _ in whole + flat.tale] == ["alarmed", "recovered"]


def test_s1_an_edited_night_holds_at_once() -> None:
    flat = night()
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, begin=3 * HOUR, end=4 * HOUR)
    roam(flat, 15)
    assert flat.tale == []

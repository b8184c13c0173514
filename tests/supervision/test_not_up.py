"""Not up by a clock time: no sign of the day having begun."""

from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime
from tests.supervision.nights import (
    BATHROOM,
    BED,
    BEDROOM,
    BEDROOM_DOOR,
    CHAIR,
    IDLE,
    KITCHEN,
    MOTION_ONLY,
    OK,
    UNKNOWN,
    WITH_BED,
    Flat,
    again,
)

KIND = WatcherKind.NOT_UP


def morning(hour: int = 7, **settings: object) -> Flat:
    flat = Flat.with_watcher(KIND, settings=settings)
    flat.until(22)
    flat.walks(BATHROOM)
    flat.says(BED)
    flat.until(hour)
    return flat


def test_no_sign_of_being_up_warns_alarms_and_recovers_at_the_first_one() -> None:
    flat = morning(warning=600.0)
    seen_in = flat.house.presence.last_room
    flat.until(9)
    flat.walks(BEDROOM)  # turning over
    flat.until(10, 20)
    flat.walks(KITCHEN)
    assert flat.tale == [("warned", "09:50"), ("alarmed", "10:00"), ("recovered", "10:20")]
    (alarm,) = flat.alarms
    assert (alarm.seen_in, flat.clock(alarm.seen_at)) == (seen_in, "22:00")
    assert seen_in in (Location.BEDROOM, Location.BATHROOM)


@pytest.mark.parametrize("sign", [KITCHEN, CHAIR, OK, BEDROOM_DOOR])
def test_any_sign_of_life_but_movement_in_the_bedroom_is_up(sign: Sensor) -> None:
    flat = morning()
    flat.says(sign)
    flat.until(12)
    assert flat.tale == []


def test_leaving_the_bed_is_up_and_late_it_is_a_near_miss() -> None:
    flat = morning(9)
    flat.says(BED, after=10 * MINUTE)
    flat.says(BED, IDLE, after=25 * MINUTE)
    flat.until(12)
    assert flat.tale == [("near_miss", "09:35")]
    flat = morning(9)
    flat.says(OK, after=40 * MINUTE)
    flat.until(12)
    assert flat.tale == []


def test_a_visit_to_the_bathroom_in_the_night_is_not_up() -> None:
    flat = morning(4)
    flat.says(BED, IDLE)
    flat.walks(BATHROOM)
    flat.says(BED, after=MINUTE)
    flat.until(12)
    assert flat.tale == [("alarmed", "10:00")]


def test_each_day_has_its_own_clock_time() -> None:
    week = {"by": 9 * HOUR, "by_weekend": 11 * HOUR, "weekdays": (0, 4, 5, 6)}
    flat = Flat.with_watcher(KIND, settings=week)
    for _ in range(7):
        flat.until(12)
        flat.walks(KITCHEN)
    alarms = [(flat.wall.weekday(a.at), flat.clock(a.at)) for a in flat.alarms]
    assert alarms == [(4, "09:00"), (5, "11:00"), (6, "11:00"), (0, "09:00")]


def test_a_clock_time_before_the_day_begins_watches_nothing() -> None:
    flat = morning(by=5 * HOUR)
    flat.until(23)
    assert flat.tale == []


def test_s6_who_seems_to_have_left_early_is_not_lying_in_bed() -> None:
    flat = morning()
    flat.house.presence.inferred_away_since = flat.at
    flat.until(12)
    assert flat.tale == []
    flat.house.presence.inferred_away_since = None
    flat.until(13)
    assert [told for told, _ in flat.tale] == ["alarmed"]


def test_s6_where_movement_is_anybodys_only_the_residents_own_bed_counts() -> None:
    own = Sensor(1, Role.BED, Location.BEDROOM, 1)
    flat = Flat.with_watcher(KIND, (own, *MOTION_ONLY), dwelling=Dwelling(residents=2))
    flat.until(22)
    flat.says(own)
    flat.until(7)
    flat.walks(KITCHEN)  # the other one
    flat.until(10, 5)
    flat.says(own, IDLE)
    assert flat.tale == [("alarmed", "10:00"), ("recovered", "10:05")]
    flat.pass_by(2 * DAY)
    assert len(flat.tale) == 2  # not in bed when the day begins


@pytest.mark.parametrize(
    ("dwelling", "sensors", "standing"),
    [
        (Dwelling(), MOTION_ONLY, Standing.WATCHING),
        (Dwelling(), (BED,), Standing.WATCHING),
        (Dwelling(), (BEDROOM,), Standing.LACKS_SENSORS),
        (Dwelling(pet=True), MOTION_ONLY, Standing.LACKS_SENSORS),
        (Dwelling(pet=True), WITH_BED, Standing.WATCHING),
        (Dwelling(residents=2), WITH_BED, Standing.REFUSED),
    ],
)
def test_s6_what_cannot_tell_is_refused(
    dwelling: Dwelling, sensors: tuple[Sensor, ...], standing: Standing
) -> None:
    assert Flat.with_watcher(KIND, sensors, dwelling=dwelling).standing is standing


def test_s6_the_reason_for_refusing_is_who_else_is_seen() -> None:
    flat = Flat.with_watcher(KIND, MOTION_ONLY, dwelling=Dwelling(pet=True))
    assert flat.slot.watcher.refusal() == "pet"


def test_s4_what_could_not_be_seen_is_no_staying_in_bed() -> None:
    flat = Flat.with_watcher(KIND, (BED, KITCHEN))
    flat.until(8)
    flat.says(BED, UNKNOWN)
    flat.says(KITCHEN, UNKNOWN)
    assert flat.standing is Standing.BLIND
    flat.says(KITCHEN, IDLE, after=HOUR)
    flat.until(13)
    assert flat.tale == [("alarmed", "11:00")]


def test_s4_a_day_whose_beginning_nobody_saw_is_asked_about_if_there_is_time() -> None:
    for hour, tale in ((8, [("alarmed", "10:00")]), (11, [])):
        flat = Flat.with_watcher(KIND, (KITCHEN,))
        flat.until(22)
        flat.says(KITCHEN, UNKNOWN)
        flat.until(hour)
        flat.says(KITCHEN, IDLE)
        flat.until(12)
        assert flat.tale == tale


def test_s3_a_restart_in_the_morning_keeps_it() -> None:
    flat = again(morning(8), MINUTE)
    flat.until(12)
    assert flat.tale == [("alarmed", "10:00")]


def test_s1_another_beginning_of_the_day_holds_from_the_edit_on() -> None:
    flat = Flat.with_watcher(KIND)
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, day_from=13 * HOUR, by=14 * HOUR)
    flat.until(15)
    assert flat.tale == [("alarmed", "14:00")]


def test_s11_the_clock_on_the_wall_counts_when_clocks_change() -> None:
    stockholm = WallTime(ZoneInfo("Europe/Stockholm"))
    flat = Flat.with_watcher(KIND, at=1_774_695_600.0, wall=stockholm)  # 28 March 2026, noon
    flat.pass_by(DAY)
    assert flat.tale == [("alarmed", "10:00")]

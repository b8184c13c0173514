"""Out of bed in the night and not back, as the bed tells it."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE, WallTime
from tests.supervision.nights import (
    ACTIVE,
    BED,
    CHAIR,
    FRONT,
    HALL,
    IDLE,
    KITCHEN,
    MOTION_ONLY,
    OK,
    SECOND_MAT,
    UNKNOWN,
    WITH_BED,
    Flat,
    again,
)


def in_bed(settings: dict[str, Any] | None = None, **home: Any) -> Flat:
    """Return a home with a bed sensor, 02:10, the resident in bed since 22:30."""
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, settings=settings, **home)
    flat.until(22, 30)
    flat.says(BED)
    flat.until(2, 10)
    return flat


def test_s2_out_of_bed_and_not_back_warns_alarms_and_recovers_at_the_return() -> None:
    flat = in_bed({"warning": 300})
    flat.says(BED, IDLE)
    flat.walks(HALL, KITCHEN)
    flat.until(3)
    flat.says(BED)
    assert flat.tale == [("warned", "02:25"), ("alarmed", "02:30"), ("recovered", "03:00")]
    (alarm,) = flat.alarms
    assert flat.clock(alarm.since) == "02:10"
    assert alarm.seen_in is Location.KITCHEN
    assert flat.clock(alarm.seen_at) == "02:10"


def test_s2_movement_elsewhere_neither_cancels_nor_puts_off_what_a_bed_tells() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    for _ in range(30):
        flat.walks(KITCHEN, pause=MINUTE)
    assert flat.tale == [("alarmed", "02:30")]


def test_s2_back_in_time_is_no_alarm_and_late_back_a_near_miss() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.says(BED, after=9 * MINUTE)
    assert flat.tale == []
    flat.says(BED, IDLE, after=HOUR)
    flat.says(BED, after=19 * MINUTE)
    flat.until(12)
    assert flat.tale == [("near_miss", "03:38")]


def test_s2_the_ok_press_cancels_and_the_next_exit_counts_again() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.says(OK, after=5 * MINUTE)
    flat.until(4)
    assert flat.tale == []
    flat.says(BED)
    flat.says(BED, IDLE, after=MINUTE)
    flat.until(5)
    assert flat.tale == [("alarmed", "04:21")]


def test_a_short_rest_on_the_bed_in_the_evening_is_no_going_to_bed() -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE)
    flat.until(22, 30)
    flat.says(BED)
    flat.says(BED, IDLE, after=9 * MINUTE)
    flat.until(23, 30)
    assert flat.tale == []
    flat.says(BED)
    flat.says(BED, IDLE, after=10 * MINUTE)
    flat.until(2)
    assert flat.tale == [("alarmed", "00:00")]


def test_an_exit_outside_the_window_or_on_another_day_of_the_week_does_not_count() -> None:
    flat = in_bed({"begin": 2.5 * HOUR})
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale == []
    flat = in_bed({"weekdays": (2,)})
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale == []  # a Tuesday evening; the rule holds from Wednesday
    flat = in_bed({"weekdays": (1,)})
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale == [("alarmed", "02:30")]


def test_an_exit_before_the_window_is_over_counts_past_it_until_the_day_shows_itself() -> None:
    flat = in_bed()
    flat.until(5, 50)
    flat.says(BED, IDLE)
    flat.walks(HALL)
    flat.until(12)
    assert flat.tale == [("alarmed", "06:10")]
    flat = in_bed()
    flat.until(5, 50)
    flat.says(BED, IDLE)
    flat.until(6, 1)
    flat.walks(KITCHEN)
    flat.until(12)
    assert [told for told, _ in flat.tale] == ["near_miss"]


def test_a_nap_by_day_and_whoever_moves_by_day_are_not_this_rules_business() -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE)
    flat.says(BED)
    flat.says(BED, IDLE, after=2 * HOUR)
    flat.walks(KITCHEN, HALL)
    flat.until(12)
    assert flat.tale == []


def test_what_is_not_the_cause_changes_nothing() -> None:
    flat = in_bed({"chair_counts_as_back": True})
    flat.says(OK)
    flat.says(CHAIR)
    flat.says(CHAIR, IDLE)
    flat.says(BED, IDLE)
    flat.until(4)
    assert flat.tale == [("alarmed", "02:30")]
    flat.says(FRONT)
    flat = in_bed({"chair_counts_as_back": False})
    flat.says(CHAIR)
    flat.says(CHAIR, IDLE)
    flat.until(4)
    assert flat.tale == []


def test_two_mats_make_one_bed() -> None:
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, (*WITH_BED, SECOND_MAT))
    flat.until(22, 30)
    flat.says(BED)
    flat.says(SECOND_MAT)
    flat.until(2, 10)
    flat.says(BED, IDLE)
    flat.until(3)
    assert flat.tale == []
    flat.says(SECOND_MAT, IDLE)
    flat.until(4)
    assert flat.tale == [("alarmed", "03:20")]


@pytest.mark.parametrize(("counts", "tale"), [(True, []), (False, [("alarmed", "02:30")])])
def test_a_chair_is_a_place_of_rest_only_where_the_coordinator_says_so(
    counts: bool, tale: list[tuple[str, str]]
) -> None:
    flat = in_bed({"chair_counts_as_back": counts})
    flat.says(BED, IDLE)
    flat.says(CHAIR, after=5 * MINUTE)
    flat.until(4)
    assert flat.tale == tale
    if not counts:
        assert flat.alarms[0].seen_in is Location.LIVING_ROOM
        return
    flat.says(CHAIR, ACTIVE)
    flat.says(CHAIR, IDLE)
    flat.until(6)
    assert flat.tale == [("alarmed", "04:20")]


def test_s6_when_the_home_seems_empty_the_alarm_is_left_to_the_door_rule() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.walks(HALL)
    flat.says(FRONT, after=10)
    flat.house.presence.inferred_away_since = flat.at
    flat.until(2, 55)
    assert flat.tale == []
    flat.house.presence.inferred_away_since = None
    flat.until(4)
    assert flat.tale == [("alarmed", "03:00")]


@pytest.mark.parametrize(
    ("dwelling", "bed", "standing"),
    [
        (Dwelling(residents=2), 0, Standing.REFUSED),
        (Dwelling(residents=2), 1, Standing.WATCHING),
        (Dwelling(pet=True, robot_vacuum=True), 0, Standing.WATCHING),
    ],
)
def test_s6_a_bed_that_may_be_anybodys_is_refused(
    dwelling: Dwelling, bed: int, standing: Standing
) -> None:
    sensors = (Sensor(1, Role.BED, Location.BEDROOM, bed), *MOTION_ONLY)
    flat = Flat.with_watcher(WatcherKind.NIGHT_ABSENCE, sensors, dwelling=dwelling)
    assert flat.standing is standing


def test_s6_where_movement_is_anybodys_it_is_no_sign_of_this_resident() -> None:
    flat = in_bed(dwelling=Dwelling(pet=True))
    flat.says(BED, IDLE)
    flat.walks(KITCHEN)
    flat.until(4)
    (alarm,) = flat.alarms
    assert alarm.seen_in is Location.BEDROOM
    flat = in_bed(dwelling=Dwelling(pet=True))
    flat.until(5, 50)
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale == []  # nothing could tell that the day has begun


def test_s4_a_bed_that_cannot_be_seen_holds_the_time_and_is_no_return() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.says(BED, UNKNOWN, after=5 * MINUTE)
    assert flat.standing is Standing.BLIND
    flat.says(BED, IDLE, after=HOUR)
    flat.until(4)
    assert flat.tale == [("alarmed", "03:30")]


def test_s4_a_bed_found_empty_after_a_gap_is_an_exit_and_one_found_occupied_a_return() -> None:
    flat = in_bed()
    flat.says(BED, UNKNOWN)
    flat.says(BED, IDLE, after=10 * MINUTE)
    flat.until(4)
    assert flat.tale == [("alarmed", "02:40")]
    flat.says(BED, UNKNOWN)
    flat.says(BED, after=MINUTE)
    assert flat.tale[1:] == [("recovered", "04:01")]


def test_after_a_pause_who_lies_in_bed_is_known_and_an_empty_bed_is_no_exit() -> None:
    flat = in_bed()
    state = flat.house.resident(1)
    state.paused_since, state.paused_until = flat.at, flat.at + HOUR
    flat.supervisor.restand(flat.at)
    flat.until(3, 20)
    flat.says(BED, IDLE)
    flat.until(4)
    assert flat.tale == [("alarmed", "03:40")]
    state.paused_since, state.paused_until = flat.at, flat.at + HOUR
    flat.supervisor.restand(flat.at)
    flat.until(12)
    assert flat.tale[1:] == [("recovered", "04:00")]


@pytest.mark.parametrize(("down", "alarm"), [(60, "02:30"), (2 * HOUR, "04:30")])
def test_s3_a_restart_in_the_middle_keeps_the_absence(down: float, alarm: str) -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.pass_by(5 * MINUTE)
    since = flat.slot.watcher.state.since
    flat = again(flat, down)
    flat.until(6)
    assert [told for told, _ in flat.tale] == ["alarmed"]
    assert flat.alarms[0].since == since
    assert abs(flat.alarms[0].at - flat.wall.next(since, _second(alarm))) <= MINUTE


def _second(clock: str) -> float:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


@pytest.mark.parametrize(
    ("noon", "at", "alarm"),
    [
        (1_774_695_600.0, (1, 50), "03:10"),  # 29 March 2026: 02:00 becomes 03:00
        (1_792_839_600.0, (2, 50), "02:10"),  # 25 October 2026: 03:00 becomes 02:00
    ],
)
def test_s11_a_limit_is_real_minutes_when_clocks_change(
    noon: float, at: tuple[int, int], alarm: str
) -> None:
    flat = Flat.with_watcher(
        WatcherKind.NIGHT_ABSENCE, at=noon, wall=WallTime(ZoneInfo("Europe/Stockholm"))
    )
    flat.until(22, 30)
    flat.says(BED)
    flat.until(*at)
    begun = flat.at
    flat.says(BED, IDLE)
    flat.pass_by(HOUR)
    assert flat.tale == [("alarmed", alarm)]
    assert flat.alarms[0].at - begun == 20 * MINUTE


def test_s1_an_edit_keeps_what_is_counted_and_holds_for_the_next_exit() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, limit=10 * MINUTE)
    flat.until(3)
    assert flat.tale == [("alarmed", "02:30")]
    flat.says(BED)
    flat.says(BED, IDLE)
    flat.until(4)
    assert flat.tale[1:] == [("recovered", "03:00"), ("alarmed", "03:10")]

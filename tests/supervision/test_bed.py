"""The bed at its times: nobody gone to bed, nobody out of bed."""

from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime
from tests.supervision.nights import (
    BED,
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

EMPTY = WatcherKind.BED_EMPTY
NO_EXIT = WatcherKind.NO_BED_EXIT


# -- not gone to bed -----------------------------------------------------------------------------


def test_not_in_bed_by_the_clock_warns_alarms_and_recovers_when_in_bed() -> None:
    flat = Flat.with_watcher(EMPTY, settings={"warning": 300.0})
    flat.until(23)
    flat.walks(KITCHEN)
    flat.until(0, 40)
    flat.says(BED)
    assert flat.tale == [("warned", "23:25"), ("alarmed", "23:30"), ("recovered", "00:40")]


def test_in_bed_in_time_is_no_alarm_and_just_in_time_a_near_miss() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(22)
    flat.says(BED)
    flat.until(12)
    flat.says(BED, IDLE)
    assert flat.tale == []
    flat.until(23, 20)
    flat.says(BED)
    flat.until(12)
    assert flat.tale == [("near_miss", "23:20")]


def test_a_last_visit_to_the_bathroom_puts_it_off_and_leaving_later_is_not_its_business() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(22)
    flat.says(BED)
    flat.until(23, 20)
    flat.says(BED, IDLE)
    flat.until(23, 45)
    assert flat.tale == []
    flat.until(0)
    assert flat.tale == [("alarmed", "23:50")]
    flat.says(BED)
    flat.says(BED, IDLE, after=HOUR)
    flat.until(12)
    assert flat.tale == [("alarmed", "23:50"), ("recovered", "00:00")]


def test_each_evening_anew_and_only_on_its_days_of_the_week() -> None:
    flat = Flat.with_watcher(EMPTY, settings={"weekdays": (2, 3)})  # Wednesday and Thursday
    flat.pass_by(DAY)
    assert flat.tale == []
    flat.pass_by(DAY)
    flat.says(BED)
    flat.says(BED, IDLE)
    flat.pass_by(6 * DAY)
    assert [clock for told, clock in flat.tale if told == "alarmed"] == ["23:30", "23:30"]
    first, second = flat.alarms
    assert second.at - first.at == DAY


def test_s2_the_ok_press_cancels_for_this_evening() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(23, 10)
    flat.says(OK)
    flat.says(OK, IDLE)
    flat.until(12)
    assert flat.tale == []
    flat.until(0)
    assert flat.tale == [("alarmed", "23:30")]
    flat.says(OK)
    assert flat.tale[1:] == [("recovered", "00:00")]


def test_s3_a_restart_before_and_after_its_clock_time_changes_nothing() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(22)
    flat = again(flat, 5 * MINUTE)
    flat.until(23, 15)
    flat = again(flat, MINUTE)
    flat.until(0)
    assert flat.tale == [("alarmed", "23:30")]


def test_s4_an_evening_that_could_not_be_seen_is_asked_about_afterwards() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(22)
    flat.says(BED, UNKNOWN)
    flat.until(0, 30)
    assert flat.tale == []
    flat.says(BED, IDLE)
    flat.until(2)
    assert [told for told, _ in flat.tale] == ["alarmed"]
    flat = Flat.with_watcher(EMPTY)
    flat.until(22)
    flat.says(BED, UNKNOWN)
    flat.until(8)
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale == []  # too late to ask


def test_s4_while_it_counts_what_cannot_be_seen_holds_the_time() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(23, 20)
    flat.says(BED, UNKNOWN)
    flat.says(BED, IDLE, after=HOUR)
    flat.until(12)
    assert flat.tale == [("alarmed", "00:30")]


def test_s4_an_empty_bed_that_could_not_be_seen_was_not_empty_for_so_long() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(22)
    flat.says(BED)
    flat.until(22, 50)
    flat.says(BED, IDLE)
    flat.says(BED, UNKNOWN, after=5 * MINUTE)
    flat.says(BED, IDLE, after=30 * MINUTE)
    flat.until(12)
    assert flat.tale == [("alarmed", "23:50")]


def test_it_begins_in_the_evening_that_it_is_set_up_in() -> None:
    flat = Flat.with_watcher(EMPTY, at=Flat.with_watcher(EMPTY).at + 11.25 * HOUR)  # 23:15
    flat.until(12)
    assert flat.tale == [("alarmed", "23:45")]


def test_s1_another_clock_time_holds_from_the_edit_on() -> None:
    flat = Flat.with_watcher(EMPTY)
    flat.until(20)
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, by=21 * HOUR)
    flat.until(22)
    assert flat.tale == [("alarmed", "21:00")]
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, by=23 * HOUR)
    assert len(flat.tale) == 1  # what has been told stands until the resident is in bed


# -- not out of bed ------------------------------------------------------------------------------


def test_too_long_in_bed_warns_alarms_and_recovers_when_the_bed_is_left() -> None:
    flat = Flat.with_watcher(NO_EXIT, settings={"warning": 600.0})
    flat.until(22)
    flat.says(BED)
    flat.until(12, 30)
    flat.says(BED, IDLE)
    assert flat.tale == [("warned", "11:50"), ("alarmed", "12:00"), ("recovered", "12:30")]
    (alarm,) = flat.alarms
    assert (flat.clock(alarm.since), alarm.seen_in) == ("22:00", Location.BEDROOM)


def test_a_night_with_a_visit_to_the_bathroom_begins_the_hours_anew() -> None:
    flat = Flat.with_watcher(NO_EXIT)
    flat.until(21)
    flat.says(BED)
    flat.until(4)
    flat.says(BED, IDLE)
    flat.says(BED, after=MINUTE)
    flat.until(17)
    flat.says(BED, IDLE)
    assert flat.tale == []
    flat.says(BED)
    flat.pass_by(13.75 * HOUR)
    flat.says(BED, IDLE)
    assert flat.tale == [("near_miss", "06:45")]


def test_by_a_clock_time_the_bed_must_have_been_left_since_the_morning_began() -> None:
    settings = {"by": 9.0 * HOUR}
    flat = Flat.with_watcher(NO_EXIT, settings=settings)
    flat.until(22)
    flat.says(BED)
    flat.until(10)
    assert flat.tale == [("alarmed", "09:00")]
    flat = Flat.with_watcher(NO_EXIT, settings=settings)
    flat.until(22)
    flat.says(BED)
    flat.until(7)
    flat.says(BED, IDLE)
    flat.says(BED, after=MINUTE)  # was up, lies down again
    flat.until(12)
    assert flat.tale == []


def test_the_clock_time_holds_on_its_days_and_may_lie_before_the_morning_begins() -> None:
    flat = Flat.with_watcher(NO_EXIT, settings={"by": 9.0 * HOUR, "weekdays": (1,)})
    flat.until(22)
    flat.says(BED)
    flat.until(11)
    assert flat.tale == []  # this is a Wednesday
    flat = Flat.with_watcher(NO_EXIT, settings={"by": 2.0 * HOUR, "day_from": 20.0 * HOUR})
    flat.until(19)
    flat.says(BED)
    flat.until(3)
    assert flat.tale == [("alarmed", "02:00")]


def test_s2_the_ok_press_begins_the_hours_anew() -> None:
    flat = Flat.with_watcher(NO_EXIT)
    flat.until(22)
    flat.says(BED)
    flat.until(11)
    flat.says(OK)
    flat.until(0)
    assert flat.tale == []
    flat.until(2)
    assert flat.tale == [("alarmed", "01:00")]


def test_two_mats_make_one_bed_and_an_empty_one_counts_nothing() -> None:
    flat = Flat.with_watcher(NO_EXIT, (*WITH_BED, SECOND_MAT))
    flat.says(OK)
    flat.until(22)
    flat.says(BED)
    flat.says(SECOND_MAT, after=HOUR)
    flat.says(BED, IDLE, after=HOUR)
    flat.until(12, 30)
    assert flat.tale == [("alarmed", "12:00")]


def test_s4_hours_that_could_not_be_seen_do_not_count() -> None:
    flat = Flat.with_watcher(NO_EXIT)
    flat.until(22)
    flat.says(BED)
    flat.says(BED, UNKNOWN, after=HOUR)
    flat.says(BED, after=2 * HOUR)
    flat.until(15)
    assert flat.tale == [("alarmed", "14:00")]


@pytest.mark.parametrize("down", [MINUTE, 20 * MINUTE])
def test_s3_a_restart_knows_since_when_somebody_lies_in_bed(down: float) -> None:
    flat = Flat.with_watcher(NO_EXIT)
    flat.until(22)
    flat.says(BED)
    flat.until(3)
    flat = again(flat, down)
    flat.until(13)
    assert [told for told, _ in flat.tale] == ["alarmed"]
    assert flat.clock(flat.alarms[0].since) == "22:00"


def test_after_a_pause_it_is_known_since_when_somebody_lies_in_bed() -> None:
    flat = Flat.with_watcher(NO_EXIT)
    flat.until(22)
    flat.says(BED)
    state = flat.house.resident(1)
    state.paused_since, state.paused_until = flat.at, flat.at + HOUR
    flat.supervisor.restand(flat.at)
    flat.until(13)
    assert flat.tale == [("alarmed", "12:00")]


def test_s11_fourteen_hours_are_fourteen_hours_when_clocks_change() -> None:
    stockholm = WallTime(ZoneInfo("Europe/Stockholm"))
    flat = Flat.with_watcher(NO_EXIT, at=1_774_695_600.0, wall=stockholm)  # 28 March 2026, noon
    flat.until(22)
    flat.says(BED)
    flat.pass_by(15 * HOUR)
    assert flat.tale == [("alarmed", "13:00")]


@pytest.mark.parametrize("kind", [EMPTY, NO_EXIT])
def test_s6_a_bed_that_may_be_anybodys_is_refused_and_no_bed_is_no_watch(kind: WatcherKind) -> None:
    both = Dwelling(residents=2)
    assert Flat.with_watcher(kind, WITH_BED, dwelling=both).standing is Standing.REFUSED
    assert Flat.with_watcher(kind, MOTION_ONLY).standing is Standing.LACKS_SENSORS

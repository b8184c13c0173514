"""The bed exit that alarms nobody: told at once, over at the return."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from tests.supervision.nights import (
    BED,
    BEDROOM,
    HALL,
    IDLE,
    MOTION_ONLY,
    SECOND_MAT,
    UNKNOWN,
    WITH_BED,
    Flat,
    again,
)


def in_bed(**settings: float) -> Flat:
    flat = Flat.with_watcher(WatcherKind.BED_EXIT, settings=settings)
    flat.until(21)
    flat.says(BED)
    flat.until(2, 10)
    return flat


def test_the_exit_is_told_in_the_same_instant_and_the_return_too() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    assert flat.tale == [("warned", "02:10")]
    flat.says(BED, after=6 * MINUTE)
    assert flat.tale == [("warned", "02:10"), ("recovered", "02:16")]
    exit_told = flat.heard[-2].verdict
    assert exit_told.seen_in is Location.BEDROOM
    assert not exit_told.quiet  # a light may shine: that is what it is for
    assert flat.supervisor.open_stages.next_due() is None  # nobody has to answer it


def test_it_never_alarms_and_ends_by_itself() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale == [("warned", "02:10"), ("recovered", "04:10")]
    flat.until(2)
    flat.says(BED)
    flat.until(6, 30)
    flat.says(BED, IDLE)
    flat.until(12)
    assert flat.tale[2:] == [("warned", "06:30"), ("recovered", "07:00")]


def test_outside_its_hours_nothing_is_told() -> None:
    flat = in_bed(begin=22 * HOUR, end=2 * HOUR)
    flat.says(BED, IDLE)
    flat.walks(BEDROOM, HALL)
    flat.says(BED)
    flat.until(12)
    assert flat.tale == []


def test_two_mats_make_one_bed() -> None:
    flat = Flat.with_watcher(WatcherKind.BED_EXIT, (*WITH_BED, SECOND_MAT))
    flat.until(23)
    flat.says(BED)
    flat.says(SECOND_MAT)
    flat.says(BED, IDLE, after=HOUR)
    assert flat.tale == []
    flat.says(SECOND_MAT, IDLE, after=MINUTE)
    assert flat.tale == [("warned", "00:01")]


@pytest.mark.parametrize(
    ("sensors", "residents", "standing"),
    [
        (MOTION_ONLY, 1, Standing.LACKS_SENSORS),
        (WITH_BED, 1, Standing.WATCHING),
        (WITH_BED, 2, Standing.REFUSED),
        ((Sensor(1, Role.BED, Location.BEDROOM, 1),), 2, Standing.WATCHING),
    ],
)
def test_s6_it_needs_a_bed_that_is_this_residents(
    sensors: tuple[Sensor, ...], residents: int, standing: Standing
) -> None:
    dwelling = Dwelling(residents=residents)
    assert Flat.with_watcher(WatcherKind.BED_EXIT, sensors, dwelling=dwelling).standing is standing


def test_s3_a_restart_knows_who_is_out_of_bed() -> None:
    flat = in_bed()
    flat.says(BED, IDLE)
    flat = again(flat, MINUTE)
    flat.says(BED, after=MINUTE)
    assert flat.tale == [("recovered", "02:12")]
    flat = again(flat)
    flat.says(BED, IDLE, after=MINUTE)
    assert flat.tale == [("warned", "02:13")]


def test_s4_a_bed_found_empty_after_a_gap_is_an_exit() -> None:
    flat = in_bed()
    flat.says(BED, UNKNOWN)
    flat.says(BED, IDLE, after=MINUTE)
    assert flat.tale == [("warned", "02:11")]
    flat.says(BED, UNKNOWN)
    flat.says(BED, IDLE, after=MINUTE)
    assert flat.tale == [("warned", "02:11")]


def test_s1_an_edit_holds_for_the_next_exit_and_a_pause_ends_the_one_that_stands() -> None:
    flat = in_bed()
    flat.supervisor.leave(flat.slot.watcher.identity, flat.at)
    flat.enrol(flat.slot.watcher.identity, begin=3 * HOUR)
    flat.says(BED, IDLE)
    assert flat.tale == []
    flat.says(BED, after=HOUR)
    flat.says(BED, IDLE)
    assert flat.tale == [("warned", "03:10")]
    state = flat.house.resident(1)
    state.paused_since, state.paused_until = flat.at, flat.at + HOUR
    flat.supervisor.restand(flat.at)
    assert flat.tale[1:] == [("recovered", "03:10")]
    flat.until(12)
    assert len(flat.tale) == 2

"""Sensors that say nothing any more, or see nothing they used to see (F5, R35)."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.silence import SensorBlind, SensorSilent
from custom_components.kvarbo.supervision.slot import Slot, Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Told, Verdict
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE

from .making import HALL, KITCHEN, START, Home

LEAK = Sensor(9, Role.WATER, Location.KITCHEN)
SILENT = Identity(WatcherKind.SENSOR_SILENT)
BLIND = Identity(WatcherKind.SENSOR_BLIND)
KINDS = {watcher.kind: watcher for watcher in (SensorSilent, SensorBlind)}


def home(*sensors: Sensor) -> Home:
    return Home(START, Dwelling(), sensors or (HALL, KITCHEN, LEAK), KINDS, consented=False)


def faults(it: Home) -> list[Verdict]:
    return [h.verdict for h in it.heard if h.verdict.fault is not None]


def limit(slot: Slot, at: float, number: int) -> float | None:
    assert isinstance(slot.watcher, SensorSilent)
    return slot.watcher.limit(at, number)


def report(it: Home, hours: int, *sensors: Sensor, every: int = 1) -> None:
    for _ in range(0, hours, every):
        it.pass_by(every * HOUR)
        for sensor in sensors:
            it.says(sensor, Reading.IDLE)


def test_a_sensor_is_missed_after_twice_its_longest_quiet_and_mended_when_it_speaks() -> None:
    it = home()
    slot = it.enrol(SILENT)
    assert slot.standing is Standing.WATCHING, "a device needs no consent"
    report(it, 8 * 24, HALL, KITCHEN, LEAK, every=3)
    last = it.at
    report(it, 12, HALL, KITCHEN, every=3)
    fault = faults(it)[0]
    assert (fault.told, fault.fault, fault.sensor, fault.since) == (
        Told.FAULT,
        FaultKind.SILENT,
        LEAK.number,
        last,
    )
    assert 6 * HOUR <= fault.at - last <= 7 * HOUR
    assert len(faults(it)) == 1, "told once"
    it.says(LEAK, Reading.IDLE)
    assert [f.told for f in faults(it)] == [Told.FAULT, Told.MENDED]
    assert it.told == []
    assert it.alarms == []


def test_a_limit_is_twice_the_longest_quiet_and_never_under_the_least() -> None:
    often = home()
    slot = often.enrol(SILENT)
    for _ in range(8 * 24 * 4):
        often.pass_by(15 * MINUTE)
        often.says(HALL, Reading.IDLE)
    assert limit(slot, often.at, HALL.number) == 2 * HOUR
    seldom = home()
    slot = seldom.enrol(SILENT)
    report(seldom, 12 * 24, HALL, every=12)
    assert limit(slot, seldom.at, HALL.number) == 24 * HOUR


def test_a_sensor_that_is_quiet_by_nature_or_new_is_not_judged_by_its_quiet() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 5 * 24, HALL)
    assert limit(slot, it.at, HALL.number) is None, "new"
    report(it, 20 * 24, HALL, every=20)
    assert limit(slot, it.at, HALL.number) is None, "quiet"
    it.pass_by(5 * DAY)
    assert faults(it) == []


def test_a_sensor_that_has_seldom_spoken_is_not_judged_yet() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 10, HALL)
    it.pass_by(8 * DAY)
    assert limit(slot, it.at, HALL.number) is None
    assert faults(it) == []


def test_what_was_quiet_once_is_forgotten() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 8 * 24, HALL)
    it.pass_by(10 * HOUR)
    it.says(HALL, Reading.IDLE)
    before = limit(slot, it.at, HALL.number)
    report(it, 60 * 24, HALL)
    after = limit(slot, it.at, HALL.number)
    assert before == 20 * HOUR
    assert after == pytest.approx(5 * HOUR, rel=0.02), "half of it in 30 days, and half again"


def test_unavailable_for_an_hour_is_told_and_shorter_is_not() -> None:
    it = home()
    it.enrol(SILENT)
    it.says(HALL, Reading.UNKNOWN, MINUTE)
    it.says(HALL, Reading.IDLE, 50 * MINUTE)
    it.pass_by(HOUR)
    assert faults(it) == []
    it.says(HALL, Reading.UNKNOWN)
    gone = it.at
    it.pass_by(HOUR)
    assert [(f.at, f.since, f.sensor) for f in faults(it)] == [(gone + HOUR, gone, HALL.number)]
    it.says(HALL, Reading.ACTIVE)
    assert faults(it)[-1].told is Told.MENDED


def test_being_unavailable_teaches_nothing_of_quiet() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 8 * 24, HALL, KITCHEN, every=3)
    before = limit(slot, it.at, HALL.number)
    it.says(HALL, Reading.UNKNOWN, MINUTE)
    it.says(HALL, Reading.IDLE, 10 * HOUR)
    assert limit(slot, it.at, HALL.number) == before


def test_a_sensor_that_never_spoke_is_told_after_an_hour() -> None:
    it = Home(START, Dwelling(), (HALL, KITCHEN), KINDS, consented=False, known=False)
    it.says(HALL, Reading.IDLE)
    it.enrol(SILENT)
    it.pass_by(2 * HOUR)
    assert [f.sensor for f in faults(it)] == [KITCHEN.number]


def test_when_all_are_unavailable_it_is_not_they() -> None:
    it = home()
    slot = it.enrol(SILENT)
    for sensor in (HALL, KITCHEN, LEAK):
        it.says(sensor, Reading.UNKNOWN)
    assert slot.standing is Standing.BLIND
    it.pass_by(3 * HOUR)
    assert [f.fault for f in faults(it)] == [FaultKind.BLIND]
    it.says(HALL, Reading.IDLE)
    assert [f.fault for f in faults(it) if f.told is Told.FAULT] == [FaultKind.BLIND]


def test_an_empty_home_is_held_against_no_sensor_and_teaches_nothing() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 8 * 24, HALL, KITCHEN, every=3)
    before = limit(slot, it.at, HALL.number)
    it.pass_by(30 * MINUTE)
    it.house.residents[0] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    it.pass_by(4 * DAY)
    it.house.residents[0] = ResidentState()
    it.supervisor.restand(it.at)
    it.pass_by(2 * HOUR)
    assert faults(it) == []
    it.says(HALL, Reading.IDLE)
    assert limit(slot, it.at, HALL.number) == pytest.approx(before, rel=0.01)
    it.pass_by(12 * HOUR)
    assert {f.sensor for f in faults(it)} == {HALL.number, KITCHEN.number}


def test_an_absence_that_is_inferred_counts_from_its_beginning() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 10 * 24, HALL, KITCHEN, every=4)
    presence = it.house.presence
    it.pass_by(90 * MINUTE)
    presence.inferred_away_since = it.at
    it.pass_by(20 * HOUR)
    assert slot.watcher.state.absent == 19.5 * HOUR, "up to the last look"
    presence.inferred_away_since = None
    it.says(HALL, Reading.IDLE)
    learned = limit(slot, it.at, HALL.number)
    assert learned is not None
    assert learned == pytest.approx(8 * HOUR, rel=0.1), "of 21.5 quiet hours 20 were an empty home"


def test_a_time_in_which_nothing_could_be_heard_is_held_against_no_sensor() -> None:
    it = home()
    slot = it.enrol(SILENT)
    report(it, 8 * 24, HALL, KITCHEN, every=3)
    slot.watcher.shift(-10 * HOUR)
    it.pass_by(HOUR)
    assert {f.sensor for f in faults(it)} == {HALL.number, KITCHEN.number}
    again = home()
    slot = again.enrol(SILENT)
    report(again, 8 * 24, HALL, KITCHEN, every=3)
    again.pass_by(5 * HOUR)
    slot.watcher.shift(5 * HOUR)
    again.pass_by(5 * HOUR)
    assert faults(again) == []


def test_a_sensor_that_leaves_the_home_is_forgotten_with_its_fault() -> None:
    for kind in (SILENT, BLIND):
        it = home()
        slot = it.enrol(kind)
        if kind is SILENT:
            it.says(HALL, Reading.UNKNOWN)
            it.pass_by(2 * HOUR)
        else:
            lives(it, 10, HALL, KITCHEN)
            lives(it, 4, KITCHEN)
        assert len(faults(it)) == 1
        it.supervisor.set_sensors((KITCHEN, LEAK, Sensor(7, Role.ITEM, Location.STUDY)), it.at)
        it.pass_by(2 * HOUR)
        it.moves(KITCHEN)
        assert [f.told for f in faults(it) if f.sensor == HALL.number] == [Told.FAULT, Told.MENDED]
        assert HALL.number not in slot.watcher.state.faults


def lives(it: Home, days: int, *sensors: Sensor) -> None:
    """Sixteen hours of life a day, in each ten minutes, in turn."""
    for _ in range(days):
        for turn in range(16 * 6):
            it.pass_by(10 * MINUTE)
            for sensor in sensors:
                if sensor is not HALL or turn % 3 == 0:
                    it.moves(sensor)
        it.pass_by(8 * HOUR)


def test_a_sensor_that_sees_nothing_it_used_to_see_is_told_within_two_days() -> None:
    it = home()
    it.enrol(BLIND)
    lives(it, 10, HALL, KITCHEN)
    assert faults(it) == []
    last = it.house.changed_at[HALL.number]
    lives(it, 3, KITCHEN)
    fault = faults(it)[0]
    assert (fault.fault, fault.sensor) == (FaultKind.SEES_NOTHING, HALL.number)
    assert DAY <= fault.at - last < 2 * DAY
    assert fault.since == last
    it.moves(HALL)
    assert [f.told for f in faults(it)] == [Told.FAULT, Told.MENDED]


def test_an_empty_home_makes_no_sensor_blind() -> None:
    it = home()
    it.enrol(BLIND)
    lives(it, 10, HALL, KITCHEN)
    it.pass_by(20 * DAY)
    it.moves(KITCHEN)
    it.moves(HALL, HOUR)
    assert faults(it) == []


def test_a_room_that_is_seldom_used_is_waited_for() -> None:
    it = home()
    it.enrol(BLIND)
    for _ in range(10):
        lives(it, 2, KITCHEN)
        it.moves(HALL)
    lives(it, 3, KITCHEN)
    assert faults(it) == []


def test_a_sensor_that_is_unavailable_is_not_blind() -> None:
    it = home()
    it.enrol(BLIND)
    lives(it, 10, HALL, KITCHEN)
    it.says(HALL, Reading.UNKNOWN)
    lives(it, 5, KITCHEN)
    it.says(HALL, Reading.IDLE)
    lives(it, 1, HALL, KITCHEN)
    assert faults(it) == []


def test_one_sensor_alone_has_nothing_to_be_compared_with() -> None:
    it = home(HALL)
    assert it.enrol(BLIND).standing is Standing.LACKS_SENSORS

"""Signals that are the cause themselves, and heat that nobody minds (S2)."""

from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Role
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.signals import FallSignal, Heat, LeftRoom, Smoke, Water
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE, WallTime

from .making import HALL, KITCHEN, START, Home

RADAR = Sensor(11, Role.FALL_SENSOR, Location.BEDROOM, 1)
ROOM = Sensor(12, Role.ROOM_SENSOR, Location.BEDROOM, 1)
SINK = Sensor(13, Role.WATER, Location.KITCHEN)
BATH = Sensor(14, Role.WATER, Location.BATHROOM)
FIRE = Sensor(17, Role.SMOKE, Location.KITCHEN)
STOVE = Sensor(15, Role.HEAT, Location.KITCHEN)
KETTLE = Sensor(16, Role.ITEM, Location.KITCHEN)
FALL = Identity(WatcherKind.FALL_SIGNAL, 1)
LEFT = Identity(WatcherKind.LEFT_ROOM, 1)
LEAK = Identity(WatcherKind.WATER)
BURNS = Identity(WatcherKind.SMOKE)
HOT = Identity(WatcherKind.HEAT)
KINDS = {watcher.kind: watcher for watcher in (FallSignal, LeftRoom, Water, Smoke, Heat)}
NIGHT = START + 16 * HOUR


def home(at: float = START, *, known: bool = True, pet: bool = False) -> Home:
    sensors = (HALL, KITCHEN, RADAR, ROOM, SINK, BATH, STOVE, KETTLE, FIRE)
    return Home(at, Dwelling(pet=pet), sensors, KINDS, known=known)


def test_a_fall_alarms_at_once_once_and_ends_by_the_sensor_alone() -> None:
    it = home()
    it.enrol(FALL)
    it.says(RADAR)
    it.says(RADAR, after=MINUTE)
    it.moves(KITCHEN)
    assert it.told == [(Told.ALARMED, START)]
    assert it.alarms[0].seen_in is Location.BEDROOM
    assert it.heard[0].watcher.alarm_kind is AlarmKind.FALL
    it.says(RADAR, Reading.UNKNOWN)
    it.says(RADAR)
    assert len(it.told) == 1
    it.says(RADAR, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_a_fall_may_have_to_last() -> None:
    it = home()
    it.enrol(FALL, delay=30)
    it.says(RADAR)
    it.says(RADAR, Reading.IDLE, 10)
    it.pass_by(HOUR)
    assert it.told == []
    it.says(RADAR)
    it.pass_by(HOUR)
    assert it.told == [(Told.ALARMED, START + 10 + HOUR + 30)]


def test_a_fall_alarms_also_in_a_home_that_is_stated_to_be_empty() -> None:
    it = home()
    it.enrol(FALL)
    it.house.residents[1] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    it.says(RADAR)
    assert len(it.alarms) == 1


def test_a_fall_that_comes_out_of_unknown_counts() -> None:
    it = home(known=False)
    it.enrol(FALL)
    it.says(RADAR, after=MINUTE)
    assert [alarm.at for alarm in it.alarms] == [START + MINUTE]


def test_a_fall_that_lasts_over_a_pause_alarms_after_it() -> None:
    it = home()
    it.enrol(FALL)
    it.house.residents[1] = ResidentState(paused_since=it.at, paused_until=it.at + HOUR)
    it.supervisor.restand(it.at)
    it.says(RADAR, after=MINUTE)
    it.pass_by(2 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + HOUR]


def test_smoke_alarms_at_once_also_in_a_pause_and_in_an_empty_home() -> None:
    it = home()
    it.enrol(BURNS)
    it.house.residents[1] = ResidentState(
        paused_since=it.at, paused_until=it.at + HOUR, away_since=it.at
    )
    it.house.residents[0] = ResidentState(paused_since=it.at, paused_until=it.at + HOUR)
    it.supervisor.restand(it.at)
    it.says(FIRE)
    assert it.told == [(Told.ALARMED, START)]
    assert it.heard[0].watcher.alarm_kind is AlarmKind.SMOKE
    it.says(FIRE, Reading.UNKNOWN)
    assert len(it.told) == 1
    it.says(FIRE, Reading.IDLE, MINUTE)
    assert it.told[-1][0] is Told.RECOVERED


def test_water_alarms_at_once_and_ends_when_all_is_dry() -> None:
    it = home()
    it.enrol(LEAK)
    it.says(SINK)
    it.says(BATH, after=MINUTE)
    it.says(SINK, Reading.IDLE)
    assert it.told == [(Told.ALARMED, START)]
    it.says(BATH, Reading.IDLE)
    assert it.told[-1][0] is Told.RECOVERED


def test_water_whose_sensor_has_gone_silent_is_not_dry() -> None:
    it = home()
    it.enrol(LEAK)
    it.says(SINK)
    it.says(SINK, Reading.UNKNOWN, MINUTE)
    it.says(BATH, Reading.UNKNOWN)
    it.says(BATH, Reading.IDLE)
    assert len(it.told) == 1
    it.says(SINK, Reading.IDLE)
    assert it.told[-1][0] is Told.RECOVERED


def test_a_room_left_by_night_and_not_come_back_to() -> None:
    it = home(NIGHT)
    it.enrol(LEFT, warning=5 * MINUTE)
    it.says(ROOM)
    it.pass_by(HOUR)
    assert it.told == [(Told.WARNED, NIGHT + 10 * MINUTE), (Told.ALARMED, NIGHT + 15 * MINUTE)]
    assert it.heard[0].verdict.quiet
    it.moves(KITCHEN)
    it.says(ROOM, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_a_room_left_at_once() -> None:
    it = home(NIGHT)
    it.enrol(LEFT, delay=0)
    it.says(ROOM)
    assert it.told == [(Told.ALARMED, NIGHT)]


def test_who_is_out_of_the_room_when_its_hours_begin_counts_from_then() -> None:
    it = home(START)
    it.enrol(LEFT)
    it.says(ROOM)
    it.pass_by(20 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + 12 * HOUR + 15 * MINUTE]


def test_who_is_counted_when_the_hours_begin_anew_goes_on_being_counted() -> None:
    it = home(START + 12 * HOUR - MINUTE)
    it.enrol(LEFT, begin=22 * HOUR, end=22 * HOUR)
    it.says(ROOM)
    it.pass_by(HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + 12 * HOUR + 14 * MINUTE]


def test_a_return_before_its_time_is_nothing_or_a_near_miss() -> None:
    for minutes, told in ((5, []), (10, [Told.NEAR_MISS])):
        it = home(NIGHT)
        it.enrol(LEFT)
        it.says(ROOM)
        it.says(ROOM, Reading.IDLE, minutes * MINUTE)
        it.pass_by(HOUR)
        assert [one for one, _ in it.told] == told


def test_new_hours_count_at_once() -> None:
    it = home(START)
    it.enrol(LEFT)
    it.supervisor.leave(LEFT, it.at)
    it.enrol(LEFT, begin=11 * HOUR, end=12 * HOUR)
    it.says(ROOM)
    it.pass_by(3 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + HOUR + 15 * MINUTE]


def test_hours_of_a_night_in_which_clocks_change() -> None:
    wall = WallTime(ZoneInfo("Europe/Stockholm"))
    # 2026-03-29: the clock goes from 02:00 to 03:00, so 05:30 comes an hour sooner.
    evening = wall.instant(wall.day(1774735200.0), 21 * HOUR)
    it = Home(evening, Dwelling(), (ROOM,), {WatcherKind.LEFT_ROOM: LeftRoom}, wall=wall)
    it.enrol(LEFT, begin=5.5 * HOUR, end=6 * HOUR)
    it.says(ROOM)
    it.pass_by(12 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [evening + 7.5 * HOUR + 15 * MINUTE]


def test_heat_that_nobody_minds_is_warned_alarmed_and_ended_by_being_off() -> None:
    it = home()
    it.enrol(HOT)
    it.says(STOVE)
    it.pass_by(HOUR)
    assert it.told == [(Told.WARNED, START + 15 * MINUTE), (Told.ALARMED, START + 20 * MINUTE)]
    it.moves(KITCHEN)
    assert len(it.told) == 2, "somebody beside it does not turn it off"
    it.says(STOVE, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


@pytest.mark.parametrize("sensor", [KITCHEN, KETTLE])
def test_who_cooks_is_left_in_peace(sensor: Sensor) -> None:
    it = home()
    it.enrol(HOT)
    it.says(STOVE)
    for _ in range(12):
        it.moves(sensor, 8 * MINUTE)
    assert it.told == []
    last = it.at
    for _ in range(3):
        it.moves(HALL, 5 * MINUTE)
    assert it.told == [(Told.WARNED, last + 10 * MINUTE), (Told.ALARMED, last + 15 * MINUTE)]
    assert it.alarms[0].seen_at == last


def test_who_comes_at_the_warning_takes_it_back_and_is_counted_anew() -> None:
    it = home()
    it.enrol(HOT)
    it.says(STOVE)
    it.moves(KITCHEN, 16 * MINUTE)
    back = it.at
    it.pass_by(HOUR)
    assert it.told == [
        (Told.WARNED, START + 15 * MINUTE),
        (Told.RECOVERED, back),
        (Told.WARNED, back + 10 * MINUTE),
        (Told.ALARMED, back + 15 * MINUTE),
    ]


def test_a_pet_in_the_kitchen_minds_nothing() -> None:
    it = home(pet=True)
    it.enrol(HOT)
    it.says(STOVE)
    for _ in range(12):
        it.moves(KITCHEN, 2 * MINUTE)
    assert len(it.alarms) == 1


def test_a_time_in_which_the_stove_could_not_be_seen_is_added() -> None:
    it = home()
    it.enrol(HOT, warning=0)
    it.says(STOVE)
    it.says(STOVE, Reading.UNKNOWN, 10 * MINUTE)
    it.says(STOVE, Reading.ACTIVE, 30 * MINUTE)
    it.pass_by(HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + 50 * MINUTE]


def test_who_was_by_before_nothing_could_be_seen_is_not_long_gone() -> None:
    it = home()
    it.enrol(HOT, warning=0)
    it.says(STOVE)
    it.moves(KITCHEN, 9 * MINUTE)
    it.says(STOVE, Reading.UNKNOWN, MINUTE)
    it.says(STOVE, Reading.ACTIVE, 20 * MINUTE)
    it.pass_by(HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + 44 * MINUTE]


def test_a_stove_that_was_taken_out_of_the_home_is_minded_by_nobody() -> None:
    it = home()
    slot = it.enrol(HOT)
    it.says(STOVE)
    slot.watcher.state.sensor = 99
    it.moves(KITCHEN, 10 * MINUTE)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1

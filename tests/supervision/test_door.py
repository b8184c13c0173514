"""The exit door left open, and the contact that sticks (S2)."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.door import DoorOpen, DoorOpenState
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE

from .making import DOOR, FRONT, HALL, KITCHEN, START, Home

BACK_DOOR = Sensor(8, Role.EXIT_DOOR, Location.BACK_DOOR)
KINDS = {WatcherKind.DOOR_OPEN: DoorOpen}
NIGHT = START + 16 * HOUR


def home(at: float = START, *more: Sensor) -> Home:
    return Home(at, Dwelling(), (HALL, KITCHEN, FRONT, *more), KINDS)


def lives(of: Home, minutes: int) -> None:
    for _ in range(minutes):
        of.moves(KITCHEN, MINUTE)


def test_an_open_door_is_warned_alarmed_and_ended_by_closing_alone() -> None:
    it = home()
    it.enrol(DOOR, warning=60)
    it.says(FRONT)
    it.pass_by(30 * MINUTE)
    assert it.told == [(Told.WARNED, START + 9 * MINUTE), (Told.ALARMED, START + 10 * MINUTE)]
    assert it.alarms[0].seen_in is Location.HALLWAY
    assert it.alarms[0].sensor == FRONT.number
    lives(it, 20)
    assert len(it.told) == 2
    it.says(FRONT, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_a_door_that_closes_late_is_a_near_miss() -> None:
    it = home()
    it.enrol(DOOR)
    it.says(FRONT)
    it.says(FRONT, Reading.IDLE, 9 * MINUTE)
    assert it.told == [(Told.NEAR_MISS, it.at)]


@pytest.mark.parametrize(
    ("opened", "after"),
    [
        (START, 10),
        (NIGHT, 5),
        (START + 12 * HOUR - MINUTE, 6 - 1),
        (START + 12 * HOUR - 8 * MINUTE, 8),
        (START + 12 * HOUR - 11 * MINUTE, 10),
    ],
)
def test_the_night_has_a_limit_of_its_own(opened: float, after: float) -> None:
    it = home(opened)
    it.enrol(DOOR)
    it.says(FRONT)
    it.pass_by(HOUR)
    assert it.alarms[0].at == opened + after * MINUTE


def test_a_contact_that_does_not_fit_the_motion_is_a_fault_and_no_alarm() -> None:
    it = home()
    slot = it.enrol(DOOR)
    it.says(FRONT)
    lives(it, 180)
    assert it.told == []
    faults = [h.verdict for h in it.heard if h.verdict.told is Told.FAULT]
    assert [(f.fault, f.sensor, f.at, f.since) for f in faults] == [
        (FaultKind.MISFIT, FRONT.number, START + 10 * MINUTE, START)
    ]
    it.says(FRONT, Reading.IDLE)
    assert it.faults[-1] == (Told.MENDED, FaultKind.MISFIT)
    assert slot.watcher.state.faults == {}
    it.says(FRONT)
    it.pass_by(10 * MINUTE)
    assert len(it.alarms) == 1, "and the door is trusted again"


def test_a_warned_door_that_turns_out_not_to_fit_is_taken_back() -> None:
    it = home()
    it.enrol(DOOR, warning=8 * MINUTE)
    it.says(FRONT)
    it.pass_by(2.5 * MINUTE)
    assert it.told == [(Told.WARNED, START + 2 * MINUTE)]
    lives(it, 10)
    assert [told for told, _ in it.told] == [Told.WARNED, Told.RECOVERED]
    assert it.faults == [(Told.FAULT, FaultKind.MISFIT)]


def test_life_that_has_ceased_or_is_at_the_door_does_not_excuse_an_open_door() -> None:
    ceased = home()
    ceased.enrol(DOOR)
    ceased.says(FRONT)
    lives(ceased, 4)
    ceased.pass_by(HOUR)
    assert len(ceased.alarms) == 1
    at_door = home()
    at_door.enrol(DOOR)
    at_door.says(FRONT)
    for _ in range(20):
        at_door.moves(HALL, MINUTE)
    assert len(at_door.alarms) == 1


def test_the_hall_behind_the_back_door_is_by_the_door_too() -> None:
    it = home(START, BACK_DOOR)
    it.enrol(DOOR)
    it.says(BACK_DOOR)
    for _ in range(20):
        it.moves(HALL, MINUTE)
    assert len(it.alarms) == 1


def test_by_night_an_open_door_alarms_whatever_moves() -> None:
    it = home(NIGHT)
    it.enrol(DOOR)
    it.says(FRONT)
    lives(it, 10)
    assert len(it.alarms) == 1
    assert it.faults == []


def test_misfit_can_be_turned_off() -> None:
    it = home()
    it.enrol(DOOR, misfit_minutes=0)
    it.says(FRONT)
    lives(it, 20)
    assert len(it.alarms) == 1


def test_of_two_doors_the_one_open_longest_counts_and_each_on_its_own() -> None:
    it = home(START, BACK_DOOR)
    it.enrol(DOOR)
    it.says(FRONT)
    it.says(BACK_DOOR, after=4 * MINUTE)
    it.pass_by(6 * MINUTE)
    assert [(a.sensor, a.at) for a in it.alarms] == [(FRONT.number, START + 10 * MINUTE)]
    it.says(FRONT, Reading.IDLE)
    it.pass_by(4 * MINUTE)
    assert [(a.sensor, a.at) for a in it.alarms[1:]] == [(BACK_DOOR.number, START + 14 * MINUTE)]
    assert it.alarms[0].episode != it.alarms[1].episode
    it.says(BACK_DOOR, Reading.IDLE)
    assert [told for told, _ in it.told].count(Told.RECOVERED) == 2


def test_a_sticking_door_does_not_hide_another() -> None:
    it = home(START, BACK_DOOR)
    it.enrol(DOOR)
    it.says(FRONT)
    lives(it, 9)
    it.says(BACK_DOOR)
    it.pass_by(30 * MINUTE)
    assert it.faults == [(Told.FAULT, FaultKind.MISFIT)]
    assert [a.sensor for a in it.alarms] == [BACK_DOOR.number]


def test_a_door_found_open_counts_from_then() -> None:
    it = Home(START, Dwelling(), (HALL, FRONT), KINDS, known=False)
    it.enrol(DOOR)
    assert it.supervisor.slots[DOOR].standing is Standing.BLIND
    it.says(FRONT, Reading.ACTIVE, 5 * MINUTE)
    it.pass_by(10 * MINUTE)
    assert [a.at for a in it.alarms] == [START + 15 * MINUTE]
    paused = home()
    paused.says(FRONT)
    paused.at += HOUR
    paused.enrol(DOOR)
    paused.pass_by(10 * MINUTE)
    assert [a.at for a in paused.alarms] == [START + HOUR + 10 * MINUTE]


def test_a_time_in_which_the_door_could_not_be_seen_is_added() -> None:
    it = home()
    it.enrol(DOOR)
    it.says(FRONT)
    it.says(FRONT, Reading.UNKNOWN, 5 * MINUTE)
    it.says(FRONT, Reading.ACTIVE, 7 * MINUTE)
    it.pass_by(10 * MINUTE)
    assert [a.at for a in it.alarms] == [START + 17 * MINUTE]


def test_an_open_door_is_watched_while_the_resident_is_away_and_not_while_paused() -> None:
    it = home()
    it.enrol(DOOR)
    it.house.residents[1] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    it.says(FRONT)
    it.pass_by(10 * MINUTE)
    assert len(it.alarms) == 1
    it.house.residents[1] = ResidentState(paused_since=it.at, paused_until=it.at + HOUR)
    it.supervisor.restand(it.at)
    assert it.told[-1][0] is Told.RECOVERED
    it.pass_by(2 * HOUR)
    assert len(it.alarms) == 2, "and counted anew after the pause"


def test_a_new_limit_counts_for_a_door_that_is_open() -> None:
    it = home()
    it.enrol(DOOR)
    it.supervisor.leave(DOOR, it.at)
    it.says(FRONT)
    it.enrol(DOOR, limit=2 * MINUTE)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + 2 * MINUTE]


def test_ending_the_rule_mends_its_faults() -> None:
    it = home()
    it.enrol(DOOR)
    it.says(FRONT)
    lives(it, 12)
    it.supervisor.end(DOOR, it.at)
    assert it.faults == [(Told.FAULT, FaultKind.MISFIT), (Told.MENDED, FaultKind.MISFIT)]


@pytest.mark.parametrize(
    "kept",
    [
        {"open": {"x": 1.0}},
        {"open": {"1": None}},
        {"open": []},
        {"faults": {"1": ["misfit"]}},
        {"faults": {"1": ["unheard_of", 1.0]}},
        {"dues": {"power": "soon"}},
    ],
)
def test_a_state_that_is_none_is_refused(kept: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        DoorOpenState.from_json(kept)

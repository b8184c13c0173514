"""A bed or chair that says the opposite of what is so is told, where one person alone can move (S4, F5)."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.silence import SensorBlind
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE

from .making import HALL, KITCHEN, START, Home

BED = Sensor(8, Role.BED, Location.BEDROOM)
BEDROOM = Sensor(7, Role.MOTION, Location.BEDROOM)
RULE = Identity(WatcherKind.SENSOR_BLIND)


def home(dwelling: Dwelling | None = None) -> Home:
    kinds = {WatcherKind.SENSOR_BLIND: SensorBlind}
    sensors = (HALL, KITCHEN, BEDROOM, BED)
    it = Home(START, dwelling or Dwelling(), sensors, kinds, consented=False)
    it.enrol(RULE)
    return it


def days(it: Home, count: int, *, turned: bool, also_up: bool = False) -> None:
    """Live days of eight hours in bed and sixteen about the home."""
    lying, up = (Reading.IDLE, Reading.ACTIVE) if turned else (Reading.ACTIVE, Reading.IDLE)
    for _ in range(count):
        it.says(BED, lying)
        it.pass_by(8 * HOUR)
        it.says(BED, up)
        for _ in range(32):
            it.moves(HALL, after=15 * MINUTE)
            it.moves(KITCHEN, after=15 * MINUTE)


def misfits(it: Home) -> list[Told]:
    found = [h.verdict for h in it.heard if h.verdict.fault is FaultKind.MISFIT]
    assert all(verdict.sensor == BED.number for verdict in found)
    return [verdict.told for verdict in found]


def test_a_mat_that_is_turned_about_is_told_within_days_and_ends_when_it_is_right() -> None:
    it = home()
    days(it, 3, turned=True)
    assert misfits(it) == []
    days(it, 2, turned=True)
    assert misfits(it) == [Told.FAULT]
    days(it, 1, turned=False)
    assert misfits(it) == [Told.FAULT], "one day of the other is no proof yet"
    days(it, 4, turned=False)
    assert misfits(it) == [Told.FAULT, Told.MENDED]


def test_one_that_is_right_is_never_told() -> None:
    it = home()
    days(it, 14, turned=False)
    assert misfits(it) == []


def test_movement_beside_the_bed_says_nothing_of_it() -> None:
    it = home()
    it.says(BED, Reading.ACTIVE)
    for _ in range(600):
        it.moves(BEDROOM, after=15 * MINUTE)
    assert misfits(it) == []


@pytest.mark.parametrize(
    "dwelling", [Dwelling(residents=2), Dwelling(pet=True), Dwelling(robot_vacuum=True)]
)
def test_where_others_move_it_cannot_be_told(dwelling: Dwelling) -> None:
    it = home(dwelling)
    days(it, 10, turned=True)
    assert misfits(it) == []


def test_one_that_is_not_known_is_not_judged() -> None:
    it = home()
    it.says(BED, Reading.UNKNOWN)
    for _ in range(600):
        it.moves(HALL, after=15 * MINUTE)
    assert misfits(it) == []

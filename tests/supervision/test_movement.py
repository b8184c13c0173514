"""Who moves, whose bed it is, and whether a window of the clock is open."""

from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.movement import (
    OpenHours,
    cannot_tell_who,
    cannot_tell_whose_bed,
    widened,
)
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.wall import DAY, HOUR, WallTime, Window
from tests.supervision.making import VACUUM, Home
from tests.supervision.nights import BED, HALL, MIDNIGHT

STOCKHOLM = WallTime(ZoneInfo("Europe/Stockholm"))
CLOCKS = st.integers(0, 95).map(lambda quarter: quarter * 900.0)


@pytest.mark.parametrize(
    ("dwelling", "sensors", "why"),
    [
        (Dwelling(), (HALL,), None),
        (Dwelling(visits=True), (HALL,), None),
        (Dwelling(residents=2, pet=True), (HALL,), "residents"),
        (Dwelling(pet=True), (HALL,), "pet"),
        (Dwelling(robot_vacuum=True), (HALL,), "robot_vacuum"),
        (Dwelling(robot_vacuum=True), (HALL, VACUUM), None),
    ],
)
def test_s6_movement_tells_who_moves_only_where_one_moves(
    dwelling: Dwelling, sensors: tuple[Sensor, ...], why: str | None
) -> None:
    assert cannot_tell_who(Home(dwelling=dwelling, sensors=sensors).house) == why


@pytest.mark.parametrize(
    ("residents", "bed", "resident", "why"),
    [
        (1, 0, 1, None),
        (1, 0, 0, None),
        (2, 1, 1, None),
        (2, 0, 1, "residents"),
        (2, 1, 0, "residents"),
    ],
)
def test_s6_a_bed_tells_who_lies_in_it_where_it_is_stated(
    residents: int, bed: int, resident: int, why: str | None
) -> None:
    sensors = (Sensor(1, Role.BED, Location.BEDROOM, bed), HALL)
    house = Home(dwelling=Dwelling(residents=residents), sensors=sensors).house
    assert cannot_tell_whose_bed(house, resident) == why
    assert house.sensors[1].role is BED.role


@given(
    CLOCKS,
    CLOCKS,
    st.sets(st.integers(0, 6)),
    st.lists(st.floats(0, 9 * HOUR), min_size=1, max_size=20),
    st.sampled_from([MIDNIGHT, 1_774_695_600.0, 1_792_839_600.0]),
)
def test_s11_open_hours_say_what_the_window_says(
    begin: float, end: float, days: set[int], steps: list[float], at: float
) -> None:
    window = Window(begin, end, tuple(sorted(days)))
    hours = OpenHours(window, STOCKHOLM)
    for step in steps:
        at += step
        assert hours.hold(at) is window.contains(at, STOCKHOLM)


@given(CLOCKS, CLOCKS, st.floats(0, DAY - 1))
def test_a_widened_window_holds_whatever_the_narrow_one_holds(
    begin: float, end: float, second: float
) -> None:
    wall = WallTime()
    narrow = Window(begin, end)
    wide = widened(narrow, 3 * HOUR)
    for at in (MIDNIGHT + second, MIDNIGHT + second + 3 * HOUR):
        if narrow.contains(at, wall):
            assert wide.contains(at, wall)
    if narrow.contains(MIDNIGHT + second, wall):
        assert wide.contains(MIDNIGHT + second - 3 * HOUR, wall)


def test_a_window_that_would_reach_round_the_clock_runs_from_noon_to_noon() -> None:
    assert widened(Window(4 * HOUR, 4 * HOUR), HOUR) == Window(12 * HOUR, 12 * HOUR)
    assert widened(Window(22 * HOUR, 20 * HOUR), 3 * HOUR) == Window(12 * HOUR, 12 * HOUR)
    assert widened(Window(HOUR, 5 * HOUR), 3 * HOUR) == Window(22 * HOUR, 5 * HOUR)

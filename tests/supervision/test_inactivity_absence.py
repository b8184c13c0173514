"""Who has left shows no life either, and where others live not every sign is the resident's (S6)."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.inactivity import Inactivity
from custom_components.kvarbo.supervision.sensing import Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE

from .making import STILLNESS, Home
from .stillness import (
    BED,
    FRIDGE,
    FRONT,
    HALL,
    KITCHEN,
    LIVING,
    MORNING,
    OF_HOME,
    OFF,
    ON,
    SENSORS,
    still,
)

# -- who has left ----------------------------------------------------------------------------------


def test_who_left_by_day_is_waited_for_six_hours() -> None:
    made = still()
    made.goes_out()
    left_at = made.home.at
    made.home.pass_by(DAY)
    assert [alarm.at for alarm in made.home.alarms] == [left_at + 6 * HOUR]
    assert made.home.alarms[0].seen_in is Location.HALLWAY
    assert made.watcher.usual() is None


def test_who_left_in_the_night_is_waited_for_an_hour() -> None:
    made = still(at=MORNING + 16 * HOUR)
    made.goes_out()
    left_at = made.home.at
    made.home.pass_by(DAY)
    assert made.home.alarms[0].at == left_at + HOUR


def test_who_leaves_for_work_before_the_night_ends_is_waited_for_as_by_day() -> None:
    made = still(at=MORNING + 20.5 * HOUR)
    made.goes_out()
    left_at = made.home.at
    made.home.pass_by(DAY)
    assert made.home.alarms[0].at == left_at + 6 * HOUR


def test_absence_is_not_learned_from_and_ends_with_the_return() -> None:
    made = still()
    made.goes_out()
    made.home.pass_by(5 * HOUR)
    made.comes_home()
    began = made.home.at
    rhythm = made.home.house.rhythm(1)
    assert rhythm.usual(MORNING, Location.HALLWAY).longest == 0
    made.home.pass_by(DAY)
    assert [alarm.at for alarm in made.home.alarms] == [began + 5 * HOUR]


def test_door_behind_a_visitor_silences_nothing() -> None:
    """Staff leave, the resident falls in the hall behind the closing door."""
    made = still(Dwelling(visits=True))
    home = made.home
    home.moves(LIVING, HOUR)
    # Opened from outside, with no step towards it.
    home.says(FRONT, ON, 20 * MINUTE)
    home.says(FRONT, OFF, 5)
    home.moves(KITCHEN, 60)
    home.moves(KITCHEN, 20 * MINUTE)
    home.says(FRONT, ON, 60)
    home.says(FRONT, OFF, 5)
    began = home.at
    home.pass_by(DAY)
    assert [alarm.at for alarm in home.alarms] == [began + 5 * HOUR]


def test_door_used_during_a_stated_visit_is_the_visitors() -> None:
    made = still()
    home = made.home
    home.house.resident(1).visitor_since = home.at
    home.house.resident(1).visitor_until = home.at + 2 * HOUR
    home.supervisor.restand(home.at)
    made.goes_out()
    began = home.at
    home.pass_by(DAY)
    assert home.alarms[0].at == began + 5 * HOUR
    assert made.slot.standing is Standing.WATCHING


def test_bed_taken_refuses_the_departure() -> None:
    made = still()
    made.home.says(BED, ON, 60)
    made.home.says(FRONT, ON, HOUR)
    made.home.says(FRONT, OFF, 5)
    began = made.home.at
    made.home.pass_by(DAY)
    assert made.home.alarms[0].at == began + 11 * HOUR


def test_stated_absence_is_never_alarmed_of_and_the_return_begins_anew() -> None:
    made = still()
    home = made.home
    home.house.resident(1).away_since = home.at
    home.house.presence.set_away(home.at, away=True)
    home.supervisor.restand(home.at)
    home.pass_by(3 * DAY)
    assert home.told == []
    home.house.resident(1).away_since = None
    home.house.presence.set_away(home.at, away=False)
    home.supervisor.restand(home.at)
    began = home.at
    home.pass_by(DAY)
    assert [alarm.at for alarm in home.alarms] == [began + 5 * HOUR]


def test_window_waits_for_who_is_out() -> None:
    made = still(at=MORNING - 2.5 * HOUR, window_from=8 * HOUR, window_to=10 * HOUR)
    made.goes_out()
    left_at = made.home.at
    made.home.pass_by(DAY)
    assert made.home.alarms[0].at == left_at + 6 * HOUR


# -- who lives there (S6) --------------------------------------------------------------------------


def test_where_a_pet_lives_movement_is_no_sign() -> None:
    made = still(Dwelling(pet=True), limit=2 * HOUR)
    home = made.home
    home.says(FRIDGE, ON, HOUR)
    began = home.at
    for _ in range(20):
        home.moves(KITCHEN, 20 * MINUTE)
    assert [alarm.at for alarm in home.alarms] == [began + 2 * HOUR]


def test_where_a_pet_lives_its_steps_are_no_return() -> None:
    made = still(Dwelling(pet=True))
    made.goes_out()
    left_at = made.home.at
    for _ in range(30):
        made.home.moves(KITCHEN, 20 * MINUTE)
    assert [alarm.at for alarm in made.home.alarms] == [left_at + 6 * HOUR]
    assert made.home.house.presence.inferred_away_since == left_at


def test_vacuum_that_says_nothing_of_when_is_like_a_pet() -> None:
    made = still(Dwelling(robot_vacuum=True), limit=2 * HOUR)
    began = made.home.at - 0.0
    made.home.says(FRIDGE, ON)
    for _ in range(20):
        made.home.moves(KITCHEN, 20 * MINUTE)
    assert made.home.alarms[0].at == began + 2 * HOUR
    mover = Sensor(9, Role.MOVER, Location.LIVING_ROOM)
    known = still(Dwelling(robot_vacuum=True), sensors=(*SENSORS, mover), limit=2 * HOUR)
    for _ in range(20):
        known.home.moves(KITCHEN, 20 * MINUTE)
    assert known.home.alarms == []


def test_where_two_live_only_ones_own_sensors_tell() -> None:
    made = still(Dwelling(residents=2), limit=2 * HOUR)
    home = made.home
    home.says(BED, ON, HOUR)
    home.says(BED, OFF, HOUR)
    began = home.at
    for _ in range(20):
        home.moves(KITCHEN, 20 * MINUTE)
    assert [alarm.at for alarm in home.alarms] == [began + 2 * HOUR]


def test_home_of_two_as_a_whole_takes_every_sign() -> None:
    made = still(Dwelling(residents=2), identity=OF_HOME, limit=2 * HOUR)
    for _ in range(20):
        made.home.moves(KITCHEN, 20 * MINUTE)
    assert made.home.alarms == []
    began = made.home.at
    made.home.pass_by(3 * HOUR)
    assert made.home.alarms[0].at == began + 2 * HOUR


@pytest.mark.parametrize(
    ("dwelling", "why"), [(Dwelling(residents=2), "residents"), (Dwelling(pet=True), "pet")]
)
def test_it_refuses_where_it_cannot_tell_who_moves(dwelling: Dwelling, why: str) -> None:
    made = still(dwelling, sensors=(HALL, KITCHEN, LIVING))
    assert made.slot.standing is Standing.REFUSED
    assert made.watcher.refusal() == why


def test_home_without_sensors_lacks_them() -> None:
    leak = Sensor(9, Role.WATER, Location.KITCHEN)
    kinds = {WatcherKind.INACTIVITY: Inactivity}
    home = Home(sensors=(leak,), kinds=kinds)
    assert home.enrol(STILLNESS).standing is Standing.LACKS_SENSORS

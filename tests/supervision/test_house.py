"""What all watchers of a home share (S6)."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Absence, Dwelling, House, ResidentState
from custom_components.kvarbo.supervision.presence import Presence
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.wall import HOUR, WallTime

NOW = 1_768_903_200.0
AWAY = ResidentState(away_since=NOW)
PAUSED = ResidentState(paused_since=NOW, paused_until=NOW + HOUR)
VISITED = ResidentState(visitor_since=NOW, visitor_until=NOW + 2 * HOUR)
AT_HOME = ResidentState()


def house(residents: int = 1, **states: ResidentState) -> House:
    wall = WallTime()
    made = House(wall, Dwelling(residents=residents), Presence(wall))
    made.residents = {int(key[1:]): state for key, state in states.items()}
    return made


@pytest.mark.parametrize(
    ("residents", "states", "of_home", "of_first"),
    [
        (1, {}, Absence.HOME, Absence.HOME),
        (1, {"r1": AT_HOME}, Absence.HOME, Absence.HOME),
        (1, {"r1": AWAY}, Absence.AWAY, Absence.AWAY),
        (1, {"r1": PAUSED}, Absence.PAUSED, Absence.PAUSED),
        (1, {"r1": VISITED}, Absence.VISITOR, Absence.VISITOR),
        (2, {"r1": AWAY}, Absence.HOME, Absence.AWAY),
        (2, {"r1": AWAY, "r2": AWAY}, Absence.AWAY, Absence.AWAY),
        (2, {"r1": AWAY, "r2": PAUSED}, Absence.HOME, Absence.AWAY),
        (2, {"r2": VISITED}, Absence.VISITOR, Absence.HOME),
        (2, {"r1": AT_HOME, "r2": PAUSED}, Absence.HOME, Absence.HOME),
        (2, {"r0": PAUSED}, Absence.PAUSED, Absence.PAUSED),
        (2, {"r0": AWAY, "r1": VISITED}, Absence.VISITOR, Absence.AWAY),
    ],
)
def test_the_home_is_away_when_all_are_and_visited_when_one_is(
    residents: int, states: dict[str, ResidentState], of_home: Absence, of_first: Absence
) -> None:
    made = house(residents, **states)
    assert made.absence(1) is of_first
    assert made.absence(0) is of_home


def test_a_pause_silences_more_than_an_absence() -> None:
    both = ResidentState(away_since=NOW, paused_since=NOW, paused_until=NOW + HOUR)
    assert house(1, r1=both).absence(1) is Absence.PAUSED


def test_states_with_an_end_end() -> None:
    made = house(2, r1=ResidentState(paused_since=NOW, paused_until=NOW + HOUR), r2=VISITED)
    assert made.next_end() == NOW + HOUR
    assert not made.end_states(NOW + HOUR - 1)
    assert made.end_states(NOW + HOUR)
    assert made.absence(1) is Absence.HOME
    assert made.next_end() == NOW + 2 * HOUR
    assert made.end_states(NOW + 3 * HOUR)
    assert made.next_end() is None
    assert made.absence(2) is Absence.HOME


def test_a_resident_s_sensors_are_their_own_and_the_home_s() -> None:
    made = house(2)
    beds = [Sensor(n, Role.BED, Location.BEDROOM, n) for n in (1, 2)]
    hall = Sensor(3, Role.MOTION, Location.HALLWAY)
    bath = Sensor(4, Role.MOTION, Location.BATHROOM)
    made.by_role = {Role.BED: tuple(beds), Role.MOTION: (hall, bath)}
    assert made.of(Role.BED) == beds
    assert made.of(Role.BED, resident=2) == beds[1:]
    assert made.of(Role.BED, Role.MOTION, resident=1) == [beds[0], hall, bath]
    assert made.of(Role.MOTION, room=Location.BATHROOM) == [bath]
    assert made.of(Role.LIFT) == []


def test_a_night_is_dark_by_the_home_s_own_hours() -> None:
    wall = WallTime()
    made = House(wall, Dwelling(night_from=23 * HOUR, night_to=5 * HOUR), Presence(wall))
    midnight = NOW // 86400 * 86400
    assert made.is_night(midnight + 23 * HOUR)
    assert made.is_night(midnight + 4 * HOUR)
    assert not made.is_night(midnight + 5 * HOUR)
    assert not made.is_night(midnight + 22 * HOUR)


def test_what_was_never_said_is_unknown() -> None:
    made = house()
    assert made.reading(7) is Reading.UNKNOWN
    assert made.rhythm(1) is made.rhythm(1)
    assert made.resident(1) is made.resident(1)

"""Leaving at night and not coming back (S2, S6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.leaving import LeftHome, NotReturned
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.settings import Json
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE, WallTime
from custom_components.kvarbo.supervision.watcher import AnyWatcher

from .making import FRONT, HALL, KITCHEN, START, Home

BED = Sensor(5, Role.BED, Location.BEDROOM, 1)
KINDS: Final[Mapping[WatcherKind, type[AnyWatcher]]] = {
    WatcherKind.LEFT_HOME: LeftHome,
    WatcherKind.NOT_RETURNED: NotReturned,
}
LEFT = Identity(WatcherKind.LEFT_HOME, 1)
BACK = Identity(WatcherKind.NOT_RETURNED, 1)
#: 02:00 in the night after the start.
NIGHT = START + 16 * HOUR


def home(at: float = NIGHT, dwelling: Dwelling | None = None, *more: Sensor) -> Home:
    return Home(at, dwelling or Dwelling(), (HALL, KITCHEN, FRONT, *more), KINDS)


def goes_out(of: Home, after: float = 0) -> None:
    of.moves(HALL, after)
    of.says(FRONT, after=2)
    of.moves(HALL, 2)
    of.says(FRONT, Reading.IDLE, 3)
    of.moves(HALL, 1)


@dataclass
class Empties:
    """The home's presence, as these rules read it."""

    inferred_away_since: float | None = None
    due: float | None = None

    def observe(self, at: float, sensor: Sensor, reading: Reading) -> None: ...

    def to_json(self) -> dict[str, Json]:
        return {}


def test_out_at_night_is_warned_alarmed_and_ended_by_the_return_alone() -> None:
    it = home()
    it.enrol(LEFT, warning=60, limit=4 * MINUTE)
    goes_out(it)
    closed = it.at - 1
    it.pass_by(10 * MINUTE)
    assert it.told == [(Told.WARNED, closed + 180), (Told.ALARMED, closed + 240)]
    alarm = it.alarms[0]
    assert alarm.since == NIGHT + 2
    assert (alarm.seen_at, alarm.seen_in) == (closed, Location.HALLWAY)
    it.says(FRONT, after=HOUR)
    it.says(FRONT, Reading.IDLE, 5)
    assert it.told[-1][0] is Told.ALARMED
    it.moves(KITCHEN, 20)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_who_looks_out_and_goes_back_is_not_out() -> None:
    it = home()
    it.enrol(LEFT)
    goes_out(it)
    it.moves(KITCHEN, 12)
    it.pass_by(HOUR)
    assert it.told == []


def test_life_at_the_door_is_no_return_until_it_has_settled() -> None:
    it = home()
    it.enrol(LEFT)
    goes_out(it)
    it.moves(HALL, 25)
    it.moves(KITCHEN, 0)
    assert it.supervisor.slots[LEFT].watcher.state.stage == "calm"
    other = home()
    other.enrol(LEFT)
    goes_out(other)
    other.moves(HALL, 25)
    other.pass_by(HOUR)
    assert len(other.alarms) == 1


def test_a_late_return_is_a_near_miss() -> None:
    it = home()
    it.enrol(LEFT)
    goes_out(it)
    it.moves(KITCHEN, 3.5 * MINUTE)
    assert it.told == [(Told.NEAR_MISS, it.at)]


@pytest.mark.parametrize(("hour", "alarms"), [(22.9, 0), (23.1, 1), (5.9, 1), (6.1, 0)])
def test_only_the_night_counts(hour: float, alarms: int) -> None:
    it = home(START + (hour - 10) % 24 * HOUR)
    it.enrol(LEFT)
    goes_out(it)
    it.pass_by(HOUR)
    assert len(it.alarms) == alarms


def test_a_closing_alone_begins_nothing() -> None:
    it = home()
    it.enrol(LEFT)
    it.says(FRONT, Reading.IDLE)
    it.pass_by(HOUR)
    assert it.told == []


def test_who_comes_home_at_night_has_not_left() -> None:
    it = home(NIGHT - 4 * HOUR)
    it.enrol(LEFT)
    goes_out(it)
    it.says(FRONT, after=4 * HOUR)
    it.says(FRONT, Reading.IDLE, 1)
    it.says(FRONT, after=5)
    it.says(FRONT, Reading.IDLE, 6)
    it.pass_by(HOUR)
    assert it.told == []
    goes_out(it)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1, "and who goes out again has"


def test_a_bed_that_is_occupied_says_that_another_used_the_door() -> None:
    it = home(NIGHT, None, BED)
    it.enrol(LEFT)
    it.says(BED)
    goes_out(it)
    it.pass_by(HOUR)
    assert it.told == []
    it.says(BED, Reading.IDLE)
    goes_out(it)
    it.pass_by(MINUTE)
    it.says(BED)
    assert it.supervisor.slots[LEFT].watcher.state.stage == "calm"


def test_a_visitor_of_a_home_with_daily_visits_leaves_and_is_no_resident() -> None:
    for visits, alarms in ((True, 0), (False, 1)):
        it = home(NIGHT - HOUR, Dwelling(visits=visits))
        it.enrol(LEFT)
        it.moves(KITCHEN)
        it.says(FRONT, after=HOUR)
        it.says(FRONT, Reading.IDLE, 2)
        it.moves(KITCHEN, 15)
        goes_out(it, 5 * MINUTE)
        it.pass_by(HOUR)
        assert len(it.alarms) == alarms


def test_a_resident_of_a_home_with_daily_visits_is_found_too() -> None:
    it = home(NIGHT, Dwelling(visits=True))
    it.enrol(LEFT)
    it.moves(KITCHEN)
    goes_out(it, MINUTE)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1


@pytest.mark.parametrize(
    ("dwelling", "more", "standing"),
    [
        (Dwelling(residents=2), (), Standing.REFUSED),
        (Dwelling(pet=True), (), Standing.LACKS_SENSORS),
        (Dwelling(pet=True), (Sensor(6, Role.ITEM, Location.KITCHEN),), Standing.REFUSED),
        (Dwelling(pet=True), (BED,), Standing.WATCHING),
        (Dwelling(), (), Standing.WATCHING),
    ],
)
def test_it_refuses_where_others_move(
    dwelling: Dwelling, more: tuple[Sensor, ...], standing: Standing
) -> None:
    it = home(NIGHT, dwelling, *more)
    assert it.enrol(LEFT).standing is standing


def test_a_pet_that_moves_is_no_return() -> None:
    it = home(NIGHT, Dwelling(pet=True), BED)
    it.enrol(LEFT)
    goes_out(it)
    it.moves(KITCHEN, MINUTE)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1


def test_leaving_is_found_while_away_is_stated_and_not_while_a_visitor_is() -> None:
    it = home()
    it.enrol(LEFT)
    it.house.residents[1] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    goes_out(it)
    it.pass_by(10 * MINUTE)
    assert len(it.alarms) == 1
    it.house.residents[1] = ResidentState(visitor_since=it.at, visitor_until=it.at + HOUR)
    it.supervisor.restand(it.at)
    assert it.told[-1][0] is Told.RECOVERED
    assert it.supervisor.slots[LEFT].standing is Standing.VISITOR


def test_a_time_in_which_nothing_could_be_seen_is_added() -> None:
    it = home()
    it.enrol(LEFT)
    goes_out(it)
    closed = it.at - 1
    it.says(HALL, Reading.UNKNOWN, 30)
    it.says(KITCHEN, Reading.UNKNOWN)
    it.pass_by(10 * MINUTE)
    assert it.told == []
    it.says(HALL, Reading.IDLE)
    it.says(KITCHEN, Reading.IDLE)
    it.pass_by(10 * MINUTE)
    assert it.told == [(Told.ALARMED, closed + 14 * MINUTE)]


def test_a_deadline_that_was_moved_just_before_a_crash_comes_no_earlier() -> None:
    it = home()
    it.enrol(LEFT)
    it.supervisor.alive()
    it.moves(HALL)
    it.says(FRONT)
    it.says(FRONT, Reading.IDLE, 25)
    closed = it.at
    after, _ = it.killed(30)
    after.pass_by(HOUR)
    assert closed + 4 * MINUTE <= after.alarms[0].at <= closed + 5 * MINUTE


def away(of: Home) -> Empties:
    presence = Empties()
    of.house.presence = presence  # type: ignore[assignment]
    return presence


def test_an_absence_over_the_limit_alarms_until_the_return() -> None:
    it = home(START)
    presence = away(it)
    it.enrol(BACK)
    goes_out(it)
    closed = it.at - 1
    presence.inferred_away_since = closed
    it.pass_by(12 * HOUR)
    assert it.told == [(Told.ALARMED, closed + 12 * HOUR)]
    it.says(FRONT, after=HOUR)
    it.moves(KITCHEN, 15)
    assert len(it.told) == 1, "a lone sign in a home that is taken for empty is left to presence"
    presence.inferred_away_since = None
    it.moves(KITCHEN, 5)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_a_home_that_is_not_taken_for_empty_is_not_its_business() -> None:
    it = home(START)
    away(it)
    it.enrol(BACK)
    goes_out(it)
    it.pass_by(24 * HOUR)
    assert it.told == []


@pytest.mark.parametrize(("left", "at"), [(START, START + 11 * HOUR), (NIGHT, NIGHT + 12 * HOUR)])
def test_home_by_a_time_of_day(left: float, at: float) -> None:
    it = home(left)
    presence = away(it)
    it.enrol(BACK, home_by=21 * HOUR)
    goes_out(it)
    presence.inferred_away_since = it.at
    it.pass_by(20 * HOUR)
    assert it.alarms[0].at == pytest.approx(at, abs=10)


def test_a_stated_absence_is_waited_out_unless_it_counts_too() -> None:
    for stated_too, told in ((False, []), (True, [Told.ALARMED])):
        it = home(START)
        away(it)
        it.enrol(BACK, stated_too=stated_too)
        goes_out(it)
        it.house.residents[1] = ResidentState(away_since=it.at)
        it.supervisor.restand(it.at)
        it.pass_by(48 * HOUR)
        assert [one for one, _ in it.told] == told


def test_a_stated_absence_that_is_taken_back_is_judged_by_presence() -> None:
    it = home(START)
    presence = away(it)
    it.enrol(BACK)
    goes_out(it)
    presence.inferred_away_since = it.at
    it.house.residents[1] = ResidentState(away_since=it.at)
    it.supervisor.restand(it.at)
    it.pass_by(20 * HOUR)
    it.house.residents[1] = ResidentState()
    it.supervisor.restand(it.at)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1


def test_an_empty_home_counts_from_the_start_of_the_watch() -> None:
    it = home(START)
    away(it).inferred_away_since = START - HOUR
    it.enrol(BACK, limit=2 * HOUR)
    it.pass_by(3 * HOUR)
    assert [alarm.at for alarm in it.alarms] == [START + 2 * HOUR]


def test_new_limits_count_for_the_present_absence() -> None:
    it = home(START)
    presence = away(it)
    it.enrol(BACK)
    it.supervisor.leave(BACK, it.at)
    goes_out(it)
    presence.inferred_away_since = it.at
    it.pass_by(HOUR)
    it.enrol(BACK, limit=2 * HOUR)
    it.pass_by(2 * HOUR)
    assert it.alarms[0].at == pytest.approx(START + 2 * HOUR, abs=10)


def test_the_home_by_time_follows_the_wall_clock() -> None:
    # The morning of a spring change is an hour shorter: 21:00 comes earlier.
    wall = WallTime(ZoneInfo("Europe/Stockholm"))
    at = wall.instant(wall.day(1774735200.0), 22 * HOUR)
    it = Home(at, Dwelling(), (HALL, KITCHEN, FRONT), KINDS, wall=wall)
    presence = away(it)
    it.enrol(BACK, home_by=21 * HOUR, limit=48 * HOUR)
    goes_out(it)
    presence.inferred_away_since = it.at
    it.pass_by(30 * HOUR)
    assert it.alarms[0].at == at + 22 * HOUR

"""The inactivity rule over restarts, blindness and edits (S3, S4)."""

from hypothesis import given, settings, strategies as st

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.inactivity import Inactivity, InactivityState
from custom_components.kvarbo.supervision.rhythm import BED as IN_BED, NOWHERE
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import Stage
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

# -- restarts, blindness, edits --------------------------------------------------------------------


def test_time_in_which_nothing_could_be_seen_is_no_stillness() -> None:
    made = still(limit=2 * HOUR)
    home = made.home
    home.pass_by(HOUR)
    for sensor in SENSORS:
        home.says(sensor, Reading.UNKNOWN)
    home.pass_by(5 * HOUR)
    assert home.alarms == []
    home.says(FRONT, OFF)
    began = home.at
    home.pass_by(59 * MINUTE)
    assert home.alarms == []
    home.pass_by(MINUTE)
    assert home.alarms[0].at == began + HOUR
    assert made.watcher.state.place == NOWHERE
    home.moves(KITCHEN)
    assert home.house.rhythm(1).usual(MORNING, Location.LIVING_ROOM).longest == 0


def learned_in(home: Home, place: str) -> float:
    """The longest silence that was learned of a place around now."""
    return max(home.house.rhythm(1).usual(home.at + h * HOUR, place).longest for h in range(24))


def test_silence_with_a_blind_part_teaches_nothing() -> None:
    made = still()
    home = made.home
    home.says(BED, ON, HOUR)
    home.pass_by(HOUR)
    for sensor in SENSORS:
        home.says(sensor, Reading.UNKNOWN)
    home.pass_by(HOUR)
    home.says(FRONT, OFF)
    home.moves(KITCHEN, HOUR)
    assert made.watcher.state.place != IN_BED
    assert learned_in(home, IN_BED) == 0


def test_silence_that_began_before_the_rule_teaches_nothing() -> None:
    home = Home(MORNING, Dwelling(), SENSORS, {WatcherKind.INACTIVITY: Inactivity})
    home.moves(KITCHEN)
    home.pass_by(HOUR)
    home.enrol(STILLNESS)
    home.moves(LIVING, HOUR)
    assert learned_in(home, Location.KITCHEN) == 0
    home.moves(KITCHEN, HOUR)
    assert learned_in(home, Location.LIVING_ROOM) == HOUR


def test_silence_during_a_stated_visit_teaches_nothing() -> None:
    made = still()
    home = made.home
    home.house.resident(1).visitor_since = home.at
    home.house.resident(1).visitor_until = home.at + 4 * HOUR
    home.supervisor.restand(home.at)
    home.moves(KITCHEN, 2 * HOUR)
    assert learned_in(home, Location.LIVING_ROOM) == 0


def test_where_two_live_the_door_does_not_say_who_has_left() -> None:
    two = Dwelling(residents=2)
    home = Home(MORNING, two, SENSORS, {WatcherKind.INACTIVITY: Inactivity})
    home.says(FRONT, ON)
    home.says(FRONT, OFF, 5)
    state = home.enrol(STILLNESS).watcher.state
    assert isinstance(state, InactivityState)
    assert not state.left
    whole = home.enrol(OF_HOME).watcher.state
    assert isinstance(whole, InactivityState)
    assert whole.left, "of the home as a whole all may have left"


def test_place_is_known_by_the_days_somebody_came_there() -> None:
    made = still()
    home = made.home
    home.moves(HALL, 60)
    home.moves(KITCHEN, 20)
    assert home.house.rhythm(1).usual(home.at, Location.HALLWAY).days == 1


def test_edited_limit_holds_for_the_present_silence() -> None:
    made = still(limit=2 * HOUR)
    home, began = made.home, made.home.at
    home.pass_by(HOUR)
    home.supervisor.leave(STILLNESS, home.at)
    home.enrol(limit=3 * HOUR)
    home.pass_by(DAY)
    assert [alarm.at for alarm in home.alarms] == [began + 3 * HOUR]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([HALL, KITCHEN, LIVING, FRONT, BED, FRIDGE]),
            st.floats(60, 3 * HOUR),
        ),
        min_size=1,
        max_size=8,
    ),
    st.floats(1, 8 * HOUR),
    st.floats(0, 14 * MINUTE),
    st.sampled_from([0.0, 20 * MINUTE]),
)
def test_restart_moves_the_alarm_by_no_more_than_it_may(
    story: list[tuple[Sensor, float]], silent: float, down: float, warning: float
) -> None:
    """Killed at any instant, it alarms neither before its time nor much after (S3)."""
    made = still(warning=warning, limit=4 * HOUR)
    home = made.home
    home.supervisor.alive()
    for sensor, after in story:
        home.says(sensor, ON, after)
        home.says(sensor, OFF, 2)
    began = home.at
    home.pass_by(silent)
    expected = made.watcher.deadline()
    if [alarm for alarm in home.alarms if alarm.at >= began]:
        return
    after_it, _ = home.killed(down)
    after_it.enrol(warning=warning, limit=4 * HOUR)
    after_it.pass_by(8 * HOUR)
    at = after_it.alarms[0].at
    assert expected <= at + 66, "a sign may be lost for a minute, and the step"
    assert at <= max(expected, home.at + down) + 2 * MINUTE + warning + down


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(30, 10 * HOUR), min_size=5, max_size=40), st.floats(0, DAY))
def test_it_alarms_once_a_silence_and_just_when_it_is_too_long(
    silences: list[float], start: float
) -> None:
    made = still(at=MORNING + start)
    home, watcher = made.home, made.watcher
    for length in silences:
        alarms = len(home.alarms)
        deadline = watcher.deadline()
        began = home.at
        home.pass_by(length)
        new = [alarm.at for alarm in home.alarms[alarms:]]
        assert new == ([deadline] if began + length >= deadline else [])
        home.moves(LIVING)
        assert watcher.state.stage is Stage.COUNTING

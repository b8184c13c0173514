"""The inactivity rule over restarts, blindness and edits (S3, S4)."""

from hypothesis import given, settings, strategies as st

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.supervision.rhythm import NOWHERE
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import Stage
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE

from .making import STILLNESS
from .stillness import BED, FRIDGE, FRONT, HALL, KITCHEN, LIVING, MORNING, OFF, ON, SENSORS, still

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

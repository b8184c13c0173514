"""How a lift stands, from what its source says (needs.md 1c)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.devices.lift_pose import LOOSE, SETTLES, STRAINS, LiftPose, Measure
from custom_components.kvarbo.supervision.sensing import Pose, Reading

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
ACTIVE, IDLE, UNKNOWN = Reading.ACTIVE, Reading.IDLE, Reading.UNKNOWN


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def due(lift: LiftPose) -> datetime | None:
    return lift.due


def height(value: float, *, is_moving: bool | None = None) -> Measure:
    reading = ACTIVE if value > 10 else IDLE
    return Measure(reading=reading, height=value, is_moving=is_moving)


def power(watts: float) -> Measure:
    return Measure(reading=ACTIVE if watts > 20 else IDLE, power=watts, tells_movement=True)


def test_two_words_tell_at_rest_and_away_and_no_more() -> None:
    lift = LiftPose(raised_from=400)
    assert lift.take(Measure(reading=IDLE), NOW) is Pose.AT_REST
    assert lift.take(Measure(reading=ACTIVE), NOW) is Pose.AWAY
    assert lift.take(Measure(reading=UNKNOWN), NOW) is None
    assert due(lift) is None


def test_a_height_that_has_settled_is_raised_or_midway() -> None:
    lift = LiftPose(raised_from=400)
    assert lift.take(height(0), NOW) is Pose.AT_REST
    assert lift.take(height(100), at(1)) is Pose.MOVING
    assert due(lift) == at(1) + SETTLES
    assert lift.take(height(100), at(5.9)) is Pose.MOVING
    assert lift.take(height(100), at(6)) is Pose.MIDWAY
    assert due(lift) is None
    assert lift.take(height(400), at(10)) is Pose.MOVING
    assert lift.take(height(400), at(15)) is Pose.RAISED
    assert lift.take(height(399), at(16)) is Pose.MOVING
    assert lift.take(height(10), at(17)) is Pose.AT_REST


def test_nobody_has_said_what_raised_is() -> None:
    lift = LiftPose()
    assert lift.take(height(400), NOW) is Pose.AWAY


def test_a_sources_own_word_of_moving_is_believed() -> None:
    lift = LiftPose(raised_from=97)
    assert lift.take(height(50, is_moving=True), NOW) is Pose.MOVING
    assert due(lift) is None
    assert lift.take(height(50), NOW) is Pose.MIDWAY


def test_a_clock_put_back_does_not_let_it_move_for_ever() -> None:
    lift = LiftPose(raised_from=400)
    lift.take(height(50), at(100))
    assert lift.take(height(100), at(101)) is Pose.MOVING
    assert lift.take(height(100), at(-3600)) is Pose.MIDWAY


def test_power_tells_moving_straining_and_what_has_given_up() -> None:
    lift = LiftPose(strains_above=200)
    assert lift.take(power(2), NOW) is Pose.STOPPED
    # As it starts it draws much for a moment.
    assert lift.take(power(400), at(1)) is Pose.MOVING
    assert due(lift) == at(1) + STRAINS
    assert lift.take(power(90), at(2)) is Pose.MOVING
    assert due(lift) is None
    assert lift.take(power(300), at(10)) is Pose.MOVING
    assert lift.take(power(300), at(12)) is Pose.STUCK
    assert due(lift) is None
    assert lift.take(power(0), at(13)) is Pose.STUCK, "the motor has given up"
    assert lift.take(power(350), at(60)) is Pose.STUCK
    assert lift.take(power(90), at(61)) is Pose.STUCK
    assert due(lift) == at(61) + LOOSE
    assert lift.take(power(90), at(64)) is Pose.MOVING
    assert lift.take(power(0), at(70)) is Pose.STOPPED


def test_moving_freely_is_counted_without_a_break() -> None:
    lift = LiftPose(strains_above=200, pose=Pose.STUCK)
    lift.take(power(90), at(0))
    lift.take(power(0), at(2))
    assert lift.take(power(90), at(4)) is Pose.STUCK
    assert lift.take(power(90), at(7)) is Pose.MOVING


def test_without_a_limit_nothing_strains() -> None:
    lift = LiftPose()
    assert lift.take(power(5000), NOW) is Pose.MOVING
    assert lift.take(power(5000), at(3600)) is Pose.MOVING


@pytest.mark.parametrize("measure", [height(100), power(300)])
def test_what_happened_in_a_silence_is_not_known(measure: Measure) -> None:
    lift = LiftPose(raised_from=50, strains_above=200)
    lift.take(height(40), NOW)
    lift.take(measure, at(1))
    assert lift.take(Measure(reading=UNKNOWN), at(2)) is None
    assert lift.take(height(100), at(3)) is Pose.RAISED, "it need not have moved just now"
    lift.take(Measure(reading=UNKNOWN), at(4))
    assert lift.take(power(300), at(5)) is Pose.MOVING, "it need not have strained before"


measures = st.one_of(
    st.floats(0, 600).map(height),
    st.floats(0, 600).map(power),
    st.sampled_from(Reading).map(lambda reading: Measure(reading=reading)),
)


@given(st.lists(st.tuples(measures, st.floats(-5, 20)), max_size=30))
def test_it_never_stands_otherwise_than_its_source_says(
    seen: list[tuple[Measure, float]],
) -> None:
    lift, now = LiftPose(raised_from=400, strains_above=200), NOW
    for measure, passed in seen:
        now += timedelta(seconds=passed)
        pose = lift.take(measure, now)
        if measure.reading is UNKNOWN:
            assert pose is None
        elif measure.reading is IDLE:
            assert pose in (Pose.AT_REST, Pose.STOPPED, Pose.STUCK)
        else:
            assert pose not in (None, Pose.AT_REST, Pose.STOPPED)
        if measure.height is not None and pose in (Pose.RAISED, Pose.MIDWAY):
            assert (pose is Pose.RAISED) is (measure.height >= 400)
        if lift.due is not None:
            assert now < lift.due <= now + timedelta(seconds=5)

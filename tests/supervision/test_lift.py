"""The toilet lift that does not come to rest."""

import pytest

from custom_components.kvarbo.alarm.kinds import Location, ReasonCode, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.lift import Lift, LiftState
from custom_components.kvarbo.supervision.sensing import Pose, Reading, Sensor
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from custom_components.kvarbo.watching.raising import reason_of

from .making import START, Home

LIFT = Sensor(1, Role.LIFT, Location.BATHROOM)
PLUG = Sensor(2, Role.PLUG, Location.BATHROOM)
OTHER_PLUG = Sensor(3, Role.PLUG, Location.KITCHEN)
RULE = Identity(WatcherKind.LIFT, 1)


def home(*, known: bool = True) -> Home:
    it = Home(START, Dwelling(), (LIFT, PLUG, OTHER_PLUG), {WatcherKind.LIFT: Lift}, known=known)
    it.says(PLUG)
    it.says(OTHER_PLUG)
    return it


def test_left_away_from_rest_is_warned_alarmed_and_ended_by_rest_alone() -> None:
    it = home()
    it.enrol(RULE, warning=5 * MINUTE)
    it.says(LIFT)
    it.pass_by(HOUR)
    assert it.told == [(Told.WARNED, START + 25 * MINUTE), (Told.ALARMED, START + 30 * MINUTE)]
    it.says(LIFT, Reading.UNKNOWN)
    it.pass_by(HOUR)
    assert len(it.told) == 2
    it.says(LIFT, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_an_ordinary_visit_is_nothing_and_a_long_one_is_a_near_miss() -> None:
    it = home()
    it.enrol(RULE)
    it.says(LIFT)
    it.says(LIFT, Reading.IDLE, 10 * MINUTE)
    assert it.told == []
    it.says(LIFT)
    it.says(LIFT)
    it.says(LIFT, Reading.IDLE, 20 * MINUTE)
    assert it.told == [(Told.NEAR_MISS, it.at)]


def test_a_sensor_of_movement_has_the_limit_of_one_travel() -> None:
    it = home()
    it.enrol(RULE, tells_movement=True, travel=90)
    it.says(LIFT)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + 90]


def test_no_power_is_a_technical_fault_after_the_grace_and_hides_nothing() -> None:
    it = home()
    it.enrol(RULE)
    it.says(LIFT)
    it.says(OTHER_PLUG, Reading.IDLE)
    it.says(PLUG, Reading.IDLE, MINUTE)
    it.pass_by(15 * MINUTE)
    assert it.faults == [(Told.FAULT, FaultKind.UNPLUGGED)]
    fault = next(h.verdict for h in it.heard if h.verdict.told is Told.FAULT)
    assert (fault.sensor, fault.since, fault.count) == (PLUG.number, START + MINUTE, 1)
    it.pass_by(HOUR)
    assert len(it.alarms) == 1, "who sits on it is still counted"
    it.says(PLUG, Reading.UNKNOWN)
    assert len(it.faults) == 1, "a plug that is silent says nothing of power"
    it.says(PLUG, Reading.ACTIVE)
    assert it.faults[-1] == (Told.MENDED, FaultKind.UNPLUGGED)


def test_each_plug_has_a_grace_of_its_own() -> None:
    second = Sensor(4, Role.PLUG, Location.BATHROOM)
    it = Home(START, Dwelling(), (LIFT, PLUG, second), {WatcherKind.LIFT: Lift})
    it.says(PLUG)
    it.says(second)
    it.enrol(RULE)
    it.says(PLUG, Reading.IDLE)
    it.says(second, Reading.IDLE, 10 * MINUTE)
    it.pass_by(HOUR)
    faults = [h.verdict for h in it.heard]
    assert [(f.sensor, f.at) for f in faults] == [
        (PLUG.number, START + 15 * MINUTE),
        (second.number, START + 25 * MINUTE),
    ]


def test_power_that_comes_back_within_the_grace_is_not_told() -> None:
    it = home()
    it.enrol(RULE)
    it.says(PLUG, Reading.IDLE)
    it.says(PLUG, Reading.ACTIVE, 14 * MINUTE)
    it.pass_by(HOUR)
    assert it.faults == []


def test_a_lift_found_away_from_rest_counts_from_then() -> None:
    it = home()
    it.says(LIFT)
    it.at += HOUR
    it.enrol(RULE)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + HOUR + 30 * MINUTE]


def test_a_plug_that_was_taken_out_of_the_home_is_no_fault_any_more() -> None:
    it = home()
    it.enrol(RULE)
    it.says(PLUG, Reading.IDLE)
    it.pass_by(HOUR)
    it.supervisor.set_sensors((LIFT,), it.at)
    it.says(LIFT)
    assert it.faults == [(Told.FAULT, FaultKind.UNPLUGGED), (Told.MENDED, FaultKind.UNPLUGGED)]


def test_a_time_in_which_it_could_not_be_seen_is_added() -> None:
    it = home()
    it.enrol(RULE)
    it.says(LIFT)
    it.says(LIFT, Reading.UNKNOWN, 10 * MINUTE)
    it.says(LIFT, Reading.ACTIVE, 40 * MINUTE)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + 70 * MINUTE]


def posed(pose: Pose | None, **settings: float) -> Home:
    it = home()
    it.enrol(RULE, **settings)
    it.says(LIFT)
    it.supervisor.stand(it.at, LIFT.number, pose)
    return it


@pytest.mark.parametrize(
    ("pose", "after", "reason"),
    [
        (Pose.STUCK, 15, ReasonCode.LIFT_STUCK),
        (Pose.MOVING, 2 * MINUTE, ReasonCode.LIFT_MOVING),
        (Pose.MIDWAY, 5 * MINUTE, ReasonCode.LIFT_MIDWAY),
        (Pose.RAISED, 30 * MINUTE, ReasonCode.LIFT_RAISED),
        (Pose.AWAY, 30 * MINUTE, ReasonCode.WATCHED),
        (None, 30 * MINUTE, ReasonCode.WATCHED),
    ],
)
def test_how_it_stands_says_how_long_and_what_is_told(
    pose: Pose | None, after: float, reason: ReasonCode
) -> None:
    it = posed(pose)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + after]
    assert reason_of(it.alarms[0].pose) is reason
    it.supervisor.stand(it.at, LIFT.number, Pose.MOVING)
    it.says(LIFT, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_a_visit_with_pauses_between_the_ends_is_judged_by_each_pause_within_the_whole() -> None:
    it = posed(Pose.MIDWAY)
    for _ in range(7):
        it.pass_by(4 * MINUTE)
        it.supervisor.stand(it.at, LIFT.number, Pose.MOVING)
        it.supervisor.stand(it.at, LIFT.number, Pose.MIDWAY)
    assert it.told == []
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + 30 * MINUTE]


def test_a_warning_is_taken_back_when_it_moves_on_and_comes_nearer_when_it_sticks() -> None:
    it = posed(Pose.MIDWAY, warning=MINUTE)
    it.pass_by(4 * MINUTE + 1)
    assert [told for told, _ in it.told] == [Told.WARNED]
    it.supervisor.stand(it.at, LIFT.number, Pose.RAISED)
    assert [told for told, _ in it.told] == [Told.WARNED, Told.RECOVERED]
    it.supervisor.stand(it.at, LIFT.number, Pose.MIDWAY)
    it.pass_by(4 * MINUTE + 30)
    assert it.told[-1][0] is Told.WARNED
    stuck_at = it.at
    it.supervisor.stand(it.at, LIFT.number, Pose.STUCK)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [stuck_at + 15]
    assert it.alarms[0].since == START, "the visit began when it left its rest"


def test_a_motor_that_has_given_up_is_still_stuck_until_it_has_moved() -> None:
    it = posed(Pose.STUCK, tells_movement=True)
    it.says(LIFT, Reading.IDLE, 5)
    it.pass_by(HOUR)
    assert [a.at for a in it.alarms] == [START + 15]
    assert it.told[-1][0] is Told.ALARMED
    it.says(LIFT)
    it.supervisor.stand(it.at, LIFT.number, Pose.MOVING)
    assert it.told[-1][0] is Told.ALARMED
    it.supervisor.stand(it.at, LIFT.number, Pose.STOPPED)
    it.says(LIFT, Reading.IDLE)
    assert it.told[-1] == (Told.RECOVERED, it.at)


def test_movement_that_is_done_is_rest_and_each_is_judged_by_itself() -> None:
    it = posed(Pose.MOVING, tells_movement=True, travel=90)
    for _ in range(5):
        it.says(LIFT, Reading.IDLE, 60)
        it.says(LIFT, Reading.ACTIVE, 60)
    assert [told for told, _ in it.told if told is Told.ALARMED] == []
    it.pass_by(90)
    assert len(it.alarms) == 1


def test_what_another_lift_does_changes_nothing() -> None:
    second = Sensor(4, Role.LIFT, Location.BATHROOM)
    it = Home(START, Dwelling(), (LIFT, second), {WatcherKind.LIFT: Lift})
    it.enrol(RULE)
    it.says(second, Reading.IDLE)
    it.says(LIFT)
    it.supervisor.stand(it.at, second.number, Pose.STUCK)
    it.pass_by(HOUR)
    assert [(a.at, a.sensor, a.pose) for a in it.alarms] == [(START + 30 * MINUTE, 1, None)]


def test_how_it_stands_is_no_sign_of_life_and_goes_with_the_sensor() -> None:
    it = posed(Pose.RAISED)
    changed = dict(it.house.changed_at)
    it.supervisor.stand(it.at + 60, LIFT.number, Pose.MIDWAY)
    assert it.house.changed_at == changed
    it.supervisor.stand(it.at + 60, 99, Pose.MIDWAY)
    it.supervisor.set_sensors((PLUG,), it.at + 61)
    assert it.house.poses == {}


def test_a_pose_survives_a_restart_and_a_broken_one_is_refused() -> None:
    state = LiftState(pose="midway", pose_since=START)
    assert LiftState.from_json(state.to_json()) == state
    with pytest.raises(ValueError, match="upside_down"):
        LiftState.from_json({**state.to_json(), "pose": "upside_down"})

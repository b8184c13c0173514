"""The toilet lift that does not come to rest."""

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.lift import Lift
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE

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

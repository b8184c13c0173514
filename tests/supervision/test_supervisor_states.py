"""What lets a watcher stand still: unknown sensors (S4), stated states (S6), consent (S10)."""

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.consent import Consent, EndReason
from custom_components.kvarbo.supervision.house import Dwelling, ResidentState
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.supervisor import BLIND_GRACE
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE
from tests.supervision.making import DOOR, FRONT, HALL, KITCHEN, START, STILLNESS, Home, stands


def blinded(home: Home) -> None:
    for sensor in (HALL, KITCHEN):
        home.says(sensor, Reading.UNKNOWN)


# -- S4: unknown is neither movement nor stillness ---------------------------------------------------


def test_a_watcher_without_a_seeing_sensor_is_blind_and_says_so_after_its_grace() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    home.says(HALL, Reading.UNKNOWN)
    assert stands(slot) is Standing.WATCHING
    home.says(KITCHEN, Reading.UNKNOWN)
    assert stands(slot) is Standing.BLIND
    home.pass_by(BLIND_GRACE - 1)
    assert home.faults == []
    home.pass_by(1)
    assert home.faults == [(Told.FAULT, FaultKind.BLIND)]
    home.pass_by(DAY)
    assert home.alarms == []
    home.says(KITCHEN, Reading.IDLE)
    assert stands(slot) is Standing.WATCHING
    assert home.faults[1:] == [(Told.MENDED, FaultKind.BLIND)]


@given(
    st.floats(min_value=0, max_value=3599),
    st.floats(min_value=0.001, max_value=1e6),
    st.integers(min_value=0, max_value=4),
)
def test_blindness_counts_as_nothing(before: float, blind: float, repeats: int) -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(before)
    blinded(home)
    for _ in range(repeats):
        blinded(home)
    home.pass_by(blind)
    home.says(HALL, Reading.IDLE)
    home.pass_by(2 * HOUR)
    ((told, at),) = home.told
    assert told is Told.ALARMED
    assert at == pytest.approx(START + HOUR + blind, abs=0.01)


def test_a_short_loss_of_sight_is_told_to_nobody() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    blinded(home)
    home.pass_by(BLIND_GRACE / 2)
    home.says(HALL, Reading.IDLE)
    home.pass_by(10 * MINUTE)
    assert home.faults == []


def test_what_a_motion_sensor_says_when_it_comes_back_is_no_movement() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(30 * MINUTE)
    home.says(HALL, Reading.UNKNOWN)
    home.says(HALL, Reading.ACTIVE, after=60)
    home.pass_by(HOUR)
    assert home.told == [(Told.ALARMED, START + HOUR)]
    home.says(HALL, Reading.UNKNOWN)
    home.says(HALL, Reading.ACTIVE, after=60)
    assert len(home.told) == 1


def test_a_door_that_is_open_when_it_comes_back_is_open() -> None:
    home = Home()
    home.enrol(DOOR, limit=10 * MINUTE)
    home.says(FRONT, Reading.UNKNOWN)
    home.says(FRONT, Reading.ACTIVE, after=60)
    home.pass_by(HOUR)
    assert home.told == [(Told.ALARMED, START + 60 + 10 * MINUTE)]


def test_a_sensor_that_stays_unknown_says_nothing_more() -> None:
    back = Sensor(5, Role.EXIT_DOOR, Location.KITCHEN)
    home = Home(sensors=(FRONT, back))
    home.enrol(DOOR, limit=10 * MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    for _ in range(3):
        home.says(back, Reading.UNKNOWN, after=60)
    home.pass_by(HOUR)
    assert home.told == [(Told.ALARMED, START + 10 * MINUTE)]


def test_a_watcher_that_could_not_see_from_the_beginning_is_set_up_when_it_can() -> None:
    home = Home(known=False)
    slot = home.enrol(limit=HOUR)
    assert stands(slot) is Standing.BLIND
    home.pass_by(5 * HOUR)
    home.says(HALL, Reading.IDLE)
    home.pass_by(2 * HOUR)
    assert home.told == [(Told.ALARMED, START + 6 * HOUR)]


def test_a_watcher_that_was_away_and_then_blind_begins_anew() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    state = home.house.resident(1)
    state.away_since = home.at
    home.supervisor.restand(home.at)
    blinded(home)
    state.away_since = None
    home.supervisor.restand(home.at + 1)
    home.says(HALL, Reading.IDLE, after=10 * HOUR)
    home.pass_by(2 * HOUR)
    assert home.told == [(Told.ALARMED, START + 11 * HOUR)]


def test_a_home_without_a_sensor_for_the_rule_says_so() -> None:
    home = Home(sensors=(HALL,))
    slot = home.enrol(DOOR)
    assert stands(slot) is Standing.LACKS_SENSORS
    assert home.faults == [(Told.FAULT, FaultKind.LACKS_SENSORS)]
    home.supervisor.set_sensors([HALL, FRONT], home.at)
    home.says(FRONT, Reading.IDLE)
    assert stands(slot) is Standing.WATCHING
    assert home.faults[1:] == [(Told.MENDED, FaultKind.LACKS_SENSORS)]


# -- S6: who lives there, and what they have stated --------------------------------------------------


def test_a_rule_that_cannot_tell_who_moves_refuses() -> None:
    home = Home(dwelling=Dwelling(pet=True))
    slot = home.enrol(limit=HOUR)
    assert stands(slot) is Standing.REFUSED
    assert home.faults == [(Told.FAULT, FaultKind.REFUSED)]
    home.pass_by(DAY)
    assert home.alarms == []


@pytest.mark.parametrize(
    ("state", "standing"),
    [
        (ResidentState(away_since=START), Standing.AWAY),
        (ResidentState(paused_since=START, paused_until=START + DAY), Standing.PAUSED),
    ],
)
def test_a_stated_absence_ends_what_is_counted(state: ResidentState, standing: Standing) -> None:
    home = Home()
    slot = home.enrol(limit=HOUR, warning=300)
    home.pass_by(57 * MINUTE)
    home.house.residents[1] = state
    home.supervisor.restand(home.at)
    assert stands(slot) is standing
    assert [told for told, _ in home.told] == [Told.WARNED, Told.RECOVERED]
    home.pass_by(5 * HOUR)
    home.house.residents[1] = ResidentState()
    home.supervisor.restand(home.at)
    home.pass_by(HOUR)
    assert home.told[2:] == [(Told.WARNED, home.at - 300), (Told.ALARMED, home.at)]


def test_a_pause_ends_by_itself() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    until = home.at + 3 * HOUR
    home.house.residents[1] = ResidentState(paused_since=home.at, paused_until=until)
    home.supervisor.restand(home.at)
    home.pass_by(10 * HOUR)
    assert slot.standing_since == until
    assert home.told == [(Told.ALARMED, until + HOUR)]


def test_a_visitor_does_not_silence_a_watcher_that_does_not_say_so() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    home.house.residents[1] = ResidentState(visitor_since=START, visitor_until=START + DAY)
    home.supervisor.restand(home.at)
    assert stands(slot) is Standing.WATCHING


# -- S10: consent ------------------------------------------------------------------------------------


def test_without_consent_a_watcher_attaches_and_stands_still_until_it_comes() -> None:
    home = Home(consented=False)
    slot = home.enrol(limit=HOUR)
    assert stands(slot) is Standing.NO_CONSENT
    home.pass_by(DAY)
    assert home.told == []
    home.consents.give(WatcherKind.INACTIVITY, 1, Consent("own", "coordinator", home.at))
    home.supervisor.restand(home.at)
    home.pass_by(HOUR)
    assert home.told == [(Told.ALARMED, home.at)]


def test_a_ground_that_is_not_established_arms_nothing() -> None:
    home = Home(consented=False)
    consent = Consent("not_established", "coordinator", home.at)
    home.consents.give(WatcherKind.INACTIVITY, 1, consent)
    assert stands(home.enrol()) is Standing.NO_CONSENT


def test_a_cohabitant_has_a_say_of_their_own() -> None:
    home = Home(dwelling=Dwelling(residents=2), consented=False)
    slot = home.enrol()
    home.consents.give(WatcherKind.INACTIVITY, 1, Consent("own", "coordinator", home.at))
    home.supervisor.restand(home.at)
    assert stands(slot) is Standing.NO_CONSENT
    home.consents.give(WatcherKind.INACTIVITY, 2, Consent("own", "coordinator", home.at))
    home.supervisor.restand(home.at)
    assert stands(slot) is Standing.WATCHING
    home.consents.withdraw(WatcherKind.INACTIVITY, 2, EndReason.IRRITATING)
    home.supervisor.restand(home.at)
    assert stands(slot) is Standing.NO_CONSENT


def test_consent_that_runs_out_stops_its_watcher_at_that_instant() -> None:
    home = Home(consented=False)
    until = home.at + 90 * MINUTE
    home.consents.give(WatcherKind.INACTIVITY, 1, Consent("own", "coordinator", home.at, until))
    slot = home.enrol(limit=HOUR)
    home.pass_by(DAY)
    assert stands(slot) is Standing.NO_CONSENT
    assert slot.standing_since == until
    assert home.told == [(Told.ALARMED, START + HOUR), (Told.RECOVERED, until)]


def test_withdrawn_consent_wipes_what_is_counted_and_leaves_the_open_alarm() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    home.supervisor.started(home.at)
    home.pass_by(HOUR)
    home.consents.withdraw(WatcherKind.INACTIVITY, 1, EndReason.NO_NEED)
    home.supervisor.restand(home.at)
    home.supervisor.wipe(WatcherKind.INACTIVITY, 1, home.at)
    assert slot.watcher.state.seen_at is None
    assert slot.watcher.state.alarm_at is None
    after, _ = home.killed(10)
    after.supervisor.started(after.at)
    after.pass_by(HOUR / 2)
    assert [h.verdict.episode for h in after.raised] == [home.alarms[0].episode]
    home.pass_by(DAY)
    assert [h.verdict.episode for h in home.raised] == [home.alarms[0].episode]
    assert len(home.alarms) == 1


def test_a_watcher_that_is_wiped_while_it_watches_begins_anew() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    other = Identity(WatcherKind.INACTIVITY, 2)
    home.pass_by(30 * MINUTE)
    home.supervisor.wipe(WatcherKind.INACTIVITY, 1, home.at)
    home.pass_by(2 * HOUR)
    assert home.told == [(Told.ALARMED, START + 90 * MINUTE)]
    assert other not in home.supervisor.slots
    assert STILLNESS in home.supervisor.slots

"""A disk that gives up its journal late, or one of another release: nothing that stood in it is lost (S1, S3, S8)."""

from dataclasses import replace
from typing import Final, override

from custom_components.kvarbo.supervision.answering import FOR_A_RUNNER
from custom_components.kvarbo.supervision.ceiling import NightCeiling
from custom_components.kvarbo.supervision.consent import Consent, ConsentBook, EndReason
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.keeping import CONSENTS, HOUSEHOLD, Row
from custom_components.kvarbo.supervision.recovery import resume
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.settings import Json
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Stage, Told
from custom_components.kvarbo.supervision.supervisor import BLIND_GRACE
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime
from tests.supervision.making import (
    DOOR,
    FRONT,
    HALL,
    KITCHEN,
    START,
    STILLNESS,
    TOYS,
    Home,
    Stillness,
)

STILL: Final = WatcherKind.INACTIVITY


def kept_by(home: Home) -> list[Row]:
    return [*home.paper.rows.values(), Row(CONSENTS, None, home.consents.to_json())]


def begun_without(home: Home, down: float = MINUTE) -> Home:
    """Return the home as it begins again, with its automations and without its journal."""
    after = Home(home.at + down, consented=False)
    after.supervisor.alive()
    after.enrol(limit=HOUR)
    after.supervisor.started(after.at)
    assert after.supervisor.slots[STILLNESS].standing is Standing.NO_CONSENT
    return after


def test_alarm_that_waits_in_a_late_journal_is_raised() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(HOUR)
    [alarm] = home.alarms
    after = begun_without(home)
    resume(after.supervisor, kept_by(home), after.at)
    after.pass_by(FOR_A_RUNNER)
    assert [h.verdict.episode for h in after.raised] == [alarm.episode]
    after.moves()
    assert [told for told, _ in after.told] == [Told.RECOVERED]


def test_watcher_goes_on_as_a_late_journal_has_it() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    home.supervisor.alive()
    home.pass_by(50 * MINUTE)
    after = begun_without(home)
    resume(after.supervisor, kept_by(home), after.at)
    there = after.supervisor.slots[STILLNESS]
    assert (there.standing, there.listeners) == (Standing.WATCHING, 1)
    assert there.watcher.state.since == slot.watcher.state.since
    after.pass_by(12 * MINUTE)
    assert len(after.alarms) == 1


def test_what_is_watched_already_keeps_its_own_and_takes_over_what_waits() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(HOUR)
    after = begun_without(home)
    after.consents.give(STILL, 1, Consent("own", "nurse", after.at))
    after.supervisor.restand(after.at)
    own = after.supervisor.slots[STILLNESS].watcher.state
    resume(after.supervisor, kept_by(home), after.at)
    assert after.supervisor.slots[STILLNESS].watcher.state is own
    assert own.stage is Stage.COUNTING
    assert [*own.unanswered, own.answered] == [home.alarms[0].episode, False]
    after.pass_by(FOR_A_RUNNER)
    assert len(after.raised) == 1
    assert own.answered


def test_what_has_been_said_since_the_start_is_newer_than_a_late_journal() -> None:
    home = Home()
    after = Home(home.at + HOUR, consented=False)
    newer = Consent("with_support", "nurse", after.at)
    after.consents.give(STILL, 1, newer)
    after.house.resident(1).away_since = after.at
    after.moves()
    household: Row = Row(HOUSEHOLD, None, {"1": {"away_since": 5.0}, "2": {"away_since": 6.0}})
    resume(after.supervisor, [*kept_by(home), household], after.at)
    assert after.consents.of(STILL, 1) == newer
    assert after.consents.of(WatcherKind.DOOR_OPEN, 1) is not None
    away = {number: state.away_since for number, state in after.house.residents.items()}
    assert away == {1: after.at, 2: 6.0}
    assert after.house.presence.last_life == after.at


def test_settings_of_a_later_release_are_passed_over() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(HOUR)
    row = home.paper.rows[str(STILLNESS)]
    assert isinstance(row.state, dict)
    assert isinstance(row.state["settings"], dict)
    settings = {**row.state["settings"], "of_tomorrow": 5}
    home.paper.keep([replace(row, state={**row.state, "settings": settings})])
    after, resumed = home.killed(MINUTE)
    assert resumed.broken == ()
    assert list(after.supervisor.open_stages.waiting()) == [home.alarms[0].episode]


class FailsToBegin(Stillness):
    """Cannot be set up."""

    __slots__ = ()

    @override
    def start(self, at: float) -> None:
        raise KeyError("what a row held")


def test_rule_that_cannot_begin_is_a_fault_and_keeps_no_other_from_watching() -> None:
    home = Home(kinds={**TOYS, STILL: FailsToBegin}, known=False)
    home.enrol()
    home.enrol(DOOR, limit=MINUTE)
    home.all_idle()
    assert (Told.FAULT, FaultKind.BROKEN) in home.faults
    home.says(FRONT)
    home.pass_by(MINUTE)
    assert len(home.alarms) == 1


def test_withdrawal_wipes_what_watches_the_home_as_a_whole_too() -> None:
    home = Home()
    whole = replace(STILLNESS, resident=0)
    for identity in (STILLNESS, whole):
        home.enrol(identity, limit=HOUR)
    home.moves(after=MINUTE)
    assert home.consents.withdraw(STILL, 1, EndReason.NO_NEED)
    home.supervisor.restand(home.at)
    home.supervisor.wipe(STILL, 1, home.at)
    for identity in (STILLNESS, whole):
        state = home.supervisor.slots[identity].watcher.state
        assert (state.seen_at, state.seen_in, state.since) == (None, None, 0.0)


def test_run_for_a_warning_is_not_waited_for() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(HOUR)
    [alarm] = home.alarms
    home.supervisor.started(home.at)
    home.supervisor.runner_started(STILLNESS, alarm.episode, answers=False)
    home.pass_by(FOR_A_RUNNER)
    assert len(home.raised) == 1


def test_book_keeps_the_consent_that_was_given_last() -> None:
    book = ConsentBook()
    older, newer = Consent("own", "nurse", 1.0), Consent("own", "nurse", 2.0)
    book.give(STILL, 1, newer)
    other = ConsentBook()
    other.give(STILL, 1, older)
    assert book.load(other.to_json()) == 0
    assert book.of(STILL, 1) == newer
    other.load(book.to_json())
    assert other.of(STILL, 1) == newer


def test_clock_that_is_set_late_at_boot_uses_up_nobodys_patience() -> None:
    """A hub without a clock of its own learns the time when the sensors are not yet heard."""
    home = Home(known=False)
    slot = home.enrol(limit=HOUR)
    home.supervisor.started(home.at)
    home.supervisor.leave(STILLNESS, home.at)
    home.pass_by(MINUTE)
    home.at += 5 * HOUR
    home.supervisor.stepped(home.at, 5 * HOUR)
    home.pass_by(1)
    assert (slot.standing, home.faults) == (Standing.BLIND, [])
    home.pass_by(BLIND_GRACE)
    assert set(home.faults) == {
        (Told.FAULT, FaultKind.BLIND),
        (Told.FAULT, FaultKind.NOT_ATTACHED),
    }


def test_blind_watcher_is_moved_by_blindness_and_step_together() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(10 * MINUTE)
    for sensor in (HALL, KITCHEN):
        home.says(sensor, Reading.UNKNOWN)
    home.pass_by(5 * MINUTE)
    home.at += 5 * HOUR
    home.supervisor.stepped(home.at, 5 * HOUR)
    home.says(HALL, Reading.IDLE, after=MINUTE)
    home.pass_by(50 * MINUTE - 1)
    assert home.alarms == []
    home.pass_by(1)
    assert len(home.alarms) == 1


def test_what_waits_in_a_row_that_was_tampered_with_stops_nothing() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(HOUR)
    row = home.paper.rows[str(STILLNESS)]
    assert isinstance(row.state, dict)
    assert isinstance(row.state["state"], dict)
    state: dict[str, Json] = {
        **row.state["state"],
        "unanswered": [None, [], home.alarms[0].episode],
    }
    home.paper.keep([replace(row, state={**row.state, "state": state})])
    after, resumed = home.killed(MINUTE)
    assert resumed.broken == ()
    after.supervisor.started(after.at)
    after.pass_by(FOR_A_RUNNER)
    assert len(after.raised) == 1


def test_night_that_is_counted_already_takes_in_what_a_late_journal_adds() -> None:
    wall = WallTime()
    early, late = NightCeiling(wall), NightCeiling(wall)
    early.rule(DOOR, 5, START)
    early.raised(DOOR, "of before", urgent=False)
    early.held(STILLNESS, START)
    late.rule(STILLNESS, 5, START + HOUR)
    late.raised(STILLNESS, "of now", urgent=False)
    late.load(early.to_json())
    assert (late.alarm_of(DOOR), late.alarm_of(STILLNESS)) == ("of before", "of now")
    assert late.held_back() == {str(STILLNESS): 1}
    late.rule(STILLNESS, 5, START + DAY)
    late.raised(STILLNESS, "of tomorrow", urgent=False)
    late.load(early.to_json())
    assert (late.alarm_of(DOOR), late.alarm_of(STILLNESS)) == (None, "of tomorrow")
    early.load(late.to_json())
    assert early.to_json() == late.to_json()

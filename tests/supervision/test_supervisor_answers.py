"""S8: an alarm stage stays open until it is answered. S9: what could not alarm is a fault."""

from hypothesis import given, strategies as st

from custom_components.kvarbo.supervision.answering import (
    AFTER_RUNNERS,
    FOR_A_RUNNER,
    FOR_AN_ANSWER,
)
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.stages import FaultKind, Told
from custom_components.kvarbo.supervision.supervisor import ATTACH_GRACE
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE
from tests.supervision.making import DOOR, FRONT, START, STILLNESS, Home


def alarmed(*, started: bool = True) -> Home:
    home = Home()
    home.enrol(limit=HOUR)
    if started:
        home.supervisor.started(home.at)
    home.pass_by(HOUR)
    assert len(home.alarms) == 1
    return home


def test_an_answer_in_time_ends_the_stage() -> None:
    home = alarmed()
    assert home.supervisor.answer(home.alarms[0].episode, home.at)
    home.pass_by(DAY)
    assert home.raised == []
    assert not home.supervisor.answer(home.alarms[0].episode, home.at)


def test_with_no_runner_the_home_raises_it_itself_once_and_tells_a_fault() -> None:
    home = alarmed()
    fired = home.at
    home.pass_by(FOR_A_RUNNER - 1)
    assert home.raised == []
    home.pass_by(1)
    assert [h.verdict for h in home.raised] == [home.alarms[0]]
    assert home.faults == [(Told.FAULT, FaultKind.NOT_ANSWERED)]
    home.pass_by(DAY)
    assert len(home.raised) == 1
    assert home.raised[0].verdict.at == fired


def test_the_end_of_a_run_answers_nothing() -> None:
    home = alarmed()
    episode = home.alarms[0].episode
    home.supervisor.runner_started(STILLNESS, episode)
    home.pass_by(10 * MINUTE)
    assert home.raised == []
    home.supervisor.runner_ended(episode, home.at)
    home.pass_by(AFTER_RUNNERS - 1)
    assert home.raised == []
    home.pass_by(1)
    assert len(home.raised) == 1


def test_the_last_of_several_runners_is_waited_for() -> None:
    home = alarmed()
    episode = home.alarms[0].episode
    for _ in range(2):
        home.supervisor.runner_started(STILLNESS, episode)
    home.supervisor.runner_ended(episode, home.at)
    home.pass_by(10 * AFTER_RUNNERS)
    assert home.raised == []
    home.supervisor.runner_ended(episode, home.at)
    home.pass_by(AFTER_RUNNERS)
    assert len(home.raised) == 1


def test_a_runner_that_never_ends_does_not_keep_the_alarm() -> None:
    home = alarmed()
    home.supervisor.runner_started(STILLNESS, home.alarms[0].episode)
    home.pass_by(FOR_AN_ANSWER - 1)
    assert home.raised == []
    home.pass_by(1)
    assert len(home.raised) == 1


def test_before_the_start_is_over_nobody_is_missed() -> None:
    home = alarmed(started=False)
    home.pass_by(HOUR)
    assert home.raised == []
    home.supervisor.started(home.at)
    home.pass_by(FOR_A_RUNNER)
    assert len(home.raised) == 1


@given(st.floats(min_value=0.5, max_value=50), st.floats(min_value=0.5, max_value=120))
def test_a_resident_who_moves_on_takes_no_alarm_away(moves: float, again: float) -> None:
    home = alarmed()
    alarm = home.alarms[0]
    home.moves(after=moves)
    home.moves(after=again)
    home.pass_by(10 * MINUTE)
    assert [h.verdict for h in home.raised] == [alarm]


@given(st.floats(min_value=0, max_value=300), st.booleans())
def test_an_open_stage_outlives_a_crash(down: float, moved: bool) -> None:
    home = alarmed()
    alarm = home.alarms[0]
    if moved:
        home.moves(after=1)
    after, _ = home.killed(down)
    after.supervisor.started(after.at)
    after.pass_by(HOUR / 2)
    ((raised),) = after.raised
    assert (raised.verdict.episode, raised.verdict.since) == (alarm.episode, int(alarm.since))
    assert raised.verdict.at <= after.at
    again, _ = after.killed(10)
    again.supervisor.started(again.at)
    again.pass_by(10 * MINUTE)
    assert again.raised == []


def test_an_answer_that_came_before_the_crash_is_remembered() -> None:
    home = alarmed()
    home.supervisor.answer(home.alarms[0].episode, home.at)
    after, _ = home.killed(10)
    after.supervisor.started(after.at)
    after.pass_by(10 * MINUTE)
    assert after.raised == []


def test_two_open_alarms_of_one_watcher_are_answered_one_by_one() -> None:
    home = Home()
    slot = home.enrol(DOOR, limit=MINUTE)
    for _ in range(2):
        home.says(FRONT, Reading.ACTIVE, after=1)
        home.pass_by(MINUTE)
        home.says(FRONT, Reading.IDLE)
    first, second = (alarm.episode for alarm in home.alarms)
    assert home.supervisor.answer(first, home.at)
    assert not slot.watcher.state.answered
    assert home.supervisor.stage_of(first) is None
    waiting = home.supervisor.stage_of(second)
    assert waiting is not None
    assert waiting.verdict == home.alarms[1]
    assert home.supervisor.answer(second, home.at)
    assert slot.watcher.state.answered


def test_the_fault_of_an_unanswered_stage_ends_with_a_later_answer() -> None:
    home = alarmed()
    home.pass_by(HOUR)
    home.moves()
    home.pass_by(HOUR)
    home.supervisor.answer(home.alarms[1].episode, home.at)
    assert home.faults == [
        (Told.FAULT, FaultKind.NOT_ANSWERED),
        (Told.MENDED, FaultKind.NOT_ANSWERED),
    ]


def test_an_episode_of_nobody_waits_for_nothing() -> None:
    home = Home()
    assert home.supervisor.stage_of("help") is None
    assert home.supervisor.stage_of(STILLNESS.episode(START)) is None
    assert not home.supervisor.answer("help", home.at)
    home.supervisor.runner_started(Identity(WatcherKind.HEAT), "help")
    home.supervisor.runner_ended("help", home.at)
    home.supervisor.leave(Identity(WatcherKind.HEAT), home.at)
    assert home.supervisor.next_due is None


def test_a_rule_that_nothing_listens_to_is_a_fault_after_its_grace() -> None:
    home = Home()
    home.enrol()
    home.supervisor.started(home.at)
    home.supervisor.leave(STILLNESS, home.at)
    home.pass_by(ATTACH_GRACE - 1)
    assert home.faults == []
    home.pass_by(1)
    assert home.faults == [(Told.FAULT, FaultKind.NOT_ATTACHED)]
    home.enrol()
    assert home.faults[1:] == [(Told.MENDED, FaultKind.NOT_ATTACHED)]


def test_after_a_restart_an_automation_that_never_comes_is_missed() -> None:
    home = Home()
    home.enrol(limit=DAY)
    after, _ = home.killed(60)
    after.pass_by(ATTACH_GRACE * 2)
    assert after.faults == []
    after.supervisor.started(after.at)
    after.pass_by(ATTACH_GRACE)
    assert after.faults == [(Told.FAULT, FaultKind.NOT_ATTACHED)]

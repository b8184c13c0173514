"""The engine: one watcher an identity, stages and their instants, edits, ends, and a clock."""

from typing import override

from hypothesis import given, strategies as st
import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind, Location, Role
from custom_components.kvarbo.supervision.identity import WatcherKind
from custom_components.kvarbo.supervision.keeping import ALIVE, FLUSH_EVERY, NoKeeping, Row
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.stages import FaultKind, Stage, Told, WatcherState
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from custom_components.kvarbo.supervision.watcher import Touch, Watcher, WatcherSettings
from tests.supervision.making import (
    DOOR,
    FRONT,
    HALL,
    KITCHEN,
    OPTIONS,
    START,
    STILLNESS,
    TOYS,
    VACUUM,
    Home,
    LimitSettings,
)


def test_delay_warning_alarm_recovered_at_their_own_instants() -> None:
    home = Home()
    home.enrol(limit=HOUR, warning=5 * MINUTE)
    home.moves(after=60)
    home.pass_by(3 * HOUR)
    home.moves(KITCHEN)
    moved = START + 60
    assert home.told == [
        (Told.WARNED, moved + HOUR - 5 * MINUTE),
        (Told.ALARMED, moved + HOUR),
        (Told.RECOVERED, moved + 3 * HOUR),
    ]
    alarm = home.alarms[0]
    assert (alarm.since, alarm.seen_in, alarm.seen_at) == (moved, Location.HALLWAY, moved)
    assert alarm.limit == HOUR
    assert alarm.episode == f"winactivity/1/@{int(moved)}"


def test_a_cause_that_goes_away_late_is_a_near_miss_and_early_is_nothing() -> None:
    home = Home()
    home.enrol(DOOR, limit=10 * MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    home.says(FRONT, Reading.IDLE, after=4 * MINUTE)
    assert home.told == []
    home.says(FRONT, Reading.ACTIVE, after=HOUR)
    home.says(FRONT, Reading.IDLE, after=6 * MINUTE)
    assert home.told == [(Told.NEAR_MISS, home.at)]


@given(st.floats(min_value=0, max_value=3600), st.floats(min_value=0, max_value=7200))
def test_time_never_goes_back(first: float, back: float) -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    home.moves(after=first)
    due = slot.watcher.due
    home.supervisor.observe(home.at - back, FRONT.number, Reading.ACTIVE)
    home.supervisor.advance(home.at - back)
    assert home.supervisor.now == home.at
    home.supervisor.observe(home.at - back, HALL.number, Reading.ACTIVE)
    assert slot.watcher.state.since == home.at
    assert slot.watcher.due == due


def test_a_late_look_tells_each_stage_at_its_own_instant() -> None:
    one, other = Home(), Home()
    for home in (one, other):
        home.enrol(limit=HOUR, warning=300)
        home.enrol(DOOR, limit=30 * MINUTE)
        home.says(FRONT, Reading.ACTIVE, after=10)
    one.pass_by(5 * HOUR)
    for _ in range(5 * 60 * 60 // 7):
        other.pass_by(7)
    assert one.told == other.told
    assert len(one.told) == 3


def test_triggers_of_one_identity_share_one_watcher() -> None:
    home = Home()
    first = home.enrol(limit=HOUR)
    assert home.enrol(limit=HOUR) is first
    assert first.listeners == 2
    home.pass_by(2 * HOUR)
    assert len(home.alarms) == 1
    assert home.faults == []


def test_differing_settings_are_a_fault_and_not_taken_over() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR)
    home.enrol(limit=2 * HOUR)
    assert slot.watcher.settings.limit == HOUR
    assert home.faults == [(Told.FAULT, FaultKind.SETTINGS_DIFFER)]
    home.supervisor.leave(STILLNESS, home.at)
    assert home.faults[1:] == [(Told.MENDED, FaultKind.SETTINGS_DIFFER)]


def test_an_edit_keeps_what_is_counted() -> None:
    home = Home()
    slot = home.enrol(DOOR, limit=30 * MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    opened = home.at
    home.pass_by(10 * MINUTE)
    home.supervisor.leave(DOOR, home.at)
    assert home.enrol(DOOR, limit=40 * MINUTE) is slot
    assert slot.watcher.settings.limit == 40 * MINUTE
    home.pass_by(HOUR)
    assert [alarm.since for alarm in home.alarms] == [opened]
    assert home.faults == []


def test_a_watcher_outlives_its_automations_and_ends_by_the_coordinator_alone() -> None:
    home = Home()
    home.enrol(DOOR, limit=30 * MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    home.supervisor.leave(DOOR, home.at)
    home.pass_by(HOUR)
    assert len(home.alarms) == 1
    assert str(DOOR) in home.paper.rows
    assert home.supervisor.end(DOOR, home.at)
    assert home.told[-1] == (Told.RECOVERED, home.at)
    assert str(DOOR) not in home.paper.rows
    assert not home.supervisor.end(DOOR, home.at)
    home.pass_by(HOUR)
    home.says(FRONT, Reading.ACTIVE)
    home.pass_by(HOUR)
    assert len(home.alarms) == 1


def test_a_rule_that_ends_takes_its_unanswered_alarm_to_the_home() -> None:
    home = Home()
    home.enrol(DOOR, limit=MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    home.pass_by(MINUTE)
    home.supervisor.end(DOOR, home.at)
    assert [h.verdict.episode for h in home.raised] == [home.alarms[0].episode]


def test_movement_while_the_vacuum_runs_is_no_sign_of_life() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    begun = home.at
    home.says(VACUUM, Reading.ACTIVE, after=60)
    home.moves(after=30 * MINUTE)
    home.says(VACUUM, Reading.IDLE)
    assert home.house.presence.last_life is None
    home.pass_by(HOUR)
    assert home.told == [(Told.ALARMED, begun + HOUR)]


def test_a_vacuum_that_is_taken_out_of_the_home_hides_nothing_any_more() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.says(VACUUM, Reading.ACTIVE)
    home.supervisor.set_sensors([HALL, KITCHEN, FRONT], home.at)
    home.moves(after=30 * MINUTE)
    home.pass_by(59 * MINUTE)
    assert home.alarms == []


def test_a_sensor_that_the_home_does_not_have_says_nothing() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.supervisor.observe(home.at + 1, 99, Reading.ACTIVE)
    assert home.supervisor.now == home.at


def test_a_deadline_is_armed_only_when_it_is_on_disk() -> None:
    home = Home()
    home.enrol(DOOR, limit=MINUTE)
    home.paper.slow = True
    home.says(FRONT, Reading.ACTIVE, after=1)
    opened = home.at
    assert home.paper.rows[str(DOOR)].deadline is None
    home.pass_by(5 * MINUTE)
    assert home.alarms == []
    home.paper.catch_up()
    home.pass_by(0)
    assert [alarm.since for alarm in home.alarms] == [opened]


def test_the_row_holds_the_deadline_before_it_can_fire() -> None:
    home = Home()
    slot = home.enrol(DOOR, limit=MINUTE)
    home.says(FRONT, Reading.ACTIVE)
    assert home.paper.rows[str(DOOR)].deadline == home.at + MINUTE
    assert home.paper.rows[str(DOOR)] == Row(str(DOOR), home.at + MINUTE, slot.to_json())


@given(st.lists(st.floats(min_value=0.1, max_value=200), max_size=40))
def test_a_deadline_that_moves_later_is_written_within_a_minute(gaps: list[float]) -> None:
    home = Home()
    home.enrol(limit=HOUR)
    commits = home.paper.commits
    moves = [home.at]
    for gap in gaps:
        home.moves(after=gap)
        moves.append(home.at)
        home.pass_by(0)
        kept = home.paper.rows[str(STILLNESS)].deadline
        assert kept is not None
        assert kept >= HOUR + max((at for at in moves if at < home.at - FLUSH_EVERY), default=0)
    assert home.paper.commits == commits


def test_whoever_holds_the_timer_is_told_that_a_row_waits() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    rearmed: list[float | None] = []
    home.supervisor.on_rearm = lambda: rearmed.append(home.supervisor.next_due)
    home.moves(after=10)
    assert rearmed == [home.at + FLUSH_EVERY]


def test_the_home_says_each_minute_that_it_lives() -> None:
    home = Home()
    home.enrol(limit=24 * HOUR)
    home.supervisor.alive()
    assert home.paper.rows[ALIVE].state == home.at
    for _ in range(30):
        home.pass_by(FLUSH_EVERY)
        alive = home.paper.rows[ALIVE].state
        assert isinstance(alive, float)
        assert home.at - alive <= FLUSH_EVERY


def test_a_replay_keeps_nothing_and_is_never_woken_for_it() -> None:
    home = Home()
    home.supervisor.keeping = NoKeeping()
    slot = home.enrol(limit=HOUR)
    home.moves(after=10)
    home.moves(after=10)
    assert home.supervisor.next_due is not None
    assert home.supervisor.next_due >= START + HOUR
    assert not slot.pending


def test_a_hearer_that_fails_keeps_no_other_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    home = Home()

    def fail(_: object) -> None:
        raise RuntimeError("deaf")

    home.supervisor._hearers.insert(0, fail)
    home.enrol(limit=HOUR)
    home.pass_by(2 * HOUR)
    assert len(home.alarms) == 1
    assert "A hearer failed" in caplog.text


def test_who_stops_hearing_hears_no_more() -> None:
    home = Home()
    heard: list[object] = []
    stop = home.supervisor.hear(heard.append)
    stop()
    home.enrol(limit=HOUR)
    home.pass_by(2 * HOUR)
    assert home.alarms
    assert heard == []


class Broken(Watcher[WatcherSettings, WatcherState]):
    """Fails, or never comes to rest, as it is told."""

    kind = WatcherKind.WATER
    alarm_kind = AlarmKind.FLOOD
    roles = frozenset({Role.MOTION})
    hears_ghosts = True
    fails: bool = False
    restless: bool = False

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        if self.fails:
            raise RuntimeError("broken")
        if self.restless:
            self.state.extra_due = at
            return Touch.NOW
        return Touch.NOTHING

    @override
    def start(self, at: float) -> None:
        if self.restless:
            self.state.extra_due = at

    @override
    def at_extra(self, at: float) -> None:
        if self.fails:
            raise RuntimeError("broken")
        if self.restless:
            self.state.extra_due = at


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Home:
    home = Home(kinds={**TOYS, WatcherKind.WATER: Broken})
    home.enrol()
    identity = STILLNESS.__class__(WatcherKind.WATER, 1)
    home.supervisor.enrol(identity, WatcherSettings(), OPTIONS, home.at)
    home.enrol(DOOR, limit=30 * MINUTE)
    return home


@pytest.mark.parametrize("flaw", ["fails", "restless"])
def test_a_broken_watcher_is_told_and_holds_up_no_other(
    broken: Home, flaw: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broken, flaw, True)
    broken.says(FRONT, Reading.ACTIVE)
    broken.moves(after=1)
    broken.pass_by(HOUR)
    broken.pass_by(HOUR)
    assert {alarm.episode[:10] for alarm in broken.alarms} == {"wdoor_open", "winactivit"}
    assert broken.faults == [(Told.FAULT, FaultKind.BROKEN)]


def test_a_watcher_that_fails_at_its_deadline_is_told_once(
    broken: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = next(s for i, s in broken.supervisor.slots.items() if i.kind is WatcherKind.WATER)
    slot.watcher.state.extra_due = broken.at + 10
    broken.supervisor.restand(broken.at)
    monkeypatch.setattr(Broken, "fails", True)
    broken.pass_by(2 * HOUR)
    assert broken.faults == [(Told.FAULT, FaultKind.BROKEN)]
    assert len(broken.alarms) == 1


def test_a_watcher_that_fails_on_what_comes_out_of_unknown_is_told(
    broken: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken.says(HALL, Reading.UNKNOWN)
    monkeypatch.setattr(Broken, "fails", True)
    broken.says(HALL, Reading.IDLE)
    assert broken.faults == [(Told.FAULT, FaultKind.BROKEN)]


def test_a_clock_set_forward_makes_nobody_still() -> None:
    home = Home()
    home.enrol(limit=HOUR)
    home.pass_by(10)
    home.at += 5 * HOUR
    home.supervisor.stepped(home.at, 5 * HOUR)
    home.pass_by(HOUR - 20)
    assert home.told == []
    home.pass_by(20)
    assert home.told == [(Told.ALARMED, START + 6 * HOUR)]


def test_what_presence_wants_is_due_though_no_watcher_stirs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = Home()
    home.enrol(limit=24 * HOUR)
    ticked: list[float] = []
    presence = home.house.presence

    class Waits:
        due: float | None = None
        last_life = None
        last_room = None

        def observe(self, at: float, sensor: Sensor, reading: Reading) -> None:
            self.due = at + 100

        def seen_again(self, *_: object, **__: object) -> None:
            """Nothing."""

        def tick(self, at: float) -> None:
            self.due = None
            ticked.append(at)

    monkeypatch.setattr(home.house, "presence", Waits())
    home.says(FRONT, Reading.ACTIVE, after=1)
    home.pass_by(500)
    assert ticked == [START + 101]
    assert presence is not home.house.presence


def test_the_stages_of_a_watcher_are_read_from_its_state() -> None:
    home = Home()
    slot = home.enrol(limit=HOUR, warning=300)
    stages = [slot.watcher.state.stage]
    for seconds in (55 * MINUTE, 5 * MINUTE):
        home.pass_by(seconds)
        stages.append(slot.watcher.state.stage)
    assert stages == [Stage.COUNTING, Stage.WARNED, Stage.ALARMED]
    assert slot.watcher.settings == LimitSettings(limit=HOUR, warning=300)

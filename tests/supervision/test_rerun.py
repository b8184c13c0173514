"""A home that lives through its past once more (S12)."""

import json
from random import Random

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.kvarbo.supervision.catalogue import KINDS, NEW_HOME, Rule, rule_of
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.keeping import Keeping, NoKeeping
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.rerun import (
    RUN_ON,
    Past,
    Rerun,
    Scene,
    replay_days,
    rerun,
)
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import Told
from custom_components.kvarbo.supervision.wall import DAY, HOUR
from custom_components.kvarbo.supervision.watcher import WatcherSettings
from tests.supervision.days import FRONT, HALL, SENSORS, made_up_days
from tests.supervision.making import TOYS, LimitSettings

MIDNIGHT = 1_768_867_200.0
DAYS = 5
TOY_RULES = (
    Rule(Identity(WatcherKind.INACTIVITY, 1), LimitSettings(limit=HOUR, warning=300)),
    Rule(Identity(WatcherKind.DOOR_OPEN), LimitSettings(limit=60)),
)
TOY_SCENE = Scene(SENSORS, TOY_RULES, known_from_start=True, kinds=TOYS)
EVERY_RULE = tuple(rule_of(kind) for kind in KINDS)
EVERY_SCENE = Scene(SENSORS, EVERY_RULE, known_from_start=True)
SPAN = (MIDNIGHT, MIDNIGHT + DAYS * DAY)


def told(past: list[Past]) -> list[tuple[float, str, Told]]:
    return [(p.at, str(p.identity), p.verdict.told) for p in past]


def cut_off(scene: Scene, events: list[Event], at: float) -> list[Past]:
    """Return what a replay of its own tells whose events end at an instant."""
    begin, _ = SPAN
    result = rerun(scene, [e for e in events if e[0] < at], (begin, at + RUN_ON))
    return [p for p in result.past if p.at >= at]


@pytest.mark.parametrize("scene", [TOY_SCENE, EVERY_SCENE], ids=["toys", "all"])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_fork_tells_what_a_replay_of_its_own_tells(scene: Scene, seed: int) -> None:
    events = made_up_days(MIDNIGHT, DAYS, seed)
    rng = Random(seed)
    cuts = {str(n): rng.uniform(*SPAN) for n in range(8)}
    cuts["on an event"] = events[len(events) // 2][0]
    cuts["before all"] = MIDNIGHT + 1
    cuts["after all"] = SPAN[1] + HOUR
    result = rerun(scene, events, SPAN, cuts=cuts)
    assert set(result.runs) == set(cuts)
    for run, at in cuts.items():
        assert result.runs[run] == cut_off(scene, events, at)
    assert any(result.runs.values())


def test_cuts_change_nothing_in_the_home_they_leave() -> None:
    events = made_up_days(MIDNIGHT, DAYS, 3)
    cuts = {str(n): MIDNIGHT + n * 10_000 for n in range(30)}
    with_cuts = rerun(EVERY_SCENE, events, SPAN, cuts=cuts)
    assert with_cuts.past == rerun(EVERY_SCENE, events, SPAN).past


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=1, max_value=2**16))
@settings(max_examples=12, deadline=None)
def test_nothing_but_the_state_matters(instant: int, seed: int) -> None:
    """At any instant a home that knows only what was kept goes on as the one that lived."""
    events = made_up_days(MIDNIGHT, 3, seed)
    at = events[instant % len(events)][0] + 0.5
    lived = Rerun(EVERY_SCENE, MIDNIGHT)
    lived.feed(e for e in events if e[0] < at)
    lived.run_on(at)
    kept = Rerun(EVERY_SCENE, MIDNIGHT)
    kept.feed(e for e in events if e[0] < at)
    kept.run_on(at)
    for slot in kept.supervisor.slots.values():
        watcher = slot.watcher
        copied = json.loads(json.dumps(watcher.state.to_json()))
        slot.watcher = type(watcher)(
            watcher.identity, watcher.settings, watcher.house, type(watcher.state).from_json(copied)
        )
    before = len(lived.past)
    for home in (lived, kept):
        home.feed(e for e in events if e[0] >= at)
        home.run_on(at + 2 * DAY)
    assert kept.past[before:] == lived.past[before:]


def test_a_stated_absence_silences_from_its_first_to_its_last_instant() -> None:
    events = made_up_days(MIDNIGHT, DAYS, 4)
    away = (MIDNIGHT + DAY, MIDNIGHT + 2 * DAY)
    inside = [p for p in rerun(TOY_SCENE, events, SPAN).past if away[0] < p.at < away[1]]
    assert any(p.verdict.told is Told.ALARMED for p in inside)
    result = rerun(TOY_SCENE, events, SPAN, away=[away])
    assert not [
        p
        for p in result.past
        if p.verdict.told is Told.ALARMED and away[0] <= p.at < away[1] + HOUR
    ]


def test_an_absence_that_began_before_the_recording_begins_with_it() -> None:
    events = made_up_days(MIDNIGHT, 2, 4)
    result = rerun(TOY_SCENE, events, SPAN, away=[(MIDNIGHT - DAY, SPAN[1] + DAY)])
    assert not [p for p in result.past if p.verdict.told is Told.ALARMED]
    assert set(result.idle.values()) == {Standing.AWAY}


def test_nobody_states_anything_after_a_cut() -> None:
    events = made_up_days(MIDNIGHT, DAYS, 5)
    noon = MIDNIGHT + 3 * DAY + DAY / 2
    leaves = (noon + 600, noon + 5 * HOUR)
    result = rerun(TOY_SCENE, events, SPAN, away=[leaves], cuts={"a": noon, "b": noon + 601})
    assert [p.verdict.told for p in result.runs["a"]][-1] is Told.ALARMED
    assert not [p for p in result.runs["b"] if p.verdict.told is Told.ALARMED]


def test_an_alarm_is_answered_when_it_comes_and_consent_is_there() -> None:
    home = Rerun(TOY_SCENE, MIDNIGHT)
    home.supervisor.started(MIDNIGHT)
    home.run_on(MIDNIGHT + 2 * HOUR)
    assert [p.verdict.told for p in home.past] == [Told.WARNED, Told.ALARMED]
    assert home.supervisor.open_stages.next_due() is None


def test_two_residents_have_both_consented() -> None:
    scene = Scene(SENSORS, TOY_RULES, Dwelling(residents=2), known_from_start=True, kinds=TOYS)
    assert rerun(scene, [], SPAN).idle == {}


def test_a_replay_of_the_last_days_takes_readings_in_any_order() -> None:
    events = made_up_days(MIDNIGHT, DAYS, 6)
    first = [(MIDNIGHT, sensor.number, Reading.IDLE) for sensor in SENSORS]
    shuffled = [*first, *events]
    Random(1).shuffle(shuffled)
    rules = [rule_of(kind) for kind in KINDS]
    past = replay_days(
        SENSORS, shuffled, rules, span=SPAN, dwelling=Dwelling(), zone=EVERY_SCENE.zone
    ).past
    known = rerun(EVERY_SCENE, events, SPAN).past
    assert told(past) == told(known)


def test_before_a_sensor_has_said_anything_nothing_is_known_of_it() -> None:
    events = [(MIDNIGHT + HOUR, FRONT.number, Reading.IDLE)]
    past = replay_days(
        [FRONT, HALL],
        events,
        [rule_of(WatcherKind.DOOR_OPEN)],
        span=(MIDNIGHT, MIDNIGHT + 2 * HOUR),
        dwelling=Dwelling(),
        zone=EVERY_SCENE.zone,
    ).past
    assert [p.at for p in past] == [MIDNIGHT + 900, MIDNIGHT + HOUR]


def test_every_kind_is_there_with_settings_that_need_no_word() -> None:
    assert set(KINDS) == set(WatcherKind)
    for kind, watcher in KINDS.items():
        assert watcher.kind is kind
        assert isinstance(rule_of(kind).settings, WatcherSettings)
    assert {rule.identity.kind for rule in NEW_HOME} <= set(KINDS)


def test_keeping_nothing_is_keeping_all_the_same() -> None:
    """What is written down has no say in what is told."""
    events = made_up_days(MIDNIGHT, 2, 7)
    pasts = []
    for keeping in (NoKeeping(), Keeping()):
        home = Rerun(EVERY_SCENE, MIDNIGHT)
        home.supervisor.keeping = keeping
        home.supervisor.alive()
        home.feed(events)
        home.run_on(MIDNIGHT + 4 * DAY)
        pasts.append(home.past)
    assert pasts[0] == pasts[1]

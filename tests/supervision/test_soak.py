"""Three days of trouble in a simulated home: S1-S12 hold, and memory does not grow.

The home lives through a scene while its clock is set, summer time begins or ends, sensors drop out
and come back, automations are switched off, fail, are cut off and come back, the disk refuses, and
the power goes now and then. What must hold at every instant is looked at after every event.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
import gc
import math
from random import Random
import sys
import tracemalloc
from typing import Final, override

import pytest

from custom_components.kvarbo.supervision.catalogue import KINDS
from custom_components.kvarbo.supervision.keeping import Row
from custom_components.kvarbo.supervision.recording import Event
from custom_components.kvarbo.supervision.sensing import Reading
from custom_components.kvarbo.supervision.slot import Standing
from custom_components.kvarbo.supervision.stages import FaultKind, Stage, Told
from custom_components.kvarbo.supervision.supervisor import Heard
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE
from simulator.living import SCENES, Life, play
from tests.supervision.dying import LateDisk, Lived, Tale
from tests.supervision.lives import events_of, every_rule, sensors_of
from tests.supervision.making import OPTIONS

#: Winter; the night in which an hour is missing; the one in which one comes twice.
SEASONS: Final = {
    "winter": date(2026, 1, 12),
    "spring": date(2026, 3, 28),
    "autumn": date(2026, 10, 24),
}
DAYS: Final = 3
#: What memory may grow by from the first day's end to the third's, kB.
MOST_GROWTH: Final = 256


@dataclass
class Watched:
    """What holds of everything a home tells, looked at as it is told."""

    lived: Lived
    heard: list[Heard]
    open_stages: dict[str, Told]

    def hear(self, heard: Heard) -> None:
        """Take one verdict: instants do not go back, and stages come in their order (S2, S11)."""
        verdict = heard.verdict
        assert math.isfinite(verdict.at)
        assert verdict.since <= verdict.at + 1
        assert not self.heard or verdict.at >= self.heard[-1].verdict.at
        self.heard.append(heard)
        if verdict.told not in (Told.WARNED, Told.ALARMED, Told.RECOVERED):
            return
        before = self.open_stages.get(verdict.episode)
        if verdict.told is Told.RECOVERED:
            assert before is not None, "what was never told of cannot end"
            del self.open_stages[verdict.episode]
            return
        assert before is not Told.ALARMED, "one cause alarms once (S1)"
        self.open_stages[verdict.episode] = verdict.told

    def holds(self) -> None:
        """Look at every rule: none overdue, none that counts while it cannot see (S3, S4, S9)."""
        supervisor = self.lived.home.supervisor
        now = supervisor.now
        for slot in supervisor.slots.values():
            due, state = slot.due, slot.watcher.state
            assert due is None or due >= now, (slot.key, due - now)
            if slot.standing is Standing.WATCHING:
                # Whatever counts towards an alarm has an end in sight.
                counts = state.stage in (Stage.COUNTING, Stage.WARNED)
                assert not counts or state.alarm_at or slot.watcher.alarm_kind is None
            elif slot.standing is not Standing.BLIND:
                assert state.stage is Stage.CALM
            blind_for = now - slot.standing_since
            if slot.standing is Standing.BLIND and blind_for > 15 * MINUTE + 1:
                assert FaultKind.BLIND in slot.faults
            if slot.unattached_since is not None and now - slot.unattached_since > 10 * MINUTE + 1:
                assert FaultKind.NOT_ATTACHED in slot.faults


class Refusing(LateDisk):
    """A disk that refuses now and then: nothing is written, the caller goes on (A1)."""

    refuses = False

    @override
    def write(self) -> None:
        if self.refuses:
            self.queue = [([], done) for _, done in self.queue]
        super().write()


def season_tale(seed: int, first_day: date) -> Tale:
    plain = Life(seed, days=DAYS, first_day=first_day)
    scene = play(sorted(SCENES)[seed % len(SCENES)], plain, 1)
    return Tale(plain, scene.cause, sensors_of(plain), tuple(events_of(scene.life)))


def dropped(rng: Random, tale: Tale) -> list[Event]:
    """Return what is said when sensors drop out, one by one and all at once, and come back."""
    begin, numbers = tale.life.start, [sensor.number for sensor in tale.sensors]
    gaps: dict[int, list[tuple[float, float]]] = {number: [] for number in numbers}
    for number in numbers:
        at = begin + rng.uniform(1, 20) * HOUR
        gaps[number].append((at, at + rng.choice((30.0, 20 * MINUTE, 3 * HOUR))))
    radio = begin + rng.uniform(26, 60) * HOUR
    for number in numbers:
        gaps[number].append((radio + number, radio + number + 40 * MINUTE))
    events = [
        (at, number, reading)
        for at, number, reading in tale.events
        if not any(gone <= at < back for gone, back in gaps[number])
    ]
    for number, spans in gaps.items():
        for gone, back in spans:
            events.append((gone, number, Reading.UNKNOWN))
            events.append((back, number, tale.readings(back)[number]))
    return sorted(events, key=lambda event: event[0])


def troubled(rng: Random, begin: float) -> Iterator[tuple[float, str]]:
    """Yield what goes wrong and when, about once an hour."""
    at = begin + HOUR
    what = ("leave", "come", "forward", "back", "refuse", "write", "fail", "answer", "stop", "away")
    while at < begin + DAYS * DAY - HOUR:
        yield at, rng.choice(what)
        at += rng.uniform(0.2, 1.8) * HOUR


class Trouble:
    """One home and what befalls it."""

    def __init__(self, seed: int, season: str) -> None:
        self.rng = Random(seed)
        self.tale = season_tale(seed, SEASONS[season])
        self.disk = Refusing()
        self.lived = Lived.new(self.tale, self.tale.life.start, self.disk)
        self.watched = Watched(self.lived, [], {})
        self.raised: list[str] = []
        #: How an automation meets an alarm: answers, runs and says nothing, is blocked.
        self.answers = "answer"
        self.sizes: list[int] = []
        supervisor = self.lived.home.supervisor
        supervisor.alive()
        supervisor.hear(self.watched.hear)
        supervisor.hear(self._automation)
        supervisor.on_unanswered = lambda heard: self.raised.append(heard.verdict.episode)

    def run(self) -> None:
        """Live for three days."""
        events = dropped(self.rng, self.tale)
        troubles = list(troubled(self.rng, self.tale.life.start))
        shift, day = 0.0, 1
        for at, number, reading in events:
            while troubles and troubles[0][0] <= at:
                instant, what = troubles.pop(0)
                shift += self._befalls(instant + shift, what)
            self.lived.live([(at + shift, number, reading)], at + shift)
            self.watched.holds()
            if at >= self.tale.life.start + day * DAY - 1 * HOUR:
                day += 1
                self.sizes.append(self._size())
        self.lived.live([], self.tale.life.end + shift)
        self.watched.holds()
        self.sizes.append(self._size())

    def _befalls(self, at: float, what: str) -> float:
        """Let one thing go wrong; return how much further the clock is now than it was."""
        self.lived.live([], at)
        supervisor = self.lived.home.supervisor
        rule = self.rng.choice(every_rule())
        match what:
            case "leave":
                supervisor.leave(rule.identity, at)
            case "come":
                for one in every_rule():
                    if not supervisor.slots[one.identity].listeners:
                        supervisor.enrol(one.identity, one.settings, OPTIONS, at)
            case "forward":
                # A clock that is set forward by an hour: that hour has not been lived (S11).
                self.lived.live([], at)
                self.lived.home.supervisor.stepped(at + HOUR, HOUR)
                self.lived.live([], at + HOUR)
                return HOUR
            case "back":
                # Home time never runs back: what is said now counts as said at the last instant.
                number = self.tale.sensors[0].number
                supervisor.observe(at - HOUR, number, self.lived.home.house.readings[number])
                assert supervisor.now >= at
            case "refuse" | "write":
                self.disk.refuses = what == "refuse"
            case "fail" | "answer" | "stop":
                self.answers = what
            case _:
                state = self.lived.home.house.resident(1)
                state.away_since = None if state.away_since else at
                supervisor.restand(at)
        return 0.0

    def _automation(self, heard: Heard) -> None:
        verdict = heard.verdict
        if verdict.told is not Told.ALARMED or heard.watcher.alarm_kind is None:
            return
        supervisor = self.lived.home.supervisor
        if self.answers == "answer":
            supervisor.answer(verdict.episode, verdict.at)
        elif self.answers == "fail":
            supervisor.runner_started(heard.identity, verdict.episode)
            supervisor.runner_ended(verdict.episode, verdict.at)
        # Blocked, or cut off by a stop: no runner at all.

    def _size(self) -> int:
        """Return how many bytes all that a home keeps takes, were it written now."""
        house = self.lived.home.house
        slots = self.lived.home.supervisor.slots.values()
        kept = [slot.to_json() for slot in slots]
        learned = [rhythm.to_json() for rhythm in house.rhythms.values()]
        return len(str(kept)) + len(str(learned)) + len(str(house.presence.to_json()))


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_three_days_of_trouble(seed: int, season: str) -> None:
    trouble = Trouble(seed, season)
    trouble.run()
    supervisor = trouble.lived.home.supervisor
    told = [heard for heard in trouble.watched.heard if heard.verdict.told is Told.ALARMED]
    assert told, "three days in which something happened"
    # Every alarm was answered, by an automation or by the home itself, and by one of them (S8).
    supervisor.advance(supervisor.now + HOUR)
    assert supervisor.open_stages.waiting() == []
    assert len(trouble.raised) == len(set(trouble.raised))
    episodes = {heard.verdict.episode for heard in told if heard.watcher.alarm_kind is not None}
    assert set(trouble.raised) <= episodes
    # No rule broke, and what each keeps stays small.
    faults = {heard.verdict.fault for heard in trouble.watched.heard}
    assert FaultKind.BROKEN not in faults
    assert max(trouble.sizes) < 64_000
    assert trouble.sizes[-1] < trouble.sizes[0] * 2


@pytest.mark.parametrize("season", ["spring", "autumn"])
@pytest.mark.parametrize("seed", [4, 5])
def test_night_of_another_hour_alarms_by_the_clock_on_the_wall(seed: int, season: str) -> None:
    """By ten means ten on the wall, whether the night had an hour more or less (S11)."""
    plain = Life(seed, days=DAYS, first_day=SEASONS[season])
    scene = play("check-in missed", plain, 1)
    tale = Tale(plain, scene.cause, sensors_of(plain), tuple(events_of(scene.life)))
    lived = Lived.new(tale, plain.start)
    lived.live(tale.events, plain.clock(1, 12))
    missed = [at for who, at in lived.told(plain.clock(1)) if str(who) == "check_in/1/"]
    assert missed == [pytest.approx(plain.clock(1, 10), abs=1)]


def test_memory_is_flat(capsys: pytest.CaptureFixture[str]) -> None:
    """What all rules hold at the third day's end is what they held at the first's."""
    tale = season_tale(2, SEASONS["winter"])
    lived = Lived.new(tale, tale.life.start)
    lived.home.supervisor.hear(lambda heard: _answer(lived, heard))
    seen: list[int] = []
    tracemalloc.start(1)
    try:
        at = tale.life.start
        for day in range(1, DAYS + 1):
            end = tale.life.start + day * DAY - 1
            lived.live([event for event in tale.events if at < event[0] <= end], end)
            at = end
            lived.home.heard.clear()
            lived.home.raised.clear()
            gc.collect()
            seen.append(tracemalloc.get_traced_memory()[0] // 1024)
    finally:
        tracemalloc.stop()
    with capsys.disabled():
        sys.stdout.write(f"\nheld after each of {DAYS} days by {len(KINDS)} rules: {seen} kB\n")
    assert seen[-1] - seen[0] < MOST_GROWTH


def _answer(lived: Lived, heard: Heard) -> None:
    if heard.verdict.told is Told.ALARMED:
        lived.home.supervisor.answer(heard.verdict.episode, heard.verdict.at)


def test_disk_that_refuses_leaves_what_it_has() -> None:
    """Rows of before the refusal stay readable; the rules go on from memory (A1, S3)."""
    tale = season_tale(7, SEASONS["winter"])
    disk = Refusing()
    lived = Lived.new(tale, tale.life.start, disk)
    half = tale.life.start + DAY
    lived.live([event for event in tale.events if event[0] <= half], half)
    before: dict[str, Row] = dict(disk.rows)
    disk.refuses = True
    lived.live([event for event in tale.events if event[0] > half], tale.life.end)
    disk.write()
    assert disk.rows == before
    assert not any(slot.pending for slot in lived.home.supervisor.slots.values())
    assert [at for _, at in lived.told(half)], "alarms came all the same"

"""Watchers run again over readings that are past: a recording, or what a recorder kept (S12).

The same engine as in a living home, with three differences: nothing is written down, every consent
is there, and each alarm is answered when it comes. What a rule would have sent is then a matter of
its settings alone.
"""

from collections.abc import Iterable, Mapping
import copy
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
import math
from typing import Final, Self

from ..alarm.kinds import Owner
from .catalogue import KINDS, NEW_HOME, Rule
from .consent import Consent, ConsentBook
from .house import Dwelling, House
from .identity import Identity, WatcherKind
from .keeping import NoKeeping
from .presence import Presence
from .recording import Event, Span
from .sensing import Reading, Sensor
from .slot import RuleOptions, Standing
from .stages import Told, Verdict
from .supervisor import Heard, Supervisor
from .wall import DAY, WallTime
from .watcher import AnyWatcher

#: How long time runs on after a cut, seconds.
RUN_ON: Final = 2 * DAY

_OPTIONS: Final = RuleOptions(Owner.HOME_CARE, suitable=True)


_CUT, _AWAY, _BACK = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Past:
    """What a watcher told at an instant, home time in seconds."""

    at: float
    identity: Identity
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a replay takes place: the home's sensors, who lives in it, its zone, its rules.

    `known_from_start` takes every sensor for idle at the beginning, as a recording says only
    changes; else a sensor is unknown until it has said something.
    """

    sensors: tuple[Sensor, ...]
    rules: tuple[Rule, ...] = NEW_HOME
    dwelling: Dwelling = field(default_factory=Dwelling)
    zone: tzinfo = UTC
    known_from_start: bool = False
    kinds: Mapping[WatcherKind, type[AnyWatcher]] = field(default_factory=lambda: dict(KINDS))


class Rerun:
    """One home on its way through its past. `past` is what has been told so far."""

    def __init__(self, scene: Scene, begin: float) -> None:
        """Stand at the beginning, an instant of home time."""
        wall = WallTime(scene.zone)
        house = House(wall, scene.dwelling, Presence(wall))
        self.past: list[Past] = []
        self.supervisor = Supervisor(house, ConsentBook(), scene.kinds, NoKeeping())
        self.supervisor.hear(self._hear)
        self.supervisor.set_sensors(scene.sensors, begin)
        if scene.known_from_start:
            for sensor in scene.sensors:
                self.supervisor.observe(begin, sensor.number, Reading.IDLE)
        for rule in scene.rules:
            self._enrol(rule, scene.dwelling.residents, begin)

    def feed(self, events: Iterable[Event]) -> None:
        """Let the home see what it saw; instants ascend."""
        observe = self.supervisor.observe
        for at, number, reading in events:
            observe(at, number, reading)

    def run_on(self, until: float) -> None:
        """Let time pass without a word from any sensor."""
        self.supervisor.advance(until)

    def set_away(self, at: float, *, away: bool) -> None:
        """Everybody has said that they leave, or are back."""
        supervisor = self.supervisor
        supervisor.advance(at)
        for number in range(1, supervisor.house.dwelling.residents + 1):
            supervisor.house.resident(number).away_since = at if away else None
        supervisor.house.presence.set_away(at, away=away)
        supervisor.restand(at)

    def fork(self) -> Self:
        """Return a home that stands here too and goes its own way; it has told nothing yet."""
        return copy.deepcopy(self, {id(self.past): []})

    def _enrol(self, rule: Rule, residents: int, begin: float) -> None:
        identity = rule.identity
        consents = self.supervisor.consents
        for person in {identity.resident, *range(1, residents + 1)} - {0}:
            consents.give(identity.kind, person, Consent("own", "coordinator", begin))
        self.supervisor.enrol(identity, rule.settings, _OPTIONS, begin)

    def _hear(self, heard: Heard) -> None:
        verdict = heard.verdict
        self.past.append(Past(verdict.at, heard.identity, verdict))
        if verdict.told is Told.ALARMED:
            self.supervisor.answer(verdict.episode, verdict.at)


@dataclass(frozen=True, slots=True)
class Result:
    """What a replay told, what each run told from its cut on, and who did not watch at the end."""

    past: list[Past]
    runs: dict[str, list[Past]]
    idle: Mapping[Identity, Standing]


def rerun(
    scene: Scene,
    events: Iterable[Event],
    span: Span,
    *,
    away: Iterable[Span] = (),
    cuts: Mapping[str, float] | None = None,
) -> Result:
    """Let a home live through its past once more.

    `span` is begin and end of the past; events ascend. `away` are stated absences. `cuts` gives by
    the name of a run the instant from which no sensor says anything more and nobody states
    anything: time then runs on for 48 hours. All runs share the way up to their cut.
    """
    begin, end = span
    home = Rerun(scene, begin)
    runs: dict[str, list[Past]] = {}
    marks: list[tuple[float, int, str]] = []
    for start, stop in away:
        edges = (max(start, begin), _AWAY, ""), (stop, _BACK, "")
        marks += [edge for edge in edges if start < end and begin < stop and edge[0] < end]
    marks += [(at, _CUT, run) for run, at in (cuts or {}).items()]
    # Where a cut and a return meet, the cut comes first: nothing is said from that instant on.
    marks.sort(reverse=True)

    def pass_marks(until: float) -> float:
        while marks and marks[-1][0] <= until:
            at, mark, run = marks.pop()
            if mark != _CUT:
                home.set_away(at, away=mark == _AWAY)
                continue
            alone = home.fork()
            alone.run_on(at + RUN_ON)
            runs[run] = [told for told in alone.past if told.at >= at]
        return marks[-1][0] if marks else math.inf

    observe = home.supervisor.observe
    next_mark = pass_marks(begin)
    for at, number, reading in events:
        if at >= next_mark:
            next_mark = pass_marks(at)
        observe(at, number, reading)
    pass_marks(math.inf)
    home.run_on(end)
    idle = {
        identity: slot.standing
        for identity, slot in home.supervisor.slots.items()
        if slot.standing is not Standing.WATCHING
    }
    return Result(home.past, runs, idle)


def replay_days(
    sensors: Iterable[Sensor],
    readings: Iterable[Event],
    rules: Iterable[Rule],
    *,
    span: Span,
    dwelling: Dwelling,
    zone: tzinfo,
    away: Iterable[Span] = (),
) -> Result:
    """Tell what rules with these settings would have told of a home over its own last days.

    Args:
        sensors: The home's sensors as they are now.
        readings: What they said: home time, the sensor's number, the reading; in any order. The
            first of each sensor is what it said at the beginning of `span`.
        rules: Whose watchers run, each with its settings.
        span: Begin and end, home time in seconds. The days before the one that interests serve
            for learning.
        dwelling: Who lives there.
        zone: The home's.
        away: When the resident had said to be away.

    Returns:
        All that was told, in order: warnings, alarms, recoveries, near misses and faults; and
        which rule did not watch at the end.
    """
    scene = Scene(tuple(sensors), tuple(rules), dwelling, zone)
    ordered = sorted(readings, key=lambda event: event[0])
    return rerun(scene, ordered, span, away=away)

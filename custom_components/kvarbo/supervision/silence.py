"""A sensor that says nothing any more, or sees nothing it used to see (F5, R35, S4).

Both are about devices: they need no consent, alarm nobody and tell faults, each of one sensor.
"""

from dataclasses import dataclass, field
import math
from typing import ClassVar, Final, Self, override

from ..alarm.kinds import Role
from .device_faults import DeviceState, DeviceWatcher, by_number
from .house import Absence
from .identity import WatcherKind
from .sensing import SHOWS_LIFE, Reading, Sensor
from .settings import count, duration
from .stages import FaultKind
from .wall import DAY, HOUR, MINUTE
from .watcher import Touch, WatcherSettings

#: Reports closer together than this teach nothing about how long a sensor can be quiet.
_OFTEN: Final = 600.0
_LOOK: Final = "look"
_LOOK_EVERY: Final = HOUR
#: A sensor is missed after so many times the longest quiet it has had.
_FACTOR: Final = 2.0
#: A sensor is not judged before so many quiets of its were seen.
_GAPS: Final = 20
#: What was learned weighs half after this, seconds of quiet or spans of life.
_FORGETS: Final = 30 * DAY
_FORGETS_SPANS: Final = 2000.0

#: A span in which there is life or not, seconds.
_SPAN: Final = 600.0
#: How much one span of life tells of a sensor's share in it.
_WEIGHT: Final = 0.001
#: A bed or chair is compared in so many spans; it is turned about from this share of occupied on, right below that.
_COMPARED: Final = 200
_TURNED, _RIGHT = 0.8, 0.4
#: Beyond this a sensor's not seeing is no chance.
_IMPROBABLE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class SensorSilentSettings(WatcherSettings):
    """How long a sensor may say nothing.

    The limit is learned: twice the longest quiet that the sensor has had in the last weeks, at
    least `least`. A sensor whose limit would be over `most`, such as one on a seldom used machine,
    is not judged by its quiet. `unknown`: how long a sensor may be unavailable. `learning`: days in
    which only being unavailable counts.
    """

    least: float = duration(2 * HOUR, least=10 * MINUTE, most=7 * DAY)
    most: float = duration(25 * HOUR, least=HOUR, most=30 * DAY)
    unknown: float = duration(HOUR, least=MINUTE, most=7 * DAY)
    learning: int = count(7, least=1, most=60)


@dataclass(slots=True)
class SensorSilentState(DeviceState):
    """Beside what all keep, by sensor: first and last report, longest quiet, unknown since when.

    `gaps` counts the quiets that were learned from. `absent` are all seconds in which the home was
    found empty, `absent_then` those up to a sensor's last report; `looked_at` is the last look,
    `kept_at` when this was last handed over to be kept.
    """

    first: dict[int, float] = field(default_factory=dict)
    heard: dict[int, float] = field(default_factory=dict)
    quiet: dict[int, float] = field(default_factory=dict)
    gaps: dict[int, int] = field(default_factory=dict)
    unknown: dict[int, float] = field(default_factory=dict)
    absent_then: dict[int, float] = field(default_factory=dict)
    absent: float = 0.0
    looked_at: float = 0.0
    kept_at: float = 0.0

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        state.first = by_number(state.first, float)
        state.heard = by_number(state.heard, float)
        state.quiet = by_number(state.quiet, float)
        state.gaps = by_number(state.gaps, int)
        state.unknown = by_number(state.unknown, float)
        state.absent_then = by_number(state.absent_then, float)
        return state


class SensorSilent(DeviceWatcher[SensorSilentSettings, SensorSilentState]):
    """A sensor that has said nothing for far longer than it ever does, or is unavailable.

    Any report counts, also one that repeats what was said before. An empty home is quiet: that
    time teaches nothing and is held against nobody. When all sensors are unavailable at once it is
    not they that have failed: the watcher is blind then and says that instead.
    """

    kind = WatcherKind.SENSOR_SILENT
    alarm_kind = None
    roles = frozenset(Role) - {Role.HUB, Role.RULE}
    suspended_by: ClassVar[frozenset[Absence]] = frozenset()
    technical = True
    hears_ghosts = True
    hears_unknown = True
    settings_type = SensorSilentSettings
    state_type = SensorSilentState
    __slots__ = ()

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need any sensor at all."""
        sensors = self.house.of(*self.roles, resident=self.identity.resident)
        return [sensors] if sensors else []

    @override
    def start(self, at: float) -> None:
        """Look at once: what is unknown now counts from now."""
        self._look(at)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take that a sensor speaks, or has become unavailable."""
        state, number = self.state, sensor.number
        if reading is Reading.UNKNOWN:
            if number in state.unknown:
                return Touch.NOTHING
            state.unknown[number] = at
            return self._plan_look(at)
        last = state.heard.get(number)
        state.heard[number] = at
        if last is not None and at - last < _OFTEN and number not in state.unknown:
            return Touch.NOTHING
        touch = self._learn(at, number, last)
        if at - state.kept_at >= _OFTEN:
            state.kept_at = at
            touch = max(touch, Touch.LATER)
        return touch

    @override
    def at_due(self, name: str, planned: float, at: float) -> None:
        """Look through all sensors."""
        self._look(at)

    @override
    def shift(self, by: float) -> None:
        """Hold a time in which nothing could be heard against nobody."""
        super().shift(by)
        state = self.state
        state.heard = {number: heard + by for number, heard in state.heard.items()}
        state.unknown = {number: since + by for number, since in state.unknown.items()}

    def limit(self, at: float, number: int) -> float | None:
        """Return how long a sensor may be quiet, seconds; None while that cannot be said."""
        state, settings = self.state, self.settings
        first = state.first.get(number)
        if first is None or at - first < settings.learning * DAY:
            return None
        if state.gaps.get(number, 0) < _GAPS:
            return None
        limit = max(settings.least, state.quiet.get(number, 0.0) * _FACTOR)
        return limit if limit <= settings.most else None

    def _learn(self, at: float, number: int, last: float | None) -> Touch:
        state = self.state
        state.first.setdefault(number, at)
        was_unknown = state.unknown.pop(number, None) is not None
        if last is not None and not was_unknown:
            gap = self._quiet_for(at, number, last)
            faded = state.quiet.get(number, 0.0) * math.exp2(-gap / _FORGETS)
            state.quiet[number] = max(gap, faded)
            state.gaps[number] = state.gaps.get(number, 0) + 1
        state.absent_then[number] = state.absent
        touch = self.mend(at, number)
        return max(touch, self._plan_look(at)) if was_unknown else touch

    def _quiet_for(self, at: float, number: int, last: float) -> float:
        """Return how long a sensor has been quiet, less the time in which the home was empty."""
        state = self.state
        return max(0.0, at - last - (state.absent - state.absent_then.get(number, state.absent)))

    def _count_absence(self, at: float) -> None:
        """Add the time since the last look if the home is empty now, and was."""
        house, state = self.house, self.state
        looked_at, state.looked_at = state.looked_at or at, at
        for number, heard in state.heard.items():
            if heard >= looked_at:
                state.absent_then[number] = state.absent
        inferred = house.presence.inferred_away_since
        if house.absence(self.identity.resident) is Absence.AWAY:
            state.absent += at - looked_at
        elif inferred is not None:
            state.absent += max(0.0, at - max(looked_at, inferred))

    def _look(self, at: float) -> None:
        state = self.state
        self._count_absence(at)
        known = {sensor.number for group in self.groups() for sensor in group}
        for number in [n for n in state.first if n not in known]:
            for kept in (state.first, state.heard, state.quiet, state.gaps, state.absent_then):
                kept.pop(number, None)
        for number in [n for n in state.unknown if n not in known]:
            del state.unknown[number]
        for number in [n for n in state.faults if n not in known]:
            self.mend(at, number)
        for number in known:
            self._look_at(at, number)
        self._plan_look(at)

    def _look_at(self, at: float, number: int) -> None:
        state = self.state
        if self.house.reading(number) is Reading.UNKNOWN:
            since = state.unknown.setdefault(number, at)
            if at - since >= self.settings.unknown:
                self.open_fault(at, number, FaultKind.SILENT, since)
            return
        heard, limit = state.heard.get(number), self.limit(at, number)
        if heard is None or limit is None:
            return
        if self._quiet_for(at, number, heard) >= limit:
            self.open_fault(at, number, FaultKind.SILENT, heard)

    def _plan_look(self, at: float) -> Touch:
        state, unknown = self.state, self.settings.unknown
        waiting = [s + unknown for n, s in state.unknown.items() if n not in state.faults]
        ahead = [due for due in waiting if due > at]
        return self.plan(_LOOK, min([at + _LOOK_EVERY, *ahead]))


@dataclass(frozen=True, slots=True)
class SensorBlindSettings(WatcherSettings):
    """When a motion sensor sees nothing it used to see.

    `least`: how long it must have seen nothing. `learning`: in so many ten-minute spans with life
    in the home the watcher learns first how often the sensor sees some of it.
    """

    least: float = duration(DAY, least=HOUR, most=30 * DAY)
    learning: int = count(400, least=10, most=10000)


@dataclass(slots=True)
class SensorBlindState(DeviceState):
    """Beside what all keep: the present span of time, how many with life there were, and by sensor.

    By sensor: the span of life in which it last saw something, when that was, since which span it
    is known, its share in the spans of life, the longest run of such spans without it.
    """

    span: int = 0
    lived: int = 0
    marks: dict[int, int] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)
    known: dict[int, int] = field(default_factory=dict)
    share: dict[int, float] = field(default_factory=dict)
    longest: dict[int, float] = field(default_factory=dict)
    #: By bed and chair: in how many spans somebody moved elsewhere, and the share in which it said occupied.
    compared: dict[int, int] = field(default_factory=dict)
    occupied: dict[int, float] = field(default_factory=dict)

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        state.compared = by_number(state.compared, int)
        state.occupied = by_number(state.occupied, float)
        state.marks, state.known = by_number(state.marks, int), by_number(state.known, int)
        state.seen, state.share = by_number(state.seen, float), by_number(state.share, float)
        state.longest = by_number(state.longest, float)
        return state


class SensorBlind(DeviceWatcher[SensorBlindSettings, SensorBlindState]):
    """A motion sensor that sees nothing while the home lives: turned away, covered or failed (F5).

    Beside it a bed or chair that is nearly always occupied while somebody moves elsewhere: it says the opposite of
    what it is taken for. That is judged where one person lives alone, and nothing else moves.

    Time is counted in ten-minute spans in which any sensor saw life, so that an empty home counts
    for nothing. A sensor is told of when it has seen nothing for `least`, for twice as many spans
    as ever in the last weeks, and for so many that by its usual share in them it is no chance.
    """

    kind = WatcherKind.SENSOR_BLIND
    alarm_kind = None
    roles = SHOWS_LIFE
    suspended_by: ClassVar[frozenset[Absence]] = frozenset()
    technical = True
    settings_type = SensorBlindSettings
    state_type = SensorBlindState
    __slots__ = ()

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need a motion sensor, and another sensor to compare it with."""
        sensors = self.house.of(*self.roles, resident=self.identity.resident)
        motion = [sensor for sensor in sensors if sensor.role is Role.MOTION]
        return [motion, sensors] if len(sensors) > 1 else []

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take a sign of life."""
        if reading is not Reading.ACTIVE:
            return Touch.NOTHING
        state, number = self.state, sensor.number
        span = int(at // _SPAN)
        is_new = span != state.span
        if not is_new and state.marks.get(number) == state.lived:
            return Touch.NOTHING
        if is_new:
            state.span, state.lived = span, state.lived + 1
        touch = Touch.LATER
        if sensor.role is Role.MOTION:
            touch = max(touch, self._saw(at, number))
            if is_new:
                touch = max(touch, self._compare(at, sensor))
        else:
            state.marks[number] = state.lived
        return max(touch, self._look(at)) if is_new else touch

    def _saw(self, at: float, number: int) -> Touch:
        """Learn from what a sensor has just seen."""
        state = self.state
        missed = state.lived - state.marks.get(number, state.lived - 1) - 1
        state.known.setdefault(number, state.lived)
        share = state.share.get(number, 0.0) * (1 - _WEIGHT) ** (missed + 1)
        state.share[number] = share + _WEIGHT
        faded = state.longest.get(number, 0.0) * math.exp2(-(missed + 1) / _FORGETS_SPANS)
        state.longest[number] = max(float(missed), faded)
        state.marks[number], state.seen[number] = state.lived, at
        return self.mend(at, number)

    def _compare(self, at: float, moved: Sensor) -> Touch:
        """Compare what beds and chairs say with somebody's moving in another room."""
        house, state, touch = self.house, self.state, Touch.NOTHING
        dwelling = house.dwelling
        if dwelling.residents > 1 or dwelling.pet or not house.movement_tells:
            return touch
        for sensor in house.of(Role.BED, Role.CHAIR):
            reading, number = house.reading(sensor.number), sensor.number
            if reading is Reading.UNKNOWN or sensor.room is moved.room:
                continue
            times = state.compared[number] = min(_COMPARED, state.compared.get(number, 0) + 1)
            share = state.occupied.get(number, 0.0)
            state.occupied[number] = share = share + ((reading is Reading.ACTIVE) - share) / times
            if times == _COMPARED and share >= _TURNED:
                touch = max(touch, self.open_fault(at, number, FaultKind.MISFIT, at))
            elif share < _RIGHT:
                touch = max(touch, self.mend(at, number))
        return touch

    def _look(self, at: float) -> Touch:
        """Look for sensors that have missed too much."""
        state, touch = self.state, Touch.NOTHING
        known = {sensor.number for group in self.groups() for sensor in group}
        for number in [n for n in state.marks if n not in known]:
            for kept in (state.marks, state.seen, state.known, state.share, state.longest):
                kept.pop(number, None)
            touch = max(touch, self.mend(at, number))
        for number in state.known:
            if self.house.reading(number) is Reading.UNKNOWN:
                state.marks[number], state.seen[number] = state.lived, at
            elif self._misses(at, number):
                since = state.seen[number]
                touch = max(touch, self.open_fault(at, number, FaultKind.SEES_NOTHING, since))
        return touch

    def _misses(self, at: float, number: int) -> bool:
        state = self.state
        if at - state.seen[number] < self.settings.least:
            return False
        learned = state.marks[number] - state.known[number]
        if learned < self.settings.learning:
            return False
        missed = state.lived - state.marks[number] - 1
        # The share starts at nothing and has come up to what this many spans can tell.
        share = min(0.99, state.share[number] / (1 - (1 - _WEIGHT) ** (learned + 1)))
        chance = math.log(_IMPROBABLE) / math.log1p(-share)
        return missed >= max(_FACTOR * state.longest[number], chance)

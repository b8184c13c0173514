"""The bed at its times: nobody gone to bed, nobody out of bed."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final, override

from ..alarm.kinds import AlarmKind, Location, Role
from .identity import WatcherKind
from .movement import cannot_tell_whose_bed
from .sensing import Reading, Sensor
from .settings import clock, duration, weekdays
from .stages import Stage, WatcherState
from .wall import DAY, HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings

#: A clock time that is met this close before its alarm is a near miss.
NEAR_BEFORE: Final = 30 * MINUTE
#: So long after a clock time that nothing could see it is still asked whether it was met.
_STILL_ASKED: Final = 6 * HOUR


@dataclass(slots=True)
class BedState(WatcherState):
    """`turned_at` is since when the bed is as it is, `in_bed` whether it is occupied."""

    in_bed: bool = False
    turned_at: float | None = None


class BedWatcher[S: WatcherSettings, T: BedState](Watcher[S, T]):
    """What follows a resident's bed: occupied when one of its sensors says so."""

    roles = frozenset({Role.BED, Role.CHECK_IN})
    state_type: ClassVar[type[BedState]] = BedState

    __slots__ = ()

    @override
    def groups(self) -> list[list[Sensor]]:
        return [self.beds()]

    @override
    def refusal(self) -> str | None:
        return cannot_tell_whose_bed(self.house, self.identity.resident)

    @override
    def start(self, at: float) -> None:
        active = [bed.number for bed in self.beds() if self._is_active(bed)]
        self.state.in_bed = bool(active)
        changed = [self.house.changed_at.get(number, at) for number in active]
        self.state.turned_at = min(changed, default=at)
        self.arm(at)

    @override
    def edited(self, at: float) -> None:
        if self.state.stage in (Stage.CALM, Stage.COUNTING):
            self.calm(at, quietly=True)
            self.arm(at)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        state = self.state
        if sensor.role is not Role.BED:
            return self.pressed(at) if reading is Reading.ACTIVE else Touch.NOTHING
        in_bed = reading is Reading.ACTIVE or any(self._is_active(bed) for bed in self.beds())
        if in_bed is state.in_bed and state.turned_at is not None:
            return Touch.NOTHING
        state.in_bed, state.turned_at = in_bed, at
        return max(self.turned(at, sensor), Touch.LATER)

    @override
    def shift(self, by: float) -> None:
        super().shift(by)
        if self.state.turned_at is not None:
            self.state.turned_at += by

    @abstractmethod
    def arm(self, at: float) -> None:
        """Set up by how the bed is now, and since when."""

    @abstractmethod
    def turned(self, at: float, sensor: Sensor) -> Touch:
        """Take that the bed has become occupied or empty."""

    @abstractmethod
    def pressed(self, at: float) -> Touch:
        """Take the OK press."""

    def beds(self) -> list[Sensor]:
        """Return the resident's bed sensors."""
        return self.house.of(Role.BED, resident=self.identity.resident)

    @override
    def _was_near(self, at: float) -> bool:
        alarm_at = self.state.alarm_at
        return alarm_at is not None and alarm_at - at <= NEAR_BEFORE

    def _is_active(self, sensor: Sensor) -> bool:
        return self.house.reading(sensor.number) is Reading.ACTIVE


@dataclass(frozen=True, slots=True)
class BedEmptySettings(WatcherSettings):
    """When somebody should be in bed.

    `by`: the clock time, `weekdays` the days on which it lies. `empty_for`: the bed must have been
    empty for so long, so that a last visit to the bathroom is no alarm. Leaving the bed after `by`
    is the night absence's business, not this rule's.
    """

    by: float = clock(23 * HOUR + 30 * MINUTE)
    empty_for: float = duration(30 * MINUTE, least=0, most=12 * HOUR)
    weekdays: tuple[int, ...] = weekdays()


@dataclass(slots=True)
class BedEmptyState(BedState):
    """`by_at` is the clock time that is waited for next."""

    by_at: float = 0.0


class BedEmpty(BedWatcher[BedEmptySettings, BedEmptyState]):
    """Not gone to bed by a clock time (S2: only the bed occupied or the OK press cancels)."""

    kind = WatcherKind.BED_EMPTY
    alarm_kind: ClassVar[AlarmKind | None] = AlarmKind.BED_EMPTY
    settings_type = BedEmptySettings
    state_type = BedEmptyState

    __slots__ = ()

    @override
    def arm(self, at: float) -> None:
        self._await(at)
        if not self.state.in_bed:
            self._emptied(at, at)

    @override
    def turned(self, at: float, sensor: Sensor) -> Touch:
        self.state.sensor = sensor.number
        return self.calm(at) if self.state.in_bed else self._emptied(at, at)

    @override
    def pressed(self, at: float) -> Touch:
        return self.calm(at, quietly=True)

    @override
    def at_extra(self, at: float) -> None:
        state, by = self.state, self.state.by_at
        if not state.in_bed and at < by + _STILL_ASKED:
            since = at if state.turned_at is None else state.turned_at
            self._count(at, since, by)
        self._await(max(at, by))

    def _await(self, at: float) -> None:
        state, settings = self.state, self.settings
        by = Window(settings.by, settings.by, settings.weekdays).next_begin(at, self.house.wall)
        if by - self._lead <= at:
            # Its evening has come already; the next one is for later.
            by = Window(settings.by, settings.by, settings.weekdays).next_begin(by, self.house.wall)
        state.by_at, state.extra_due = by, by - self._lead

    def _emptied(self, at: float, since: float) -> Touch:
        """Count when it happens in the last stretch before the clock time."""
        settings = self.settings
        by = Window(settings.by, settings.by, settings.weekdays).next_begin(at, self.house.wall)
        return self._count(at, since, by) if by - at <= self._lead else Touch.LATER

    def _count(self, at: float, since: float, by: float) -> Touch:
        alarm_at = max(by, since + self.settings.empty_for, at)
        return self.count(at, since, alarm_at, seen_at=since, sensor=self.state.sensor)

    @property
    def _lead(self) -> float:
        return max(self.settings.warning, NEAR_BEFORE)


@dataclass(frozen=True, slots=True)
class NoBedExitSettings(WatcherSettings):
    """How long somebody may stay in bed.

    `longest`: so many hours in bed without leaving it. `by`: a clock time by which the bed must
    have been left at least once since `day_from`; none by default. `weekdays` are the days on
    which `by` holds.
    """

    longest: float = duration(14 * HOUR, least=HOUR, most=2 * DAY)
    by: float | None = clock(None)
    day_from: float = clock(5 * HOUR)
    weekdays: tuple[int, ...] = weekdays()


class NoBedExit(BedWatcher[NoBedExitSettings, BedState]):
    """In bed for too long (S2: only leaving the bed or the OK press cancels)."""

    kind = WatcherKind.NO_BED_EXIT
    alarm_kind: ClassVar[AlarmKind | None] = AlarmKind.NO_BED_EXIT
    settings_type = NoBedExitSettings

    __slots__ = ()

    @override
    def arm(self, at: float) -> None:
        state = self.state
        if state.in_bed and state.turned_at is not None:
            alarm_at = max(at, self._alarm_at(state.turned_at))
            self.count(
                at,
                state.turned_at,
                alarm_at,
                seen_at=state.turned_at,
                seen_in=Location.BEDROOM,
                sensor=state.sensor,
            )

    @override
    def turned(self, at: float, sensor: Sensor) -> Touch:
        self.state.sensor = sensor.number
        if not self.state.in_bed:
            return self.calm(at)
        self.arm(at)
        return Touch.NOW

    @override
    def pressed(self, at: float) -> Touch:
        touch = self.calm(at, quietly=True)
        self.state.turned_at = at
        self.arm(at)
        return max(touch, Touch.LATER)

    def _alarm_at(self, since: float) -> float:
        settings, wall = self.settings, self.house.wall
        longest = since + settings.longest
        if settings.by is None:
            return longest
        window, by = Window(settings.by, settings.by, settings.weekdays), since
        while (by := window.next_begin(by, wall)) < longest:
            day = wall.day(by)
            begun = wall.instant(
                day if settings.day_from < settings.by else day - 1, settings.day_from
            )
            if since <= begun:
                return by
        return longest

"""What a sensor says outright: a fall, a room that was left, water, smoke. Heat that nobody minds (S2)."""

from dataclasses import dataclass
from typing import ClassVar, Final, override

from ..alarm.kinds import AlarmKind, Role
from .house import Absence
from .identity import WatcherKind
from .planned import Planned, PlannedState
from .sensing import Reading, Sensor
from .settings import clock, duration
from .stages import Stage
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, WatcherSettings

_SEEING: Final = frozenset({Role.MOTION, Role.ITEM, Role.INNER_DOOR})


class _Signal[S: WatcherSettings, T: PlannedState](Planned[S, T]):
    """A sensor of one role whose being active is the cause, and whose being idle ends it."""

    signal: ClassVar[Role]
    state_type = PlannedState
    __slots__ = ()

    @override
    def start(self, at: float) -> None:
        """Take what is active now as beginning now."""
        if (sensor := self._active()) is not None:
            self._begin(at, sensor)

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need the sensors of the signal alone."""
        return [self.house.of(self.signal, resident=self.identity.resident)]

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Begin with the signal, end when no sensor gives it any more."""
        match reading:
            case Reading.ACTIVE:
                return self._begin(at, sensor) if self._is_calm else Touch.NOTHING
            case Reading.IDLE if not self._is_calm:
                return self._ended(at)
            case _:
                return Touch.NOTHING

    @property
    def _is_calm(self) -> bool:
        return self.state.stage is Stage.CALM

    def _begin(self, at: float, sensor: Sensor) -> Touch:
        limit, room, number = self._limit(), sensor.room, sensor.number
        if limit <= 0:
            return self.fire(at, at, seen_at=at, seen_in=room, sensor=number)
        return self.count(at, at, at + limit, seen_at=at, seen_in=room, sensor=number)

    def _limit(self) -> float:
        """Return how long the signal must last, seconds."""
        return 0.0

    def _ended(self, at: float) -> Touch:
        """End it, unless another sensor gives the signal or its own is unknown."""
        house = self.house
        if self._active() is not None or house.reading(self.state.sensor) is Reading.UNKNOWN:
            return Touch.NOTHING
        return self.calm(at)

    def _active(self) -> Sensor | None:
        for sensor in self.groups()[0]:
            if self.house.reading(sensor.number) is Reading.ACTIVE:
                return sensor
        return None


@dataclass(frozen=True, slots=True)
class FallSettings(WatcherSettings):
    """`delay`: how long the fall sensor must go on saying so; 0: alarm at once."""

    delay: float = duration(0.0, least=0, most=5 * MINUTE)


class FallSignal(_Signal[FallSettings, PlannedState]):
    """A fall sensor says that somebody has fallen.

    Alarms at once, also while the resident is stated to be away: somebody is there. Only the sensor
    itself ends it.
    """

    kind = WatcherKind.FALL_SIGNAL
    alarm_kind = AlarmKind.FALL
    roles = frozenset({Role.FALL_SENSOR})
    signal = Role.FALL_SENSOR
    suspended_by = frozenset({Absence.PAUSED})
    settings_type = FallSettings
    __slots__ = ()

    @override
    def _limit(self) -> float:
        return self.settings.delay


class Water(_Signal[WatcherSettings, PlannedState]):
    """Water where none should be: alarms at once, whoever is at home."""

    kind = WatcherKind.WATER
    alarm_kind = AlarmKind.FLOOD
    roles = frozenset({Role.WATER})
    signal = Role.WATER
    suspended_by = frozenset({Absence.PAUSED})
    __slots__ = ()


class Smoke(_Signal[WatcherSettings, PlannedState]):
    """A smoke detector says that it smells smoke: alarms at once, whoever is at home.

    A pause of the resident's supervision does not silence it: fire asks nobody. Only the detector ends it.
    """

    kind = WatcherKind.SMOKE
    alarm_kind = AlarmKind.SMOKE
    roles = frozenset({Role.SMOKE})
    signal = Role.SMOKE
    suspended_by = frozenset()
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class LeftRoomSettings(WatcherSettings):
    """When a room may not be left, and for how long.

    `begin` and `end`: the hours in which it counts; both alike: always. `delay`: how long the
    resident may be out of the room.
    """

    begin: float = clock(22 * HOUR)
    end: float = clock(6 * HOUR)
    delay: float = duration(15 * MINUTE, least=0, most=12 * HOUR)


class LeftRoom(_Signal[LeftRoomSettings, PlannedState]):
    """A room sensor says that nobody is in the room any more.

    Who is out when the hours begin is counted from then; who was out when they end is still waited
    for. Only the return to the room ends it.
    """

    kind = WatcherKind.LEFT_ROOM
    alarm_kind = AlarmKind.LEFT_ROOM
    roles = frozenset({Role.ROOM_SENSOR})
    signal = Role.ROOM_SENSOR
    settings_type = LeftRoomSettings
    __slots__ = ()

    @override
    def start(self, at: float) -> None:
        """Count who is out now, and who will be when the hours begin."""
        self._plan_begin(at)
        super().start(at)

    @override
    def edited(self, at: float) -> None:
        """Take the new hours; what is counted keeps its deadline."""
        self._plan_begin(at)

    @override
    def at_due(self, name: str, planned: float, at: float) -> None:
        """Begin the hours."""
        self._plan_begin(at)
        if self._is_calm and (sensor := self._active()) is not None:
            self._begin(at, sensor)

    @override
    def _begin(self, at: float, sensor: Sensor) -> Touch:
        if not self._hours.contains(at, self.house.wall):
            return Touch.NOTHING
        return super()._begin(at, sensor)

    @override
    def _limit(self) -> float:
        return self.settings.delay

    @property
    def _hours(self) -> Window:
        return Window(self.settings.begin, self.settings.end)

    def _plan_begin(self, at: float) -> None:
        self.plan("begin", self._hours.next_begin(at, self.house.wall))


@dataclass(frozen=True, slots=True)
class HeatSettings(WatcherSettings):
    """How long heat may be on, and how long nobody may be with it.

    `limit`: how long a stove or an iron may be on before it matters. `unattended`: how long nobody
    may be seen in its room; both must have passed.
    """

    warning: float = duration(5 * MINUTE, least=0, most=HOUR)
    limit: float = duration(20 * MINUTE, least=MINUTE, most=12 * HOUR)
    unattended: float = duration(15 * MINUTE, least=MINUTE, most=12 * HOUR)


@dataclass(slots=True)
class HeatState(PlannedState):
    """Beside what all keep: when somebody was last seen where the heat is."""

    attended_at: float = 0.0


class Heat(_Signal[HeatSettings, HeatState]):
    """Heat left on with nobody by.

    Somebody in the room takes a warning back, for the heat is minded again; an alarm ends only when
    the heat is off. Without a sensor in the room, and for movement in a home with a pet, nobody is
    known to be by, and the time runs from when the heat came on.
    """

    kind = WatcherKind.HEAT
    alarm_kind = AlarmKind.HEAT_LEFT_ON
    roles = _SEEING | {Role.HEAT}
    signal = Role.HEAT
    sliding = True
    suspended_by = frozenset({Absence.PAUSED})
    settings_type = HeatSettings
    state_type = HeatState
    __slots__ = ()

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Begin with the heat, wait while somebody is by, end when it is off."""
        if sensor.role is Role.HEAT:
            return super().observe(at, sensor, reading)
        state = self.state
        if reading is not Reading.ACTIVE or self._is_calm or state.stage is Stage.ALARMED:
            return Touch.NOTHING
        if sensor.role is Role.MOTION and self.house.dwelling.pet:
            return Touch.NOTHING
        source = self.house.sensors.get(state.sensor)
        if source is None or sensor.room is not source.room:
            return Touch.NOTHING
        state.attended_at = at
        if state.stage is not Stage.WARNED:
            return Touch.LATER
        since = state.since
        self.calm(at)
        self.count(
            at, since, self._deadline(since), seen_at=at, seen_in=source.room, sensor=source.number
        )
        return Touch.NOW

    @override
    def recheck(self, at: float) -> float | None:
        """Wait for who was by in the meantime."""
        state = self.state
        if state.attended_at > state.since:
            state.seen_at = state.attended_at
        return self._deadline(state.since)

    @override
    def shift(self, by: float) -> None:
        """Move what was seen last likewise: nobody could be seen in that time."""
        super().shift(by)
        self.state.attended_at += by

    @override
    def _begin(self, at: float, sensor: Sensor) -> Touch:
        self.state.attended_at = at
        return super()._begin(at, sensor)

    @override
    def _limit(self) -> float:
        return max(self.settings.limit, self.settings.unattended)

    def _deadline(self, since: float) -> float:
        settings = self.settings
        return max(since + settings.limit, self.state.attended_at + settings.unattended)

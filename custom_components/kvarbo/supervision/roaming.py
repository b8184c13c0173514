"""Roaming at night: from room to room again and again, after having been asleep."""

from dataclasses import dataclass, field
from typing import ClassVar, override

from ..alarm.kinds import AlarmKind, Location, Role
from .house import Absence, House
from .identity import Identity, WatcherKind
from .movement import EVENING, OpenHours, cannot_tell_who, widened
from .sensing import SHOWS_LIFE, Reading, Sensor
from .settings import Json, clock, count, duration, weekdays
from .stages import Stage, WatcherState
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings


@dataclass(frozen=True, slots=True)
class RoamingSettings(WatcherSettings):
    """How much going from room to room is roaming.

    `changes`: so many minutes with a change of room, within `span`. A minute counts once however
    often the room changes in it, since two sensors may see one person in a doorway. A visit to the
    toilet is two such minutes. `begin`, `end` and `weekdays`: the night. `quiet_for`: it counts
    once it has been still for so long in this evening or night, so that a late evening is no
    roaming; 0 counts from the window's beginning. After as long without a change of room it is
    over.
    """

    changes: int = count(10, least=3, most=60)
    span: float = duration(60 * MINUTE, least=5 * MINUTE, most=4 * HOUR)
    begin: float = clock(23 * HOUR)
    end: float = clock(5 * HOUR)
    weekdays: tuple[int, ...] = weekdays()
    quiet_for: float = duration(30 * MINUTE, least=0, most=4 * HOUR)


@dataclass(slots=True)
class RoamingState(WatcherState):
    """What is known of this night.

    `night` is the instant at which it began, `life_at` and `room` the last sign of life in it,
    `asleep` whether it has been still for long enough, `changed` the instants of the last changes
    of room, one a minute, ascending and no more than are needed.
    """

    night: float = 0.0
    life_at: float | None = None
    room: str | None = None
    asleep: bool = False
    changed: list[Json] = field(default_factory=list)


class Roaming(Watcher[RoamingSettings, RoamingState]):
    """Up in the night and without rest (S2: rest, going to bed or the OK press ends it).

    One that is up all night and never rests is not seen while `quiet_for` is not 0; a bed that
    stays empty is another rule's.
    """

    kind = WatcherKind.ROAMING
    alarm_kind: ClassVar[AlarmKind | None] = AlarmKind.ROAMING
    roles = frozenset({*SHOWS_LIFE, Role.BED, Role.CHECK_IN})
    suspended_by = frozenset({Absence.PAUSED, Absence.AWAY, Absence.VISITOR})
    settings_type = RoamingSettings
    state_type = RoamingState

    __slots__ = ("_evening", "_night", "_read")

    def __init__(
        self, identity: Identity, settings: RoamingSettings, house: House, state: RoamingState
    ) -> None:
        """Take up a state that was kept, or a new one."""
        super().__init__(identity, settings, house, state)
        self._read_settings()

    @override
    def start(self, at: float) -> None:
        self._forget(0.0)

    @override
    def groups(self) -> list[list[Sensor]]:
        seen = self.house.of(*SHOWS_LIFE, resident=self.identity.resident)
        placed = [sensor for sensor in seen if sensor.room is not Location.HOME]
        # With fewer than two rooms there is no going from one to another.
        return [placed] if len({sensor.room for sensor in placed}) > 1 else []

    @override
    def refusal(self) -> str | None:
        return cannot_tell_who(self.house)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        if reading is Reading.IDLE:
            return Touch.NOTHING
        if self.settings is not self._read:
            self._read_settings()
        state = self.state
        if not self._evening.hold(at):
            return Touch.NOTHING
        if state.night != self._evening.begin:
            self._forget(self._evening.begin)
        if sensor.role is Role.BED or sensor.role is Role.CHECK_IN:
            state.changed.clear()
            state.extra_due = None
            return self.calm(at, quietly=sensor.role is Role.CHECK_IN)
        if state.life_at is not None and at - state.life_at >= self.settings.quiet_for:
            state.asleep = True
        state.life_at = at
        room, state.room = state.room, sensor.room
        if room is None or room == sensor.room or sensor.room is Location.HOME:
            return Touch.LATER
        return self._changed(at, sensor)

    @override
    def at_extra(self, at: float) -> None:
        self.state.changed.clear()
        self.calm(at)

    @override
    def shift(self, by: float) -> None:
        super().shift(by)
        state = self.state
        if state.life_at is not None:
            state.life_at += by
        if state.extra_due is not None:
            state.extra_due += by

    def _changed(self, at: float, sensor: Sensor) -> Touch:
        state, settings = self.state, self.settings
        if not self._night.hold(at) or not (state.asleep or settings.quiet_for == 0):
            return Touch.LATER
        if state.stage is not Stage.CALM:
            state.seen_at, state.seen_in = at, sensor.room
            state.extra_due = at + self._rest
            return Touch.LATER
        changed = [t for t in state.changed if isinstance(t, float) and t > at - settings.span]
        if not changed or changed[-1] // MINUTE != at // MINUTE:
            changed.append(at)
        state.changed = list[Json](changed)
        if len(changed) < settings.changes:
            return Touch.LATER
        state.extra_due = at + self._rest + settings.warning
        since, seen_in = changed[0], sensor.room
        if settings.warning == 0:
            return self.fire(at, since, seen_at=at, seen_in=seen_in)
        return self.count(at, since, at + settings.warning, seen_at=at, seen_in=seen_in)

    def _forget(self, night: float) -> None:
        state = self.state
        state.night, state.asleep = night, False
        state.life_at = state.room = None
        state.changed.clear()

    @property
    def _rest(self) -> float:
        return max(self.settings.quiet_for, 10 * MINUTE)

    def _read_settings(self) -> None:
        settings = self._read = self.settings
        window = Window(settings.begin, settings.end, settings.weekdays)
        self._night = OpenHours(window, self.house.wall)
        self._evening = OpenHours(widened(window, EVENING), self.house.wall)

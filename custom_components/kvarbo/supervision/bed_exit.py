"""The bed exit that alarms nobody: it is told at once, so that a light can show the way."""

from dataclasses import dataclass
from typing import ClassVar, override

from ..alarm.kinds import AlarmKind, Location, Role
from .house import House
from .identity import Identity, WatcherKind
from .movement import OpenHours, cannot_tell_whose_bed
from .sensing import Reading, Sensor
from .settings import clock, duration, flag, weekdays
from .stages import Stage, Told, WatcherState
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings


@dataclass(frozen=True, slots=True)
class BedExitSettings(WatcherSettings):
    """When leaving the bed is told.

    `begin`, `end` and `weekdays`: the hours in which it is. `at_most`: when the resident is not
    back by then, the exit counts as over all the same, so that no light burns until morning; so it
    does at the window's end. `warn_at_night` is on here: what is told is a light and no sound.
    """

    warn_at_night: bool = flag(default=True)
    begin: float = clock(22 * HOUR)
    end: float = clock(7 * HOUR)
    weekdays: tuple[int, ...] = weekdays()
    at_most: float = duration(2 * HOUR, least=MINUTE, most=12 * HOUR)


@dataclass(slots=True)
class BedExitState(WatcherState):
    """`in_bed`: the bed is occupied, as far as it was last known."""

    in_bed: bool = False


class BedExit(Watcher[BedExitSettings, BedExitState]):
    """Out of bed: `WARNED` at the instant of the exit, `RECOVERED` at the return. Never an alarm.

    It needs a bed sensor. Movement in the bedroom comes from turning over as well, and a light
    that goes on then wakes more people than it helps.
    """

    kind = WatcherKind.BED_EXIT
    alarm_kind: ClassVar[AlarmKind | None] = None
    roles = frozenset({Role.BED})
    settings_type = BedExitSettings
    state_type = BedExitState

    __slots__ = ("_hours", "_read")

    def __init__(
        self, identity: Identity, settings: BedExitSettings, house: House, state: BedExitState
    ) -> None:
        """Take up a state that was kept, or a new one."""
        super().__init__(identity, settings, house, state)
        self._read_settings()

    @override
    def start(self, at: float) -> None:
        self.state.in_bed = any(self._is_active(bed) for bed in self._beds())

    @override
    def refusal(self) -> str | None:
        return cannot_tell_whose_bed(self.house, self.identity.resident)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        state = self.state
        if reading is Reading.ACTIVE:
            if state.in_bed:
                return Touch.NOTHING
            state.in_bed, state.extra_due = True, None
            return max(self.calm(at), Touch.LATER)
        if not state.in_bed or any(
            self._is_active(bed) for bed in self._beds() if bed is not sensor
        ):
            return Touch.NOTHING
        state.in_bed = False
        if self.settings is not self._read:
            self._read_settings()
        if not self._hours.hold(at):
            return Touch.LATER
        state.stage, state.since, state.begun = Stage.WARNED, at, at
        state.seen_at, state.seen_in, state.sensor = at, Location.BEDROOM, sensor.number
        state.extra_due = min(at + self.settings.at_most, self._hours.end)
        self._tell_stage(Told.WARNED, at)
        return Touch.NOW

    @override
    def at_extra(self, at: float) -> None:
        self.calm(at)

    def _beds(self) -> list[Sensor]:
        return self.house.of(Role.BED, resident=self.identity.resident)

    def _is_active(self, sensor: Sensor) -> bool:
        return self.house.reading(sensor.number) is Reading.ACTIVE

    def _read_settings(self) -> None:
        settings = self._read = self.settings
        window = Window(settings.begin, settings.end, settings.weekdays)
        self._hours = OpenHours(window, self.house.wall)

"""What runs on mains and may be unplugged (F2, R18, R36)."""

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self, override

from ..alarm.kinds import Role
from .device_faults import DeviceState, DeviceWatcher, by_number
from .sensing import Reading, Sensor
from .stages import FaultKind
from .wall import DAY
from .watcher import Touch, WatcherSettings

#: In this span unpluggings are counted; the third is a reason for a review and not for more alarms.
COUNTED_OVER: Final = 30 * DAY
_POWER: Final = "power"
_MOST_KEPT: Final = 50


@dataclass(slots=True)
class PoweredState(DeviceState):
    """Beside what all keep: what is without power since when, and when that was told."""

    dark: dict[int, float] = field(default_factory=dict)
    unplugged: list[float] = field(default_factory=list)

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        state.dark = by_number(state.dark, float)
        if not all(isinstance(at, int | float) for at in state.unplugged):
            raise ValueError("unplugged")
        return state


class Powered[S: WatcherSettings, T: PoweredState](DeviceWatcher[S, T]):
    """A watcher of appliances that are without power when their plug is off or they are silent.

    Without power is a technical fault and never the alarm itself. The plug of an appliance is the
    one of role plug in the same room.
    """

    #: The role of the appliance; unknown counts as without power where `silent_is_dark`.
    appliance: ClassVar[Role]
    silent_is_dark: ClassVar[bool]
    hears_unknown = True
    judges_unknown = True
    __slots__ = ()

    @override
    def often(self, at: float) -> int:
        return sum(at - told < COUNTED_OVER for told in self.state.unplugged)

    @property
    @abstractmethod
    def grace(self) -> float:
        """Seconds without power before it is told: time to clean, or to plug it in again."""

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need the appliance; a plug is welcome."""
        return [self.house.of(self.appliance, resident=self.identity.resident)]

    def see_power(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Take what a plug or the appliance itself says of its power."""
        dark = self.state.dark
        number = sensor.number
        match sensor.role, reading:
            case Role.PLUG, Reading.IDLE if self._is_ours(sensor):
                is_dark = True
            case Role.PLUG, Reading.UNKNOWN:
                return Touch.NOTHING
            case Role.PLUG, _:
                is_dark = False
            case _:
                is_dark = reading is Reading.UNKNOWN and self.silent_is_dark
        if is_dark == (number in dark):
            return Touch.NOTHING
        if is_dark:
            dark[number] = at
            return self._plan_power()
        del dark[number]
        return max(self.mend(at, number), self._plan_power())

    def look_at_power(self, at: float) -> Touch:
        """Take what the plugs and appliances say now, also where it was never heard to change."""
        house, touch = self.house, Touch.NOTHING
        for number in [n for n in self.state.dark if n not in house.sensors]:
            del self.state.dark[number]
            touch = max(touch, self.mend(at, number), self._plan_power())
        for sensor in house.of(self.appliance, Role.PLUG, resident=self.identity.resident):
            touch = max(touch, self.see_power(at, sensor, house.reading(sensor.number)))
        return touch

    def without_power(self, at: float) -> None:
        """Do what follows once it was told that the power is gone."""

    @property
    def is_dark(self) -> bool:
        """Whether something is without power, told of or not yet."""
        return bool(self.state.dark)

    @override
    def at_due(self, name: str, planned: float, at: float) -> None:
        """Tell what has been without power for the grace."""
        if name != _POWER:
            super().at_due(name, planned, at)
            return
        state = self.state
        for number, since in list(state.dark.items()):
            if number in state.faults or since + self.grace > at:
                continue
            recent = [told for told in state.unplugged if at - told < COUNTED_OVER]
            state.unplugged = [*recent, at][-_MOST_KEPT:]
            times = len(state.unplugged)
            self.open_fault(at, number, FaultKind.UNPLUGGED, since, times=times)
            self.without_power(at)
        self._plan_power()

    @override
    def restart(self, at: float) -> None:
        """Begin to count what is without power anew."""
        self.state.dark = {
            n: since for n, since in self.state.dark.items() if n in self.state.faults
        }
        super().restart(at)

    def _is_ours(self, plug: Sensor) -> bool:
        return any(sensor.room is plug.room for sensor in self.groups()[0])

    def _plan_power(self) -> Touch:
        state = self.state
        waiting = [since for number, since in state.dark.items() if number not in state.faults]
        return self.plan(_POWER, min(waiting) + self.grace if waiting else None)

"""The toilet lift stays away from its rest, or runs on (needs.md 1c). The home never moves it."""

from dataclasses import dataclass
from typing import override

from ..alarm.kinds import AlarmKind, Role
from .house import Absence
from .identity import WatcherKind
from .power import Powered, PoweredState
from .sensing import Reading, Sensor
from .settings import duration, flag
from .stages import Stage
from .wall import HOUR, MINUTE
from .watcher import Touch, WatcherSettings


@dataclass(frozen=True, slots=True)
class LiftSettings(WatcherSettings):
    """What the lift's sensor tells, and how long that may last.

    `tells_movement` no: active means that the lift is not in its rest position (a relay or a
    contact); it may be so for `limit`. Yes: active means that it moves (a metering plug, a
    vibration sensor); a movement may last `travel`. `power_grace`: how long it may be unplugged
    before it is told.
    """

    warning: float = duration(0.0, least=0, most=HOUR)
    limit: float = duration(30 * MINUTE, least=MINUTE, most=6 * HOUR)
    tells_movement: bool = flag(default=False)
    travel: float = duration(2 * MINUTE, least=10, most=30 * MINUTE)
    power_grace: float = duration(15 * MINUTE, least=MINUTE, most=12 * HOUR)


class Lift(Powered[LiftSettings, PoweredState]):
    """The lift has not come to rest.

    One sensor cannot tell "left raised" from "stopped midway" or from a visit that is unusually
    long: all three are a lift that is not back at rest, and somebody has to look. A sensor of
    movement finds only a lift that runs on. No power is a technical fault beside it: who sits on a
    lift that has lost power is still counted. A single sensor ends it by coming to rest.
    """

    kind = WatcherKind.LIFT
    alarm_kind = AlarmKind.LIFT_STOPPED
    roles = frozenset({Role.LIFT, Role.PLUG})
    suspended_by = frozenset({Absence.PAUSED})
    appliance = Role.LIFT
    silent_is_dark = False
    judges_unknown = False
    settings_type = LiftSettings
    state_type = PoweredState
    __slots__ = ()

    @property
    @override
    def grace(self) -> float:
        """What the coordinator has set."""
        return self.settings.power_grace

    @override
    def start(self, at: float) -> None:
        """Count a lift that is away from rest from now on."""
        self.look_at_power(at)
        for sensor in self.groups()[0]:
            if self.house.reading(sensor.number) is Reading.ACTIVE:
                self._begin(at, sensor)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Begin when it leaves its rest, end when it comes back."""
        if sensor.role is Role.PLUG:
            return self.see_power(at, sensor, reading)
        touch = self.look_at_power(at)
        match reading:
            case Reading.ACTIVE:
                return max(touch, self._begin(at, sensor))
            case Reading.IDLE if sensor.number == self.state.sensor:
                return max(touch, self.calm(at))
            case _:
                return touch

    def _begin(self, at: float, sensor: Sensor) -> Touch:
        if self.state.stage is not Stage.CALM:
            return Touch.NOTHING
        settings = self.settings
        limit = settings.travel if settings.tells_movement else settings.limit
        return self.count(at, at, at + limit, seen_at=at, seen_in=sensor.room, sensor=sensor.number)

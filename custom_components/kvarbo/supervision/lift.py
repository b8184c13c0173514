"""The toilet lift stays away from its rest, sticks, or runs on (needs.md 1c). The home never moves it."""

from dataclasses import dataclass, replace
from typing import Self, override

from ..alarm.kinds import AlarmKind, Role
from .house import Absence
from .identity import WatcherKind
from .power import Powered, PoweredState
from .sensing import Pose, Reading, Sensor
from .settings import duration, flag
from .stages import Stage, Told, Verdict
from .wall import HOUR, MINUTE
from .watcher import Touch, WatcherSettings


@dataclass(frozen=True, slots=True)
class LiftSettings(WatcherSettings):
    """What the lift's sensor tells, and how long that may last.

    `tells_movement` no: active means that the lift is not in its rest position (a relay or a
    contact); it may be so for `limit`. Yes: active means that it moves (a metering plug, a
    vibration sensor); a movement may last `travel`. Where it is known how the lift stands, it may stand
    between its ends for `midway`, strain without moving for `stuck` and move on for `travel`, each within
    `limit`. `power_grace`: how long it may be unplugged before it is told.
    """

    warning: float = duration(0.0, least=0, most=HOUR)
    limit: float = duration(30 * MINUTE, least=MINUTE, most=6 * HOUR)
    tells_movement: bool = flag(default=False)
    travel: float = duration(2 * MINUTE, least=10, most=30 * MINUTE)
    midway: float = duration(5 * MINUTE, least=30, most=HOUR)
    stuck: float = duration(15.0, least=0, most=5 * MINUTE)
    power_grace: float = duration(15 * MINUTE, least=MINUTE, most=12 * HOUR)


@dataclass(slots=True)
class LiftState(PoweredState):
    """Beside what all keep: how the lift stood that is counted, and since when."""

    pose: str | None = None
    pose_since: float = 0.0

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        if state.pose is not None:
            Pose(state.pose)
        return state


class Lift(Powered[LiftSettings, LiftState]):
    """The lift has not come to rest.

    A sensor of two words cannot tell "left raised" from "stopped midway" or from a visit that is unusually
    long: all three are a lift that is not back at rest, and somebody has to look. A sensor of
    movement finds only a lift that runs on. One that tells how the lift stands is judged by that, and the
    alarm says it. No power is a technical fault beside it: who sits on a
    lift that has lost power is still counted. A single sensor ends it by coming to rest; one that has got
    stuck is at rest when it has moved again, for a motor that is stuck soon draws nothing.
    """

    kind = WatcherKind.LIFT
    alarm_kind = AlarmKind.LIFT_STOPPED
    roles = frozenset({Role.LIFT, Role.PLUG})
    suspended_by = frozenset({Absence.PAUSED})
    appliance = Role.LIFT
    silent_is_dark = False
    judges_unknown = False
    settings_type = LiftSettings
    state_type = LiftState
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
            if self._is_away(sensor):
                self._begin(at, sensor)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Begin when it leaves its rest, end when it comes back."""
        if sensor.role is Role.PLUG:
            return self.see_power(at, sensor, reading)
        return max(self.look_at_power(at), self._look(at, sensor))

    @override
    def stood(self, at: float, sensor: Sensor) -> Touch:
        """Judge the lift anew by how it stands."""
        return self._look(at, sensor)

    @override
    def shift(self, by: float) -> None:
        """Move since when it stands so likewise: nobody could see it in that time."""
        super().shift(by)
        self.state.pose_since += by

    def _look(self, at: float, sensor: Sensor) -> Touch:
        if self._is_away(sensor):
            return self._begin(at, sensor)
        idle = self.house.reading(sensor.number) is Reading.IDLE
        return self.calm(at) if idle and sensor.number == self.state.sensor else Touch.NOTHING

    def _is_away(self, sensor: Sensor) -> bool:
        reading = self.house.reading(sensor.number)
        if reading is Reading.UNKNOWN:
            return False
        return reading is Reading.ACTIVE or self.house.poses.get(sensor.number) is Pose.STUCK

    def _begin(self, at: float, sensor: Sensor) -> Touch:
        state, number = self.state, sensor.number
        pose = self.house.poses.get(number)
        if state.stage is Stage.CALM:
            self._stands(at, pose)
            return self._count(at, at, sensor)
        if number != state.sensor or pose == state.pose or state.stage is Stage.ALARMED:
            return Touch.NOTHING
        self._stands(at, pose)
        since = state.since
        if state.stage is Stage.WARNED:
            # What was warned of is over; what it does now is judged by its own time.
            if self._deadline(since) <= (state.alarm_at or 0.0):
                state.alarm_at = max(at, self._deadline(since))
                return Touch.NOW
            self.calm(at)
            self._count(at, since, sensor)
            return Touch.NOW
        return self._count(at, since, sensor)

    def _stands(self, at: float, pose: Pose | None) -> None:
        self.state.pose, self.state.pose_since = pose, at

    def _count(self, at: float, since: float, sensor: Sensor) -> Touch:
        deadline = max(at, self._deadline(since))
        return self.count(
            at, since, deadline, seen_at=at, seen_in=sensor.room, sensor=sensor.number
        )

    def _deadline(self, since: float) -> float:
        """Return when a lift that has been away since then is an alarm, as it stands now."""
        settings, state = self.settings, self.state
        whole = settings.travel if settings.tells_movement else settings.limit
        own: dict[str | None, float] = {
            Pose.MOVING: settings.travel,
            Pose.MIDWAY: settings.midway,
            Pose.STUCK: settings.stuck,
        }
        if (limit := own.get(state.pose)) is None:
            return since + whole
        by_pose = state.pose_since + limit
        # A sensor of movement is silent between two movements: each is judged by itself.
        return by_pose if settings.tells_movement else min(since + whole, by_pose)

    @override
    def _verdict(self, told: Told, at: float, limit: float = 0.0) -> Verdict:
        pose = self.state.pose
        return replace(super()._verdict(told, at, limit), pose=None if pose is None else Pose(pose))

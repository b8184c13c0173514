"""The exit door stands open (S1, S2), or its contact says so and does not fit the motion."""

from dataclasses import dataclass, field
from typing import Final, Self, override

from ..alarm.kinds import AlarmKind, Location, Role
from .device_faults import DeviceState, DeviceWatcher, by_number
from .house import Absence
from .identity import WatcherKind
from .sensing import HOLDS_SOMEBODY, SHOWS_LIFE, Reading, Sensor
from .settings import count, duration
from .stages import FaultKind, Stage
from .wall import HOUR, MINUTE
from .watcher import Touch, WatcherSettings

#: Life in the home this recently is life that goes on.
_GOES_ON: Final = 300.0
_BY_THE_DOOR: Final = frozenset(
    {Location.HALLWAY, Location.FRONT_DOOR, Location.BACK_DOOR, Location.GARDEN, Location.STAIRS}
)


@dataclass(frozen=True, slots=True)
class DoorOpenSettings(WatcherSettings):
    """How long the exit door may stand open.

    `limit` by day, `night_limit` in the home's night hours. `misfit_minutes`: a contact that says
    open by day, while life is seen in other rooms in at least so many different minutes and still
    goes on, is reported as a fault of the contact and is no alarm; 0: never.
    """

    limit: float = duration(10 * MINUTE, least=30, most=12 * HOUR)
    night_limit: float = duration(5 * MINUTE, least=30, most=12 * HOUR)
    misfit_minutes: int = count(3, least=0, most=60)


@dataclass(slots=True)
class DoorOpenState(DeviceState):
    """Beside what all keep: since when which door is open, and life seen elsewhere since then.

    `lived` counts the minutes of the clock in which there was some, `lived_at` is the last of it.
    """

    open: dict[int, float] = field(default_factory=dict)
    lived: int = 0
    lived_at: float = 0.0

    @classmethod
    @override
    def from_json(cls, raw: object) -> Self:
        """Return the state that was kept; raises ValueError for what is none."""
        state = super().from_json(raw)
        state.open = by_number(state.open, float)
        return state


class DoorOpen(DeviceWatcher[DoorOpenSettings, DoorOpenState]):
    """An exit door open for too long; only its closing ends it (S2).

    A door is open whether or not its opening was seen. Of several doors the one that is open
    longest is counted. By day a contact can stick: a door that stands open while somebody goes
    about in the other rooms as usual is told as a fault of that contact, and stays one until it
    closes. By night an open door alarms whatever moves.
    """

    kind = WatcherKind.DOOR_OPEN
    alarm_kind = AlarmKind.DOOR_OPEN
    roles = SHOWS_LIFE | HOLDS_SOMEBODY
    suspended_by = frozenset({Absence.PAUSED})
    hears_ghosts = True
    settings_type = DoorOpenSettings
    state_type = DoorOpenState
    __slots__ = ()

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need exit doors alone."""
        return [self.house.of(Role.EXIT_DOOR, resident=self.identity.resident)]

    @override
    def start(self, at: float) -> None:
        """Count what is open now from now on."""
        self.state.open = {
            sensor.number: at
            for sensor in self.groups()[0]
            if self.house.reading(sensor.number) is Reading.ACTIVE
        }
        self._recount(at)

    @override
    def edited(self, at: float) -> None:
        """Count by the new limits."""
        if self.state.stage is Stage.COUNTING:
            self._recount(at)

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Begin with an opening, end with the closing."""
        state = self.state
        if sensor.role is not Role.EXIT_DOOR:
            if state.open and reading is Reading.ACTIVE:
                return self._note_life(at, sensor)
            return Touch.NOTHING
        number = sensor.number
        if reading is Reading.ACTIVE:
            if number in state.open:
                return Touch.NOTHING
            if not state.open:
                state.lived, state.lived_at = 0, 0.0
            state.open[number] = at
            return self._recount(at)
        if state.open.pop(number, None) is None:
            return Touch.NOTHING
        return max(self.mend(at, number), self._recount(at))

    @override
    def recheck(self, at: float) -> float | None:
        """Look whether the contact fits what is seen in the home."""
        state = self.state
        if self._misfits(at):
            self.open_fault(at, state.sensor, FaultKind.MISFIT, state.since)
            self._recount(at, quietly=True)
            return state.alarm_at
        return None

    def _note_life(self, at: float, sensor: Sensor) -> Touch:
        state = self.state
        door = self.house.sensors.get(state.sensor)
        if sensor.room in _BY_THE_DOOR or (door is not None and sensor.room is door.room):
            return Touch.NOTHING
        is_new = at // MINUTE != state.lived_at // MINUTE
        state.lived_at = at
        state.lived += is_new
        return Touch.LATER if is_new else Touch.NOTHING

    def _misfits(self, at: float) -> bool:
        needed = self.settings.misfit_minutes
        state = self.state
        return (
            0 < needed <= state.lived
            and at - state.lived_at <= _GOES_ON
            and not self.house.is_night(at)
        )

    def _recount(self, at: float, *, quietly: bool = False) -> Touch:
        """Count the door that is open longest and whose contact is trusted."""
        state = self.state
        open_since = {n: since for n, since in state.open.items() if n not in state.faults}
        if not open_since:
            return self.calm(at, quietly=quietly)
        if state.stage is not Stage.CALM and state.sensor in open_since:
            number = state.sensor
        else:
            self.calm(at, quietly=quietly)
            number = min(open_since, key=lambda n: open_since[n])
        since = open_since[number]
        sensor = self.house.sensors.get(number)
        return self.count(
            at,
            since,
            max(at, self._deadline(since)),
            seen_at=since,
            seen_in=None if sensor is None else sensor.room,
            sensor=number,
        )

    def _deadline(self, since: float) -> float:
        house, settings = self.house, self.settings
        if house.is_night(since):
            return since + settings.night_limit
        night = house.dwelling.night.next_begin(since, house.wall)
        return min(since + settings.limit, max(night, since + settings.night_limit))

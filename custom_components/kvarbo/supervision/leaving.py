"""Somebody has left the home: at night and not back at once, or for longer than is usual (S1, S2).

Both rules begin at the exit door and end with life inside. Life just after the door was used is no
return: who leaves is seen in the hall while the door falls shut. A bed or chair that is occupied
says that it was somebody else who used the door.
"""

from dataclasses import dataclass
from typing import Final, override

from ..alarm.kinds import AlarmKind, Location, Role
from .house import Absence
from .identity import WatcherKind
from .sensing import HOLDS_SOMEBODY, SHOWS_LIFE, Reading, Sensor
from .settings import clock, duration, flag, weekdays
from .stages import Stage, WatcherState
from .wall import HOUR, MINUTE, Window
from .watcher import Touch, Watcher, WatcherSettings

#: Seconds after the door's last use in which life in its room may be whoever is leaving.
SETTLES_AT_DOOR: Final = 30.0
#: The same for all other rooms: what a sensor tells late.
SETTLES: Final = 10.0
#: Life within this before the door opens says that somebody went to it from inside.
FROM_INSIDE: Final = 600.0
#: A home in which nobody was seen for so long after the door was used is empty: who opens it then
#: comes home.
EMPTY: Final = 900.0
#: Within this after it the door is still theirs.
ARRIVES: Final = 120.0
#: How long after somebody came in from outside a departure may be theirs.
VISIT: Final = 7200.0
#: How often it is looked whether a stated absence still stands.
_ASK_AGAIN: Final = 1800.0
_BY_THE_DOOR: Final = frozenset({Location.HALLWAY, Location.FRONT_DOOR, Location.BACK_DOOR})
_INSIDE: Final = (SHOWS_LIFE | HOLDS_SOMEBODY) - {Role.EXIT_DOOR}


@dataclass(slots=True)
class OutingState(WatcherState):
    """Beside what all keep: the last use of the exit door and what was seen of it.

    `door_room` is where that door is. `is_out`: no life inside since then. `arrived_at`: when the
    door of an empty home was opened. `life_at` and `entered_at` (somebody came in from outside) are
    kept only in a home with daily visits.
    """

    door_at: float | None = None
    door_room: str | None = None
    is_out: bool = False
    arrived_at: float | None = None
    life_at: float | None = None
    entered_at: float | None = None


class _Outing[S: WatcherSettings](Watcher[S, OutingState]):
    """What both rules share: the door, and life inside."""

    roles = SHOWS_LIFE | HOLDS_SOMEBODY
    sliding = True
    state_type = OutingState
    __slots__ = ()

    @override
    def groups(self) -> list[list[Sensor]]:
        """Need an exit door, and something inside that tells of life."""
        resident = self.identity.resident
        return [
            self.house.of(Role.EXIT_DOOR, resident=resident),
            self.house.of(*self._telling, resident=resident),
        ]

    @property
    def _telling(self) -> frozenset[Role]:
        """The roles that tell of the resident: a pet moves, but does not lie in a sensed bed."""
        return _INSIDE - {Role.MOTION} if self.house.dwelling.pet else _INSIDE

    @override
    def refusal(self) -> str | None:
        """Refuse where another's or a pet's movement would pass for the return."""
        dwelling = self.house.dwelling
        if dwelling.residents > 1:
            return "residents"
        if dwelling.pet and not self.house.of(Role.BED, resident=self.identity.resident):
            return "pet"
        return None

    @override
    def observe(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        """Begin at the exit door, end with life inside."""
        state = self.state
        if sensor.role is Role.EXIT_DOOR:
            return self._door_used(at, sensor, reading)
        if reading is not Reading.ACTIVE:
            return Touch.NOTHING
        if not (state.is_out or state.stage is not Stage.CALM or self.house.dwelling.visits):
            return Touch.NOTHING
        if sensor.role is Role.MOTION and self.house.dwelling.pet:
            return Touch.NOTHING
        state.life_at = at
        if not self._is_return(at, sensor):
            return Touch.NOTHING
        was_out, state.is_out = state.is_out, False
        return max(self.calm(at), Touch.LATER if was_out else Touch.NOTHING)

    def _door_used(self, at: float, sensor: Sensor, reading: Reading) -> Touch:
        state = self.state
        opened = reading is Reading.ACTIVE
        arrives = opened and self._arrives(at)
        if opened and self.house.dwelling.visits:
            self._note_entering(at)
        state.door_at, state.door_room = at, sensor.room
        if self._is_held():
            return Touch.LATER
        state.is_out = not arrives and (opened or state.is_out)
        if state.stage is Stage.CALM and (not opened or arrives or self._may_be_visitor(at)):
            return Touch.LATER
        return max(Touch.LATER, self._count_out(at, at if opened else state.since, sensor))

    def _arrives(self, at: float) -> bool:
        """Tell whether who opens comes home: nobody was seen inside since the door was last used."""
        state = self.state
        if state.is_out and state.door_at is not None and at - state.door_at >= EMPTY:
            state.arrived_at = at
            return True
        return state.arrived_at is not None and at - state.arrived_at <= ARRIVES

    def _count_out(self, at: float, since: float, sensor: Sensor) -> Touch:
        """Count the outing that began at `since`, or go on counting it."""
        raise NotImplementedError

    def _is_held(self) -> bool:
        house = self.house
        return any(
            house.reading(sensor.number) is Reading.ACTIVE
            for sensor in house.of(*HOLDS_SOMEBODY, resident=self.identity.resident)
        )

    def _note_entering(self, at: float) -> None:
        """Where somebody comes daily: a door that opens with no life before it opens from outside."""
        state = self.state
        if state.life_at is not None and at - state.life_at > FROM_INSIDE:
            state.entered_at = at

    def _may_be_visitor(self, at: float) -> bool:
        entered = self.state.entered_at
        return self.house.dwelling.visits and entered is not None and at - entered <= VISIT

    def _is_return(self, at: float, sensor: Sensor) -> bool:
        state = self.state
        if state.door_at is None or sensor.role in HOLDS_SOMEBODY:
            return True
        by_the_door = sensor.room == state.door_room or sensor.room in _BY_THE_DOOR
        return at - state.door_at > (SETTLES_AT_DOOR if by_the_door else SETTLES)


@dataclass(frozen=True, slots=True)
class LeftHomeSettings(WatcherSettings):
    """When leaving is a reason to alarm, and how soon.

    `night_from` and `night_to`: the hours in which the resident should not go out; `weekdays` those
    on which such a night begins. `limit`: how long nobody may be seen inside after the exit door
    was used.
    """

    limit: float = duration(4 * MINUTE, least=30, most=2 * HOUR)
    night_from: float = clock(23 * HOUR)
    night_to: float = clock(6 * HOUR)
    weekdays: tuple[int, ...] = weekdays()


class LeftHome(_Outing[LeftHomeSettings]):
    """Out of the door in the night and not seen inside again.

    Runs also while the resident is stated to be away: who has come home and goes out again is found
    though nobody has taken the statement back. A stated visitor suspends it.
    """

    kind = WatcherKind.LEFT_HOME
    alarm_kind = AlarmKind.LEFT_HOME
    suspended_by = frozenset({Absence.PAUSED, Absence.VISITOR})
    settings_type = LeftHomeSettings
    __slots__ = ()

    @override
    def _count_out(self, at: float, since: float, sensor: Sensor) -> Touch:
        settings = self.settings
        if self.state.stage is Stage.CALM:
            night = Window(settings.night_from, settings.night_to, settings.weekdays)
            if not night.contains(at, self.house.wall):
                return Touch.NOTHING
        return self.count(
            at,
            since,
            at + settings.limit,
            seen_at=at,
            seen_in=sensor.room,
            sensor=sensor.number,
        )


@dataclass(frozen=True, slots=True)
class NotReturnedSettings(WatcherSettings):
    """When an absence is too long.

    `limit`: how long the resident may be out; the default lets an ordinary working day pass.
    `home_by`: a time of day by which who left earlier should be home, on `weekdays`; none given:
    only the limit counts. `stated_too`: counts also what somebody has stated as away.
    """

    limit: float = duration(12 * HOUR, least=15 * MINUTE, most=14 * 24 * HOUR)
    home_by: float | None = clock(None)
    weekdays: tuple[int, ...] = weekdays()
    stated_too: bool = flag(default=False)


class NotReturned(_Outing[NotReturnedSettings]):
    """Out for too long, or not home by a time of day.

    Whether somebody is out the home's presence decides. Where it does not take the home for empty
    this rule ends quietly: stillness inside is the inactivity rule's. A stated absence is somebody's
    knowledge and is waited out, unless `stated_too`.
    """

    kind = WatcherKind.NOT_RETURNED
    alarm_kind = AlarmKind.NOT_RETURNED
    suspended_by = frozenset({Absence.PAUSED, Absence.VISITOR})
    settings_type = NotReturnedSettings
    __slots__ = ()

    @override
    def start(self, at: float) -> None:
        """Count from now when the home is taken for empty already."""
        if self.house.presence.inferred_away_since is not None:
            self.count(at, at, self._deadline(at))

    @override
    def edited(self, at: float) -> None:
        """Count the present outing by the new limits."""
        state = self.state
        if state.stage is Stage.COUNTING:
            self.count(at, state.since, max(at, self._deadline(state.since)))

    @override
    def recheck(self, at: float) -> float | None:
        """Look whether somebody is out, and whether that was stated."""
        house = self.house
        if house.absence(self.identity.resident) is Absence.AWAY:
            return None if self.settings.stated_too else at + _ASK_AGAIN
        if house.presence.inferred_away_since is None:
            self.calm(at, quietly=True)
        return None

    @override
    def _is_return(self, at: float, sensor: Sensor) -> bool:
        """Leave a lone sign in an empty home to the home's presence."""
        return self.house.presence.inferred_away_since is None and super()._is_return(at, sensor)

    @override
    def _count_out(self, at: float, since: float, sensor: Sensor) -> Touch:
        return self.count(
            at, at, self._deadline(at), seen_at=at, seen_in=sensor.room, sensor=sensor.number
        )

    def _deadline(self, since: float) -> float:
        settings = self.settings
        deadline = since + settings.limit
        if settings.home_by is None:
            return deadline
        home_by = Window(settings.home_by, settings.home_by, settings.weekdays)
        return min(deadline, home_by.next_begin(since, self.house.wall))

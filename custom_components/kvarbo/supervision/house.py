"""What all watchers of a home share: its sensors and what they say, who lives in it, its clock (S6)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..alarm.kinds import Location, Role
from .presence import Presence
from .rhythm import Rhythm
from .sensing import Pose, Reading, Sensor
from .settings import clock, count, flag
from .wall import HOUR, WallTime, Window

#: A worn alarm that is out for less may only have lost its way to the home's beacon, seconds.
OUT_SETTLES: Final = 300.0


@dataclass(frozen=True, slots=True)
class Dwelling:
    """Who and what lives in the home, as the coordinator has stated it (S6).

    `night_from` and `night_to` bound the hours in which warnings are silent and dark (R17).
    `visits`: somebody comes every day, such as home care.
    """

    residents: int = count(1, least=1, most=2)
    pet: bool = flag(default=False)
    robot_vacuum: bool = flag(default=False)
    visits: bool = flag(default=False)
    night_from: float = clock(22 * HOUR)
    night_to: float = clock(7 * HOUR)

    @property
    def night(self) -> Window:
        """The hours in which a warning is silent and dark."""
        return Window(self.night_from, self.night_to)

    @property
    def is_always_night(self) -> bool:
        """Tell whether it would be night all day: every warning would be silent and dark (R17)."""
        return self.night_from == self.night_to


class Absence(StrEnum):
    """What a resident's state says of watching: these are states of a resident, not of a rule."""

    HOME = "home"
    AWAY = "away"
    PAUSED = "paused"
    VISITOR = "visitor"


@dataclass(slots=True)
class ResidentState:
    """One resident's stated states; instants in home time, None for not so.

    `paused_until` always has an end. `visitor_until` likewise. `away_since` is away as somebody
    said it, never inferred.
    """

    away_since: float | None = None
    paused_since: float | None = None
    paused_until: float | None = None
    visitor_since: float | None = None
    visitor_until: float | None = None


@dataclass(slots=True)
class House:
    """The facts that watchers read; only the supervisor writes them.

    `readings` holds the last reading of each sensor by number, `changed_at` when it last changed to
    something known, `heard_at` when it last said anything. `poses` is how toilet lifts stand, where that is
    known. `presence` and `rhythms` are shared: one
    presence a home, one rhythm a resident (0: the home as a whole).
    """

    wall: WallTime
    dwelling: Dwelling
    presence: Presence
    sensors: dict[int, Sensor] = field(default_factory=dict)
    readings: dict[int, Reading] = field(default_factory=dict)
    changed_at: dict[int, float] = field(default_factory=dict)
    poses: dict[int, Pose] = field(default_factory=dict)
    residents: dict[int, ResidentState] = field(default_factory=dict)
    rhythms: dict[int, Rhythm] = field(default_factory=dict)
    movers: int = 0
    by_role: dict[Role, tuple[Sensor, ...]] = field(default_factory=dict)

    def of(self, *roles: Role, resident: int = 0, room: Location | None = None) -> list[Sensor]:
        """Return the sensors of these roles that can tell of a resident (0: of anybody)."""
        return [
            sensor
            for role in roles
            for sensor in self.by_role.get(role, ())
            if resident in (0, sensor.resident) or sensor.resident == 0
            if room is None or sensor.room is room
        ]

    def reading(self, number: int) -> Reading:
        """Return what a sensor last said."""
        return self.readings.get(number, Reading.UNKNOWN)

    def rhythm(self, resident: int) -> Rhythm:
        """Return a resident's rhythm; a new one when nothing has been learned."""
        return self.rhythms.setdefault(resident, Rhythm(self.wall))

    def resident(self, number: int) -> ResidentState:
        """Return a resident's stated states."""
        return self.residents.setdefault(number, ResidentState())

    def absence(self, number: int) -> Absence:
        """Tell what a resident's states say; paused first, since it silences most (S6).

        The home as a whole (0) is away or paused when every resident is, and has a visitor when one
        has.
        """
        own = self.residents.get(0)
        states = [self.residents.get(number), own] if number else [own]
        if number == 0:
            of_all = [self.residents.get(n) for n in range(1, self.dwelling.residents + 1)]
            for stated in (Absence.PAUSED, Absence.AWAY):
                if of_all and all(s is not None and stated in _stated(s) for s in of_all):
                    return stated
            if any(s is not None and Absence.VISITOR in _stated(s) for s in of_all):
                return Absence.VISITOR
        for stated in (Absence.PAUSED, Absence.AWAY, Absence.VISITOR):
            if any(s is not None and stated in _stated(s) for s in states):
                return stated
        return Absence.HOME

    def next_end(self) -> float | None:
        """Return when the next stated state ends by itself, None when none does."""
        ends = [
            end
            for state in self.residents.values()
            for end in (state.paused_until, state.visitor_until)
            if end is not None
        ]
        return min(ends, default=None)

    def end_states(self, at: float) -> bool:
        """End the stated states whose end has come; tell whether there were any."""
        ended = False
        for state in self.residents.values():
            if state.paused_until is not None and state.paused_until <= at:
                state.paused_since = state.paused_until = None
                ended = True
            if state.visitor_until is not None and state.visitor_until <= at:
                state.visitor_since = state.visitor_until = None
                ended = True
        return ended

    def out_since(self, at: float, resident: int) -> float | None:
        """Return since when a resident's worn alarm has been out of the home; None where none is, or was just now.

        One that lies on its charger, or is of nobody in particular in a home of several, tells of nobody.
        It is no sign of life, neither as it goes nor as it comes: a position drifts while somebody lies still.
        """
        if self.dwelling.residents > 1 and not resident:
            return None
        mine = [w for w in self.of(Role.WORN, Role.WORN_CHARGER) if w.resident in (0, resident)]
        if self.dwelling.residents > 1:
            mine = [worn for worn in mine if worn.resident == resident]
        active = [worn for worn in mine if self.reading(worn.number) is Reading.ACTIVE]
        if any(worn.role is Role.WORN_CHARGER for worn in active):
            return None
        since = min((self.changed_at[worn.number] for worn in active), default=at)
        return since if at - since >= OUT_SETTLES else None

    @property
    def movement_tells(self) -> bool:
        """Tell whether movement is a person's: no pet, no vacuum that does not say when it runs (S6)."""
        dwelling = self.dwelling
        if dwelling.pet:
            return False
        return not dwelling.robot_vacuum or Role.MOVER in self.by_role

    def is_night(self, at: float) -> bool:
        """Tell whether a warning must be silent and dark at an instant (R17, S2)."""
        return self.dwelling.night.contains(at, self.wall)


def _stated(state: ResidentState) -> frozenset[Absence]:
    return frozenset(
        absence
        for absence, since in (
            (Absence.PAUSED, state.paused_since),
            (Absence.AWAY, state.away_since),
            (Absence.VISITOR, state.visitor_since),
        )
        if since is not None
    )

"""A home with nothing but the inactivity rule."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.house import Dwelling
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.inactivity import Inactivity
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.slot import Slot
from custom_components.kvarbo.supervision.wall import DAY, HOUR, MINUTE, WallTime

from .making import START, STILLNESS, Home

HALL = Sensor(1, Role.MOTION, Location.HALLWAY)
KITCHEN = Sensor(2, Role.MOTION, Location.KITCHEN)
FRONT = Sensor(3, Role.EXIT_DOOR, Location.HALLWAY)
LIVING = Sensor(4, Role.MOTION, Location.LIVING_ROOM)
BED = Sensor(5, Role.BED, Location.BEDROOM, resident=1)
FRIDGE = Sensor(6, Role.INNER_DOOR, Location.KITCHEN)
OK = Sensor(7, Role.CHECK_IN, Location.LIVING_ROOM, resident=1)
SENSORS = (HALL, KITCHEN, FRONT, LIVING, BED, FRIDGE, OK)
OF_HOME = Identity(WatcherKind.INACTIVITY)
ON, OFF = Reading.ACTIVE, Reading.IDLE
#: START is a Tuesday, 10:00 in UTC.
MORNING = START


@dataclass
class Still:
    """A home with the one rule."""

    home: Home
    slot: Slot

    @property
    def watcher(self) -> Inactivity:
        watcher = self.slot.watcher
        assert isinstance(watcher, Inactivity)
        return watcher

    def goes_out(self) -> None:
        home = self.home
        home.moves(HALL)
        home.says(FRONT, ON, 4)
        home.says(FRONT, OFF, 3)

    def comes_home(self) -> None:
        home = self.home
        home.says(FRONT, ON)
        home.moves(HALL, 3)
        home.says(FRONT, OFF, 2)
        home.moves(KITCHEN, 30)


def still(
    dwelling: Dwelling | None = None,
    *,
    at: float = MORNING,
    sensors: tuple[Sensor, ...] = SENSORS,
    identity: Identity = STILLNESS,
    zone: str = "UTC",
    **options: Any,
) -> Still:
    wall = WallTime(ZoneInfo(zone))
    kinds = {WatcherKind.INACTIVITY: Inactivity}
    home = Home(at, dwelling or Dwelling(), sensors, kinds, wall=wall)
    made = Still(home, home.enrol(identity, **options))
    home.moves(LIVING)
    return made


def live(made: Still, days: int) -> None:
    """Live ordinary days: kitchen and hall soon left, rests in the living room, nights in bed."""
    home = made.home
    for _ in range(days):
        for rest in (2.0, 1.6, 2.4, 1.8, 2.2):
            home.moves(KITCHEN, 60)
            home.moves(KITCHEN, 8 * MINUTE)
            home.moves(HALL, 60)
            home.moves(HALL, 2 * MINUTE)
            home.moves(LIVING, 60)
            home.moves(KITCHEN, rest * HOUR)
        home.says(BED, ON, 10 * MINUTE)
        day = (home.at - MORNING) // DAY + 1
        home.says(BED, OFF, MORNING - 2 * HOUR + day * DAY - home.at)
        home.moves(KITCHEN, 2 * HOUR)

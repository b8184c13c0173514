"""Evenings, nights and mornings for tests: a flat with a bed and motion sensors, and its clock."""

from typing import Any, Final

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.supervision.bathroom import BathroomStay
from custom_components.kvarbo.supervision.bed import BedEmpty, NoBedExit
from custom_components.kvarbo.supervision.bed_exit import BedExit
from custom_components.kvarbo.supervision.identity import Identity, WatcherKind
from custom_components.kvarbo.supervision.keeping import ALIVE, Row
from custom_components.kvarbo.supervision.night import NightAbsence
from custom_components.kvarbo.supervision.not_up import NotUp
from custom_components.kvarbo.supervision.roaming import Roaming
from custom_components.kvarbo.supervision.sensing import Reading, Sensor
from custom_components.kvarbo.supervision.slot import Slot, Standing
from custom_components.kvarbo.supervision.wall import HOUR, MINUTE
from tests.supervision.making import Home

ACTIVE, IDLE, UNKNOWN = Reading.ACTIVE, Reading.IDLE, Reading.UNKNOWN
MIDNIGHT: Final = 1_768_867_200.0  # 2026-01-20, a Tuesday, UTC
NOON: Final = MIDNIGHT + 12 * HOUR

BED: Final = Sensor(1, Role.BED, Location.BEDROOM)
BEDROOM: Final = Sensor(2, Role.MOTION, Location.BEDROOM)
BATHROOM: Final = Sensor(3, Role.MOTION, Location.BATHROOM)
KITCHEN: Final = Sensor(4, Role.MOTION, Location.KITCHEN)
HALL: Final = Sensor(5, Role.MOTION, Location.HALLWAY)
CHAIR: Final = Sensor(6, Role.CHAIR, Location.LIVING_ROOM)
OK: Final = Sensor(7, Role.CHECK_IN, Location.HOME)
FRONT: Final = Sensor(8, Role.EXIT_DOOR, Location.HALLWAY)
BEDROOM_DOOR: Final = Sensor(9, Role.INNER_DOOR, Location.BEDROOM)
SECOND_MAT: Final = Sensor(10, Role.BED, Location.BEDROOM)
FLUSH: Final = Sensor(11, Role.ITEM, Location.BATHROOM)

MOTION_ONLY: Final = (BEDROOM, BATHROOM, KITCHEN, HALL, CHAIR, OK, FRONT, BEDROOM_DOOR, FLUSH)
WITH_BED: Final = (BED, *MOTION_ONLY)

WATCHERS: Final = {
    watcher.kind: watcher
    for watcher in (NightAbsence, BedExit, BedEmpty, NoBedExit, NotUp, BathroomStay, Roaming)
}


class Flat(Home):
    """A home with one watcher of a resident, told by the clock on its wall."""

    slot: Slot

    @classmethod
    def with_watcher(
        cls,
        kind: WatcherKind,
        sensors: tuple[Sensor, ...] = WITH_BED,
        settings: dict[str, Any] | None = None,
        **home: Any,
    ) -> Flat:
        """Return the home with its watcher, at noon of 20 January 2026 unless `at` is given."""
        flat = cls(**({"at": NOON} | home), sensors=sensors, kinds=WATCHERS)
        flat.slot = flat.enrol(Identity(kind, 1), **(settings or {}))
        return flat

    @property
    def standing(self) -> Standing:
        return self.slot.standing

    def until(self, hours: int, minutes: int = 0) -> None:
        """Let time pass until the wall clock next shows this."""
        self.pass_by(self.wall.next(self.at, hours * HOUR + minutes * MINUTE) - self.at)

    def walks(self, *sensors: Sensor, pause: float = 5.0) -> None:
        """Go past motion sensors, one after the other."""
        for sensor in sensors:
            self.moves(sensor, after=pause)

    def clock(self, at: float | None) -> str:
        """Return what the wall clock shows at an instant."""
        assert at is not None
        second = self.wall.second_of_day(at)
        return f"{int(second // HOUR):02d}:{int(second % HOUR // MINUTE):02d}"

    @property
    def tale(self) -> list[tuple[str, str]]:
        """What was told and what the clock showed."""
        return [(str(told), self.clock(at)) for told, at in self.told]


def again(flat: Flat, down: float = 0.0) -> Flat:
    """Return the home after a crash and so many seconds without power."""
    flat.paper.rows[ALIVE] = Row(ALIVE, None, flat.at)
    after, _ = flat.killed(down)
    flat_again = Flat.__new__(Flat)
    flat_again.__dict__.update(after.__dict__)
    (flat_again.slot,) = after.supervisor.slots.values()
    return flat_again

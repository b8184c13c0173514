"""What a sensor in the home is, and what it can say (idea 4: unknown is a value)."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from ..alarm.kinds import Location, Role


class Reading(IntEnum):
    """What a sensor says.

    `ACTIVE` is motion seen, a door open, a bed or chair occupied, an appliance in use, water found;
    `IDLE` the opposite. `UNKNOWN` is neither: no watcher may take it for movement or stillness (S4).
    A button's press is `ACTIVE`, and need not be followed by anything.
    """

    UNKNOWN = 0
    IDLE = 1
    ACTIVE = 2


class Pose(StrEnum):
    """How a toilet lift stands, as far as its source can tell (needs.md 1c)."""

    AT_REST = "at_rest"
    #: Not at rest; its source tells no more.
    AWAY = "away"
    MOVING = "moving"
    #: It does not move; where it stands its source cannot tell.
    STOPPED = "stopped"
    RAISED = "raised"
    #: It stands still between its ends.
    MIDWAY = "midway"
    #: It strains and gets nowhere.
    STUCK = "stuck"


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor of the home: short number, what it is for, where, and whose (0: the home's).

    `tells_taken`, of a dispenser: active means that a dose waits and idle after it that the dose was taken;
    of any other, active is a use of it.
    """

    number: int
    role: Role
    room: Location
    resident: int = 0
    tells_taken: bool = False


#: Roles whose becoming active shows that somebody is there and awake enough to move.
SHOWS_LIFE: Final = frozenset({Role.MOTION, Role.INNER_DOOR, Role.EXIT_DOOR, Role.ITEM})
#: Roles that stay active for hours while somebody lies or sits still.
HOLDS_SOMEBODY: Final = frozenset({Role.BED, Role.CHAIR})

#: Roles whose becoming active out of unknown, or at start, is no event: a sensor that comes back may
#: well repeat what it saw long ago. What is open or occupied is so all the same. For all others it
#: counts: a mat, a leak or a button that was silent and now speaks does so because of something.
GHOSTLY: Final = frozenset({Role.MOTION, Role.INNER_DOOR, Role.EXIT_DOOR, Role.ITEM, Role.CHECK_IN})

"""What other entities of a home may tell of a dispenser, each by its field; an event is once, a state stands."""

from enum import StrEnum
from typing import Final

from .profile import Dose, Trouble


class Field(StrEnum):
    """What is told."""

    TAKEN = "taken_by"
    MISSED = "missed_by"
    LOW = "low_by"
    EMPTY = "empty_by"
    JAMMED = "jammed_by"
    #: Has mains power: the other way about than its trouble.
    POWER = "power_by"


#: Steps of a dose: told by an event, or by what becomes active.
STEPS: Final = {Field.TAKEN: Dose.TAKEN, Field.MISSED: Dose.MISSED}
#: Troubles: told by what is active as long as they last.
TROUBLES: Final = {
    Field.LOW: Trouble.LOW,
    Field.EMPTY: Trouble.EMPTY,
    Field.JAMMED: Trouble.JAMMED,
    Field.POWER: Trouble.NO_POWER,
}

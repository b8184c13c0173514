"""What has happened to an alarm, as whoever follows it hears of it."""

from dataclasses import dataclass
from enum import StrEnum

from .alarm import Alarm


class What(StrEnum):
    """What has happened to an alarm."""

    RAISED = "raised"
    PRESSED_AGAIN = "pressed_again"
    RECEIVED = "received"
    NOT_GETTING_THROUGH = "not_getting_through"
    ACKNOWLEDGED = "acknowledged"
    CLEARED = "cleared"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


#: After these nobody has anything more to do about the alarm.
ENDS = frozenset({What.CLOSED, What.CANCELLED, What.LAPSED})


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened to an alarm.

    `durable` is False while it is not on disk. `by_person`: a human being at the far end did it.
    """

    what: What
    alarm: Alarm
    durable: bool = True
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class Raised:
    """The outcome of a raise: the alarm, whether it is on disk, whether it was there already."""

    alarm: Alarm
    durable: bool
    merged: bool = False

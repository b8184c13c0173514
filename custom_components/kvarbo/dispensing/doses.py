"""One dispenser as the home knows it: what it says of its dose, once each, and whether it can be heard."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..supervision.sensing import Reading
from .profile import Dose, Event, Told, Trouble

#: So long may a plug be out before anybody is told, seconds: dispensers are cleaned (F2).
POWER_GRACE: Final = 900.0
#: A dose that was handed out, or that was not taken, waits all the same.
WAITS: Final = frozenset({Dose.DUE, Dose.DISPENSED, Dose.MISSED})


class Condition(StrEnum):
    """How a dispenser is, the worst thing alone."""

    OK = "ok"
    LOW = "low"
    EMPTY = "empty"
    JAMMED = "jammed"
    NO_POWER = "no_power"
    OFFLINE = "offline"


class News(StrEnum):
    """What is told of a dispenser as an event."""

    DUE = "due"
    DISPENSED = "dispensed"
    TAKEN = "taken"
    MISSED = "missed"
    SKIPPED = "skipped"
    LOW = "low"
    EMPTY = "empty"
    JAMMED = "jammed"
    NO_POWER = "no_power"
    OFFLINE = "offline"
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Heard:
    """News, and how many seconds ago it happened by the dispenser's own clock. `over` names the trouble that ended."""

    news: News
    ago: int = 0
    over: Trouble | None = None


class Doses:
    """What is known. `counter` is that of the last event that the home has taken, None for a new dispenser.

    The newest event's effect is known only when none is missing: until then, and while the dispenser cannot be
    heard, the reading is unknown and never "taken".
    """

    def __init__(self, counter: int | None) -> None:
        """Know nothing but which events were taken."""
        self.counter = counter
        #: None while it cannot be heard.
        self.dose: Dose | None = None
        self.troubles: frozenset[Trouble] = frozenset()
        self.battery: int | None = None
        self.left: int | None = None
        #: Events that the dispenser itself had forgotten before they were heard.
        self.missing = 0
        self._told: Told | None = None
        self._unplugged_at: float | None = None
        self._was_linked = False

    @property
    def condition(self) -> Condition:
        """How it is."""
        if self.dose is None:
            return Condition.OFFLINE
        worst = [trouble for trouble in Trouble if trouble in self.troubles]
        return Condition(worst[-1]) if worst else Condition.OK

    @property
    def reading(self) -> Reading:
        """Whether a dose waits: the rule's active. Skipped is none that waits, and was not taken."""
        if self.dose is None:
            return Reading.UNKNOWN
        return Reading.ACTIVE if self.dose in WAITS else Reading.IDLE

    @property
    def is_behind(self) -> bool:
        """Whether the dispenser has events that have not come yet."""
        return self._told is None or self._told.counter > (self.counter or 0)

    def linked(self, told: Told) -> None:
        """Take what it says as a link begins."""
        if self.counter is None or told.counter < self.counter:
            # A new dispenser's past is none of this home's; one that counts anew was reset.
            self.counter = told.counter
        self._was_linked = True
        self._take(told)

    def changed(self, told: Told) -> None:
        """Take what it says while the link lasts; events say what happened, this how it stands."""
        if self._was_linked:
            self._take(told)

    def give_up(self) -> None:
        """The events that were missing do not come: it has forgotten them. How it stands is what it says."""
        if self._told is not None and self.is_behind:
            self.missing += self._told.counter - (self.counter or 0)
            self.counter = self._told.counter
            self._take(self._told)

    def happened(self, event: Event) -> Heard | None:
        """Take an event; None for one that was taken before."""
        last = self.counter or 0
        if event.counter <= last:
            return None
        self.missing += event.counter - last - 1
        self.counter = event.counter
        if isinstance(event.what, Dose):
            self.dose = event.what
            return Heard(News(event.what), event.ago)
        if event.is_over:
            self.troubles -= {event.what}
            return Heard(News.WELL, event.ago, event.what)
        self.troubles |= {event.what}
        return Heard(News(event.what), event.ago)

    def lost(self) -> Heard | None:
        """It cannot be heard any more; None where that is known."""
        was, self._was_linked = self._was_linked, False
        self.dose = self._told = None
        return Heard(News.OFFLINE) if was else None

    def trouble(self, now: float) -> bool:
        """Whether somebody has to come: empty, jammed, or without power for long. `now` is monotonic, seconds."""
        if Trouble.NO_POWER not in self.troubles:
            self._unplugged_at = None
        elif self._unplugged_at is None:
            self._unplugged_at = now
        unplugged = self._unplugged_at is not None and now - self._unplugged_at >= POWER_GRACE
        return unplugged or bool(self.troubles & {Trouble.EMPTY, Trouble.JAMMED})

    def _take(self, told: Told) -> None:
        self._told = told
        self.battery, self.left = told.battery, told.left
        if not self.is_behind:
            self.dose, self.troubles = told.dose, told.troubles

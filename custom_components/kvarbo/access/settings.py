"""How the entry is kept at one lock, as a coordinator and a technician have set it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
import re
from typing import Any, Final, override

from .grant import OLDEST

CONF_RELOCK: Final = "relock_minutes"
CONF_ALWAYS: Final = "relock_always"
CONF_CONTACT: Final = "door_contact"
CONF_LEFT: Final = "unlocked_minutes"
CONF_BY_CODE: Final = "by_code"
CONF_SLOT: Final = "code_slot"
CONF_VISITS: Final = "visits"
CONF_BY_COMMAND: Final = "by_command"
CONF_OLDEST: Final = "alarm_minutes"

#: Limits, minutes; a code's slot; the most visits in a day.
RELOCK: Final = (1, 60)
LEFT: Final = (0, 1440)
OLDEST_LIMITS: Final = (5, 240)
SLOT: Final = (1, 250)
MOST_VISITS: Final = 8

_VISIT: Final = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-\N{EN DASH}]\s*(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True, slots=True)
class Visit:
    """A time of day in which somebody is expected, by the home's wall clock; it may pass midnight."""

    begins: time
    ends: time

    def holds(self, at: time) -> bool:
        """Tell whether a time of day lies in it; its end does not."""
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends

    @override
    def __str__(self) -> str:
        """Write it as it is typed."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySettings:
    """What is set of one entry lock.

    `relock_after`: seconds until a door that was opened by a grant is locked again, with
    `relock_always` a door that was unlocked in any way. `contact` is the short number of the sensor
    that says whether the door is shut, 0 for none. `left_after`: seconds after which an unlocked door
    is told of, 0 for never. `by_code`: the code in `slot` works while an alarm is open and in
    `visits`. `by_command`: a receiver may have the door unlocked. `oldest`: how old an alarm may be.
    """

    relock_after: float = 300.0
    relock_always: bool = False
    contact: int = 0
    left_after: float = 0.0
    by_code: bool = False
    slot: int = 1
    visits: tuple[Visit, ...] = ()
    by_command: bool = False
    oldest: timedelta = OLDEST


def read_visits(text: str) -> tuple[Visit, ...]:
    """Read times such as `08:00-08:30, 20:00-20:45`.

    Raises ValueError for anything else, for an empty span, and for more than eight.
    """
    visits = tuple(_visit(part) for part in text.replace(";", ",").split(",") if part.strip())
    if len(visits) > MOST_VISITS:
        raise ValueError("visits")
    return visits


def _visit(text: str) -> Visit:
    if (found := _VISIT.fullmatch(text.strip())) is None:
        raise ValueError(text)
    h1, m1, h2, m2 = (int(part) for part in found.groups())
    visit = Visit(time(h1, m1), time(h2, m2))
    if visit.begins == visit.ends:
        raise ValueError(text)
    return visit


def read_entry(data: Mapping[str, Any]) -> EntrySettings:
    """Return the settings as a subentry holds them; what is missing is as by default: nobody is let in.

    Raises TypeError or ValueError for what this release cannot use.
    """
    slot = int(data.get(CONF_SLOT, 1))
    if not SLOT[0] <= slot <= SLOT[1]:
        raise ValueError(CONF_SLOT)
    return EntrySettings(
        relock_after=60.0 * _within(data, CONF_RELOCK, 5, RELOCK),
        relock_always=data.get(CONF_ALWAYS, False) is True,
        contact=int(data.get(CONF_CONTACT, 0)),
        left_after=60.0 * _within(data, CONF_LEFT, 0, LEFT),
        by_code=data.get(CONF_BY_CODE, False) is True,
        slot=slot,
        visits=read_visits(str(data.get(CONF_VISITS, ""))),
        by_command=data.get(CONF_BY_COMMAND, False) is True,
        oldest=timedelta(minutes=_within(data, CONF_OLDEST, 60, OLDEST_LIMITS)),
    )


def _within(data: Mapping[str, Any], key: str, default: int, limits: tuple[int, int]) -> float:
    value = float(data.get(key, default))
    if not limits[0] <= value <= limits[1]:
        raise ValueError(key)
    return value

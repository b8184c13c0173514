"""How often a toilet lift is used, as counters: whether it helps is asked months later (needs.md 1c). Pure.

It stays in the home. A lift's alarm is a rule's matter.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
import json
from typing import Any, Final, Self

from ..supervision.sensing import Reading

#: What moves again within this is the same visit: up, a while on the seat, down.
SAME_VISIT: Final = timedelta(minutes=15)
#: Days that are kept, for the uses of the last seven.
_DAYS: Final = 7


@dataclass(slots=True)
class LiftUse:
    """Counts visits. All times are aware; a day is one of the zone in which they are given."""

    uses: int = 0
    by_day: dict[int, int] = field(default_factory=dict)
    #: When the visit that goes on, or the last one, began and was last away from rest; None before the first.
    began: datetime | None = None
    ended: datetime | None = None
    is_up: bool = False

    def take(self, reading: Reading, now: datetime) -> bool:
        """Take what its sensor says; tell whether anything has changed that must be kept.

        Unknown is neither up nor at rest: what was so before is so until it speaks.
        """
        is_up = reading is Reading.ACTIVE
        if reading is Reading.UNKNOWN or is_up is self.is_up:
            return False
        self.is_up = is_up
        if not is_up:
            self.ended = now
            return True
        if self.ended is None or not timedelta(0) <= now - self.ended <= SAME_VISIT:
            self.uses += 1
            self.began = now
            today = now.date().toordinal()
            self.by_day = {d: n for d, n in self.by_day.items() if 0 <= today - d < _DAYS}
            self.by_day[today] = self.by_day.get(today, 0) + 1
        return True

    def in_week(self, now: datetime) -> int:
        """Return how many visits began within the last seven days, today among them."""
        today = now.date().toordinal()
        return sum(n for day, n in self.by_day.items() if 0 <= today - day < _DAYS)

    @property
    def last_minutes(self) -> float | None:
        """How long the last visit that has ended was, minutes; None before the first."""
        if self.is_up or self.began is None or self.ended is None:
            return None
        return round(max(0.0, (self.ended - self.began).total_seconds()) / 60, 1)

    def to_text(self) -> str:
        """Return what must survive a restart, in fewer than 200 characters."""
        first = min(self.by_day, default=0)
        return json.dumps(
            [
                self.uses,
                first,
                [self.by_day.get(first + i, 0) for i in range(_DAYS)],
                _seconds(self.began),
                _seconds(self.ended),
                int(self.is_up),
            ],
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str | None, now: datetime) -> Self:
        """Return what was kept, in the zone of `now`; what cannot be read is counted anew."""
        try:
            uses, first, days, began, ended, is_up = json.loads(text or "")
            return cls(
                uses=int(uses),
                by_day={int(first) + i: int(n) for i, n in enumerate(days[:_DAYS]) if n},
                began=_moment(began, now),
                ended=_moment(ended, now),
                is_up=bool(is_up),
            )
        except ArithmeticError, OSError, TypeError, ValueError:
            return cls()


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp())


def _moment(seconds: Any, now: datetime) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(int(seconds), now.tzinfo)

"""The spans that are counted: months of the home's wall clock, and the first four weeks as baseline (R40).

Instants are aware datetimes in UTC, days are the wall clock's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
import re
from typing import Final

from ..supervision.wall import DAY, WallTime
from ..transmission.aggregate import FollowUp, Stands

#: The home's first weeks, to compare with.
BASELINE: Final = "baseline"
BASELINE_FOR: Final = timedelta(days=28)
#: So long after its end a span's alarms can still be said to have been real or false.
SETTLES_AFTER: Final = timedelta(days=30)

_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_EPOCH: Final = date(1970, 1, 1)
_AFTER: Final = {FollowUp.DAY_7: 7, FollowUp.DAY_30: 30, FollowUp.DAY_90: 90}


class UnknownPeriodError(ValueError):
    """There is no such span in this home's life."""


@dataclass(frozen=True, slots=True)
class Period:
    """A span that is counted: from the day `first` to the day before `end`, by the wall clock."""

    name: str
    first: date
    end: date

    def begins(self, wall: WallTime) -> datetime:
        """Return its first instant."""
        return midnight(self.first, wall)

    def ends(self, wall: WallTime) -> datetime:
        """Return the first instant that is not of it."""
        return midnight(self.end, wall)

    def holds(self, day: date) -> bool:
        """Tell whether a day is of it."""
        return self.first <= day < self.end

    def stands(self, at: datetime, wall: WallTime) -> Stands:
        """Tell how far its counts are final at an instant."""
        ends = self.ends(wall)
        if at < ends:
            return Stands.RUNNING
        return Stands.OPEN if at < ends + SETTLES_AFTER else Stands.SETTLED


def midnight(day: date, wall: WallTime) -> datetime:
    """Return the instant at which a day begins; where its midnight is skipped, the first after the gap."""
    return datetime.fromtimestamp(wall.instant((day - _EPOCH).days, 0.0), UTC)


def day_of(at: datetime, wall: WallTime) -> date:
    """Return the wall clock's day at an instant."""
    return _EPOCH + timedelta(days=int(wall.local(at.timestamp()) // DAY))


def month_of(day: date) -> Period:
    """Return the month that a day is of."""
    first = day.replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1)
    return Period(f"{first:%Y-%m}", first, end)


def baseline_of(first_day: date) -> Period:
    """Return the home's first weeks."""
    return Period(BASELINE, first_day, first_day + BASELINE_FOR)


def periods(since: date, first_day: date | None, today: date) -> Iterator[Period]:
    """Yield all spans of a home's life that have begun: its months since `since`, oldest first, and the baseline."""
    month = month_of(since)
    while month.first <= today:
        yield month
        month = month_of(month.end)
    if first_day is not None and first_day <= today:
        yield baseline_of(first_day)


def named(name: str, since: date, first_day: date | None, today: date) -> Period:
    """Return a span by its name.

    Raises:
        UnknownPeriodError: it is none, or is not of this home's life so far.
    """
    if name == BASELINE and first_day is not None and first_day <= today:
        return baseline_of(first_day)
    if (match := _MONTH.fullmatch(name)) and int(match[1]):
        month = month_of(date(int(match[1]), int(match[2]), 1))
        if month.end > since and month.first <= today:
            return month
    raise UnknownPeriodError(name)


def follow_ups(first_day: date) -> dict[FollowUp, date]:
    """Return on which days somebody is to ask how it goes: 7, 30 and 90 days after the first (R33)."""
    return {follow_up: first_day + timedelta(days=days) for follow_up, days in _AFTER.items()}


def due(first_day: date | None, today: date, done: frozenset[FollowUp]) -> FollowUp | None:
    """Return what follow-up is due: the latest whose day has come, unless it, or a later one, was made.

    One that was passed over is not asked for when a later one is due: one talk does for both.
    """
    if first_day is None:
        return None
    come = [f for f, day in follow_ups(first_day).items() if day <= today]
    if not come or any(_AFTER[f] >= _AFTER[come[-1]] for f in done):
        return None
    return come[-1]

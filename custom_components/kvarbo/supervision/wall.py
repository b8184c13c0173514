"""Wall time in the home's zone (S11): windows, weekdays, and what an hour is when clocks change.

A window's edge that falls into the gap of a spring night is the first instant after the gap; one
that comes twice in an autumn night is its first coming.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

DAY: Final = 86400.0
HOUR: Final = 3600.0
MINUTE: Final = 60.0

#: How long an offset may be kept: transitions lie on whole quarters of an hour everywhere.
_STEP: Final = 900.0
#: So many edges of windows are kept: those of a few days.
_INSTANTS_MOST: Final = 256


class WallTime:
    """Turns home time into the wall time of one zone and back. Cheap: offsets are kept."""

    __slots__ = ("_from", "_instants", "_offset", "_until", "zone")

    def __init__(self, zone: tzinfo = UTC) -> None:
        """Use this zone."""
        self.zone = zone
        self._from = 0.0
        self._until = 0.0
        self._offset = 0.0
        self._instants: dict[tuple[int, float], float] = {}

    def set_zone(self, zone: tzinfo) -> None:
        """Use another zone from now on."""
        self.zone = zone
        self._until = self._from
        self._instants.clear()

    def offset(self, at: float) -> float:
        """Return what the zone adds to UTC at an instant, seconds."""
        if not self._from <= at < self._until:
            start = at // _STEP * _STEP
            delta = datetime.fromtimestamp(start, self.zone).utcoffset()
            self._offset = delta.total_seconds() if delta is not None else 0.0
            self._from, self._until = start, start + _STEP
        return self._offset

    def local(self, at: float) -> float:
        """Return the wall clock at an instant, as seconds since 1970-01-01 00:00 on that clock.

        Modulo a day it is the second of the day; divided by it, the number of the day.
        """
        return at + self.offset(at)

    def second_of_day(self, at: float) -> float:
        """Return the wall clock's second of the day at an instant."""
        return self.local(at) % DAY

    def weekday(self, at: float) -> int:
        """Return the weekday at an instant, Monday 0."""
        return int(self.local(at) // DAY + 3) % 7

    def day(self, at: float) -> int:
        """Return the wall clock's day at an instant, counted from 1970-01-01."""
        return int(self.local(at) // DAY)

    def instant(self, day: int, second: float) -> float:
        """Return the instant at which a day's wall clock shows a second of the day.

        In a gap: the first instant after it. In a fold: the first of the two.
        """
        known = self._instants.get((day, second))
        if known is None:
            if len(self._instants) >= _INSTANTS_MOST:
                self._instants.clear()
            known = self._instants[day, second] = self._instant(day, second)
        return known

    def _instant(self, day: int, second: float) -> float:
        naive = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day, seconds=second)
        wall = naive.replace(tzinfo=self.zone, fold=0)
        at = wall.timestamp()
        back = datetime.fromtimestamp(at, self.zone)
        if back.replace(tzinfo=None) == wall.replace(tzinfo=None):
            return at
        # In the gap: fold 0 uses the offset before it, which leads past it by what is missing.
        before, after = wall.utcoffset(), wall.replace(fold=1).utcoffset()
        if before is None or after is None:
            return at
        low, high = at - abs((after - before).total_seconds()), at
        target = wall.replace(tzinfo=None)
        while high - low > 1:
            middle = (low + high) / 2
            shown = datetime.fromtimestamp(middle, self.zone).replace(tzinfo=None)
            low, high = (middle, high) if shown < target else (low, middle)
        return high // _STEP * _STEP

    def next(self, at: float, second: float) -> float:
        """Return the first instant after `at` at which the wall clock shows a second of the day."""
        day = self.day(at)
        for ahead in range(3):
            found = self.instant(day + ahead, second)
            if found > at:
                return found
        raise AssertionError("a wall clock shows every second within two days")  # pragma: no cover


@dataclass(frozen=True, slots=True)
class Window:
    """A span of the wall clock, seconds of the day; one that ends before it begins passes midnight.

    `weekdays` (Monday 0) are those on which it *begins*; empty for all. Begin and end alike is the
    whole day.
    """

    begin: float
    end: float
    weekdays: tuple[int, ...] = ()

    def span(self, at: float, wall: WallTime) -> tuple[float, float] | None:
        """Return begin and end (instants) of the window that `at` lies in, None when in none."""
        day = wall.day(at)
        for begun in (day, day - 1):
            if not self._has(begun):
                continue
            start = wall.instant(begun, self.begin)
            passes = self.end <= self.begin
            stop = wall.instant(begun + 1 if passes else begun, self.end)
            if start <= at < stop:
                return start, stop
        return None

    def contains(self, at: float, wall: WallTime) -> bool:
        """Tell whether `at` lies in the window."""
        return self.span(at, wall) is not None

    def next_begin(self, at: float, wall: WallTime) -> float:
        """Return the first instant after `at` at which the window begins."""
        day = wall.day(at)
        for ahead in range(-1, 9):
            if self._has(day + ahead):
                start = wall.instant(day + ahead, self.begin)
                if start > at:
                    return start
        raise AssertionError("a window begins at least once a week")  # pragma: no cover

    def _has(self, day: int) -> bool:
        return not self.weekdays or (day + 3) % 7 in self.weekdays

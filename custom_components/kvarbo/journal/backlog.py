"""What is not on disk yet, in order, bounded in memory however long the disk refuses (A1)."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .changes import Audit, Json
from .rows import Row, Table, from_micros, iso, rows_of

#: Audit entries that are kept while the disk refuses: weeks of a busy home, some 10 MB. What comes
#: beyond is counted, and the count becomes an entry itself: never a silent gap (A10).
ENTRIES_LIMIT: Final = 20_000

type _Key = tuple[Table, str, int]


@dataclass(slots=True)
class Unit:
    """What one caller wants on disk. `whole` is False when part of it can never be written."""

    rows: tuple[Row, ...]
    done: asyncio.Future[bool]
    whole: bool

    def answer(self, *, durable: bool) -> None:
        """Tell the caller, once."""
        if not self.done.done():
            self.done.set_result(durable and self.whole)


class Backlog:
    """Rows in the order in which they came; of one row only what it is to be in the end.

    Rows replace each other, so that days of a full disk do not fill the memory: the new value takes
    the place of the old one in the order. Audit entries each stay.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[_Key, Row] = {}
        self._entries = 0
        self._number = 0
        self._skipped: list[datetime] = []
        self._skipped_count = 0

    def __len__(self) -> int:
        """Return how many rows wait."""
        return len(self._rows) + (self._skipped_count > 0)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows behind what waits already."""
        for row in rows:
            if row.table is Table.AUDIT and self._entries >= ENTRIES_LIMIT:
                self._skip(row)
            else:
                self._put(row)

    def put_back(self, rows: Iterable[Row]) -> None:
        """Put rows that were taken and refused ahead of what has come since, which is newer."""
        newer = self._rows.values()
        self._rows = {}
        self._entries = 0
        for row in (*rows, *newer):
            self._put(row)

    def take(self, limit: int) -> list[Row]:
        """Take at most `limit` rows from the front."""
        rows = [self._rows.pop(key) for key in list(self._rows)[:limit]]
        self._entries -= sum(row.table is Table.AUDIT for row in rows)
        if self._skipped_count and len(rows) < limit:
            rows += self._take_skipped()
        return rows

    def _put(self, row: Row) -> None:
        number = 0
        if row.table is Table.AUDIT:
            self._entries += 1
            self._number += 1
            number = self._number
        self._rows[row.table, row.key, number] = row

    def _skip(self, row: Row) -> None:
        at = row.values[0]
        assert isinstance(at, int)  # noqa: S101 - how `rows_of` makes them
        self._skipped = [*self._skipped[:1], from_micros(at)]
        self._skipped_count += 1

    def _take_skipped(self) -> tuple[Row, ...]:
        first, last = iso(self._skipped[0]), self._skipped[-1]
        detail: dict[str, Json] = {"entries": self._skipped_count, "since": first}
        self._skipped, self._skipped_count = [], 0
        return rows_of(Audit("audit_skipped", last, 0.0, "journal", detail=detail))

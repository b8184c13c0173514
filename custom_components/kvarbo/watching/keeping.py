"""Watchers on the journal's disk (S3)."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import override

from ..journal.changes import PutWatcher
from ..supervision.keeping import Keeping, Row
from ..transmission.ledger import Ledger


class LedgerKeeping(Keeping):
    """Keeps rows in the journal, by the ledger that the alarms use."""

    def __init__(self, ledger: Ledger) -> None:
        """Write through this ledger."""
        self._ledger = ledger
        self._writing: set[asyncio.Task[None]] = set()

    @override
    def keep(self, rows: Iterable[Row]) -> None:
        self._ledger.post(*map(change_of, rows))

    @override
    def commit(self, rows: Iterable[Row], done: Callable[[], None]) -> None:
        task = asyncio.get_running_loop().create_task(
            self._commit([change_of(row) for row in rows], done), name="kvarbo watcher"
        )
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _commit(self, changes: list[PutWatcher], done: Callable[[], None]) -> None:
        # Also when the disk refuses: the journal's own fault tells of it, the watcher goes on.
        await self._ledger.commit(*changes)
        done()

    async def settle(self) -> None:
        """Wait until nothing is under way."""
        while self._writing:
            await asyncio.wait(list(self._writing))


def change_of(row: Row) -> PutWatcher:
    """Return a row as the journal takes it."""
    deadline = None if row.deadline is None else datetime.fromtimestamp(row.deadline, UTC)
    return PutWatcher(row.key, deadline, row.state)


def row_of(change: PutWatcher) -> Row:
    """Return a row that the journal held."""
    deadline = None if change.deadline is None else change.deadline.timestamp()
    return Row(change.identity, deadline, change.state)

"""Take away what is older than it may be kept (R04, R08), in steps that let alarms pass between."""

# ruff: noqa: S608 - names of tables and columns are constants of ours, never input

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .audit import Anchor
from .reading import WAITING
from .rows import Row, micros
from .session import Session, Transaction

#: Alarms and audit entries that one step takes away at most.
_ALARMS: Final = 50
_ENTRIES: Final = 500

# What is not known to be ended is kept, a later release's states too.
_OLD_ALARMS: Final = f"""
    SELECT id FROM alarm
    WHERE state IN ('closed', 'cancelled', 'lapsed') AND coalesce(ended_at, raised_at) < ?
    AND NOT EXISTS (SELECT 1 FROM delivery WHERE alarm_id = alarm.id AND {WAITING})
    LIMIT {_ALARMS}
"""

# Left over where an alarm's own row was lost or could not be written.
_ORPHANS: Final = (
    f"""DELETE FROM delivery WHERE queued_at < ? AND NOT {WAITING}
        AND alarm_id NOT IN (SELECT id FROM alarm)""",
    """DELETE FROM message WHERE created_at < ? AND alarm_id NOT IN (SELECT id FROM alarm)
        AND id NOT IN (SELECT message_id FROM delivery)""",
)


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much was taken away."""

    alarms: int = 0
    entries: int = 0
    files: int = 0


def prune(
    session: Session, before: datetime, pause: Callable[[], None], entry: Callable[[Pruned], Row]
) -> Pruned:
    """Take away what ended before `before` (aware): alarms, audit entries, files set aside.

    Never an open alarm, nor one with a delivery that the far end has yet to answer for. `entry`
    makes the audit entry that tells of it; `pause` is called between steps.

    Raises:
        JournalRefusedError: the disk refused; steps that were done stay done.
        OSError: likewise, for a file that was set aside.
    """
    limit = micros("before", before)
    alarms = entries = 0
    while count := _step(session, lambda work: _prune_alarms(work, limit)):
        alarms += count
        pause()
    _step(session, lambda work: _prune_orphans(work, limit))
    pause()
    while count := _step(session, lambda work: _prune_entries(session, work, limit)):
        entries += count
        pause()
    pruned = Pruned(alarms, entries, session.place.take_away_aside(before))
    if pruned != Pruned():
        with session.transaction() as work:
            work.put(entry(pruned))
    return pruned


def _step(session: Session, action: Callable[[Transaction], int]) -> int:
    with session.transaction() as work:
        return action(work)


def _prune_alarms(work: Transaction, limit: int) -> int:
    ids = [(row[0],) for row in work.connection.execute(_OLD_ALARMS, (limit,))]
    for statement in (
        "DELETE FROM delivery WHERE alarm_id = ?",
        "DELETE FROM message WHERE alarm_id = ?",
        "DELETE FROM alarm WHERE id = ?",
    ):
        work.connection.executemany(statement, ids)
    return len(ids)


def _prune_orphans(work: Transaction, limit: int) -> int:
    return sum(work.connection.execute(query, (limit,)).rowcount for query in _ORPHANS)


def _prune_entries(session: Session, work: Transaction, limit: int) -> int:
    # From the old end and without holes: the chain must hold from its new start on.
    first = session.start.seq + 1
    rows = work.connection.execute(
        "SELECT seq, at, hash FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?", (first, _ENTRIES)
    ).fetchall()
    old = []
    for row in rows:
        if row["at"] >= limit:
            break
        old.append(row)
    if not old:
        return 0
    last = old[-1]
    work.connection.execute("DELETE FROM audit WHERE seq <= ?", (last["seq"],))
    work.start = Anchor(last["seq"], last["hash"])
    return len(old)

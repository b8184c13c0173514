"""What the journal holds of a span of time, to count from: alarms, their receipts, and what was noted (R40).

Reading alone. It is lenient as `reading` is: what this release cannot read is counted and left out.
"""

# ruff: noqa: S608 - names of tables and columns are constants of ours, never input

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
import json
import sqlite3
from typing import Any, Final

from ..alarm.alarm import Alarm
from .reading import UNREADABLE, alarm_of
from .rows import COLUMNS, Table, from_micros, micros
from .schema import selection

#: What reads an open database, in the journal's thread; it calls its second argument between its steps.
type Query[T] = Callable[[sqlite3.Connection, Callable[[], None]], T]

#: Audit entries that one step looks at.
_STEP: Final = 500

#: Raised in the span, or telling of a time without watching that reaches into it.
_IN: Final = """(raised_at >= :since AND raised_at < :until)
    OR (reason = 'hub_was_off' AND until > :since AND sensed_at < :until)"""
_RECEIPTS: Final = f"""
    SELECT delivery.alarm_id, min(delivery.received_at)
    FROM delivery JOIN message ON message.id = delivery.message_id
    WHERE message.kind = 'alarm' AND delivery.state = 'received'
    AND delivery.received_at IS NOT NULL
    AND delivery.alarm_id IN (SELECT id FROM alarm WHERE {_IN})
    GROUP BY delivery.alarm_id
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """An alarm as it stands, and when a receiver first said that it had it (aware, UTC; None: not known)."""

    alarm: Alarm
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """One entry of the audit trail, as far as figures need it."""

    what: str
    at: datetime
    alarm_id: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """What the journal holds of a span. `oldest` is when its audit trail begins, None for an empty one.

    `noted` are the entries asked for, in the order in which they were written. `unread` counts rows
    that could not be read.
    """

    alarms: tuple[Kept, ...] = ()
    noted: tuple[Noted, ...] = ()
    oldest: datetime | None = None
    unread: int = 0


def span_of(since: datetime, until: datetime, whats: frozenset[str]) -> Query[Span]:
    """Return the query for a span, `since` inclusive and `until` exclusive (aware).

    Entries of the audit trail are those called one of `whats` that were written from `since` on,
    also after `until`: what is said of an alarm is said later.
    """
    bounds = {"since": micros("since", since), "until": micros("until", until)}

    def query(connection: sqlite3.Connection, pause: Callable[[], None]) -> Span:
        receipts = dict(connection.execute(_RECEIPTS, bounds).fetchall())
        columns = selection(connection, Table.ALARM, COLUMNS[Table.ALARM])
        found = f"SELECT {columns} FROM alarm WHERE {_IN} ORDER BY raised_at, rowid"
        alarms: list[Kept] = []
        unread = 0
        for row in connection.execute(found, bounds):
            try:
                alarm = alarm_of(row)
                received = receipts.get(alarm.id)
                alarms.append(Kept(alarm, None if received is None else from_micros(received)))
            except UNREADABLE:
                unread += 1
        oldest = connection.execute("SELECT min(at) FROM audit").fetchone()[0]
        return Span(
            tuple(alarms),
            tuple(_noted(connection, bounds["since"], whats, pause)),
            None if oldest is None else from_micros(oldest),
            unread,
        )

    return query


def alarm_by_id(alarm_id: str) -> Query[Alarm | None]:
    """Return the query for one alarm, also one that ended long ago; None where there is none that reads."""

    def query(connection: sqlite3.Connection, _: Callable[[], None]) -> Alarm | None:
        columns = selection(connection, Table.ALARM, COLUMNS[Table.ALARM])
        found = f"SELECT {columns} FROM alarm WHERE id = ?"
        row = connection.execute(found, (alarm_id,)).fetchone()
        try:
            return None if row is None else alarm_of(row)
        except UNREADABLE:
            return None

    return query


def _noted(
    connection: sqlite3.Connection, since: int, whats: frozenset[str], pause: Callable[[], None]
) -> list[Noted]:
    # Canonical JSON: `what` is the last key of an entry, and a quote inside a text is escaped. So
    # the database leaves out what nobody asks for, and a year of entries need not be parsed.
    ends = [f'%"what":"{what}"}}' for what in sorted(whats)]
    wanted = " OR ".join(["body LIKE ?"] * len(ends)) or "0"
    found = f"SELECT at, body FROM audit WHERE seq BETWEEN ? AND ? AND at >= ? AND ({wanted})"
    first, last = connection.execute("SELECT min(seq), max(seq) FROM audit").fetchone()
    rows: list[sqlite3.Row] = []
    # From the new end, so that a year of entries is not read for the sake of its last month; in
    # steps, so that no alarm waits for it.
    while first is not None and last >= first:
        step = (max(first, last - _STEP + 1), last)
        rows += connection.execute(f"{found} ORDER BY seq DESC", (*step, since, *ends)).fetchall()
        newest = "SELECT max(at) FROM audit WHERE seq BETWEEN ? AND ?"
        if (at := connection.execute(newest, step).fetchone()[0]) is not None and at < since:
            break
        last = step[0] - 1
        pause()
    return [noted for row in reversed(rows) if (noted := _note_of(row)) and noted.what in whats]


def _note_of(row: sqlite3.Row) -> Noted | None:
    try:
        fields = json.loads(row["body"])
        detail = fields.get("detail")
        return Noted(
            what=fields["what"],
            at=from_micros(row["at"]),
            alarm_id=fields.get("alarm_id"),
            detail=detail if isinstance(detail, dict) else {},
        )
    except (*UNREADABLE, KeyError):
        return None

"""From the rows of the database back to the values of the alarm chain.

Reading is lenient: a row that this release cannot read, such as a kind that a later release knows,
stays on disk, is left out and counted, and stops nothing else.
"""

# ruff: noqa: S608 - names of tables and columns are constants of ours, never input

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
import json
import sqlite3
from typing import Final

from ..alarm.alarm import (
    Alarm,
    AlarmState,
    Delivery,
    DeliveryState,
    Message,
    MessageKind,
    Note,
    Source,
)
from ..alarm.kinds import AlarmKind, Location, Owner, ReasonCode, Role
from .changes import Json, PutWatcher
from .rows import COLUMNS, Table, from_micros
from .schema import selection

#: What a row that cannot be read raises, whatever is wrong with it.
UNREADABLE: Final = (ValueError, TypeError, OverflowError, RecursionError)

#: Deliveries that the far end has yet to answer for. A state of a later release counts as one: it
#: is safer to keep too much.
WAITING: Final = "state NOT IN ('received', 'refused', 'withdrawn')"

#: Of so many ended alarms the episodes are remembered.
ENDED: Final = 1000

_TO_RECOVER: Final = f"""
    SELECT id FROM alarm WHERE state NOT IN ('closed', 'cancelled', 'lapsed')
    UNION
    SELECT alarm_id FROM delivery WHERE {WAITING} OR (state = 'received' AND followed = 0)
"""

#: Every time that can be in the past. A watcher's deadline lies ahead and is none of them.
_TIMES: Final = {
    Table.ALARM: (
        "sensed_at",
        "raised_at",
        "last_press_at",
        "acknowledged_at",
        "ended_at",
        "cleared_at",
    ),
    Table.MESSAGE: ("created_at",),
    Table.DELIVERY: ("queued_at", "first_sent_at", "received_at", "held_since"),
    Table.AUDIT: ("at",),
}


@dataclass(slots=True)
class Content:
    """What a journal holds that a home needs to go on; fields as in `Recovered`."""

    alarms: list[Alarm] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    markers: dict[str, Json] = field(default_factory=dict)
    watchers: list[PutWatcher] = field(default_factory=list)
    newest: datetime | None = None
    unreadable: int = 0
    ended: list[Alarm] = field(default_factory=list)


def read_content(connection: sqlite3.Connection) -> Content:
    """Read all that a home needs to go on; raises sqlite3.Error."""
    content = Content()

    def read[T](
        table: Table, make: Callable[[sqlite3.Row], T], condition: str = "", order: str = "rowid"
    ) -> list[T]:
        columns = selection(connection, table, COLUMNS[table])
        query = f"SELECT {columns} FROM {table} {condition} ORDER BY {order}"
        values: list[T] = []
        for row in connection.execute(query):
            try:
                values.append(make(row))
            except UNREADABLE:
                content.unreadable += 1
        return values

    content.alarms = read(Table.ALARM, alarm_of, f"WHERE id IN ({_TO_RECOVER})", "raised_at, rowid")
    content.messages = read(
        Table.MESSAGE, message_of, f"WHERE alarm_id IN ({_TO_RECOVER})", "created_at, rowid"
    )
    content.deliveries = read(
        Table.DELIVERY, delivery_of, f"WHERE alarm_id IN ({_TO_RECOVER})", "queued_at, rowid"
    )
    newest_ended = f"id DESC LIMIT {ENDED}"
    content.ended = read(Table.ALARM, alarm_of, f"WHERE id NOT IN ({_TO_RECOVER})", newest_ended)
    content.ended.reverse()
    content.markers = dict(read(Table.MARKER, marker_of))
    content.watchers = read(Table.WATCHER, watcher_of)
    _leave_out_orphans(content)
    content.newest = _newest(connection)
    return content


def _leave_out_orphans(content: Content) -> None:
    """Leave out what belongs to an alarm or message that could not be read."""
    alarms = {alarm.id for alarm in content.alarms}
    content.messages = [m for m in content.messages if m.alarm_id in alarms]
    messages = {message.id for message in content.messages}
    kept = [d for d in content.deliveries if d.alarm_id in alarms and d.message_id in messages]
    content.deliveries = kept


def _newest(connection: sqlite3.Connection) -> datetime | None:
    newest: datetime | None = None
    for table, columns in _TIMES.items():
        for column in columns:
            value = connection.execute(f"SELECT max({column}) FROM {table}").fetchone()[0]
            try:
                at = _time(value)
            except UNREADABLE:
                continue
            if at is not None and (newest is None or at > newest):
                newest = at
    return newest


def alarm_of(row: sqlite3.Row) -> Alarm:
    """Return the alarm of a row; raises ValueError, TypeError or OverflowError when unreadable."""
    location, owner, seen_in = row["location"], row["owner"], row["seen_in"]
    return Alarm(
        id=row["id"],
        episode=row["episode"],
        kind=AlarmKind(row["kind"]),
        priority=row["priority"],
        source=Source(row["source_number"], Role(row["source_role"])),
        location=None if location is None else Location(location),
        resident=row["resident"],
        reason=ReasonCode(row["reason"]),
        sensed_at=from_micros(row["sensed_at"]),
        raised_at=from_micros(row["raised_at"]),
        raised_by=row["raised_by"],
        clock_trouble=bool(row["clock_trouble"]),
        test=bool(row["test"]),
        presses=row["presses"],
        last_press_at=_time(row["last_press_at"]),
        state=AlarmState(row["state"]),
        acknowledged_at=_time(row["acknowledged_at"]),
        ended_at=_time(row["ended_at"]),
        cleared_at=_time(row["cleared_at"]),
        owner=None if owner is None else Owner(owner),
        seen_at=_time(row["seen_at"]),
        seen_in=None if seen_in is None else Location(seen_in),
        repeats=row["repeats"],
        until=_time(row["until"]),
    )


def message_of(row: sqlite3.Row) -> Message:
    """Return the message of a row; raises as `alarm_of`."""
    note = row["note"]
    return Message(
        id=row["id"],
        alarm_id=row["alarm_id"],
        kind=MessageKind(row["kind"]),
        created_at=from_micros(row["created_at"]),
        note=None if note is None else Note(note),
    )


def delivery_of(row: sqlite3.Row) -> Delivery:
    """Return the delivery of a row; raises as `alarm_of`."""
    return Delivery(
        reference=row["reference"],
        message_id=row["message_id"],
        alarm_id=row["alarm_id"],
        receiver=row["receiver"],
        queued_at=from_micros(row["queued_at"]),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        first_sent_at=_time(row["first_sent_at"]),
        received_at=_time(row["received_at"]),
        held_since=_time(row["held_since"]),
        maybe_heard=bool(row["maybe_heard"]),
        minimal=bool(row["minimal"]),
        receipt=row["receipt"],
        status_address=row["status_address"],
        followed=bool(row["followed"]),
        words=row["words"],
    )


def marker_of(row: sqlite3.Row) -> tuple[str, Json]:
    """Return a marker's key and value; raises as `alarm_of`."""
    return row["key"], json.loads(row["value"])


def watcher_of(row: sqlite3.Row) -> PutWatcher:
    """Return a watcher's state; raises as `alarm_of`."""
    return PutWatcher(row["identity"], _time(row["deadline"]), json.loads(row["state"]))


def _time(value: int | None) -> datetime | None:
    return None if value is None else from_micros(value)

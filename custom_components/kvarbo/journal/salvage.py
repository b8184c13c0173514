"""Read what can be read of a corrupt journal.

Nothing that was accepted may be lost (A5): every row that still reads whole goes into the new
journal as it stands, open alarms and waiting deliveries too, and they are sent as live, since the
home that accepted them is this one. What does not read is gone from the chain and stays in the file
that was set aside, for a person. A copy made earlier is not mixed in: it would bring back the past.
"""

# ruff: noqa: S608 - names of tables and columns are constants of ours, never input

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
import sqlite3
from typing import Final

from .audit import Anchor, Link, holding_end
from .database import is_ours, looking, meta_of
from .refusal import is_corrupt
from .rows import COLUMNS, Row, SqlValue, Table
from .schema import migrate, selection
from .statements import start_of

#: How many rows are asked for one by one between two that could be read.
_PROBES: Final = 20_000
#: How many of them may fail in a row before the rest of a table is given up.
_FAILURES: Final = 1_000

_HEADER: Final = 100


@dataclass(slots=True)
class Salvaged:
    """What could be read.

    `meta` is empty when the journal's own facts are gone. `links` are the newest run of the audit
    chain that holds, `start` what it builds upon, `times` when each entry was (microseconds).
    """

    meta: dict[str, str | int] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    start: Anchor = field(default_factory=Anchor)
    links: list[Link] = field(default_factory=list)
    times: dict[int, int] = field(default_factory=dict)


def salvage(db: Path, scratch: Path) -> Salvaged:
    """Return what can be read of a corrupt journal and of the log beside it.

    `scratch` is an empty folder for a copy, used when the file's first page is gone. The journal
    itself is not changed. Never raises for what is wrong with the content.
    """
    found = Salvaged()
    source = db if _has_schema(db) else _mended(db, scratch)
    with suppress(sqlite3.Error), looking(source, alone=False) as connection:
        with suppress(sqlite3.Error):
            found.meta = meta_of(connection)
        for table in COLUMNS:
            _read_table(connection, Table(table), found)
        _read_audit(connection, found)
    return found


def _has_schema(db: Path) -> bool:
    try:
        with looking(db, alone=False) as connection:
            return is_ours(connection) and any(
                row[0] == Table.ALARM
                for row in connection.execute("SELECT name FROM sqlite_schema")
            )
    except sqlite3.Error:
        return False


def _mended(db: Path, scratch: Path) -> Path:
    """Copy the journal and give it the first page of a fresh one.

    The first page says which page each table begins on, and every journal was made with the same
    statements in the same order.
    """
    with sqlite3.connect(":memory:", autocommit=True) as fresh:
        migrate(fresh)
        page = bytearray(fresh.serialize())
    fresh.close()
    size = int.from_bytes(page[16:18])
    del page[size:]
    page[18:20] = b"\x02\x02"  # written with a write-ahead log
    page[24:28] = (
        b"\x00\x00\x00\x01"  # differs from 92..96: the file's length counts, not the header's
    )
    page[32:40] = bytes(8)  # no free pages
    copy = scratch / db.name
    content = bytearray(db.read_bytes())
    content[:size] = page
    copy.write_bytes(content)
    wal = db.with_name(f"{db.name}-wal")
    with suppress(FileNotFoundError):
        copy.with_name(wal.name).write_bytes(wal.read_bytes())
    return copy


def _read_table(connection: sqlite3.Connection, table: Table, found: Salvaged) -> None:
    columns = COLUMNS[table]
    try:
        chosen = selection(connection, table, columns)
    except sqlite3.Error:
        # The schema itself does not read, and so nothing else will.
        return
    for raw in _whole_rows(connection, table, chosen):
        # Whether every value is of its column's type is seen when the row is written.
        values: tuple[SqlValue, ...] = tuple(raw[name] for name in columns)
        found.rows.append(Row(table, str(values[0]), values))


def _read_audit(connection: sqlite3.Connection, found: Salvaged) -> None:
    links: dict[int, Link] = {}
    for raw in _whole_rows(connection, Table.AUDIT, "seq, at, body, hash"):
        seq, at, body, digest = raw["seq"], raw["at"], raw["body"], raw["hash"]
        if isinstance(at, int) and isinstance(body, str) and isinstance(digest, bytes):
            links[seq] = Link(seq, body, digest)
            found.times[seq] = at
    ordered = [links[seq] for seq in sorted(links)]
    found.start, found.links = holding_end(ordered, start_of(found.meta))


def _whole_rows(
    connection: sqlite3.Connection, table: Table, columns: str
) -> Iterator[sqlite3.Row]:
    """Yield what reads: from the front, from the back, then one by one what lies between."""
    query = f"SELECT rowid AS place, {columns} FROM {table}"
    low, high = 0, None
    try:
        for row in connection.execute(f"{query} ORDER BY rowid"):
            if row["place"] <= low:  # pages that point in a circle
                break
            yield row
            low = row["place"]
        else:
            return
    except sqlite3.Error:
        pass
    with suppress(sqlite3.Error):
        for row in connection.execute(f"{query} WHERE rowid > ? ORDER BY rowid DESC", (low,)):
            if high is not None and row["place"] >= high:
                break
            yield row
            high = row["place"]
    failures = 0
    for place in range(low + 1, min(high or low + _PROBES, low + _PROBES)):
        try:
            row = connection.execute(f"{query} WHERE rowid = ?", (place,)).fetchone()
        except sqlite3.Error as error:
            failures += 1
            if failures > _FAILURES or not is_corrupt(error):
                return
            continue
        failures = 0
        if row is not None:
            yield row

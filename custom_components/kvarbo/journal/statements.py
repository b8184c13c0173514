"""The statements that change the database. Whoever calls them has begun the transaction."""

# ruff: noqa: S608 - names of tables and columns are constants of ours, never input

from collections.abc import Mapping
import sqlite3
from typing import Final

from .audit import Anchor
from .rows import COLUMNS, Row, SqlValue, Table

AUDIT_START: Final = "audit_start"
AUDIT_START_HASH: Final = "audit_start_hash"
AUDIT_HEAD: Final = "audit_head"
AUDIT_HEAD_HASH: Final = "audit_head_hash"


def _upsert(table: str) -> str:
    # Not "INSERT OR REPLACE": it would empty the columns that a later release has added, and would
    # take another alarm of the same episode away.
    columns = COLUMNS[table]
    key, *others = columns
    marks = ", ".join("?" * len(columns))
    news = ", ".join(f"{name} = excluded.{name}" for name in others)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        f" ON CONFLICT ({key}) DO UPDATE SET {news}"
    )


_UPSERT: Final = {table: _upsert(table) for table in COLUMNS}
_DELETE: Final = {
    **{table: f"DELETE FROM {table} WHERE {columns[0]} = ?" for table, columns in COLUMNS.items()},
    Table.META: "DELETE FROM meta WHERE key = ?",
}


def put_row(connection: sqlite3.Connection, row: Row) -> None:
    """Let a row other than an audit entry stand as it says, or go."""
    if row.values:
        connection.execute(_UPSERT[row.table], row.values)
    else:
        connection.execute(_DELETE[row.table], (row.key,))


def put_meta(connection: sqlite3.Connection, values: Mapping[str, SqlValue]) -> None:
    """Let the journal say this of itself; None takes a fact away."""
    for key, value in values.items():
        if value is None:
            connection.execute(_DELETE[Table.META], (key,))
        else:
            connection.execute(
                "INSERT INTO meta (key, value) VALUES (?, ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value),
            )


def append_audit(connection: sqlite3.Connection, head: Anchor, row: Row) -> Anchor:
    """Add an entry to the chain that ends at `head`; return where it ends now."""
    at, body = row.values
    after = head.then(str(body))
    insert_link(connection, after, at, str(body))
    return after


def insert_link(connection: sqlite3.Connection, place: Anchor, at: SqlValue, body: str) -> None:
    """Write an entry whose place in the chain is known."""
    connection.execute(
        "INSERT INTO audit (seq, at, body, hash) VALUES (?, ?, ?, ?)",
        (place.seq, at, body, place.hash),
    )


def head_meta(head: Anchor) -> dict[str, SqlValue]:
    """Return what the journal says of its chain's end."""
    return {AUDIT_HEAD: head.seq, AUDIT_HEAD_HASH: head.hash.hex()}


def start_meta(start: Anchor) -> dict[str, SqlValue]:
    """Return what the journal says of its chain's start."""
    return {AUDIT_START: start.seq, AUDIT_START_HASH: start.hash.hex()}


def anchor_of(meta: Mapping[str, str | int], seq: str, digest: str) -> Anchor:
    """Return the place in the chain that the journal says of itself; the very beginning if none."""
    try:
        return Anchor(int(meta[seq]), bytes.fromhex(str(meta[digest])))
    except KeyError, ValueError:
        return Anchor()


def start_of(meta: Mapping[str, str | int]) -> Anchor:
    """Return what the first kept entry builds upon."""
    return anchor_of(meta, AUDIT_START, AUDIT_START_HASH)


def head_of(meta: Mapping[str, str | int]) -> Anchor:
    """Return where the chain ends."""
    return anchor_of(meta, AUDIT_HEAD, AUDIT_HEAD_HASH)

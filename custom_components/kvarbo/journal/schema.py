"""The shape of the journal's database and how an older one is brought up to it.

Times are whole microseconds since 1970-01-01 UTC in INTEGER columns: they come back exactly as they
went in, compare as numbers, and cannot carry another time zone or another way of writing.

Migrations only add: a table, a column with a default, an index. So the previous release opens
today's journal (it reads the columns it knows and its writes leave the others alone), and a journal
whose version is newer than this release opens too, as long as all that this release needs is there.
"""

from collections.abc import Mapping, Sequence
import sqlite3
from typing import Final

from .refusal import JournalRefusedError
from .trouble import TroubleKind

#: Marks the file as ours ("Kvar"), in sqlite's own header.
APPLICATION_ID: Final = 0x4B766172

_VERSION_1: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value ANY NOT NULL) STRICT",
    """CREATE TABLE alarm (
        id TEXT PRIMARY KEY NOT NULL,
        episode TEXT NOT NULL,
        kind TEXT NOT NULL,
        priority INTEGER NOT NULL,
        source_number INTEGER NOT NULL,
        source_role TEXT NOT NULL,
        location TEXT,
        resident INTEGER NOT NULL,
        reason TEXT NOT NULL,
        sensed_at INTEGER NOT NULL,
        raised_at INTEGER NOT NULL,
        raised_by TEXT NOT NULL,
        clock_trouble INTEGER NOT NULL,
        test INTEGER NOT NULL,
        presses INTEGER NOT NULL,
        last_press_at INTEGER,
        state TEXT NOT NULL,
        acknowledged_at INTEGER,
        ended_at INTEGER,
        cleared_at INTEGER
    ) STRICT""",
    "CREATE UNIQUE INDEX alarm_episode ON alarm (episode)",
    """CREATE TABLE message (
        id TEXT PRIMARY KEY NOT NULL,
        alarm_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        note TEXT
    ) STRICT""",
    "CREATE INDEX message_alarm ON message (alarm_id)",
    """CREATE TABLE delivery (
        reference TEXT PRIMARY KEY NOT NULL,
        message_id TEXT NOT NULL,
        alarm_id TEXT NOT NULL,
        receiver TEXT NOT NULL,
        queued_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        first_sent_at INTEGER,
        received_at INTEGER,
        held_since INTEGER,
        maybe_heard INTEGER NOT NULL,
        minimal INTEGER NOT NULL,
        receipt TEXT,
        status_address TEXT,
        followed INTEGER NOT NULL,
        words TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX delivery_alarm ON delivery (alarm_id)",
    "CREATE TABLE marker (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT",
    """CREATE TABLE watcher (
        identity TEXT PRIMARY KEY NOT NULL,
        deadline INTEGER,
        state TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE audit (
        seq INTEGER PRIMARY KEY NOT NULL,
        at INTEGER NOT NULL,
        body TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT""",
)

#: What a rule's alarm says besides.
_VERSION_2: Final = (
    "ALTER TABLE alarm ADD COLUMN owner TEXT",
    "ALTER TABLE alarm ADD COLUMN seen_at INTEGER",
    "ALTER TABLE alarm ADD COLUMN seen_in TEXT",
    "ALTER TABLE alarm ADD COLUMN repeats INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE alarm ADD COLUMN until INTEGER",
)

#: What stands in each column that came after version 1 when an older journal is read as it is,
#: since it is corrupt or its disk takes nothing: the default of the migration, as SQL.
_ADDED: Final[Mapping[str, Mapping[str, str]]] = {
    "alarm": {
        "owner": "NULL",
        "seen_at": "NULL",
        "seen_in": "NULL",
        "repeats": "1",
        "until": "NULL",
    }
}

#: From each version to the next, from nothing on. Append to it; what has been released stays.
MIGRATIONS: Final[Sequence[Sequence[str]]] = (_VERSION_1, _VERSION_2)

_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "meta": frozenset({"key", "value"}),
    "audit": frozenset({"seq", "at", "body", "hash"}),
}


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version of an open database; 0 is empty."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(
    connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> None:
    """Bring the database up to the newest version that is known here, each step whole or not at all.

    A newer database is left as it is.
    """
    for version, statements in enumerate(migrations, start=1):
        if version_of(connection) >= version:
            continue
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def selection(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> str:
    """Return what to select so that a journal that could not be migrated reads like one of today."""
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    there = {str(row[0]) for row in rows}
    added = _ADDED.get(table, {})
    return ", ".join(
        f"{added[name]} AS {name}" if name in added and name not in there else name
        for name in columns
    )


def check_usable(connection: sqlite3.Connection, columns: Mapping[str, Sequence[str]]) -> None:
    """Make sure that every table and column that this release uses is there.

    Raises:
        JournalRefusedError: a later release has taken something away; no retry helps, nothing is
            touched.
    """
    for table, names in {**_NEEDED, **columns}.items():
        rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        missing = set(names) - {str(row[0]) for row in rows}
        if missing:
            raise JournalRefusedError(
                TroubleKind.NOT_OPEN,
                f"the journal is of version {version_of(connection)}, which this release cannot use"
                f" ({table}: {', '.join(sorted(missing))})",
                retry=False,
            )

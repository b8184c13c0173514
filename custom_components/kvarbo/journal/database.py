"""How the journal's database is opened, and what can be asked of it before it is trusted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sqlite3
from typing import Final
from urllib.parse import quote

from .refusal import code_of, is_corrupt
from .schema import APPLICATION_ID
from .seal import Meta

#: Seconds that sqlite waits for another process's lock, such as a technician's shell.
_BUSY: Final = 5.0

_NOT_A_TABLE: Final = sqlite3.SQLITE_ERROR


def connect(path: Path, options: str = "mode=rw") -> sqlite3.Connection:
    """Open a database; text that is no UTF-8 comes back with replacement characters.

    The connection is used from one thread at a time, not always the one that opened it.
    """
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?{options}",
        uri=True,
        autocommit=True,
        check_same_thread=False,
        timeout=_BUSY,
    )
    connection.text_factory = _lenient_text
    # A restored file comes from outside: nothing in its schema may run as code.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """Open the journal so that a commit is on disk when it returns (A1)."""
    connection = connect(path)
    try:
        mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        if mode != "wal":
            raise sqlite3.OperationalError(f"the disk cannot keep a write-ahead log ({mode})")
        connection.execute("PRAGMA synchronous = FULL")
        # Checkpoints run between commits, never inside one, and renew the log's token.
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        # Rows refer to each other in whatever order they are written.
        connection.execute("PRAGMA foreign_keys = OFF")
        # What retention removes is overwritten, not just forgotten.
        connection.execute("PRAGMA secure_delete = ON")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def looking(path: Path, *, alone: bool) -> Iterator[sqlite3.Connection]:
    """Open a database to look at it; the database file itself is never changed.

    `alone`: without the write-ahead log beside it. Else through the log, which is neither merged
    nor removed.
    """
    connection = connect(path, "immutable=1" if alone else "mode=rw")
    try:
        leave_log(connection)
        connection.row_factory = sqlite3.Row
        yield connection
    finally:
        connection.close()


def leave_log(connection: sqlite3.Connection) -> None:
    """Make closing leave the write-ahead log as it is, instead of merging and removing it."""
    connection.setconfig(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)  # noqa: FBT003 - sqlite3's


def read_meta(path: Path, *, alone: bool) -> Meta | None:
    """Return what a journal says of itself, None when the file cannot be read as a journal.

    Raises sqlite3.Error when it is the disk that refuses.
    """
    try:
        with looking(path, alone=alone) as connection:
            if not is_ours(connection):
                return None
            return meta_of(connection)
    except sqlite3.Error as error:
        if is_corrupt(error) or code_of(error) == _NOT_A_TABLE:
            return None
        raise


def meta_of(connection: sqlite3.Connection) -> dict[str, str | int]:
    """Return the meta table's content."""
    rows = connection.execute("SELECT key, value FROM meta")
    return {str(key): value for key, value in rows if isinstance(value, str | int)}


def is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is a journal of Kvarbo's at all."""
    return bool(connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID)


def fault_of(connection: sqlite3.Connection) -> str | None:
    """Return what is wrong with the file's content, None when it is sound.

    Raises sqlite3.Error when it is the disk that refuses.
    """
    try:
        if not is_ours(connection):
            return "not a journal"
        verdict = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        if is_corrupt(error):
            return str(error)
        raise
    return None if verdict == "ok" else verdict


def _lenient_text(raw: bytes) -> str:
    return raw.decode(errors="replace")

"""An open journal: transactions that are on disk when they end, and the checkpoints between them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
import logging
from pathlib import Path
import sqlite3
from typing import Final

from .audit import Anchor
from .database import leave_log, meta_of
from .place import Place
from .refusal import JournalRefusedError, refused
from .rows import Row, SqlValue, Table
from .seal import COMMITS, WAL_LINK, Seal, Tokens, commits_of
from .statements import append_audit, head_meta, head_of, put_meta, put_row, start_meta, start_of
from .trouble import TroubleKind

_LOGGER = logging.getLogger(__name__)

#: Commits between two checkpoints: about a megabyte of write-ahead log.
CHECKPOINT_EVERY: Final = 50


class Transaction:
    """What goes to the disk together."""

    def __init__(self, connection: sqlite3.Connection, head: Anchor) -> None:
        """Go on from the end of the audit chain."""
        self.connection = connection
        self.head = head
        self.start: Anchor | None = None

    def put(self, row: Row) -> None:
        """Let a row stand as it says, or add an entry to the audit chain.

        Raises sqlite3.IntegrityError or DataError when this row can never be; the others stand.
        """
        if row.table is Table.AUDIT:
            self.head = append_audit(self.connection, self.head, row)
        else:
            put_row(self.connection, row)

    def put_meta(self, values: Mapping[str, SqlValue]) -> None:
        """Let the journal say this of itself."""
        put_meta(self.connection, values)


class Session:
    """One connection, its seal, and where it stands."""

    def __init__(self, place: Place, connection: sqlite3.Connection, seal: Seal) -> None:
        """Take over a connection that is open for writing; raises sqlite3.Error or OSError."""
        self.place = place
        self.connection = connection
        meta = meta_of(connection)
        self.start = start_of(meta)
        self.head = self._find_head(head_of(meta))
        self._seal = seal
        self._commits = commits_of(meta)
        self._tokens = Tokens.of(meta) or Tokens.first()
        self._fresh_log = False
        self._since_checkpoint = 0
        self._db_inode = place.db.stat().st_ino
        self._wal_inode: int | None = None

    def _find_head(self, recorded: Anchor) -> Anchor:
        row = self.connection.execute(
            "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        # Where the newest entries were taken away, their numbers are not given again: the gap shows.
        found = recorded if row is None else Anchor(row["seq"], row["hash"])
        return found if found.seq >= recorded.seq else recorded

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Begin a transaction that is on disk when the block ends.

        Raises:
            JournalRefusedError: nothing of it is on disk.
        """
        self._check_database()
        work = Transaction(self.connection, self.head)
        tokens = self._tokens.next() if self._fresh_log else self._tokens
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield work
            work.put_meta(
                {
                    COMMITS: self._commits + 1,
                    WAL_LINK: tokens.encode(),
                    **head_meta(work.head),
                    **({} if work.start is None else start_meta(work.start)),
                }
            )
            self.connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise refused(error, self.place.folder) from error
        except BaseException:
            self._roll_back()
            raise
        self._check_log()
        self.head = work.head
        self.start = work.start or self.start
        self._tokens, self._fresh_log = tokens, False
        self._commits += 1
        self._since_checkpoint += 1
        with suppress(OSError):
            # A mark that stays behind says nothing wrong, and the commit is on disk.
            self._seal.advance(self._commits)

    def tidy(self) -> None:
        """Merge the write-ahead log into the database when it has grown."""
        if self._since_checkpoint >= CHECKPOINT_EVERY:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Merge the write-ahead log into the database, so that it begins anew.

        What the disk refuses here is no loss: it is safe in the log, and is merged another time.
        """
        self._since_checkpoint = 0
        try:
            # Another process that reads is not waited for.
            self.connection.execute("PRAGMA busy_timeout = 0")
            row = self.connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
            self._fresh_log = row[0] == 0
        except sqlite3.Error as error:
            _LOGGER.warning("The journal's log could not be merged yet: %s", error)
        finally:
            self.connection.execute("PRAGMA busy_timeout = 5000")

    def close(self) -> None:
        """Close. Where another file stands in the journal's place, its log is left alone."""
        try:
            self._check_database()
            self._check_log()
        except JournalRefusedError:
            leave_log(self.connection)
        with suppress(sqlite3.Error):
            self.connection.close()

    def abandon(self) -> None:
        """Close without touching a file that cannot be trusted."""
        leave_log(self.connection)
        with suppress(sqlite3.Error):
            self.connection.close()

    def _roll_back(self) -> None:
        # The connection stays open even after a failed fsync: sqlite then writes the same pages of
        # the log again. A new connection would take them from the host's memory for safe.
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def _check_database(self) -> None:
        """Make sure that what is written goes to the file that bears the journal's name."""
        if _inode(self.place.db) != self._db_inode:
            raise _gone("the journal's file was removed or replaced")

    def _check_log(self) -> None:
        inode = _inode(self.place.wal)
        if inode is None or inode != (self._wal_inode or inode):
            raise _gone("the journal's write-ahead log was removed or replaced")
        self._wal_inode = inode


def _inode(path: Path) -> int | None:
    # By name: opening the file would drop sqlite's locks on it when closed again.
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _gone(words: str) -> JournalRefusedError:
    return JournalRefusedError(TroubleKind.REFUSED_OTHER, words, reopen=True)

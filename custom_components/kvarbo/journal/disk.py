"""The journal on disk: synchronous, used from one thread at a time.

A write is one transaction and on disk when it returns: write-ahead log, synchronous=FULL (A1).
Nothing has to be done at the end for that to hold; the process may be killed at any point (A5).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
import sqlite3
from typing import Self

from ..alarm.alarm import Message, MessageKind
from .audit import AuditHead, read_links, verify
from .changes import Audit, Change, Finding, Json, PutMessage, Recovered
from .database import meta_of
from .handing_out import copy_journal, export_entries
from .opening import INCARNATION, Opened, new_ulid, open_database, own_entry
from .place import FolderLock, Place
from .reading import Content, read_content
from .refusal import refusing
from .retention import Pruned, prune
from .rows import (
    UNSETTLED,
    Row,
    UnfitChangeError,
    name_of,
    rows_of,
)
from .session import Session
from .span import Query
from .times import Times
from .trouble import Rejected

#: Called between the steps of something long: time for what must not wait.
type Pause = Callable[[], None]


def no_pause() -> None:
    """Let nothing in between."""


class JournalFile:
    """An open journal. Made by `open`."""

    def __init__(self, session: Session, lock: FolderLock, times: Times, incarnation: str) -> None:
        """Take over what an opening has made."""
        self._session = session
        self._lock = lock
        self._times = times
        self._incarnation = incarnation

    @classmethod
    def open(cls, folder: Path, *, times: Times, host: str = "") -> tuple[Self, Recovered]:
        """Open the journal in `folder` and return it with what it holds.

        A folder that is missing is made (0700, files 0600). `host` is a fingerprint of the machine
        (a hash, never the serial number itself), empty where it is not known; a journal last opened
        on another is one that was copied (A12). A corrupt journal is set aside, never removed, and
        what reads of it is carried over: `Recovered` says so.

        Raises:
            JournalRefusedError: it cannot be opened for writing; nothing has been lost.
        """
        place = Place(folder)
        with refusing(folder):
            place.make()
            lock = FolderLock(place.lock)
            try:
                opened = open_database(place, times, host)
                try:
                    return cls._begin(place, opened, lock, times)
                except BaseException:
                    opened.connection.close()
                    raise
            except BaseException:
                lock.release()
                raise

    @classmethod
    def _begin(
        cls, place: Place, opened: Opened, lock: FolderLock, times: Times
    ) -> tuple[Self, Recovered]:
        session = Session(place, opened.connection, opened.seal)
        session.checkpoint()
        if opened.to_write:
            with session.transaction() as work:
                work.put_meta(opened.to_write)
                for entry in opened.entries:
                    work.put(*rows_of(entry))
        content = read_content(session.connection)
        _mend(session, content, times)
        meta = meta_of(session.connection)
        why, aside = meta.get(UNSETTLED[Finding.RESTORED]), meta.get(UNSETTLED[Finding.SET_ASIDE])
        file = cls(session, lock, times, str(meta[INCARNATION]))
        return file, Recovered(
            incarnation=str(meta[INCARNATION]),
            alarms=tuple(content.alarms),
            ended=tuple(content.ended),
            messages=tuple(content.messages),
            deliveries=tuple(content.deliveries),
            markers=content.markers,
            newest=content.newest,
            restored=why is not None,
            set_aside=None if aside is None else str(aside),
            audit_broken_at=file.verify_audit(),
            watchers=tuple(content.watchers),
            unreadable=content.unreadable,
            restored_why=None if why is None else str(why),
            wal_set_aside=opened.wal_set_aside,
        )

    def write(self, changes: Sequence[Change]) -> tuple[Rejected, ...]:
        """Write all changes in one transaction; return those that can never be written.

        A rejected change holds nothing else up, and is told of in the audit trail.

        Raises:
            JournalRefusedError: nothing of it is on disk.
        """
        rows: list[Row] = []
        places: list[int] = []
        rejected: list[Rejected] = []
        for index, change in enumerate(changes):
            try:
                made = rows_of(change)
            except UnfitChangeError as error:
                table, key = name_of(change)
                rejected.append(Rejected(index, table, key, str(error)))
            else:
                rows += made
                places += [index] * len(made)
        refused_rows = self.write_rows(rows, rejected)
        return (*rejected, *(replace(item, index=places[item.index]) for item in refused_rows))

    def write_rows(
        self, rows: Sequence[Row], rejected_before: Sequence[Rejected] = ()
    ) -> tuple[Rejected, ...]:
        """Write rows as `write` does changes; the audit also tells of `rejected_before`."""
        rejected: list[Rejected] = []
        with self._session.transaction() as work:
            for index, row in enumerate(rows):
                try:
                    work.put(row)
                except (sqlite3.IntegrityError, sqlite3.DataError) as error:
                    rejected.append(Rejected(index, row.table, row.key, str(error)))
            for item in (*rejected_before, *rejected):
                work.put(*rows_of(rejection(self._times, item)))
        return tuple(rejected)

    def prune(self, before: datetime, pause: Pause = no_pause) -> Pruned:
        """Take away what ended before `before` (aware); see `retention`.

        Raises:
            JournalRefusedError: the disk refused; what was taken away so far stays away.
        """

        def entry(pruned: Pruned) -> Row:
            detail: dict[str, Json] = dict(asdict(pruned))
            (row,) = rows_of(own_entry(self._times, "journal_pruned", detail))
            return row

        with refusing(self._session.place.folder):
            return prune(self._session, before, pause, entry)

    def audit_head(self) -> AuditHead:
        """Return the newest hash of the audit chain (A10)."""
        head = self._session.head
        return AuditHead(head.seq, head.hash.hex())

    def verify_audit(self) -> int | None:
        """Return the sequence number at which the audit chain does not hold, None when it holds.

        Raises:
            JournalRefusedError: the disk refused.
        """
        session = self._session
        with refusing(session.place.folder):
            return verify(read_links(session.connection), session.start, session.head)

    def export_audit(
        self,
        target: Path,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        pause: Pause = no_pause,
    ) -> int:
        """Write the audit trail to `target` as JSON lines; return the number of entries (R08).

        Raises:
            JournalRefusedError: the disk refused; `target` is as it was.
        """
        with refusing(target.parent):
            return export_entries(self._session, target, (since, until), self._incarnation, pause)

    def copy_to(self, target: Path, pause: Pause = no_pause) -> None:
        """Write a consistent copy, marked as one: opened as a journal it counts as restored (A12).

        Raises:
            JournalRefusedError: the disk refused; `target` is as it was.
        """
        with refusing(target.parent):
            copy_journal(self._session, target, self._times.now(), pause)

    def read[T](self, query: Query[T], pause: Pause = no_pause) -> T:
        """Return what a query of `span` finds.

        Raises:
            JournalRefusedError: the disk refused.
        """
        with refusing(self._session.place.folder):
            return query(self._session.connection, pause)

    def tidy(self) -> None:
        """Do what keeps the files small, when it is due. Best when nobody waits for a write."""
        self._session.tidy()

    def close(self) -> None:
        """Close. Not needed for anything to be safe."""
        self._session.close()
        self._lock.release()

    def abandon(self) -> None:
        """Close without touching a file that is gone or cannot be trusted."""
        self._session.abandon()
        self._lock.release()


def rejection(times: Times, rejected: Rejected) -> Audit:
    """Return the audit entry that tells of a change that could not be written."""
    detail: dict[str, Json] = {
        "table": str(rejected.table),
        "key": rejected.key[:200].encode("ascii", "replace").decode(),
        "why": rejected.why[:500],
    }
    return own_entry(times, "change_rejected", detail)


def _mend(session: Session, content: Content, times: Times) -> None:
    """Give every alarm the message that tells of it, where a corrupt journal has lost it."""
    told = {m.alarm_id for m in content.messages if m.kind is MessageKind.ALARM}
    made = [
        Message(id=new_ulid(times), alarm_id=a.id, kind=MessageKind.ALARM, created_at=a.raised_at)
        for a in content.alarms
        if a.id not in told
    ]
    if not made:
        return
    with session.transaction() as work:
        for message in made:
            work.put(*rows_of(PutMessage(message)))
    content.messages = sorted([*content.messages, *made], key=lambda message: message.created_at)

"""Hand out what the journal holds: a consistent copy (A12) and the audit trail (A10, R08)."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
import os
from pathlib import Path
import sqlite3
from typing import Final

from .audit import Anchor, end_line, entry_line, read_links, start_line
from .database import connect
from .rows import micros
from .seal import COPIED_AT, sync
from .session import Session
from .statements import put_meta

#: Pages that one step of a copy takes: 128 kB, some tens of milliseconds on an SD card.
_PAGES: Final = 32
#: Audit entries that one step of an export takes.
_ENTRIES: Final = 500


def copy_journal(session: Session, target: Path, now: datetime, pause: Callable[[], None]) -> None:
    """Write a consistent copy to `target`, marked as a copy; replaces an earlier one.

    `pause` is called between steps and may write to the journal: sqlite carries over what the
    copying connection itself changes, so the copy is of the moment at which it is done. Raises
    sqlite3.Error or OSError; `target` then is as it was.
    """
    with _replacing(target) as part, closing(connect(part)) as copy:
        # Each step is brought to the disk by itself, below: nothing big is left for the end.
        copy.execute("PRAGMA synchronous = OFF")

        def step(_status: int, _remaining: int, _total: int) -> None:
            sync(part)
            pause()

        session.connection.backup(copy, pages=_PAGES, progress=step)
        mode = copy.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        if mode != "delete":
            raise sqlite3.OperationalError("the copy could not be made one file")
        put_meta(copy, {COPIED_AT: micros("now", now)})


def export_entries(
    session: Session,
    target: Path,
    span: tuple[datetime | None, datetime | None],
    incarnation: str,
    pause: Callable[[], None],
) -> int:
    """Write audit entries of a span (from inclusive, to exclusive, aware) as JSON lines.

    The first line says what the first entry builds upon, the last where the chain ends, so the file
    can be checked by itself (`audit.verify_export`). Returns how many entries. Raises as
    `copy_journal`.
    """
    first, last = _bounds(session, span)
    place = _anchor_before(session, first)
    count = 0
    with _replacing(target) as part, part.open("w", encoding="utf-8") as lines:
        lines.write(start_line(place, incarnation) + "\n")
        for step in range(first, last + 1, _ENTRIES):
            for link in read_links(session.connection, step, min(step + _ENTRIES - 1, last)):
                lines.write(entry_line(link) + "\n")
                place = Anchor(link.seq, link.hash)
                count += 1
            pause()
        lines.write(end_line(place, count) + "\n")
    return count


def _bounds(session: Session, span: tuple[datetime | None, datetime | None]) -> tuple[int, int]:
    since, until = span
    first, last = session.start.seq + 1, session.head.seq
    if since is not None:
        query = "SELECT min(seq) FROM audit WHERE at >= ?"
        found = session.connection.execute(query, (micros("since", since),)).fetchone()[0]
        first = last + 1 if found is None else found
    if until is not None:
        query = "SELECT max(seq) FROM audit WHERE at < ?"
        found = session.connection.execute(query, (micros("until", until),)).fetchone()[0]
        last = first - 1 if found is None else found
    return first, last


def _anchor_before(session: Session, first: int) -> Anchor:
    query = "SELECT seq, hash FROM audit WHERE seq = ?"
    row = session.connection.execute(query, (first - 1,)).fetchone()
    return session.start if row is None else Anchor(row["seq"], row["hash"])


@contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Lend a file that takes the target's place when it is whole, and goes when it is not."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield part
        sync(part)
        part.rename(target)
        sync(target.parent)
    except BaseException:
        for end in ("", "-wal", "-shm", "-journal"):
            part.with_name(f"{part.name}{end}").unlink(missing_ok=True)
        raise

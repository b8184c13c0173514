"""From whatever lies in the folder to a journal that can be written to.

Nothing is ever removed that could hold an alarm: what cannot be trusted is moved aside under a name
that says what it is, and the opening says so. Before sqlite may merge a write-ahead log, the log is
shown to belong to the database beside it (A12). A new file is made whole under another name and
then takes the journal's place, so that an opening cut off at any point is simply done again.
"""

from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
import logging
from pathlib import Path
import shutil
import sqlite3
from tempfile import TemporaryDirectory
from typing import Final

from ulid_transform import ulid_at_time

from .audit import Anchor
from .changes import Audit, Finding, Json
from .database import connect, connect_for_writing, fault_of, looking, meta_of, read_meta
from .place import SCRATCH, Place
from .rows import COLUMNS, UNSETTLED, SqlValue, rows_of
from .salvage import Salvaged, salvage
from .schema import check_usable, migrate
from .seal import (
    COMMITS,
    COPIED_AT,
    HOST,
    KEPT,
    NONCE,
    WAL_LINK,
    Difference,
    Kept,
    Meta,
    Seal,
    Tokens,
    commits_of,
    difference,
    is_unmarked,
)
from .statements import append_audit, head_meta, head_of, insert_link, put_meta, put_row, start_meta
from .times import Times

_LOGGER = logging.getLogger(__name__)

INCARNATION: Final = "incarnation"
#: Says of a file under another name that it is whole and may take the journal's place.
_READY: Final = "ready"
#: Who writes the journal's own audit entries.
ACTOR: Final = "journal"


@dataclass(slots=True)
class Opened:
    """A journal open for writing, and what has to be written first.

    `to_write` are facts for the meta table and `entries` audit entries that go into the first
    commit: what the opening did is then on disk together.
    """

    connection: sqlite3.Connection
    seal: Seal
    to_write: dict[str, SqlValue] = field(default_factory=dict)
    entries: list[Audit] = field(default_factory=list)
    wal_set_aside: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the folder shows, before anything is opened for writing."""

    meta: Meta | None
    difference: Difference | None
    wal_is_foreign: bool


def open_database(place: Place, times: Times, host: str) -> Opened:
    """Open the journal in `place`, making, mending or replacing it as must be.

    Raises sqlite3.Error and OSError when the disk refuses, `JournalRefusedError` when a later
    release has left a journal that this one cannot use.
    """
    wal_set_aside: str | None = None
    _finish(place, times)
    if not place.db.exists():
        if place.has_wal():
            wal_set_aside = _set_log_aside(place, times)
        if _is_sound_copy(place.copy):
            _install_copy(place)
        else:
            _build(place, host, lambda connection: _fill_fresh(connection, times))
    seen = look(place, place.db, host)
    if seen.wal_is_foreign:
        wal_set_aside = _set_log_aside(place, times)
    fault = _fault(place.db) or ("it says nothing of itself" if seen.meta is None else None)
    if seen.difference is not None and _copy_is_better(place, seen, fault):
        _LOGGER.warning("The journal was restored; its consistent copy is used")
        place.move_aside(place.aside("replaced", times.now()))
        _install_copy(place)
        seen = look(place, place.db, host)
    elif fault is not None:
        _LOGGER.error("The journal is corrupt and set aside: %s", fault)
        _replace_corrupt(place, times, host, seen)
        seen = look(place, place.db, host)
    opened = _open(place, times, host, seen)
    opened.wal_set_aside = wal_set_aside
    return opened


def look(place: Place, original: Path, host: str) -> Seen:
    """Look at the journal in `place` without changing it.

    `original` is the file whose inode and mark count; another than `place.db` when that is a
    readable copy of it. Raises sqlite3.Error and OSError when the disk refuses.
    """
    alone = read_meta(place.db, alone=True)
    through = read_meta(place.db, alone=False) if place.has_wal() else alone
    # A database alone may be unreadable in the middle of a checkpoint; its log then makes it whole.
    base, top = Tokens.of(alone), Tokens.of(through)
    foreign = base is not None and (top is None or not top.stands_on(base))
    meta = alone if foreign else through
    found: Difference | None
    if meta is None:
        found = Difference.NO_MARK if is_unmarked(original) else None
    else:
        found = difference(meta, original, host)
    return Seen(meta, Difference.FOREIGN_WAL if foreign else found, foreign)


def new_ulid(times: Times) -> str:
    """Return a fresh ULID at home time."""
    return ulid_at_time(times.now().timestamp())


def own_entry(times: Times, what: str, detail: dict[str, Json]) -> Audit:
    """Return an audit entry of the journal's own."""
    return Audit(what, times.now(), times.monotonic(), ACTOR, detail=detail)


def _open(place: Place, times: Times, host: str, seen: Seen) -> Opened:
    meta = seen.meta or {}
    if seen.difference is None:
        seal = Seal(place.db, str(meta[NONCE]), Kept(str(meta[KEPT])))
        # A host that could not tell who it is may have learned it since.
        news: dict[str, SqlValue] = {HOST: host} if host and not meta.get(HOST) else {}
        return Opened(_connect(place.db), seal, news)
    _LOGGER.warning("The journal was restored or copied (%s)", seen.difference)
    with suppress(PermissionError):
        place.db.chmod(0o600)
    # Before the database is open: asking for the file's identity drops sqlite's locks on it.
    seal = Seal.fix(place.db, commits_of(meta))
    sealing = seal.meta_of(place.db, host)
    incarnation = new_ulid(times)
    detail: dict[str, Json] = {
        "why": seen.difference,
        "incarnation": incarnation,
        "former": str(meta.get(INCARNATION, "")),
    }
    return Opened(
        _connect(place.db),
        seal,
        {
            **sealing,
            INCARNATION: incarnation,
            UNSETTLED[Finding.RESTORED]: seen.difference,
            COPIED_AT: None,
        },
        [own_entry(times, "journal_restored", detail)],
    )


def _connect(db: Path) -> sqlite3.Connection:
    connection = connect_for_writing(db)
    try:
        migrate(connection)
        check_usable(connection, COLUMNS)
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def _finish(place: Place, times: Times) -> None:
    """Finish what an earlier opening was cut off in."""
    place.discard_scratch()
    if not place.new.exists():
        return
    meta = None if place.db.exists() else read_meta(place.new, alone=False)
    if meta is not None and _READY in meta:
        # The former journal has been moved; what belongs to it may not all have been.
        former = meta.get(UNSETTLED[Finding.SET_ASIDE])
        target = place.folder / str(former) if former else place.aside("left", times.now())
        place.move_companions(target)
        place.put_new_in_place()
    else:
        place.discard_new()


def _set_log_aside(place: Place, times: Times) -> str:
    target = place.aside("foreign", times.now())
    place.move_companions(target)
    name = f"{target.name}-wal"
    _LOGGER.error("A write-ahead log that is not the journal's is set aside: %s", name)
    return name


def _fault(db: Path) -> str | None:
    with looking(db, alone=False) as connection:
        return fault_of(connection)


def _is_sound_copy(copy: Path) -> bool:
    if not copy.exists():
        return False
    meta = read_meta(copy, alone=True)
    if meta is None or COPIED_AT not in meta:
        return False
    with looking(copy, alone=True) as connection:
        return fault_of(connection) is None


def _copy_is_better(place: Place, seen: Seen, fault: str | None) -> bool:
    """Tell whether the consistent copy knows more than what was restored beside it.

    A backup takes a living database and its log one after the other; the copy that was made for it
    is whole. Only ever asked when a restore was noticed: the copy is never used in silence.
    """
    if not _is_sound_copy(place.copy):
        return False
    copy = read_meta(place.copy, alone=True) or {}
    if seen.meta is None:
        return True
    if copy.get(NONCE) != seen.meta.get(NONCE):
        return False
    return fault is not None or commits_of(copy) > commits_of(seen.meta)


def _install_copy(place: Place) -> None:
    place.start_new()
    shutil.copyfile(place.copy, place.new)
    with closing(connect(place.new)) as connection:
        put_meta(connection, {_READY: 1})
    place.put_new_in_place()


def _replace_corrupt(place: Place, times: Times, host: str, seen: Seen) -> None:
    """Make a new journal of what can be read of the corrupt one; then move that aside."""
    with TemporaryDirectory(dir=place.folder, prefix=SCRATCH) as scratch:
        found = salvage(place.db, Path(scratch))
    target = place.aside("corrupt", times.now())
    why = seen.difference

    def fill(connection: sqlite3.Connection) -> None:
        _fill_salvaged(connection, times, found, target.name)
        if why is not None:
            put_meta(connection, {INCARNATION: new_ulid(times), UNSETTLED[Finding.RESTORED]: why})

    _build(place, host, fill, lambda: place.move_aside(target))


def _fill_fresh(connection: sqlite3.Connection, times: Times) -> None:
    incarnation = new_ulid(times)
    _fill_meta(connection, {INCARNATION: incarnation})
    _fill_audit(connection, times, Anchor(), "journal_created", {"incarnation": incarnation})


def _fill_salvaged(
    connection: sqlite3.Connection, times: Times, found: Salvaged, name: str
) -> None:
    kept: dict[str, SqlValue] = {
        key: found.meta[key]
        for key in (INCARNATION, COMMITS, UNSETTLED[Finding.RESTORED])
        if key in found.meta
    }
    _fill_meta(
        connection, {INCARNATION: new_ulid(times), **kept, UNSETTLED[Finding.SET_ASIDE]: name}
    )
    broken = 0
    for row in found.rows:
        try:
            put_row(connection, row)
        except sqlite3.IntegrityError, sqlite3.DataError:
            broken += 1
    put_meta(connection, start_meta(found.start))
    head = found.start
    for link in found.links:
        head = head.then(link.body)
        insert_link(connection, head, found.times[link.seq], link.body)
    detail: dict[str, Json] = {
        "file": name,
        "rows": len(found.rows) - broken,
        "broken": broken,
        "audit_from": found.start.seq + 1,
        "audit_to": head.seq,
        "audit_was_to": head_of(found.meta).seq,
    }
    _fill_audit(connection, times, head, "journal_set_aside", detail)


def _fill_meta(connection: sqlite3.Connection, values: dict[str, SqlValue]) -> None:
    put_meta(connection, {COMMITS: 0, WAL_LINK: Tokens.first().encode(), **values})


def _fill_audit(
    connection: sqlite3.Connection,
    times: Times,
    head: Anchor,
    what: str,
    detail: dict[str, Json],
) -> None:
    (row,) = rows_of(own_entry(times, what, detail))
    put_meta(connection, head_meta(append_audit(connection, head, row)))


def _build(
    place: Place,
    host: str,
    fill: Callable[[sqlite3.Connection], None],
    make_room: Callable[[], object] | None = None,
) -> None:
    """Make a journal under another name, whole and sealed, and let it take its place."""
    place.start_new()
    with closing(connect(place.new)) as connection:
        migrate(connection)
        connection.execute("BEGIN IMMEDIATE")
        fill(connection)
        connection.execute("COMMIT")
        commits = commits_of(meta_of(connection))
    seal = Seal.fix(place.new, commits)
    sealing = seal.meta_of(place.new, host)
    with closing(connect(place.new)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        put_meta(connection, {**sealing, _READY: 1})
        connection.execute("COMMIT")
    if make_room is not None:
        make_room()
    place.put_new_in_place()

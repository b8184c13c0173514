"""What a journal holds that cannot be opened for writing: a full disk, or one turned read-only.

Alarms that wait in it must be sent all the same. It is read from a copy in memory or wherever there
is room, since sqlite cannot read through a write-ahead log without writing beside it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
import sqlite3
from tempfile import TemporaryDirectory
from typing import Final

from .changes import Finding, Recovered
from .database import looking
from .opening import INCARNATION, look, new_ulid
from .place import Place, readable_copy
from .reading import read_content
from .refusal import JournalInUseError, JournalRefusedError
from .rows import UNSETTLED
from .times import Times

#: Where a copy may find room, in turn; None is the host's own choice.
_ROOMS: Final = ("/dev/shm", None)  # noqa: S108 - a private folder is made inside


def glimpse(folder: Path, times: Times, host: str, refusal: JournalRefusedError) -> Recovered:
    """Return what can be read of a journal that refused to open; says why in `not_open`.

    Another home's journal is not read: it is that home's to send. Never raises for the disk.
    """
    empty = Recovered(incarnation=new_ulid(times), markers={}, not_open=refusal.words)
    place = Place(folder)
    if isinstance(refusal, JournalInUseError):
        return empty
    try:
        with _scratch() as scratch, readable_copy(place, scratch) as lent:
            return _read(place, lent, host, empty)
    except OSError, sqlite3.Error:
        return empty


def _read(place: Place, lent: Place, host: str, empty: Recovered) -> Recovered:
    seen = look(lent, place.db, host)
    if seen.meta is None:
        return empty
    if seen.wal_is_foreign:
        lent.wal.unlink()
    with looking(lent.db, alone=False) as connection:
        content = read_content(connection)
    why = seen.difference or seen.meta.get(UNSETTLED[Finding.RESTORED])
    aside = seen.meta.get(UNSETTLED[Finding.SET_ASIDE])
    return replace(
        empty,
        # A restored one gets its new incarnation when it can be written down.
        incarnation=empty.incarnation if seen.difference else str(seen.meta[INCARNATION]),
        alarms=tuple(content.alarms),
        ended=tuple(content.ended),
        messages=tuple(content.messages),
        deliveries=tuple(content.deliveries),
        markers=content.markers,
        newest=content.newest,
        watchers=tuple(content.watchers),
        unreadable=content.unreadable,
        restored=why is not None,
        restored_why=None if why is None else str(why),
        set_aside=None if aside is None else str(aside),
    )


@contextmanager
def _scratch() -> Iterator[Path]:
    for room in _ROOMS:
        try:
            folder = TemporaryDirectory(dir=room, prefix="kvarbo-")
        except OSError:
            continue
        with folder as name:
            yield Path(name)
            return
    raise OSError("no room for a copy")

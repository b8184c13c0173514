"""Why the disk would not take something, classed by what to do next.

A refusal is never a loss: whoever asked keeps what was refused and asks again (A1).
"""

from collections.abc import Iterator
from contextlib import contextmanager
import errno
import os
from pathlib import Path
import sqlite3
from typing import Final

from .trouble import TroubleKind

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})

#: What sqlite says of a file whose content cannot be trusted. A sector that cannot be read is the
#: same to us: it will not be better in five seconds.
_CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_UNREADABLE: Final = frozenset(
    {
        sqlite3.SQLITE_IOERR_READ,
        sqlite3.SQLITE_IOERR_SHORT_READ,
        sqlite3.SQLITE_IOERR_CORRUPTFS,
    }
)
_PRIMARY: Final = 0xFF


class JournalRefusedError(Exception):
    """The disk did not take it; nothing of it is on disk.

    `kind` says why. With `retry` the same may be taken later. With `reopen` the file itself is gone
    or cannot be trusted: only a new opening can help.
    """

    def __init__(
        self, kind: TroubleKind, words: str, *, retry: bool = True, reopen: bool = False
    ) -> None:
        """Say why in words without content of the journal."""
        super().__init__(words)
        self.kind = kind
        self.words = words
        self.retry = retry
        self.reopen = reopen


class JournalInUseError(JournalRefusedError):
    """Another running home holds this journal."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(TroubleKind.NOT_OPEN, "another process uses this journal")


def is_corrupt(error: sqlite3.Error) -> bool:
    """Tell whether the file's content cannot be trusted."""
    code = code_of(error)
    return code & _PRIMARY in _CORRUPT or code in _UNREADABLE


def code_of(error: sqlite3.Error) -> int:
    """Return sqlite's extended result code; SQLITE_ERROR when Python itself raised."""
    code: object = getattr(error, "sqlite_errorcode", None)
    return code if isinstance(code, int) else sqlite3.SQLITE_ERROR


def refused(error: sqlite3.Error | OSError, folder: Path) -> JournalRefusedError:
    """Class an error of sqlite or of the file system."""
    if isinstance(error, OSError):
        kind = _kind_by_number(error.errno) or TroubleKind.REFUSED_OTHER
        # strerror and not str: the latter names the path.
        return JournalRefusedError(kind, error.strerror or "the disk failed")
    if is_corrupt(error):
        return JournalRefusedError(TroubleKind.REFUSED_OTHER, str(error), reopen=True)
    match code_of(error) & _PRIMARY:
        case sqlite3.SQLITE_FULL:
            kind = TroubleKind.REFUSED_FULL
        case sqlite3.SQLITE_READONLY:
            kind = TroubleKind.REFUSED_READONLY
        case _:
            kind = _kind_by_looking(folder)
    return JournalRefusedError(kind, str(error))


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """Turn errors of sqlite and of the file system into `JournalRefusedError`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise refused(error, folder) from error


def _kind_by_number(number: int | None) -> TroubleKind | None:
    if number in _FULL:
        return TroubleKind.REFUSED_FULL
    if number in _READ_ONLY:
        return TroubleKind.REFUSED_READONLY
    return None


def _kind_by_looking(folder: Path) -> TroubleKind:
    # sqlite says only "disk I/O error" when the file system turned read-only under an open file, or
    # when no room is left for its index.
    try:
        if not os.access(folder, os.W_OK):
            return TroubleKind.REFUSED_READONLY
        if os.statvfs(folder).f_bavail == 0:
            return TroubleKind.REFUSED_FULL
    except OSError:
        return TroubleKind.REFUSED_OTHER
    return TroubleKind.REFUSED_OTHER

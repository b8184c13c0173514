"""Where the journal's files are, and how one is moved out of the way without being lost."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
import errno
import fcntl
import os
from pathlib import Path
import re
import shutil
from typing import Final

from .refusal import JournalInUseError
from .seal import sync

#: Where a consistent copy is expected by an opening that finds a restored journal.
COPY_NAME: Final = "journal-copy.db"

#: Prefix of folders for a moment's work; one that is found was left by a process that was killed.
SCRATCH: Final = "journal-scratch-"

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_ASIDE: Final = re.compile(r"journal-[a-z]+-(?P<stamp>\d{8}T\d{6}Z)(-\d+)?\.db(-[a-z]+)?$")

#: What sqlite puts beside a database.
_COMPANIONS: Final = ("-wal", "-shm", "-journal")


class Place:
    """The folder of one journal and the names in it."""

    def __init__(self, folder: Path) -> None:
        """Name the files; nothing is touched."""
        self.folder = folder
        self.db = folder / "journal.db"
        self.wal = folder / "journal.db-wal"
        #: Being made; takes the journal's place when it is whole.
        self.new = folder / "journal-new.db"
        self.copy = folder / COPY_NAME
        self.lock = folder / "journal.lock"

    def make(self) -> None:
        """Make the folder, for its owner alone; raises OSError."""
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700, parents=True)
            sync(self.folder.parent)

    def has_wal(self) -> bool:
        """Tell whether a write-ahead log with anything in it lies beside the journal."""
        return self.wal.exists() and self.wal.stat().st_size > 0

    def aside(self, word: str, now: datetime) -> Path:
        """Return a name that is free, with what the file is and when it was put there (UTC)."""
        stamp = now.astimezone(UTC).strftime(_STAMP)
        name, number = f"journal-{word}-{stamp}.db", 1
        while any((self.folder / f"{name}{end}").exists() for end in ("", *_COMPANIONS)):
            number += 1
            name = f"journal-{word}-{stamp}-{number}.db"
        return self.folder / name

    def move_companions(self, target: Path) -> None:
        """Move what sqlite keeps beside the journal to stand beside `target`; raises OSError."""
        for end in _COMPANIONS:
            source = self.db.with_name(f"{self.db.name}{end}")
            if source.exists():
                source.rename(target.with_name(f"{target.name}{end}"))
        sync(self.folder)

    def move_aside(self, target: Path) -> None:
        """Move the journal with all that belongs to it out of the way; raises OSError."""
        self.db.rename(target)
        self.move_companions(target)

    def take_away_aside(self, before: datetime) -> int:
        """Remove what was set aside, or left as a copy, before `before`; return how many files.

        It holds alarms as the journal does, so it is kept no longer. Raises OSError.
        """
        limit = before.astimezone(UTC).strftime(_STAMP)
        old = [
            path
            for path in self.folder.iterdir()
            if (found := _ASIDE.match(path.name)) is not None and found["stamp"] < limit
        ]
        with suppress(FileNotFoundError):
            if self.copy.stat().st_mtime < before.timestamp():
                old.append(self.copy)
        for path in old:
            path.unlink()
        return len(old)

    def start_new(self) -> None:
        """Make the empty file of a new journal, for its owner alone, in place of a half-made one."""
        self.discard_new()
        handle = os.open(self.new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        os.close(handle)

    def discard_new(self) -> None:
        """Remove what an opening that was cut off had begun to make; nothing was in it alone."""
        for end in ("", *_COMPANIONS):
            self.new.with_name(f"{self.new.name}{end}").unlink(missing_ok=True)

    def discard_scratch(self) -> None:
        """Remove what a killed process left of a moment's work."""
        for left in self.folder.glob(f"{SCRATCH}*"):
            shutil.rmtree(left)

    def put_new_in_place(self) -> None:
        """Let the file that was made take the journal's place, which must be free."""
        sync(self.new)
        self.new.rename(self.db)
        sync(self.folder)


class FolderLock:
    """Keeps a second home off the same journal; falls with the process, however it ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock; raises `JournalInUseError`, or OSError when the disk refuses."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                os.close(self._handle)
                raise JournalInUseError from error
            # A file system without locks cannot be guarded, and is no reason not to write alarms.

    def release(self) -> None:
        """Let go."""
        os.close(self._handle)


@contextmanager
def readable_copy(place: Place, scratch: Path) -> Iterator[Place]:
    """Lend a copy of the journal and its log that can be opened where the original cannot."""
    lent = Place(scratch)
    shutil.copyfile(place.db, lent.db)
    with suppress(FileNotFoundError):
        shutil.copyfile(place.wal, lent.wal)
    yield lent

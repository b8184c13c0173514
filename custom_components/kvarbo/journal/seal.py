"""Notice a journal that was restored or copied (A12).

What a journal says of itself travels with every copy of it. So something is kept beside the file's
content that a copy or a restore does not carry along, and the two are compared at each opening:

- which file it is: inode and, where the file system tells, the inode's own generation number;
- a mark on the file (extended attribute `user.kvarbo.seal`): a random nonce, and how many commits
  the journal has seen. A plain copy has no mark; an old content written into the living file has
  the mark of newer commits than it holds. File systems without extended attributes get a small file
  `journal.seal` beside the journal instead, which a copied folder carries along: there the inode
  and the host must do;
- which host it runs on: a fingerprint that the caller passes in;
- which journal the write-ahead log beside it belongs to: see `Tokens`.

Any pair of which both sides are known and that differs means: restored or copied. A copy that
Kvarbo made itself says so inside. What nobody can see from inside the home is an image of the whole
disk put back onto the same machine, or a copy made with extended attributes and written over the
living file: there only the far end can tell. A disk that loses commits after having said that they
were safe looks like an older content, and is treated as one.
"""

import array
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import errno
import fcntl
import os
from pathlib import Path
import secrets
from typing import Final
import zlib

type Meta = Mapping[str, str | int]

ATTRIBUTE: Final = "user.kvarbo.seal"

# Keys of the meta table.
NONCE: Final = "seal_nonce"
FILE: Final = "seal_file"
HOST: Final = "seal_host"
KEPT: Final = "seal_kept"
COMMITS: Final = "commits"
WAL_LINK: Final = "wal_link"
COPIED_AT: Final = "copied_at"

# FS_IOC_GETVERSION of linux/fs.h on 64-bit machines: the generation number of an inode.
_GET_GENERATION: Final = 0x80087601
_UNSUPPORTED: Final = frozenset({errno.ENOTSUP, errno.ENOSYS, errno.EPERM, errno.EACCES})


class Difference(StrEnum):
    """What gave a restored or copied journal away."""

    MARKED_COPY = "marked_copy"
    NOT_SEALED = "not_sealed"
    OTHER_FILE = "other_file"
    OTHER_HOST = "other_host"
    NO_MARK = "no_mark"
    OTHER_MARK = "other_mark"
    #: The mark has seen more commits than the content holds.
    OLDER_CONTENT = "older_content"
    FOREIGN_WAL = "foreign_wal"


class Kept(StrEnum):
    """Where the mark is kept."""

    ATTRIBUTE = "attribute"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is kept outside the file's content."""

    nonce: str
    commits: int

    def encode(self) -> bytes:
        """Return the mark in its form on disk.

        Short, so that ext4 has room for it in the inode, and of one length, so that it is
        overwritten in place.
        """
        return f"{self.nonce} {self.commits:012d}\n".encode()


class Seal:
    """The mark of one journal file, as it is kept while the journal is open."""

    def __init__(self, db: Path, nonce: str, kept: Kept) -> None:
        """Take on the seal of an open journal."""
        self._db = db
        self.nonce = nonce
        self.kept = kept

    @classmethod
    def fix(cls, db: Path, commits: int) -> Seal:
        """Put a new mark on the file, by attribute or beside it, and make sure that it is on disk.

        The content must then say the same (`meta_of`). Raises OSError when the disk refuses.
        """
        nonce = secrets.token_hex(8)
        mark = Mark(nonce, commits).encode()
        try:
            os.setxattr(db, ATTRIBUTE, mark)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
        else:
            sync(db)
            return cls(db, nonce, Kept.ATTRIBUTE)
        place = beside(db)
        fresh = place.with_suffix(".new")
        fresh.write_bytes(mark)
        sync(fresh)
        fresh.rename(place)
        return cls(db, nonce, Kept.BESIDE)

    def advance(self, commits: int) -> None:
        """Let the mark know of one more commit.

        Without waiting for the disk: a mark that is behind says nothing wrong. Raises OSError.
        """
        mark = Mark(self.nonce, commits).encode()
        if self.kept is Kept.ATTRIBUTE:
            os.setxattr(self._db, ATTRIBUTE, mark)
            return
        handle = os.open(beside(self._db), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(handle, mark, 0)
        finally:
            os.close(handle)

    def meta_of(self, db: Path, host: str) -> dict[str, str | int]:
        """Return what the content of `db` must say to match."""
        return {NONCE: self.nonce, KEPT: self.kept, FILE: identity(db), HOST: host}


def commits_of(meta: Meta) -> int:
    """Return how many commits a journal's content has seen; 0 where it does not say."""
    commits = meta.get(COMMITS, 0)
    return commits if isinstance(commits, int) else 0


def beside(db: Path) -> Path:
    """Return where the mark is kept on file systems without extended attributes."""
    return db.with_name("journal.seal")


def identity(db: Path) -> str:
    """Return which file this is: inode and generation, the latter empty where it cannot be told.

    Opens and closes the file: must not be called while sqlite has it open in this process, since
    closing any handle drops the process's locks on it (sqlite's "how to corrupt", 2.2).
    """
    handle = os.open(db, os.O_RDONLY)
    try:
        inode = os.fstat(handle).st_ino
        generation = array.array("L", [0])
        try:
            fcntl.ioctl(handle, _GET_GENERATION, generation)
        except OSError:
            return f"{inode}:"
        return f"{inode}:{generation[0]}"
    finally:
        os.close(handle)


def difference(meta: Meta, db: Path, host: str) -> Difference | None:
    """Compare what a journal's content says with the file that holds it."""
    if COPIED_AT in meta:
        return Difference.MARKED_COPY
    if NONCE not in meta:
        return Difference.NOT_SEALED
    if _other_file(str(meta.get(FILE, "")), identity(db)):
        return Difference.OTHER_FILE
    if host and meta.get(HOST) and meta[HOST] != host:
        return Difference.OTHER_HOST
    return _mark_difference(meta, db)


def is_unmarked(db: Path) -> bool:
    """Tell whether a file that should have a mark has none, without knowing its content.

    False where the file system cannot tell.
    """
    try:
        os.getxattr(db, ATTRIBUTE)
    except OSError as error:
        return error.errno == errno.ENODATA and not beside(db).exists()
    return False


def _mark_difference(meta: Meta, db: Path) -> Difference | None:
    try:
        mark = _read_mark(db, Kept(str(meta[KEPT])))
    except OSError as error:
        # A file system that no longer knows attributes tells nothing; one that knows them and has
        # none tells all.
        return Difference.NO_MARK if error.errno == errno.ENODATA else None
    except KeyError, ValueError:
        return Difference.OTHER_MARK
    if mark.nonce != meta[NONCE]:
        return Difference.OTHER_MARK
    if mark.commits > commits_of(meta):
        return Difference.OLDER_CONTENT
    return None


def _read_mark(db: Path, kept: Kept) -> Mark:
    raw = os.getxattr(db, ATTRIBUTE) if kept is Kept.ATTRIBUTE else beside(db).read_bytes()
    nonce, commits = raw.decode().split()
    return Mark(nonce, int(commits))


def _other_file(recorded: str, found: str) -> bool:
    for known, seen in zip(recorded.split(":"), found.split(":"), strict=False):
        if known and seen and known != seen:
            return True
    return False


@dataclass(frozen=True, slots=True)
class Tokens:
    """How a write-ahead log is known to belong to its database.

    sqlite ties the two together by name alone and would merge a living log into an old database
    that was put in its place. So the first commit after each checkpoint renews a random token in
    the content and keeps the one before. The database by itself has the token of its last
    checkpoint; seen through its own log it has the next one with that as the one before, or the
    same where the checkpoint has already run.

    A database by itself may be torn in the middle of a checkpoint, so the tokens carry a checksum:
    what does not hold tells nothing, and must not part a journal from its own log.
    """

    now: str
    before: str

    @classmethod
    def first(cls) -> Tokens:
        """Return the tokens of a new journal."""
        return cls(secrets.token_hex(8), "-")

    @classmethod
    def of(cls, meta: Meta | None) -> Tokens | None:
        """Return the tokens in a journal's content, None where they cannot be known."""
        match str((meta or {}).get(WAL_LINK, "")).split():
            case [now, before, check] if check == _check(now, before):
                return cls(now, before)
        return None

    def encode(self) -> str:
        """Return the tokens in their form in the content."""
        return f"{self.now} {self.before} {_check(self.now, self.before)}"

    def next(self) -> Tokens:
        """Return the tokens for the first commit after a checkpoint."""
        return Tokens(secrets.token_hex(8), self.now)

    def stands_on(self, alone: Tokens) -> bool:
        """Tell whether content seen through the log stands on what the database alone holds."""
        return alone.now in (self.now, self.before)


def _check(now: str, before: str) -> str:
    return f"{zlib.crc32(f'{now} {before}'.encode()):08x}"


def sync(path: Path) -> None:
    """Make sure that a file or a folder is on disk; raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The journal's files as they were at one moment, and the same disk again after a power cut.

Put back into the very file they were taken from, with its mark: the journal notices a copy by the
file it stands in (A12), and a disk that lost power is no copy.
"""

from dataclasses import dataclass, replace
import os
from pathlib import Path
import random
from typing import Final
import zlib

from custom_components.kvarbo.journal.seal import ATTRIBUTE

DB: Final = "journal.db"
WAL: Final = "journal.db-wal"
#: Where the mark is on file systems without extended attributes.
SEAL: Final = "journal.seal"


@dataclass(frozen=True, slots=True)
class Disk:
    """What would be there if the power went now. Files are packed; None where there is none."""

    files: tuple[tuple[str, bytes | None], ...]
    mark: bytes | None

    @classmethod
    def now(cls, folder: Path) -> Disk:
        files = tuple((name, _packed(folder / name)) for name in (DB, WAL, SEAL))
        try:
            mark: bytes | None = os.getxattr(folder / DB, ATTRIBUTE)
        except OSError:
            mark = None
        return cls(files, mark)

    def put_back(self, folder: Path) -> None:
        """Let the disk be as it was. Nobody may have the journal open."""
        for name, packed in self.files:
            path = folder / name
            if packed is None:
                path.unlink(missing_ok=True)
                continue
            with path.open("r+b" if path.exists() else "w+b") as file:
                file.truncate()
                file.write(zlib.decompress(packed))
        (folder / f"{DB}-shm").unlink(missing_ok=True)
        if self.mark is not None:
            os.setxattr(folder / DB, ATTRIBUTE, self.mark)

    def torn(self, after: Disk, chance: random.Random) -> Disk | None:
        """Cut the power in the middle of a write from this state to `after`.

        What was written lies on disk up to somewhere, and beyond it what was there before. None
        where nothing was written. The mark is written after the commit.
        """
        ours, theirs = dict(self.files), dict(after.files)
        name = DB if ours[DB] != theirs[DB] else WAL
        old, new = _unpacked(ours[name]), _unpacked(theirs[name])
        common = min(len(old), len(new))
        same = next(
            (i for i in range(0, common, 4096) if old[i : i + 4096] != new[i : i + 4096]), common
        )
        first = next((i for i in range(same, common) if old[i] != new[i]), common)
        if first >= len(new):
            return None
        cut = chance.randrange(first, len(new))
        # A checkpoint writes to the database while its log still holds all of it.
        files = theirs if name == DB else ours
        files[name] = zlib.compress(new[:cut] + old[cut:], 1)
        return replace(after if name == DB else self, files=tuple(files.items()))


def _packed(path: Path) -> bytes | None:
    try:
        return zlib.compress(path.read_bytes(), 1)
    except FileNotFoundError:
        return None


def _unpacked(packed: bytes | None) -> bytes:
    return b"" if packed is None else zlib.decompress(packed)

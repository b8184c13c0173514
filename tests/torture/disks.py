"""Disks that can refuse: a small one of root's own, or limits that anybody may set on a process."""

from abc import ABC, abstractmethod
from contextlib import suppress
import os
from pathlib import Path
import resource
import shutil
import subprocess
from typing import Final, override

from .plan import DiskTrouble

_SIZE: Final = 48 * 1024 * 1024


class Disk(ABC):
    """Where the journal lies. `trouble` is what it does wrong now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trouble: DiskTrouble | None = None

    @property
    def journal(self) -> Path:
        return self.folder / "journal"

    @abstractmethod
    def spoil(self, how: DiskTrouble, pid: int | None) -> None:
        """Begin to refuse. `READ_ONLY` only while no home runs (`pid` None)."""

    @abstractmethod
    def mend(self, pid: int | None) -> None:
        """Take everything again."""

    def born(self, pid: int) -> None:  # noqa: B027 - most disks do not care
        """A new home has come to life on this disk."""

    def close(self) -> None:  # noqa: B027 - most leave nothing
        """Leave nothing behind."""


class SmallDisk(Disk):
    """A file system in memory: really full, really read-only. Needs root."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "kvarbo-torture", folder], check=True
        )

    @override
    def spoil(self, how: DiskTrouble, pid: int | None) -> None:
        self.trouble = how
        if how is DiskTrouble.READ_ONLY:
            subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)
            return
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            for size in (1 << 20, 1 << 12):
                with suppress(OSError):
                    while True:
                        filler.write(bytes(size))

    @override
    def mend(self, pid: int | None) -> None:
        if self.trouble is DiskTrouble.READ_ONLY:
            subprocess.run(["mount", "-o", "remount,rw", self.folder], check=True)
        (self.folder / "filler").unlink(missing_ok=True)
        self.trouble = None

    @override
    def close(self) -> None:
        if self.journal.exists():
            shutil.copytree(self.journal, self.folder.parent / "journal-left")
        subprocess.run(["umount", "-l", self.folder], check=True)


class LimitedDisk(Disk):
    """The kernel refuses one process to write beyond a size; of a file that it may not let grow."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir()

    @override
    def spoil(self, how: DiskTrouble, pid: int | None) -> None:
        self.trouble = how
        if pid is not None:
            self.born(pid)

    @override
    def mend(self, pid: int | None) -> None:
        self.trouble = None
        if pid is not None:
            self._limit(pid, resource.RLIM_INFINITY)

    @override
    def born(self, pid: int) -> None:
        match self.trouble:
            case None:
                return
            case DiskTrouble.READ_ONLY:
                self._limit(pid, 0)
            case DiskTrouble.FULL:
                try:
                    self._limit(pid, (self.journal / "journal.db-wal").stat().st_size)
                except FileNotFoundError:
                    self._limit(pid, 0)

    @staticmethod
    def _limit(pid: int, octets: int) -> None:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def make_disk(folder: Path) -> Disk:
    """The strictest that this process may have."""
    return SmallDisk(folder) if os.geteuid() == 0 else LimitedDisk(folder)

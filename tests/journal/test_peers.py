"""The same against a kernel's own disks: full, read-only, frozen, and cut off from power (A1, A5).

These mount file systems and so run as root, by `scripts/test --peers`. The disks are files; a copy
of such a file, taken at any moment, is what a power cut would have left of the disk: what the
kernel held in memory and had not been asked to sync is not in it.
"""

# ruff: noqa: ASYNC220 - a test may wait for a mount in its own loop

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
import os
from pathlib import Path
import shutil
import subprocess
import sys
import time
from typing import Final

import pytest

from custom_components.kvarbo.journal.changes import PutMarker
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from custom_components.kvarbo.journal.trouble import JournalTrouble, TroubleKind
from custom_components.kvarbo.journal.writer import JournalWriter
from tests.journal.loopside import until
from tests.journal.making import (
    HOST,
    Hands,
    a_raise,
    alarm_ids,
    an_alarm,
    crash,
    open_journal,
    reopen,
)

pytestmark = [
    pytest.mark.peers,
    pytest.mark.skipif(os.getuid() != 0, reason="mounts file systems: needs root"),
]

MEGABYTE: Final = 1024 * 1024


def run(*words: str | Path) -> None:
    subprocess.run(words, check=True, capture_output=True)


@contextmanager
def mounted(what: Path, where: Path, *options: str) -> Iterator[Path]:
    where.mkdir(exist_ok=True)
    run("mount", *options, what, where)
    try:
        yield where
    finally:
        run("umount", where)


@pytest.fixture
def image(disk_path: Path) -> Path:
    """Return a file that holds an empty ext4 disk."""
    path = disk_path / "disk.img"
    with path.open("wb") as handle:
        handle.truncate(24 * MEGABYTE)
    run("mkfs.ext4", "-q", "-F", path)
    return path


@pytest.fixture
def disk(image: Path, disk_path: Path) -> Iterator[Path]:
    """Return where that disk is mounted."""
    with mounted(image, disk_path / "disk", "-o", "loop") as where:
        yield where


def test_after_a_power_cut_all_that_was_reported_is_there(
    disk: Path, image: Path, disk_path: Path, hands: Hands
) -> None:
    file, first = open_journal(disk / "journal", hands)
    cuts: list[tuple[int, Path]] = []
    for number in range(1, 131):
        file.write(a_raise(number))
        if number % 10 == 1:
            # After this commit returned, before anything else reaches the disk by itself.
            cut = disk_path / f"cut-{number}.img"
            shutil.copyfile(image, cut)
            cuts.append((number, cut))
        file.tidy()
    crash(file)
    for number, cut in cuts:
        with mounted(cut, disk_path / "after", "-o", "loop") as where:
            again = reopen(where / "journal", hands)
        assert alarm_ids(again) == [an_alarm(n).id for n in range(1, number + 1)]
        # The very same disk: not a copy, however it went down.
        assert not again.restored
        assert again.incarnation == first.incarnation
        assert again.set_aside is None
        assert again.audit_broken_at is None


async def stalled(folder: Path, hands: Hands, freeze: Path) -> list[str]:
    """Freeze the disk for five seconds under a writer; return what was told, in order."""
    told: list[str] = []

    def trouble(what: JournalTrouble | None) -> None:
        told.append("over" if what is None else what.kind)

    writer = JournalWriter(folder, now=hands.now, host=lambda: HOST, on_trouble=trouble)
    await writer.open()
    assert await writer.commit(*a_raise(1))
    run("fsfreeze", "--freeze", freeze)
    # Should this test be killed, the disk must not stay frozen.
    guard = subprocess.Popen(["sh", "-c", 'sleep 60; fsfreeze --unfreeze "$1"', "sh", freeze])
    try:
        began = time.monotonic()
        assert not await writer.commit(*a_raise(2))
        assert 0.9 < time.monotonic() - began < 3
        began = time.monotonic()
        for number in range(3, 9):
            assert not await writer.commit(*a_raise(number))
        assert time.monotonic() - began < 0.9
        longest = 0.0
        while time.monotonic() - began < 4:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        told.append(f"the loop ran: {longest < 1}")
    finally:
        run("fsfreeze", "--unfreeze", freeze)
        guard.kill()
        guard.wait()
    await until(lambda: told[-1] == "over")
    assert await writer.commit(*a_raise(9))
    await writer.close()
    return told


async def test_a_disk_that_stalls_for_five_seconds(disk: Path, hands: Hands) -> None:
    assert await stalled(disk / "journal", hands, disk) == [
        TroubleKind.STALLED,
        "the loop ran: True",
        "over",
    ]
    again = reopen(disk / "journal", hands)
    assert alarm_ids(again) == [an_alarm(number).id for number in range(1, 10)]
    assert again.audit_broken_at is None


async def test_a_disk_that_is_full(disk: Path, hands: Hands) -> None:
    told: list[TroubleKind | None] = []
    writer = JournalWriter(
        disk / "journal",
        now=hands.now,
        host=lambda: HOST,
        on_trouble=lambda what: told.append(None if what is None else what.kind),
    )
    await writer.open()
    assert await writer.commit(*a_raise(1))
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as handle:
        while True:
            handle.write(bytes(4096))
    number = 2
    while await writer.commit(*a_raise(number), PutMarker("big", {"x": "y" * 20000})):
        number += 1  # what room the log still had
        assert number < 500
    assert told == [TroubleKind.REFUSED_FULL]
    writer.post(*a_raise(number + 1))
    with pytest.raises(JournalRefusedError) as caught:
        await writer.copy_to(disk / "copy.db")
    assert caught.value.kind is TroubleKind.REFUSED_FULL
    assert not (disk / "copy.db.part").exists()
    ballast.unlink()
    assert await writer.commit(*a_raise(number + 2))
    assert told == [TroubleKind.REFUSED_FULL, None]
    await writer.close()
    again = reopen(disk / "journal", hands)
    assert alarm_ids(again) == [an_alarm(n).id for n in range(1, number + 3)]
    assert not again.restored
    assert again.audit_broken_at is None


async def test_a_disk_that_is_full_when_the_journal_is_opened(disk: Path, hands: Hands) -> None:
    """What waits in it is there, whether sqlite finds room enough to open it or not."""
    file, first = open_journal(disk / "journal", hands)
    file.write(a_raise(1))
    crash(file)
    with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as handle:
        while True:
            handle.write(bytes(4096))
    writer = JournalWriter(disk / "journal", now=hands.now, host=lambda: HOST)
    recovered = await writer.open()
    assert recovered.incarnation == first.incarnation
    assert alarm_ids(recovered) == [an_alarm(1).id]
    assert not recovered.restored
    (disk / "ballast").unlink()
    assert await writer.commit(*a_raise(2))
    await writer.close()
    assert alarm_ids(reopen(disk / "journal", hands)) == [an_alarm(1).id, an_alarm(2).id]


async def test_a_disk_that_turns_read_only(disk: Path, hands: Hands) -> None:
    """As an SD card does at its end, first under an open journal, then at the next start."""
    told: list[TroubleKind | None] = []

    def writer_of() -> JournalWriter:
        return JournalWriter(
            disk / "journal",
            now=hands.now,
            host=lambda: HOST,
            on_trouble=lambda what: told.append(None if what is None else what.kind),
        )

    writer = writer_of()
    await writer.open()
    assert await writer.commit(*a_raise(1))
    # What the kernel does on an error of the card: at once, whoever has files open.
    run("mount", "-o", "remount,abort", disk)
    assert not await writer.commit(*a_raise(2))
    assert told[0] in (TroubleKind.REFUSED_READONLY, TroubleKind.REFUSED_OTHER)
    await writer.close()
    second = writer_of()
    recovered = await second.open()
    assert recovered.not_open
    assert alarm_ids(recovered) == [an_alarm(1).id]
    assert not recovered.restored
    await second.close()


def test_a_writer_killed_on_a_real_disk(disk: Path, hands: Hands) -> None:
    """One more kill -9, on the disk on which the power may go as well."""
    script = (
        "import sys; sys.path[:0] = [sys.argv[2]]\n"
        "import tests.journal.bare, os, signal\n"
        "from pathlib import Path\n"
        "from tests.journal.making import Hands, a_raise, open_journal\n"
        "file, _ = open_journal(Path(sys.argv[1]), Hands())\n"
        "[file.write(a_raise(n)) for n in range(1, 80)]\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", script, disk / "journal", root], check=False)
    again = reopen(disk / "journal", hands)
    assert len(again.alarms) == 79
    assert not again.restored

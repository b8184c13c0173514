"""The power may go at any moment: whatever was said to be on disk is (A1, A5).

A cut leaves the disk as it was after the last sync, with any part of what was being written since:
any sectors of it, in any order. So the files are kept as they are after every single step (a commit
or a checkpoint), and between each step and the next any mixture of their sectors is opened.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
import random
import shutil
from typing import Final

import pytest

from custom_components.kvarbo.alarm.alarm import DeliveryState
from custom_components.kvarbo.journal.changes import Change, PutAlarm, PutDelivery, PutMarker
from custom_components.kvarbo.journal.disk import JournalFile
from tests.journal.making import (
    START,
    Hands,
    a_delivery,
    a_raise,
    an_alarm,
    crash,
    open_journal,
    reopen,
)

SECTOR: Final = 512
FILES: Final = ("journal.db", "journal.db-wal")


@dataclass(frozen=True)
class Still:
    """The files after a step, and what had been reported to be on disk."""

    files: dict[str, bytes]
    raised: frozenset[str]
    received: frozenset[str]
    counter: int


def steps(chance: random.Random) -> Iterator[list[Change] | None]:
    """Yield what is written in turn; None is a checkpoint."""
    for number in range(1, 40):
        yield [*a_raise(number), PutMarker("counter", number)]
        if chance.random() < 0.4:
            done = a_delivery(number, state=DeliveryState.RECEIVED, received_at=START, attempts=1)
            yield [PutDelivery(done), PutAlarm(an_alarm(number, presses=2))]
        if chance.random() < 0.25:
            yield None


def stills(folder: Path, seed: int) -> list[Still]:
    chance = random.Random(seed)
    file, _ = open_journal(folder)
    raised: set[str] = set()
    received: set[str] = set()
    counter = 0
    found = [still(folder, raised, received, counter)]
    for step in steps(chance):
        if step is None:
            file._session.checkpoint()
        else:
            file.write(step)
            for change in step:
                if isinstance(change, PutDelivery) and change.delivery.received_at:
                    received.add(change.delivery.reference)
                elif isinstance(change, PutAlarm):
                    raised.add(change.alarm.id)
                elif isinstance(change, PutMarker):
                    assert isinstance(change.value, int)
                    counter = change.value
        found.append(still(folder, raised, received, counter))
    crash(file)
    return found


def still(folder: Path, raised: set[str], received: set[str], counter: int) -> Still:
    # Read by name in this process: the locks this drops guard against other processes alone.
    files = {name: read(folder / name) for name in FILES}
    return Still(files, frozenset(raised), frozenset(received), counter)


def read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def torn(before: bytes, after: bytes, chance: random.Random) -> bytes:
    """Return what a cut may leave of a file that was being written."""
    length = chance.choice([len(before), len(after), chance.randint(0, max(len(after), 1))])
    length = max(length, min(len(before), len(after)))
    share = chance.random()
    mixed = bytearray()
    for offset in range(0, length, SECTOR):
        old = before[offset : offset + SECTOR]
        new = after[offset : offset + SECTOR]
        mixed += new if new and (chance.random() < share or not old) else old
    return bytes(mixed[:length])


def lay(folder: Path, files: dict[str, bytes]) -> None:
    """Lay the files down as a disk would show them after the cut, in the very same journal file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        if content or name == "journal.db":
            (folder / name).write_bytes(content)


def check(folder: Path, least: Still, most: Still, about: str) -> None:
    file, again = open_journal(folder, Hands())
    found = {alarm.id for alarm in again.alarms}
    assert least.raised <= found <= most.raised, about
    received = {d.reference for d in again.deliveries if d.state is DeliveryState.RECEIVED}
    assert least.received <= received <= most.received, about
    assert again.markers is not None, about
    assert again.markers.get("counter", 0) in (least.counter, most.counter), about
    assert again.set_aside is None, about
    assert again.wal_set_aside is None, about
    assert again.audit_broken_at is None, about
    file.write(a_raise(9999))
    crash(file)


@pytest.mark.parametrize("seed", range(4))
def test_after_every_step_all_that_was_reported_is_there(tmp_path: Path, seed: int) -> None:
    for number, moment in enumerate(stills(tmp_path / "living", seed)):
        lay(tmp_path / "cut", moment.files)
        check(tmp_path / "cut", moment, moment, f"seed {seed}, step {number}")


@pytest.mark.parametrize("seed", range(6))
def test_in_the_middle_of_every_step_all_that_was_reported_is_there(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(1000 + seed)
    moments = stills(tmp_path / "living", seed)
    for number, (before, after) in enumerate(pairwise(moments)):
        files = {name: torn(before.files[name], after.files[name], chance) for name in FILES}
        lay(tmp_path / "cut", files)
        check(tmp_path / "cut", before, after, f"seed {seed}, after step {number}")


@pytest.mark.parametrize("seed", range(4))
def test_wherever_the_log_ends_a_whole_past_is_there(tmp_path: Path, seed: int) -> None:
    """A disk that lost its newest blocks altogether: what is there is what once was, whole."""
    chance = random.Random(2000 + seed)
    moments = stills(tmp_path / "living", seed)
    pasts = {(m.raised, m.received, m.counter) for m in moments}
    for _ in range(30):
        last = chance.choice(moments)
        log = last.files["journal.db-wal"]
        lay(tmp_path / "cut", {**last.files, "journal.db-wal": log[: chance.randint(0, len(log))]})
        again = reopen(tmp_path / "cut", Hands())
        received = {d.reference for d in again.deliveries if d.state is DeliveryState.RECEIVED}
        raised = frozenset(alarm.id for alarm in again.alarms)
        assert again.markers is not None
        counter = again.markers.get("counter", 0)
        assert (raised, frozenset(received), counter) in pasts
        assert again.audit_broken_at is None


def test_the_same_file_after_a_cut_is_not_taken_for_a_restored_one(tmp_path: Path) -> None:
    """The living file itself, with the end of its log torn off as it was being written."""
    for number in range(1, 25):
        folder = tmp_path / str(number)
        file, first = open_journal(folder)
        for press in range(1, number + 1):
            file.write(a_raise(press))
        safe = (folder / "journal.db-wal").stat().st_size
        mark = _mark_of(file)
        file.write(a_raise(9999))
        crash(file)
        # The commit had not returned: its mark was not there, and of its pages only some.
        _set_mark(file, mark)
        log = folder / "journal.db-wal"
        with log.open("r+b") as handle:
            handle.truncate(safe + (log.stat().st_size - safe) * number // 25)
        again = reopen(folder)
        assert not again.restored
        assert again.incarnation == first.incarnation
        assert {alarm.id for alarm in again.alarms} == {
            an_alarm(press).id for press in range(1, number + 1)
        }


def _mark_of(file: JournalFile) -> int:
    return file._session._commits


def _set_mark(file: JournalFile, commits: int) -> None:
    file._session._seal.advance(commits)

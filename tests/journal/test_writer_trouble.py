"""When the disk does not do its part: memory holds it, in order, until it does (A1)."""

# ruff: noqa: ASYNC240 - a test may look at the disk from its own loop

import asyncio
from contextlib import closing
from pathlib import Path
import random
import sqlite3
import time

import pytest

from custom_components.kvarbo.journal import backlog as backlog_module, writer as writer_module
from custom_components.kvarbo.journal.changes import Change, PutMarker
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.trouble import TroubleKind
from custom_components.kvarbo.journal.writer import JournalWriter
from tests.journal.loopside import GatedThread, Heard, Make, on_disk, until
from tests.journal.making import (
    Hands,
    a_raise,
    alarm_ids,
    an_alarm,
    an_entry,
    open_journal,
    reopen,
)

FULL, STALLED, NOT_OPEN = (
    TroubleKind.REFUSED_FULL,
    TroubleKind.STALLED,
    TroubleKind.NOT_OPEN,
)
BIG = {str(number): "x" * 60 for number in range(500)}


class Disk:
    """The disk under an open writer, full or not by sqlite's own limit."""

    def __init__(self, writer: JournalWriter) -> None:
        self._writer = writer

    def _connection(self) -> sqlite3.Connection:
        file = self._writer._worker._file
        assert file is not None
        return file._session.connection

    def fill(self) -> None:
        """Let no page more be had, and leave none free."""
        connection = self._connection()
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def make_room(self) -> None:
        self._connection().execute("PRAGMA max_page_count = 1000000")


def too_much(number: int) -> tuple[Change, ...]:
    """Return an alarm with so much beside it that a full disk has no room for both."""
    return (*a_raise(number), PutMarker(f"big-{number}", dict(BIG)))


async def test_a_full_disk_is_told_at_once_and_loses_nothing(
    make: Make, folder: Path, heard: Heard
) -> None:
    writer = make()
    await writer.open()
    disk = Disk(writer)
    assert await writer.commit(*a_raise(1))
    disk.fill()
    started = time.monotonic()
    assert not await writer.commit(*too_much(2))
    assert not await writer.commit(*too_much(3))
    writer.post(*a_raise(4))
    assert time.monotonic() - started < 0.9
    assert heard.troubles == [FULL]
    assert "full" in str(writer.trouble)
    await until(lambda: writer.backlog == 14)
    assert on_disk(folder) == {an_alarm(1).id}
    disk.make_room()
    # Everything that waited goes ahead of the newcomer, in one commit.
    assert await writer.commit(*a_raise(5))
    assert heard.troubles == [FULL, None]
    assert writer.trouble is None
    assert writer.backlog == 0
    await writer.close()
    again = reopen(folder)
    assert alarm_ids(again) == [an_alarm(n).id for n in range(1, 6)]
    assert again.audit_broken_at is None
    assert heard.opened == []


async def test_it_is_tried_again_without_anything_new(
    make: Make, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert writer_module.RETRY_EVERY == 5
    monkeypatch.setattr(writer_module, "RETRY_EVERY", 0.05)
    writer = make()
    await writer.open()
    disk = Disk(writer)
    disk.fill()
    assert not await writer.commit(*too_much(1))
    disk.make_room()
    await until(lambda: heard.troubles == [FULL, None])
    assert on_disk(folder) == {an_alarm(1).id}


async def test_it_is_over_when_all_that_was_refused_is_on_disk(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever hears that it is over takes nothing for in memory alone any more."""
    monkeypatch.setattr(writer_module, "_GROUP", 5)
    left: list[int] = []

    def trouble(what: object) -> None:
        if what is None:
            left.append(len(on_disk(folder)))

    writer = make(on_trouble=trouble)
    await writer.open()
    disk = Disk(writer)
    disk.fill()
    assert not await writer.commit(*too_much(1))
    for number in range(2, 20):
        writer.post(*a_raise(number))
    await until(lambda: writer._in_flight is None)
    disk.make_room()
    assert await writer.flush(10)
    assert left == [19]


async def test_a_stalled_disk_is_known_after_a_second_and_not_waited_for_again(
    make: Make, folder: Path, heard: Heard
) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    started = time.monotonic()
    assert not await writer.commit(*a_raise(1))
    assert 0.9 < time.monotonic() - started < 5
    assert heard.troubles == [STALLED]
    started = time.monotonic()
    assert not await writer.commit(*a_raise(2))
    assert not await writer.commit(*a_raise(3))
    assert time.monotonic() - started < 0.8
    assert not await writer.flush(0.05)
    gate.let_go()
    await until(lambda: heard.troubles == [STALLED, None])
    assert on_disk(folder) == {an_alarm(n).id for n in (1, 2, 3)}
    assert await writer.commit(*a_raise(4))
    await writer.close()
    gate.shutdown()


async def test_what_is_only_posted_to_a_stalled_disk_is_told_too(
    make: Make, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "STALL_LIMIT", 0.05)
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    writer.post(*a_raise(1))
    writer.post(*a_raise(2))
    await until(lambda: heard.troubles == [STALLED])
    gate.let_go()
    await until(lambda: heard.troubles == [STALLED, None])
    await writer.close()
    gate.shutdown()


async def test_a_short_patience_makes_the_trouble_known(make: Make, heard: Heard) -> None:
    """Who is told False goes on from memory, so the end must be told as well."""
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    assert not await writer.commit(*a_raise(1), limit=0.02)
    assert heard.troubles == [STALLED]
    gate.let_go()
    await until(lambda: heard.troubles == [STALLED, None])
    await writer.close()
    gate.shutdown()


async def test_a_stall_that_ends_in_a_refusal_keeps_the_order(
    make: Make, folder: Path, heard: Heard
) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    disk = Disk(writer)
    disk.fill()
    gate.block()
    assert not await writer.commit(PutMarker("big", dict(BIG)), PutMarker("x", 1), limit=0.02)
    assert not await writer.commit(PutMarker("x", 2), *a_raise(1))
    writer.post(PutMarker("x", 3))
    gate.let_go()
    await until(lambda: heard.troubles == [STALLED, FULL])
    disk.make_room()
    assert await writer.commit(PutMarker("y", 4))
    assert heard.troubles == [STALLED, FULL, None]
    await writer.close()
    gate.shutdown()
    again = reopen(folder)
    assert again.markers is not None
    assert (again.markers["x"], again.markers["y"]) == (3, 4)
    assert alarm_ids(again) == [an_alarm(1).id]


async def test_days_of_a_full_disk_do_not_fill_the_memory(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog_module, "ENTRIES_LIMIT", 50)
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    disk = Disk(writer)
    disk.fill()
    assert not await writer.commit(*too_much(1))
    gate.block()
    for number in range(3000):
        writer.post(PutMarker("counter", number), an_entry(number))
    gate.let_go()
    assert not await writer.flush(10)
    assert writer.backlog < 3200
    for number in range(3000):
        writer.post(PutMarker("counter", number), an_entry(number))
    await until(lambda: writer._in_flight is None)
    assert writer.backlog < 3200
    disk.make_room()
    assert await writer.flush(20)
    await writer.close()
    gate.shutdown()
    assert reopen(folder).audit_broken_at is None
    with closing(sqlite3.connect(folder / "journal.db")) as connection:
        bodies = [row[0] for row in connection.execute("SELECT body FROM audit ORDER BY seq")]
    assert '"what":"audit_skipped"' in bodies[-1]


async def test_a_journal_that_cannot_be_opened_is_opened_when_it_can(
    make: Make, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "RETRY_EVERY", 0.05)
    file, first = open_journal(folder, host="")
    file.write(a_raise(1))
    file.close()
    aside = folder.with_name("aside")
    folder.rename(aside)
    blocked = folder.with_name("in the way")
    blocked.write_text("no folder")
    folder.symlink_to(blocked)
    writer = make()
    recovered = await writer.open()
    assert recovered.not_open
    assert recovered.alarms == ()
    assert heard.troubles == [NOT_OPEN]
    assert not await writer.commit(*a_raise(2))
    writer.post(PutMarker("x", 1))
    assert await writer.audit_head() is None
    assert await writer.prune(an_alarm().raised_at) is None
    # In one step: a try in between would begin a new journal.
    there = folder.with_name("there")
    there.symlink_to(aside)
    there.replace(folder)
    await until(lambda: heard.troubles == [NOT_OPEN, None])
    assert on_disk(folder) == {an_alarm(1).id, an_alarm(2).id}
    (late,) = heard.opened
    assert late.incarnation == first.incarnation
    assert alarm_ids(late) == [an_alarm(1).id]
    assert not late.restored
    assert await writer.commit(*a_raise(3))


async def test_what_waits_in_a_journal_that_will_not_open_is_seen(
    make: Make, folder: Path, heard: Heard
) -> None:
    file, first = open_journal(folder, host="")
    file.write(a_raise(1))
    file.abandon()
    # The lock's place is taken: it refuses to open, and can be read.
    (folder / "journal.lock").unlink()
    (folder / "journal.lock").mkdir()
    writer = make()
    recovered = await writer.open()
    assert recovered.not_open
    assert recovered.alarms == (an_alarm(1),)
    assert recovered.incarnation == first.incarnation
    assert not recovered.restored
    (folder / "journal.lock").rmdir()
    assert await writer.commit(*a_raise(2))
    assert heard.troubles == [NOT_OPEN, None]
    assert alarm_ids(heard.opened[0]) == [an_alarm(1).id]


async def test_a_second_home_does_not_get_the_firsts_journal(
    make: Make, folder: Path, heard: Heard
) -> None:
    first, second = make(), make()
    await first.open()
    await first.commit(*a_raise(1))
    recovered = await second.open()
    assert recovered.not_open == "another process uses this journal"
    assert recovered.alarms == ()
    assert not await second.commit(*a_raise(2))
    await first.close()
    assert await second.commit(*a_raise(3))
    assert on_disk(folder) == {an_alarm(n).id for n in (1, 2, 3)}


async def test_an_opening_that_the_disk_does_not_answer_is_not_waited_for(
    make: Make, folder: Path, heard: Heard
) -> None:
    gate = GatedThread()
    gate.block()
    writer = make(executor=gate)
    recovered = await writer.open(limit=0.05)
    assert recovered.not_open == "the disk has not answered within 0.05 s"
    assert len(recovered.incarnation) == 26
    assert heard.troubles == [NOT_OPEN]
    assert not await writer.commit(*a_raise(1))
    gate.let_go()
    await until(lambda: heard.troubles == [NOT_OPEN, None])
    assert len(heard.opened) == 1
    assert on_disk(folder) == {an_alarm(1).id}
    await writer.close()
    gate.shutdown()


@pytest.mark.parametrize("how", ["removed", "replaced", "log removed", "corrupt"])
async def test_a_file_that_goes_wrong_under_us_is_opened_anew(
    make: Make, folder: Path, heard: Heard, how: str
) -> None:
    writer = make()
    await writer.open()
    assert await writer.commit(*a_raise(1))
    match how:
        case "removed":
            (folder / "journal.db").unlink()
        case "replaced":
            (folder / "other").write_bytes(b"nothing")
            (folder / "other").rename(folder / "journal.db")
        case "log removed":
            (folder / "journal.db-wal").unlink()
        case _:
            # What sqlite has in memory hides it until it looks: a page of the log that is no page.
            file = writer._worker._file
            assert file is not None
            file._session.connection.execute("PRAGMA cache_size = 0")
            file._session.connection.execute("PRAGMA shrink_memory")
            log = (folder / "journal.db-wal").read_bytes()
            (folder / "journal.db-wal").write_bytes(log[:32] + bytes(len(log) - 32))
    assert await writer.commit(*a_raise(2), limit=10)
    assert an_alarm(2).id in on_disk(folder)
    assert heard.troubles == []
    assert len(heard.opened) == 1
    assert await writer.commit(*a_raise(3))
    assert await writer.verify_audit() is None


async def test_a_fault_of_ours_loses_nothing_either(
    make: Make, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = make()
    await writer.open()

    def fail(*_: object) -> None:
        raise TypeError("a mistake in the journal's own code")

    with monkeypatch.context() as patch:
        patch.setattr(JournalFile, "write_rows", fail)
        assert not await writer.commit(*a_raise(1))
    assert heard.troubles == [TroubleKind.REFUSED_OTHER]
    assert await writer.commit(*a_raise(2))
    assert on_disk(folder) == {an_alarm(1).id, an_alarm(2).id}


async def test_an_interpreter_that_goes_down_refuses(make: Make, heard: Heard) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.shutdown()
    assert not await writer.commit(*a_raise(1))
    assert heard.troubles == [TroubleKind.REFUSED_OTHER]
    assert writer._retry_timer is None
    await writer.close()
    writer._worker.close()  # what the end of the process would do


async def test_closing_does_not_wait_for_a_stalled_disk_and_loses_nothing(
    make: Make, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    assert not await writer.commit(*a_raise(1), limit=0.02)
    started = time.monotonic()
    await writer.close(limit=0.2)
    assert time.monotonic() - started < 1
    assert "4 rows" in caplog.text
    handles = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined] # as HA's tests do
    assert [handle for handle in handles if not handle.cancelled()] == []
    gate.let_go()
    gate.shutdown()
    await asyncio.sleep(0)
    assert an_alarm(1).id in on_disk(folder)


async def test_closing_on_a_disk_that_refuses_is_quick_and_said(
    make: Make, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = make()
    await writer.open()
    disk = Disk(writer)
    disk.fill()
    assert not await writer.commit(*too_much(1))
    started = time.monotonic()
    await writer.close()
    assert time.monotonic() - started < 4
    assert "closes with 5 rows" in caplog.text


def test_a_loop_that_is_gone_is_no_fault(folder: Path, hands: Hands) -> None:
    """Home Assistant goes down while the disk holds the thread: what it writes then is written."""
    gate = GatedThread()

    async def leave() -> JournalWriter:
        writer = JournalWriter(folder, now=hands.now, executor=gate)
        await writer.open()
        gate.block()
        writer.post(*a_raise(1))
        return writer

    writer = asyncio.run(leave())
    gate.let_go()
    gate.shutdown()
    assert on_disk(folder) == {an_alarm(1).id}
    writer._worker.close()


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_of_troubles_ends_with_everything_on_disk(
    make: Make, folder: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """True is never said of what is not on disk, and nothing that was brought is missing."""
    monkeypatch.setattr(writer_module, "STALL_LIMIT", 0.02)
    monkeypatch.setattr(writer_module, "RETRY_EVERY", 0.03)
    chance = random.Random(seed)
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    disk = Disk(writer)
    brought: list[str] = []
    counter = 0
    for number in range(1, 60):
        match chance.randrange(9):
            case 0:
                gate.block()
            case 1 | 2:
                gate.let_go()
            case 3:
                gate.let_go()
                await until(lambda: writer._in_flight is None)
                disk.fill()
            case 4:
                gate.let_go()
                await until(lambda: writer._in_flight is None)
                disk.make_room()
            case _:
                pass
        counter += 1
        brought.append(an_alarm(number).id)
        changes = (*a_raise(number), PutMarker("counter", counter), PutMarker("big", dict(BIG)))
        if chance.random() < 0.4:
            writer.post(*changes)
        elif await writer.commit(*changes, limit=0.05):
            assert set(brought) <= on_disk(folder)
            assert writer.trouble is None
    gate.let_go()
    await until(lambda: writer._in_flight is None)
    disk.make_room()
    await until(lambda: writer.backlog == 0 and writer._in_flight is None)
    assert await writer.flush(10)
    assert writer.trouble is None
    assert heard.troubles[-1:] in ([None], [])
    await writer.close()
    gate.shutdown()
    again = reopen(folder)
    assert alarm_ids(again) == brought
    assert again.markers is not None
    assert again.markers["counter"] == counter
    assert again.audit_broken_at is None

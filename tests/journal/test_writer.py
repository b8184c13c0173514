"""The journal as the event loop sees it: durable means on disk, and nothing waits that need not."""

# ruff: noqa: ASYNC240 - a test may look at the disk from its own loop

import asyncio
from pathlib import Path
import threading
import time

import pytest

from custom_components.kvarbo.alarm.alarm import AlarmState
from custom_components.kvarbo.journal import handing_out, seal, writer as writer_module
from custom_components.kvarbo.journal.audit import verify_export
from custom_components.kvarbo.journal.changes import PutAlarm, PutMarker
from custom_components.kvarbo.journal.refusal import JournalRefusedError
from custom_components.kvarbo.journal.retention import Pruned
from tests.journal.loopside import GatedThread, Heard, Inline, Make, on_disk, until
from tests.journal.making import (
    START,
    Hands,
    a_raise,
    alarm_ids,
    an_alarm,
    an_ended_raise,
    an_entry,
    reopen,
)


async def test_true_means_that_it_is_on_disk(make: Make, folder: Path, heard: Heard) -> None:
    writer = make()
    recovered = await writer.open()
    assert recovered.alarms == ()
    assert recovered.not_open is None
    for number in range(1, 6):
        assert await writer.commit(*a_raise(number))
        assert an_alarm(number).id in on_disk(folder)
    assert await writer.commit()
    assert heard.troubles == []
    assert heard.opened == []
    assert writer.trouble is None


async def test_a_restart_recovers(make: Make) -> None:
    first = make()
    before = await first.open()
    await first.commit(*a_raise(1))
    await first.close()
    second = make()
    again = await second.open()
    assert again.incarnation == before.incarnation
    assert again.alarms == (an_alarm(1),)


async def test_what_is_posted_is_written_in_order(make: Make, folder: Path) -> None:
    writer = make()
    await writer.open()
    for number in range(100):
        writer.post(PutMarker("counter", number))
    writer.post(*a_raise(1))
    assert await writer.flush(10)
    assert on_disk(folder) == {an_alarm(1).id}
    await writer.close()
    assert reopen(folder).markers == {"counter": 99}


async def test_what_comes_while_the_thread_is_busy_goes_together(make: Make, folder: Path) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.jobs = 0
    gate.block()
    waiting = [asyncio.create_task(writer.commit(*a_raise(n), limit=20)) for n in range(1, 41)]
    await asyncio.sleep(0)
    gate.let_go()
    assert await asyncio.gather(*waiting) == [True] * 40
    assert gate.jobs == 2
    assert len(on_disk(folder)) == 40
    await writer.close()
    gate.shutdown()


async def test_the_loop_never_waits_for_the_disk(make: Make) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    longest = 0.0
    slow = asyncio.create_task(writer.commit(*a_raise(1), limit=0.8))
    while not slow.done():
        started = time.monotonic()
        writer.post(PutMarker("tick", 1))
        await asyncio.sleep(0)
        longest = max(longest, time.monotonic() - started)
        await asyncio.sleep(0.005)
    assert not await slow
    assert longest < 0.3
    gate.let_go()
    assert await writer.flush(10)
    await writer.close()
    gate.shutdown()


async def test_a_cancelled_caller_takes_nothing_back(make: Make, folder: Path) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    task = asyncio.create_task(writer.commit(*a_raise(1), limit=20))
    later = asyncio.create_task(writer.commit(*a_raise(2), limit=20))
    await asyncio.sleep(0)
    task.cancel()
    later.cancel()
    await asyncio.wait({task, later})
    assert task.cancelled()
    gate.let_go()
    assert await writer.flush(10)
    assert on_disk(folder) == {an_alarm(1).id, an_alarm(2).id}
    await writer.close()
    gate.shutdown()


async def test_a_change_that_cannot_be_is_told_and_stops_nothing(
    make: Make, folder: Path, heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    await writer.commit(*a_raise(1))
    gate.block()
    twin = PutAlarm(an_alarm(2, episode="press-1"))
    unfit = PutAlarm(an_alarm(3, raised_by="x" * 5000))
    tasks = [
        asyncio.create_task(writer.commit(*changes, limit=20))
        for changes in (
            a_raise(4),
            (PutMarker("a", 1), twin),
            (unfit, PutMarker("b", 1)),
            a_raise(5),
        )
    ]
    await asyncio.sleep(0)
    gate.let_go()
    assert await asyncio.gather(*tasks) == [True, False, False, True]
    assert on_disk(folder) == {an_alarm(n).id for n in (1, 4, 5)}
    assert sorted((r.key, r.why) for r in heard.rejected) == [
        (twin.alarm.id, "UNIQUE constraint failed: alarm.episode"),
        (unfit.alarm.id, "alarm.raised_by: is longer than 4096 characters"),
    ]
    assert heard.troubles == []
    assert "xxxxx" not in caplog.text
    assert caplog.text.count("cannot be journalled") == 2
    await writer.close()
    gate.shutdown()
    again = reopen(folder)
    assert again.markers == {"a": 1, "b": 1}
    assert again.audit_broken_at is None


async def test_a_value_is_taken_as_it_was_when_it_was_handed_in(make: Make, folder: Path) -> None:
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    detail: dict[str, object] = {"count": 1}
    task = asyncio.create_task(
        writer.commit(PutMarker("state", detail), an_entry(detail=detail), limit=20)  # type: ignore[arg-type] # changed below
    )
    await asyncio.sleep(0)
    detail["count"] = object()
    gate.let_go()
    assert await task
    await writer.close()
    gate.shutdown()
    assert reopen(folder).markers == {"state": {"count": 1}}


async def test_an_alarm_waits_for_one_step_of_a_long_job_at_most(
    make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each step of the copy is held here; the commit must get in between two of them."""
    monkeypatch.setattr(handing_out, "_PAGES", 1)
    writer = make()
    await writer.open()
    for number in range(200, 240):
        writer.post(*a_raise(number))
    await writer.flush(10)
    real, steps, go_on = seal.sync, [0], threading.Semaphore(0)

    def slow(path: Path) -> None:
        steps[0] += 1
        assert go_on.acquire(timeout=30)
        real(path)

    monkeypatch.setattr(handing_out, "sync", slow)
    copy = asyncio.create_task(writer.copy_to(tmp_path / "copy.db"))
    await until(lambda: steps[0] == 1)
    commit = asyncio.create_task(writer.commit(*a_raise(1), limit=20))
    await asyncio.sleep(0)
    go_on.release()
    assert await commit
    assert not copy.done()
    assert steps[0] <= 2
    go_on.release(10_000)
    await copy
    # And it is in the copy already.
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "copy.db").rename(other / "journal.db")
    again = reopen(other)
    assert again.restored
    assert an_alarm(1).id in alarm_ids(again)
    assert len(again.alarms) == 41


async def test_retention_export_and_head(make: Make, hands: Hands, tmp_path: Path) -> None:
    writer = make()
    await writer.open()
    assert await writer.commit(*an_ended_raise(1))
    head = await writer.audit_head()
    assert await writer.commit(an_entry(2))
    assert await writer.audit_head() != head
    assert await writer.verify_audit() is None
    assert await writer.export_audit(tmp_path / "audit.jsonl") == 3
    assert verify_export((tmp_path / "audit.jsonl").read_text().splitlines()) is None
    assert await writer.export_audit(tmp_path / "none.jsonl", until=START) == 0
    hands.forward(days=500)
    assert await writer.prune(hands.now()) == Pruned(alarms=1, entries=3)
    assert await writer.prune(hands.now().replace(year=2020)) == Pruned()


async def test_what_was_closed_says_so(
    make: Make, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    writer = make()
    assert await writer.flush(1)  # nothing was ever brought
    await writer.open()
    await writer.commit(*a_raise(1))
    head = await writer.audit_head()
    writer.post(*a_raise(2))
    await writer.close()
    await writer.close()
    assert on_disk(folder) == {an_alarm(1).id, an_alarm(2).id}
    assert not (folder / "journal.db-wal").exists()
    assert not await writer.commit(*a_raise(3))
    writer.post(*a_raise(4))
    assert caplog.text.count("in memory alone") == 2
    for job in (
        writer.verify_audit(),
        writer.copy_to(tmp_path / "x"),
        writer.export_audit(tmp_path / "x"),
    ):
        with pytest.raises(JournalRefusedError, match="not open"):
            await job
    assert await writer.prune(START) is None
    assert await writer.audit_head() != head  # the newest known, from the second alarm


async def test_what_is_brought_before_the_opening_is_kept(make: Make, folder: Path) -> None:
    writer = make()
    assert not await writer.commit(*a_raise(1))
    writer.post(*a_raise(2))
    assert writer.backlog == 8
    await writer.open()
    assert await writer.flush(10)
    assert on_disk(folder) == {an_alarm(1).id, an_alarm(2).id}
    with pytest.raises(RuntimeError, match="once"):
        await writer.open()


async def test_a_writer_that_was_never_opened_closes(make: Make, folder: Path) -> None:
    writer = make()
    await writer.close()
    assert not folder.exists()


async def test_no_thread_is_left_behind(make: Make) -> None:
    before = set(threading.enumerate())
    writer = make()
    await writer.open()
    await writer.commit(*a_raise(1))
    assert any("kvarbo-journal" in thread.name for thread in threading.enumerate())
    await writer.close()
    assert set(threading.enumerate()) == before


async def test_it_runs_without_a_thread(make: Make, folder: Path) -> None:
    writer = make(executor=Inline())
    await writer.open()
    assert await writer.commit(*a_raise(1))
    writer.post(PutAlarm(an_alarm(1, state=AlarmState.CLOSED, ended_at=START)))
    assert await writer.flush(1)
    assert await writer.verify_audit() is None
    await writer.close()
    assert on_disk(folder) == {an_alarm(1).id}


async def test_hearers_that_fail_stop_nothing(
    make: Make, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the hearer's own fault")

    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    writer = make(on_trouble=fail, on_opened=fail, on_rejected=fail)
    assert (await writer.open()).not_open
    assert not await writer.commit(*a_raise(1), PutMarker("x" * 300, 1))
    folder.unlink()
    assert await writer.commit(PutMarker("y", 1))
    assert on_disk(folder) == {an_alarm(1).id}
    assert caplog.text.count("A hearer of the journal failed") >= 4


async def test_nobody_has_to_listen(make: Make, folder: Path) -> None:
    writer = make(on_trouble=None, on_opened=None, on_rejected=None)
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    assert (await writer.open()).not_open
    assert not await writer.commit(*a_raise(1), PutMarker("x" * 300, 1))
    with pytest.raises(JournalRefusedError, match="not open"):
        await writer.verify_audit()
    folder.unlink()
    assert await writer.commit(*a_raise(2))


async def test_more_than_one_transaction_holds_is_written_in_order(
    make: Make, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "_GROUP", 7)
    gate = GatedThread()
    writer = make(executor=gate)
    await writer.open()
    gate.block()
    tasks = [asyncio.create_task(writer.commit(*a_raise(n), limit=20)) for n in range(1, 30)]
    await asyncio.sleep(0)
    gate.let_go()
    assert all(await asyncio.gather(*tasks))
    await writer.close()
    gate.shutdown()
    again = reopen(folder)
    assert alarm_ids(again) == [an_alarm(n).id for n in range(1, 30)]
    assert again.audit_broken_at is None

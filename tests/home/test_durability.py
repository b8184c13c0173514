"""A1 through the home: a disk that stalls, refuses, comes late or is swapped silences nobody and loses nothing."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
import os
from pathlib import Path
import shutil
import threading
import time
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.kvarbo.alarm.kinds import AlarmKind
from custom_components.kvarbo.findings import HUB_KEY
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.journal.disk import JournalFile
from custom_components.kvarbo.journal.writer import JournalWriter
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import (
    BELL,
    CORD,
    REMOTE,
    StartHome,
    arrived,
    button,
    calls,
    entity,
    entity_source,
    make_entry,
    on_disk,
    receiver,
    restore,
    said,
    stalled_disk,
)

BELL_AT = "2026-11-22T02:00:{:02}.000+00:00"


async def settled(home: Home) -> None:
    await until(
        lambda: home.chain.transmitter.signs.audit_head is not None, what="the first upkeep"
    )


async def all_on_disk(home: Home) -> None:
    """Wait until the disk has caught up, and make sure that it has."""
    await until(lambda: not home.journal_in_trouble(), what="the end of the trouble")
    assert await home.journal.flush(10)
    assert home.ledger.not_durable == set()
    assert home.journal.backlog == 0
    # The home may raise what it notices itself at any moment: each alarm is on disk soon after.
    await until(
        lambda: set(home.ledger.alarms) <= set(on_disk(home.folder / "journal.db")),
        what="every alarm on disk",
    )


def press_remote(hass: HomeAssistant) -> None:
    hass.bus.async_fire("zha_event", {"device_ieee": REMOTE, "command": "on"})


def faults_told(municipality: Municipality) -> list[dict[str, Any]]:
    return [a for a in municipality.state()["alarms"] if a["kind"] == "journal_fault"]


async def test_stalled_disk(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    await settled(home)
    with stalled_disk(home):
        began = time.monotonic()
        hass.states.async_set(CORD, "on")
        [call] = await arrived(hass, municipality, 1)
        assert time.monotonic() - began < 1.5
        assert call["durable"] is False
        # The stall is known now: the next one waits for nothing.
        began = time.monotonic()
        hass.states.async_set(BELL, BELL_AT.format(1))
        _, second = await arrived(hass, municipality, 2)
        assert time.monotonic() - began < 0.5
        assert second["durable"] is False
        answer = await hass.services.async_call(
            "kvarbo", "raise_alarm", {"kind": "fall"}, blocking=True, return_response=True
        )
        assert answer is not None
        assert answer["durable"] is False
        assert said(hass, entity(hass, home, "binary_sensor", "journal")) == "on"
        assert set(on_disk(home.folder / "journal.db")) == set()
        await until(lambda: faults_told(municipality), what="the alarm of the stall")
    await all_on_disk(home)
    assert said(hass, entity(hass, home, "binary_sensor", "journal")) == "off"
    await until(lambda: len(faults_told(municipality)[0]["messages"]) == 2, what="the all-clear")
    # It outlives a restart, and is not sent again.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert len(again.ledger.open_alarms()) == 3
    assert [c["repeats"] for c in await arrived(hass, municipality, 2)] == [0, 0]


async def test_alarm_of_a_trouble_that_ended_with_the_power_is_cleared(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    """The next start finds a disk that works, and an alarm that says it does not."""
    await settled(home)
    home.chain.faults.set(AlarmKind.JOURNAL_FAULT, HUB_KEY, is_open=True)
    await until(lambda: faults_told(municipality), what="the alarm")
    assert await home.journal.flush(5)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await until(lambda: len(faults_told(municipality)[0]["messages"]) == 2, what="the all-clear")


def entry_with_cord_and_bell(municipality: Municipality) -> Any:
    return make_entry(
        receiver(municipality.url),
        button(1, entity_source("binary_sensor", "cord"), "bathroom"),
        button(2, entity_source("event", "bell"), "hallway"),
    )


async def test_no_folder_can_be_made(
    hass: HomeAssistant, municipality: Municipality, sources: None, start_home: StartHome
) -> None:
    """Not even root can write there: a file stands where the folder would be."""
    in_the_way = Path(hass.config.path("kvarbo"))
    await hass.async_add_executor_job(in_the_way.touch)
    home = await start_home(entry_with_cord_and_bell(municipality))
    assert home.journal_in_trouble()
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    assert call["durable"] is False
    # The disk is mended; the next thing that happens finds out.
    await hass.async_add_executor_job(in_the_way.unlink)
    hass.states.async_set(BELL, BELL_AT.format(1))
    await arrived(hass, municipality, 2)
    await all_on_disk(home)
    assert [c["repeats"] for c in calls(municipality)] == [0, 0]


@pytest.mark.skipif(
    os.geteuid() == 0, reason="SKIPPED LOUDLY: root may write to a read-only folder"
)
async def test_folder_that_is_read_only(
    hass: HomeAssistant, municipality: Municipality, sources: None, start_home: StartHome
) -> None:
    parent = Path(hass.config.path("kvarbo"))
    await hass.async_add_executor_job(parent.mkdir, 0o500)
    home = await start_home(entry_with_cord_and_bell(municipality))
    assert home.journal_in_trouble()
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    assert call["durable"] is False
    await hass.async_add_executor_job(parent.chmod, 0o700)
    hass.states.async_set(BELL, BELL_AT.format(1))
    await arrived(hass, municipality, 2)
    await all_on_disk(home)


async def test_what_waits_in_a_journal_that_cannot_be_written_is_sent_once(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    await until(home.ledger.undelivered, what="an alarm that waits")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    lock = home.folder / "journal.lock"
    lock.unlink()
    lock.mkdir()
    await municipality.set_fault(Mode.NONE)
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    again: Home = home.entry.runtime_data
    assert again.journal_in_trouble()
    [call] = await arrived(hass, municipality, 1)
    municipality.acknowledge(call["alarm"])
    assert again.answers.now(1).alarm_id == call["alarm"]
    lock.rmdir()
    hass.states.async_set(BELL, BELL_AT.format(1))
    await arrived(hass, municipality, 2)
    await all_on_disk(again)
    # What the disk held was older than what the home knew.
    await until(lambda: again.ledger.undelivered() == [], what="both receipts")
    first, second = calls(municipality)
    assert first["attempts"] == call["attempts"]
    # Whose answer was awaited while the journal was opened is asked again, once (A5).
    assert (first["repeats"], second["repeats"]) in ((0, 0), (0, 1))


@contextmanager
def held_opening(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Let the journal's thread wait in opening, as on a card that does not answer, during the block.

    The thread is really blocked; a disk that can be stalled at will is not to be had.
    """
    answer = threading.Event()
    really = JournalFile.open

    def slowly(*args: Any, **kwargs: Any) -> Any:
        assert answer.wait(20)
        return really(*args, **kwargs)

    monkeypatch.setattr(JournalFile, "open", slowly)
    monkeypatch.setattr(JournalWriter.open, "__defaults__", (0.2,))
    try:
        yield
    finally:
        answer.set()


async def test_journal_that_opens_late(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    quick_answers: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it held is sent and followed then, beside what the home has raised meanwhile."""
    hass.states.async_set(BELL, BELL_AT.format(1))
    [older] = await arrived(hass, municipality, 1)
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    await until(home.ledger.undelivered, what="an alarm that waits")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await municipality.set_fault(Mode.NONE)
    with held_opening(monkeypatch):
        assert await hass.config_entries.async_setup(home.entry.entry_id)
        again: Home = home.entry.runtime_data
        assert again.journal_in_trouble()
        press_remote(hass)
        _, live = await arrived(hass, municipality, 2)
        assert (live["device"], live["durable"]) == (3, False)
        hub = again.facts.hub
    _, _, waited = await arrived(hass, municipality, 3)
    assert waited["device"] == 1
    await all_on_disk(again)
    assert again.facts.hub != hub, "the journal says which life this is"
    # The way back is gone for those that the journal brought, too.
    municipality.acknowledge(older["alarm"])
    await until(lambda: again.answers.now(2).answer == "help_coming", what="help for the older")
    assert again.answers.now().alarm_id == live["alarm"], "the newest speaks for the home"


async def test_restored_journal_that_opens_late_holds_back_only_what_it_brought(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A12 and A5."""
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    [waiting] = await until(home.ledger.undelivered, what="an alarm that waits")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    restore(home)
    with held_opening(monkeypatch):
        assert await hass.config_entries.async_setup(home.entry.entry_id)
        again: Home = home.entry.runtime_data
        hass.states.async_set(BELL, BELL_AT.format(1))
        live = await until(
            lambda: next((a for a in again.ledger.undelivered() if a.source.number == 2), None),
            what="an alarm raised meanwhile",
        )
    await until(again.has_unread_restore, what="the restore to be noticed")
    assert again.restored_alarms() == [waiting.id]
    await municipality.set_fault(Mode.NONE)
    again.chain.transmitter.release_all()
    [call] = await arrived(hass, municipality, 1)
    assert call["alarm"] == live.id
    await all_on_disk(again)


async def test_stopped_while_the_journal_still_opens(
    hass: HomeAssistant,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What opens after the stop starts nothing, and finds nobody who would write to it."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    with held_opening(monkeypatch):
        assert await hass.config_entries.async_setup(home.entry.entry_id)
        again: Home = home.entry.runtime_data
        press_remote(hass)
        await until(again.ledger.open_alarms, what="an alarm in memory")
        stopping = hass.async_create_task(
            hass.config_entries.async_unload(home.entry.entry_id), eager_start=True
        )
        await until(lambda: not again.is_running, what="the stop to begin")
    assert await stopping
    await hass.async_block_till_done()
    assert again.chain.transmitter.lines == ()
    assert "in memory alone" not in caplog.text
    assert on_disk(home.folder / "journal.db") == [a.id for a in again.ledger.open_alarms()]


@pytest.mark.parametrize("how", ["an old backup", "nothing"])
async def test_journal_that_is_swapped_under_the_running_home(
    hass: HomeAssistant, home: Home, municipality: Municipality, how: str, tmp_path: Path
) -> None:
    """A5: what the home has accepted is on disk again, in whatever file it finds there."""
    await settled(home)
    saved = tmp_path / "saved"
    hass.states.async_set(BELL, BELL_AT.format(1))
    await arrived(hass, municipality, 1)
    assert await home.journal.flush(5)
    await hass.async_add_executor_job(shutil.copytree, home.folder, saved)
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 2)
    await until(lambda: home.ledger.undelivered() == [], what="both receipts")

    def swap() -> None:
        for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
            (home.folder / name).unlink()
            if how == "an old backup" and not name.endswith("shm"):
                shutil.copyfile(saved / name, home.folder / name)

    # On the journal's own thread: the home writes whenever it has something to write, and what it
    # meets is then the whole swap, not a file that is gone and a log that is not yet.
    await asyncio.wrap_future(home.journal._executor.submit(swap))
    press_remote(hass)
    await arrived(hass, municipality, 3)
    await all_on_disk(home)
    three = await arrived(hass, municipality, 3)
    assert {c["alarm"] for c in three} <= set(on_disk(home.folder / "journal.db"))
    # Whose answer was awaited while the journal was opened anew is asked again, under its one
    # reference (A5); what had been receipted before is not.
    assert [c["repeats"] for c in three][:2] == [0, 0]
    assert three[2]["repeats"] <= 1
    # It is noticed, yet the home knows better than the backup: nothing of it is news.
    assert home.has_unread_restore() is (how == "an old backup")
    assert home.restored_alarms() == []
    assert {a.id for a in home.ledger.open_alarms()} >= {c["alarm"] for c in three}

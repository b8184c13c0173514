"""A12 through Home Assistant's own backup: a consistent copy, no delay, and a restore that is noticed."""

import asyncio
from pathlib import Path
import shutil
import tarfile
import time

from homeassistant.components.backup.const import DATA_MANAGER
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest

from custom_components.kvarbo.backup import async_post_backup, async_pre_backup
from custom_components.kvarbo.home import COPY, Home
from custom_components.kvarbo.journal import handing_out, place, seal
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import BELL, CORD, arrived, calls, first_receiver, on_disk


async def backup(hass: HomeAssistant, folder: Path) -> Path:
    """Let Home Assistant make a backup; return our folder as it is inside."""
    assert await async_setup_component(hass, "backup", {})
    await hass.async_block_till_done()
    await hass.services.async_call("backup", "create", blocking=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.data[DATA_MANAGER].state == "idle"

    def unpack() -> None:
        [outer] = Path(hass.config.path("backups")).glob("*.tar")
        with tarfile.open(outer) as archive:
            archive.extractall(folder, filter="data")
        with tarfile.open(folder / "homeassistant.tar.gz") as archive:
            archive.extractall(folder, filter="data")

    await hass.async_add_executor_job(unpack)
    return folder / "data" / "kvarbo"


async def replace_by(
    hass: HomeAssistant, home: Home, saved: Path, municipality: Municipality
) -> Home:
    """Restore a folder from a backup as Home Assistant does: the files of it, in place of all."""
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await municipality.set_fault(Mode.NONE)

    def put_back() -> None:
        shutil.rmtree(home.folder)
        shutil.copytree(saved / home.folder.name, home.folder)

    await hass.async_add_executor_job(put_back)
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await hass.async_block_till_done()
    started: Home = home.entry.runtime_data
    return started


def test_copy_is_where_a_restored_journal_looks_for_it() -> None:
    assert place.COPY_NAME == COPY


async def test_restore_is_noticed_and_sends_nothing(
    hass: HomeAssistant, home: Home, municipality: Municipality, tmp_path: Path
) -> None:
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    [waiting] = await until(home.ledger.undelivered, what="an alarm that waits")
    assert await home.journal.flush(5)
    saved = await backup(hass, tmp_path)
    # The copy travels in the backup and does not stay behind.
    assert on_disk(saved / home.entry.entry_id / COPY) == [waiting.id]
    assert not home.copy_path.exists()
    # Life goes on after the backup: the alarm is delivered.
    await municipality.set_fault(Mode.NONE)
    home.chain.transmitter.release_all()
    before = await arrived(hass, municipality, 1)
    hub = home.facts.hub

    again = await replace_by(hass, home, saved, municipality)
    assert again.facts.hub != hub
    assert again.restored_alarms() == [waiting.id]
    issue = ir.async_get(hass).async_get_issue("kvarbo", "journal_restored")
    assert issue is not None
    assert issue.translation_placeholders == {"count": "1", "alarms": waiting.id}
    await again.chain.transmitter.beat(first_receiver(again))
    await until(
        lambda: "journal_restored" in {a["kind"] for a in municipality.state()["alarms"]},
        what="the alarm that tells of it",
    )
    [call] = calls(municipality)
    assert call["attempts"] == before[0]["attempts"]
    # It alarms as before.
    hass.states.async_set(BELL, "2026-11-22T02:00:00.000+00:00")
    await arrived(hass, municipality, 2)


async def test_copy_alone_is_enough(
    hass: HomeAssistant, home: Home, municipality: Municipality, tmp_path: Path
) -> None:
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    [waiting] = await until(home.ledger.undelivered, what="an alarm that waits")
    assert await home.journal.flush(5)
    await async_pre_backup(hass)
    kept = tmp_path / home.folder.name
    kept.mkdir()
    await hass.async_add_executor_job(shutil.copy, home.copy_path, kept / COPY)
    await async_post_backup(hass)
    again = await replace_by(hass, home, tmp_path, municipality)
    assert again.restored_alarms() == [waiting.id]
    assert calls(municipality) == []


async def test_alarm_during_a_backup_is_not_delayed(
    hass: HomeAssistant, home: Home, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_card(path: Path) -> None:
        # A memory card; the machine that runs this test has none.
        time.sleep(0.02)
        sync(path)

    sync = seal.sync
    monkeypatch.setattr(handing_out, "sync", slow_card)
    for number in range(4000):
        home.chain.ledger.post(home.chain._entry("filler", "test", detail={"number": number}))
    assert await home.journal.flush(10)
    copying = asyncio.create_task(async_pre_backup(hass))
    await until(lambda: home.copy_path.with_name(f"{COPY}.part").exists(), what="the copy to begin")
    began = time.monotonic()
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    took = time.monotonic() - began
    assert not copying.done(), "the copy was too quick to tell anything"
    assert took < 0.5
    assert call["durable"] is True
    await copying
    assert on_disk(home.copy_path) == [call["alarm"]], (
        "the copy is of the moment at which it is done"
    )
    await async_post_backup(hass)


async def test_backup_goes_on_without_our_copy(
    hass: HomeAssistant,
    home: Home,
    municipality: Municipality,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A disk that refuses the copy is no reason to leave the house without a backup."""
    home.copy_path.mkdir()
    (home.copy_path / "in the way").touch()
    saved = await backup(hass, tmp_path)
    assert (saved / home.entry.entry_id / "journal.db").exists()
    assert "goes without a copy of the journal" in caplog.text
    assert "cannot be removed" in caplog.text
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)


async def test_no_home_no_copy(hass: HomeAssistant, home: Home) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    await async_pre_backup(hass)
    assert not home.copy_path.exists()
    await async_post_backup(hass)

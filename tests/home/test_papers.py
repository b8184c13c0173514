"""The papers of a running home: there after a start, anew after a change, left alone otherwise (R05, R37)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
import stat
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.alarm.reason import Language
from custom_components.kvarbo.const import CONF_DWELLING, CONF_REVIEW
from custom_components.kvarbo.documents.facts import RuleState
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.papers import FOLDER, LOOK_EVERY, SETTLES, facts_of
from simulator.testing import until
from tests.watching.conftest import coordinator, home, sensor, sensors
from tests.watching.support import RAISE, Coordinator, automate, rule, trigger

from .conftest import add_subentry, button, entity_source

__all__ = ["coordinator", "home", "sensors"]

NAMES = {
    f"{name}.{language}.html"
    for language in Language
    for name in (
        "reserve-routine",
        "resident",
        "relatives",
        "installation-record",
        "staff",
        "technical-alarms",
    )
}

type Settle = Callable[[], Awaitable[dict[str, tuple[int, str]]]]


@pytest.fixture
def settle(hass: HomeAssistant, home: Home) -> Settle:
    """Let the papers be written; return each file's inode and text: a file that was written is another one."""

    async def settled() -> dict[str, tuple[int, str]]:
        await hass.async_block_till_done()
        async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=SETTLES + 1))
        await hass.async_block_till_done(wait_background_tasks=True)
        return await hass.async_add_executor_job(read, home.folder / FOLDER)

    return settled


def read(folder: Path) -> dict[str, tuple[int, str]]:
    if not folder.is_dir():
        return {}
    return {p.name: (p.stat().st_ino, p.read_text(encoding="utf-8")) for p in folder.iterdir()}


def written(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}


async def test_papers_are_there_after_a_start_and_not_written_again(
    hass: HomeAssistant, home: Home, settle: Settle
) -> None:
    there = await settle()
    assert set(there) == NAMES
    for name in NAMES:
        mode = (home.folder / FOLDER / name).stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
    assert 'lang="sv"' in there["resident.sv.html"][1]
    assert "4711" in there["reserve-routine.en.html"][1]
    # Much happens in a home of which no paper says anything.
    hass.states.async_set("binary_sensor.kitchen_motion", "on")
    home.changed()
    assert written(there, await settle()) == set()
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert written(there, await settle()) == set()


async def test_another_device_is_on_paper(hass: HomeAssistant, home: Home, settle: Settle) -> None:
    before = await settle()
    assert "Help button" not in before["reserve-routine.en.html"][1]
    add_subentry(hass, home, button(9, entity_source("binary_sensor", "cord"), "bathroom"))
    after = await settle()
    assert "Help button 9 in the bathroom" in after["reserve-routine.en.html"][1]
    assert "Larmknapp i badrummet." in after["resident.sv.html"][1]
    changed = {name.split(".")[0] for name in written(before, after)}
    assert changed == {"reserve-routine", "resident", "installation-record"}

    [subentry] = [s for s in home.device_subentries() if s.data["number"] == 9]
    hass.config_entries.async_update_subentry(
        home.entry, subentry, data={**subentry.data, "location": "kitchen"}
    )
    moved = await settle()
    assert "Help button 9 in the kitchen" in moved["reserve-routine.en.html"][1]
    hass.config_entries.async_remove_subentry(home.entry, subentry.subentry_id)
    gone = await settle()
    assert "Help button" not in gone["reserve-routine.en.html"][1]


async def test_a_rule_is_on_paper_as_it_is_set_now(
    hass: HomeAssistant, home: Home, coordinator: Coordinator, settle: Settle
) -> None:
    options = rule("night_absence", settings={"limit": 25 * 60})
    await automate(hass, RAISE, triggers=[trigger("alarmed", options)])
    there = await settle()
    # Without a consent it does not watch, and the resident's sheet says nothing of it.
    assert "no consent: watches nothing" in there["installation-record.en.html"][1].lower()
    assert "25 minuter" not in there["resident.sv.html"][1]
    await coordinator.consent("night_absence")
    there = await settle()
    assert "uppe längre än 25 minuter" in there["resident.sv.html"][1]
    assert "Det är nattpatrullen som ska ta hand om det." in there["resident.sv.html"][1]
    record = there["installation-record.sv.html"][1]
    assert "eget beslut, inhämtat av samordnare" in record
    assert "Gräns: 25 minuter" in record

    [slot] = [s for i, s in home.watching.supervisor.slots.items() if i.kind == "night_absence"]
    settings = type(slot.watcher.settings)(limit=40 * 60)
    slot.listeners = 0
    home.watching.supervisor.enrol(
        slot.watcher.identity, settings, slot.options, home.watching.now()
    )
    home.changed()
    assert "uppe längre än 40 minuter" in (await settle())["resident.sv.html"][1]

    # Half a year after the consent, until a coordinator has set a day of the home's own.
    assert "31 January 2031" not in there["installation-record.en.html"][1]
    data = {**home.entry.data, CONF_REVIEW: "2031-01-31"}
    hass.config_entries.async_update_entry(home.entry, data=data)
    assert "31 January 2031" in (await settle())["installation-record.en.html"][1]

    await coordinator.call("pause_supervision", resident=1, duration={"hours": 3})
    there = await settle()
    assert "This is paused until" in there["resident.en.html"][1]
    assert "paused until" in there["reserve-routine.en.html"][1]
    await coordinator.call("resume_supervision", resident=1)
    assert "paused until" not in (await settle())["reserve-routine.en.html"][1]
    await coordinator.call(
        "withdraw_consent", function="night_absence", resident=1, reason="no_need"
    )
    assert "40 minuter" not in (await settle())["resident.sv.html"][1]
    [night] = [r for r in facts_of(home).rules if r.kind == "night_absence"]
    assert night.state is RuleState.NO_CONSENT


async def test_being_away_is_on_no_paper(
    hass: HomeAssistant, home: Home, coordinator: Coordinator, settle: Settle
) -> None:
    await automate(hass, RAISE, triggers=[trigger("alarmed", rule("night_absence"))])
    await coordinator.consent("night_absence")
    before = await settle()
    await coordinator.call("set_away", resident=1, away=True)
    assert written(before, await settle()) == set()


async def test_a_second_residents_sheet_comes_and_goes(
    hass: HomeAssistant, home: Home, settle: Settle
) -> None:
    await settle()
    for residents, wanted in ((2, {"resident-1", "resident-2"}), (1, {"resident"})):
        data = {**home.entry.data, CONF_DWELLING: {"residents": residents}}
        hass.config_entries.async_update_entry(home.entry, data=data)
        sheets = {n.split(".")[0] for n in await settle() if n.startswith("resident")}
        assert sheets == wanted


async def test_a_file_that_was_spoiled_or_deleted_comes_back(
    hass: HomeAssistant, home: Home, settle: Settle
) -> None:
    before = await settle()
    folder = home.folder / FOLDER
    (folder / "staff.sv.html").unlink()
    spoiled = folder / "resident.sv.html"
    spoiled.write_bytes(before["resident.sv.html"][1].encode()[:900])
    (folder / "staff.en.html").write_bytes(b"\xff\xfe")
    (folder / "somebodys.html").write_text("their own")
    async_fire_time_changed(hass, dt_util.utcnow() + LOOK_EVERY + timedelta(seconds=1))
    after = await settle()
    back = {"staff.sv.html", "resident.sv.html", "staff.en.html"}
    assert written(before, after) == {*back, "somebodys.html"}
    assert "</html>" in after["resident.sv.html"][1]


async def test_a_disk_that_does_not_take_it_is_told_and_tried_again(
    hass: HomeAssistant, home: Home, settle: Settle, caplog: pytest.LogCaptureFixture
) -> None:
    real = Path.replace
    refused: list[Path] = []

    def full(path: Path, target: Path) -> Path:
        if path.name.endswith(".html.new"):
            refused.append(path)
            raise OSError(28, "No space left on device")
        return real(path, target)

    with patch.object(Path, "replace", full):
        assert await settle() == {}
        home.changed()
        assert await settle() == {}
    assert len(refused) == 2
    said = [r.message for r in caplog.records if r.name.endswith(".papers")]
    assert len(said) == 1
    assert "No space left on device" in said[0]
    home.changed()
    assert set(await settle()) == NAMES
    assert "The papers of the home are written again" in caplog.text


async def test_nothing_is_written_of_a_home_that_is_unloaded(
    hass: HomeAssistant, home: Home, settle: Settle
) -> None:
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert await settle() == {}
    home.changed()
    assert await settle() == {}
    async_fire_time_changed(hass, dt_util.utcnow() + LOOK_EVERY + timedelta(seconds=1))
    assert await settle() == {}


async def test_a_change_is_written_though_others_follow_without_end(
    hass: HomeAssistant, home: Home
) -> None:
    begun = dt_util.utcnow()
    for second in range(int(SETTLES) + 2):
        async_fire_time_changed(hass, begun + timedelta(seconds=second))
        home.changed()
    await hass.async_block_till_done(wait_background_tasks=True)
    names = set(read(home.folder / FOLDER))
    assert names == NAMES


async def test_facts_hold_no_secret_and_no_title(hass: HomeAssistant, home: Home) -> None:
    bed = sensor(20, "bed", "bedroom", entity_source("binary_sensor", "bed"))
    add_subentry(hass, home, {**bed, "title": "Annas säng"})
    await hass.async_block_till_done()
    facts = facts_of(home)
    assert [d.room for d in facts.devices if d.number == 20] == [Location.BEDROOM]
    [receiver] = home.receivers()
    said = repr(facts)
    for secret in (receiver.data["token"], receiver.data["url"], receiver.title, "Anna"):
        assert secret not in said
    await until(lambda: facts_of(home).receivers[0].protocol == "rest", what="the receiver")

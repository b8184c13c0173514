"""Start, stop, reload, removal: nothing is left behind, and a start that fails leaves nothing running."""

import asyncio
from collections import Counter
import threading
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
)

from custom_components.kvarbo.home import RETENTION, UPKEEP, Home, running_homes
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import (
    CORD,
    StartHome,
    add_subentry,
    arrived,
    button,
    entity_source,
    make_entry,
    on_disk,
    receiver,
    stalled_disk,
)


def ours(hass: HomeAssistant) -> dict[str, Any]:
    """What a home keeps alive: listeners, timers, tasks and threads of its own."""
    return {
        "listeners": Counter(
            {
                event: len(jobs)
                for event, jobs in hass.bus._listeners.items()
                # Home Assistant's own, while it has registries to save.
                if jobs and event != EVENT_HOMEASSISTANT_FINAL_WRITE
            }
        ),
        "timers": sorted(
            str(handle).split(" at ")[0]
            for handle in get_scheduled_timer_handles(hass.loop)
            if not handle.cancelled() and "kvarbo" in str(handle).lower()
        ),
        "tasks": sorted(
            task.get_name()
            for task in asyncio.all_tasks()
            if "kvarbo" in f"{task.get_name()} {task.get_coro()}".lower()
        ),
        "threads": sorted(t.name for t in threading.enumerate() if "kvarbo" in t.name),
    }


async def test_nothing_is_left_after_unloading(
    hass: HomeAssistant, municipality: Municipality, sources: None, start_home: StartHome
) -> None:
    entry = make_entry(
        receiver(municipality.url),
        receiver("http://127.0.0.1:9", order=2),
        button(1, entity_source("binary_sensor", "cord")),
        button(3, {"type": "zha_event", "ieee": "02:00:00:00:00:00:00:42"}),
    )
    home = await start_home(entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    # Now that Home Assistant has loaded what the first start makes it load for good.
    before = ours(hass)
    assert (before["timers"], before["threads"]) == ([], [])

    assert await hass.config_entries.async_setup(entry.entry_id)
    home = entry.runtime_data
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    during = ours(hass)
    assert during["threads"]
    assert during["tasks"]
    assert during["timers"]
    assert during["listeners"] > before["listeners"]
    assert running_homes(hass) == [home]

    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert ours(hass) == before
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert running_homes(hass) == []
    assert home._watchers == home.chain._hearers == []
    # Deaf from here on.
    hass.states.async_set(CORD, "off")
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)


async def test_many_reloads_send_nothing_twice(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    for _ in range(3):
        assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    [call] = await arrived(hass, municipality, 1)
    assert (call["presses"], call["repeats"]) == (1, 0)


async def test_folder_is_made_for_its_owner_alone(hass: HomeAssistant, home: Home) -> None:
    stat = await hass.async_add_executor_job(home.folder.stat)
    assert stat.st_mode & 0o777 == 0o700
    assert home.folder.name == home.entry.entry_id


async def test_removal(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    """Entities, devices and issues go. The journal stays: its trail has its own time (R08)."""
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    add_subentry(hass, home, receiver(municipality.url, order=2, heartbeat=1))
    await hass.async_block_till_done()
    await hass.config_entries.async_remove(home.entry.entry_id)
    await hass.async_block_till_done()
    assert not er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    assert not dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    assert not [key for key in ir.async_get(hass).issues if key[0] == "kvarbo"]
    assert on_disk(home.folder / "journal.db") == [call["alarm"]]


async def test_closing_home_assistant_stops_the_home(
    hass: HomeAssistant, home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    """Entries are not unloaded at a stop; and what was stopped once can be unloaded all the same."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    assert not home.is_running
    assert ours(hass)["threads"] == []
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert "Unable to remove" not in caplog.text


@pytest.mark.parametrize("where", ["start", "platforms"])
async def test_start_that_fails_leaves_nothing_running(
    hass: HomeAssistant,
    municipality: Municipality,
    sources: None,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    """A fault of ours or of Home Assistant's; the next try must find the journal free."""

    async def fail(*_: object) -> None:
        raise RuntimeError("a fault")

    entry = make_entry(
        receiver(municipality.url), button(1, entity_source("binary_sensor", "cord"))
    )
    entry.add_to_hass(hass)
    with monkeypatch.context() as patch:
        if where == "start":
            patch.setattr(Home, "_tell_findings", fail)
        else:
            patch.setattr(hass.config_entries, "async_forward_entry_setups", fail)
        assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert running_homes(hass) == []
    assert ours(hass)["threads"] == []
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    assert not entry.runtime_data.journal_in_trouble()
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_alarm_that_waits_is_sent_after_a_restart(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    """A5."""
    await municipality.set_fault(Mode.BUSY)
    hass.states.async_set(CORD, "on")
    [alarm] = await until(home.ledger.undelivered, what="an alarm that waits")
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    await municipality.set_fault(Mode.NONE)
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    [call] = await arrived(hass, municipality, 1)
    assert call["alarm"] == alarm.id
    assert call["sensed_at"][:19] == alarm.sensed_at.isoformat()[:19]


async def test_unloading_while_the_disk_stalls(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    """What the disk takes before the stop has had its time is on it."""
    await until(
        lambda: home.chain.transmitter.signs.audit_head is not None, what="the first upkeep"
    )
    with stalled_disk(home):
        hass.states.async_set(CORD, "on")
        [call] = await arrived(hass, municipality, 1)
        stopping = hass.async_create_task(
            hass.config_entries.async_unload(home.entry.entry_id), eager_start=True
        )
        await until(lambda: not home.is_running, what="the stop to begin")
    assert await stopping
    assert on_disk(home.folder / "journal.db")[0] == call["alarm"]


async def test_settings_that_change_while_the_home_stops(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    """A line that begins after the stop would run on for ever."""
    add_subentry(hass, home, receiver(municipality.url, order=2))
    applying = asyncio.create_task(home.apply())
    await home.stop()
    await applying
    await home.apply()
    assert home.chain.transmitter.lines == ()


async def test_upkeep(
    hass: HomeAssistant, home: Home, municipality: Municipality, quick_answers: None
) -> None:
    """Each hour: what has ended long ago is taken away, what is settled is forgotten (R08)."""
    hass.states.async_set(CORD, "on")
    [call] = await arrived(hass, municipality, 1)
    municipality.close_alarm(call["alarm"])
    await until(lambda: home.ledger.open_alarms() == [], what="the close")
    await until(lambda: all(d.followed for d in home.ledger.deliveries.values()), what="the end")
    await home._upkeep(dt_util.utcnow())
    await until(lambda: call["alarm"] not in home.ledger.alarms, what="it to be forgotten")
    assert await home.journal.flush(5)
    assert on_disk(home.folder / "journal.db") == [call["alarm"]]
    home.clock.raise_floor(home.clock.now() + RETENTION + UPKEEP)
    await home._upkeep(dt_util.utcnow())
    assert on_disk(home.folder / "journal.db") == []


async def test_alarm_raised_while_entities_are_still_being_set_up(
    hass: HomeAssistant, municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home takes alarms as soon as it runs, not only when Home Assistant calls it loaded."""
    entry: MockConfigEntry = make_entry(receiver(municipality.url))
    entry.add_to_hass(hass)
    forward = hass.config_entries.async_forward_entry_setups
    answers: list[Any] = []

    async def raise_first(*args: Any) -> None:
        answers.append(
            await hass.services.async_call(
                "kvarbo", "raise_alarm", {"kind": "help_call"}, blocking=True, return_response=True
            )
        )
        await forward(*args)

    monkeypatch.setattr(hass.config_entries, "async_forward_entry_setups", raise_first)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert answers[0]["durable"] is True
    await arrived(hass, municipality, 1)
    assert await hass.config_entries.async_unload(entry.entry_id)

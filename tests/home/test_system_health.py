"""The chain at a glance on Home Assistant's system page."""

from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.municipality.faults import Mode
from simulator.testing import until

from .conftest import CORD, add_subentry, arrived, first_receiver, receiver, stalled_disk


async def glance(hass: HomeAssistant) -> dict[str, Any]:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    return await get_system_health_info(hass, "kvarbo")


async def test_well_home(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    await home.chain.transmitter.beat(first_receiver(home))
    assert await glance(hass) == {
        "home": "4711",
        "receivers_reached": "1/1",
        "undelivered": 0,
        "oldest_undelivered": "-",
        "last_receipt": "-",
        "journal": "ok",
    }
    hass.states.async_set(CORD, "on")
    await arrived(hass, municipality, 1)
    await until(lambda: home.last_receipt() is not None, what="the receipt")
    assert datetime.fromisoformat((await glance(hass))["last_receipt"]) <= home.clock.now()


async def test_home_in_trouble(hass: HomeAssistant, home: Home, municipality: Municipality) -> None:
    await until(
        lambda: home.chain.transmitter.signs.audit_head is not None, what="the first upkeep"
    )
    add_subentry(hass, home, receiver(municipality.url, order=2))
    await hass.async_block_till_done()
    await municipality.set_fault(Mode.DOWN)
    await home.chain.transmitter.beat(first_receiver(home))
    await home.chain.transmitter.beat(first_receiver(home))
    with stalled_disk(home):
        hass.states.async_set(CORD, "on")
        await until(home.journal_in_trouble, what="the journal's trouble")
        told = await glance(hass)
        assert told["journal"] == "problem"
    assert told["receivers_reached"][-2:] == "/2"
    assert told["undelivered"] >= 2
    oldest = min(alarm.raised_at for alarm in home.ledger.undelivered())
    assert told["oldest_undelivered"] == oldest.isoformat(timespec="seconds")
    await until(lambda: not home.journal_in_trouble(), what="the disk")


async def test_no_home(hass: HomeAssistant, home: Home) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    assert await glance(hass) == {"home": "none"}

"""R35: what operations hear of the devices, and that nobody else hears of them."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.const import CONF_TAKES
from custom_components.kvarbo.health import read_health
from custom_components.kvarbo.home import Home
from custom_components.kvarbo.transmission.receiver import Health
from simulator.municipality import Municipality

from .conftest import StartHome, button, entity_source, make_entry, receiver


@pytest.fixture
def cord_with_battery(hass: HomeAssistant) -> str:
    """A cord whose device has a battery; return the battery's entity id."""
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("test", "cord")}
    )
    registry = er.async_get(hass)
    registry.async_get_or_create(
        "binary_sensor", "test", "cord", suggested_object_id="cord", device_id=device.id
    )
    battery = registry.async_get_or_create(
        "sensor",
        "test",
        "cord_battery",
        suggested_object_id="cord_battery",
        device_id=device.id,
        original_device_class="battery",
    )
    hass.states.async_set("binary_sensor.cord", "off")
    return battery.entity_id


async def two_receivers(municipality: Municipality, start_home: StartHome) -> Home:
    operations = receiver(municipality.url, order=2)
    return await start_home(
        make_entry(
            receiver(municipality.url),
            {**operations, "data": {**operations["data"], CONF_TAKES: "operations"}},
            button(1, entity_source("binary_sensor", "cord"), "bathroom"),
            button(2, entity_source("binary_sensor", "gone"), "hallway"),
        )
    )


@pytest.mark.parametrize(
    ("state", "low"),
    [("15", 1), ("16", 0), ("0", 1), ("unavailable", 0), ("unknown", 0), ("nan", 0)],
)
async def test_counts_and_no_more(
    hass: HomeAssistant,
    municipality: Municipality,
    start_home: StartHome,
    cord_with_battery: str,
    state: str,
    low: int,
) -> None:
    hass.states.async_set(cord_with_battery, state)
    home = await two_receivers(municipality, start_home)
    assert read_health(home) == Health(
        devices=2, missing=1, silent=0, low_batteries=low, weak_links=0
    )


async def test_operations_alone_hear_of_them(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome, cord_with_battery: str
) -> None:
    hass.states.async_set(cord_with_battery, "3")
    home = await two_receivers(municipality, start_home)
    told = {
        line.outlet.takes.value: home.chain.transmitter._make_heartbeat(line.outlet).health
        for line in home.chain.transmitter.lines
    }
    assert told == {
        "alarms": None,
        "operations": Health(devices=2, missing=1, silent=0, low_batteries=1, weak_links=0),
    }
    _, operations = home.receivers()
    # Both are one municipality here: the first heartbeat of the other may come last, and tells nothing.
    async with asyncio.timeout(10):
        low = None
        while low != 1:
            await home.chain.transmitter.beat(operations.subentry_id)
            low = municipality.state(None)["homes"][0]["low_batteries"]


async def test_a_source_that_cannot_be_read_has_no_battery(
    hass: HomeAssistant, municipality: Municipality, start_home: StartHome, cord_with_battery: str
) -> None:
    home = await start_home(
        make_entry(
            receiver(municipality.url),
            button(1, entity_source("binary_sensor", "cord"), "bathroom"),
            button(2, {"type": "entity"}, "hallway"),
            button(3, {"type": "zha_event", "ieee": "02:00:00:00:00:00:00:42"}, "hallway"),
        )
    )
    assert read_health(home).low_batteries == 0

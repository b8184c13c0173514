"""A Bluetooth device is heard by its adverts through Home Assistant's own bluetooth; what is replayed is no hearing."""

from collections.abc import AsyncGenerator
import time

from habluetooth import BaseHaRemoteScanner, BluetoothScanningMode
from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
import pytest
import pytest_asyncio
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.devices.signs import (
    BLUETOOTH,
    Whereabouts,
    find_device,
    is_radio_up,
    read_signs,
)

ADDRESS = "A4:C1:38:00:00:01"
SOURCE = {"type": "entity", "domain": "binary_sensor", "platform": "test", "unique_id": "pendant"}


class Ear(BaseHaRemoteScanner):
    """A scanner whose air is this test's: real radios are not to be had here."""

    def hears(self, rssi: int, at: float, payload: bytes = b"\x40") -> None:
        self._async_on_advertisement(
            ADDRESS, rssi, "pendant", [], {}, {0x1234: payload}, None, {}, at
        )


@pytest_asyncio.fixture
async def ear(hass: HomeAssistant, socket_enabled: None) -> AsyncGenerator[Ear]:
    """Home Assistant's bluetooth with one scanner."""
    assert await async_setup_component(hass, "bluetooth", {})
    await hass.async_block_till_done()
    made = Ear(
        "aa:bb:cc:dd:ee:ff",
        "ear",
        connector=None,
        connectable=False,
        requested_mode=BluetoothScanningMode.ACTIVE,
        current_mode=BluetoothScanningMode.ACTIVE,
    )
    stop = [made.async_setup(), bluetooth.async_register_scanner(hass, made)]
    yield made
    for end in reversed(stop):
        end()


@pytest.fixture
def pendant(hass: HomeAssistant) -> Whereabouts:
    """A pendant that another integration has made a device of."""
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, connections={(dr.CONNECTION_BLUETOOTH, ADDRESS)}
    )
    registry = er.async_get(hass)
    entity = registry.async_get_or_create(
        "binary_sensor", "test", "pendant", device_id=device.id, suggested_object_id="pendant"
    )
    registry.async_get_or_create(
        "binary_sensor",
        "test",
        "lid",
        device_id=device.id,
        suggested_object_id="lid",
        original_device_class="tamper",
    )
    registry.async_get_or_create(
        "binary_sensor",
        "test",
        "cell",
        device_id=device.id,
        suggested_object_id="cell",
        original_device_class="battery",
    )
    hass.states.async_set(entity.entity_id, "off")
    return find_device(hass, SOURCE)


async def test_it_is_found_by_its_address(pendant: Whereabouts) -> None:
    assert (pendant.radio, pendant.address.upper()) == (BLUETOOTH, ADDRESS)


async def test_an_advert_is_a_hearing_with_its_strength(
    hass: HomeAssistant, ear: Ear, pendant: Whereabouts
) -> None:
    since = time.monotonic()
    assert is_radio_up(hass, BLUETOOTH)
    assert read_signs(hass, pendant, since=since, before=7.0).heard == 7.0
    assert read_signs(hass, pendant, since=since, before=None).heard == 0.0
    at = time.monotonic()
    ear.hears(-71, at)
    signs = read_signs(hass, pendant, since=since, before=7.0)
    assert (signs.heard, signs.rssi) == (at, -71.0)
    # The same said again is heard again.
    ear.hears(-80, at + 1)
    assert read_signs(hass, pendant, since=since, before=at).heard == at + 1


async def test_what_was_heard_before_our_time_is_replayed_and_no_hearing(
    hass: HomeAssistant, ear: Ear, pendant: Whereabouts
) -> None:
    ear.hears(-71, time.monotonic())
    since = time.monotonic() + 0.001
    signs = read_signs(hass, pendant, since=since, before=5.0)
    assert (signs.heard, signs.rssi) == (5.0, None)


async def test_its_entities_tell_of_lid_and_cell(
    hass: HomeAssistant, ear: Ear, pendant: Whereabouts
) -> None:
    hass.states.async_set("binary_sensor.lid", "on")
    hass.states.async_set("binary_sensor.cell", "on")
    ear.hears(-71, time.monotonic())
    for since in (0.0, time.monotonic() + 1):
        signs = read_signs(hass, pendant, since=since, before=None)
        assert (signs.tamper, signs.low, signs.is_available) == (True, True, True)


async def test_without_a_scanner_nothing_is_known_of_it(
    hass: HomeAssistant, pendant: Whereabouts
) -> None:
    assert not is_radio_up(hass, BLUETOOTH)
    assert read_signs(hass, pendant, since=0.0, before=3.0).heard is None
    assert find_device(hass, {"type": "entity"}) == Whereabouts(device_id=None, entity_id=None)

"""Whose device an entity stands on: the button's own where it has one, and never a fork of it."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.home import Home
from simulator.municipality import Municipality
from simulator.testing import until

from .conftest import (
    REMOTE,
    StartHome,
    button,
    by_unique_id,
    entity_source,
    first_receiver,
    make_entry,
    receiver,
    running_button,
)


def its_device(hass: HomeAssistant, unique_id: str, domain: str = "sensor") -> dr.DeviceEntry:
    entry = er.async_get(hass).async_get(by_unique_id(hass, domain, unique_id))
    assert entry is not None
    assert entry.device_id is not None
    device = dr.async_get(hass).async_get(entry.device_id)
    assert isinstance(device, dr.DeviceEntry)
    return device


@pytest.fixture
def maker(hass: HomeAssistant) -> MockConfigEntry:
    """Another integration's entry, under the name of ZHA."""
    entry = MockConfigEntry(domain="zha", title="Zigbee")
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def cord_device(hass: HomeAssistant, maker: MockConfigEntry) -> dr.DeviceEntry:
    """A pull cord as ZHA would register it, with the entity that tells of a pull."""
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=maker.entry_id,
        identifiers={("zha", "02:00:00:00:00:00:00:41")},
        name="Cord PC-1",
    )
    er.async_get(hass).async_get_or_create(
        "binary_sensor",
        "test",
        "cord",
        suggested_object_id="cord",
        config_entry=maker,
        device_id=device.id,
    )
    return device


async def test_homes_and_receivers_devices(hass: HomeAssistant, home: Home) -> None:
    own = its_device(hass, f"{home.entry.entry_id}_answer")
    assert own.identifiers == {("kvarbo", home.entry.entry_id)}
    assert (own.name, own.manufacturer, own.model) == ("Home 4711", "Kvarbo", "Demo home")
    assert (own.serial_number, own.config_entry_id) == ("4711", home.entry.entry_id)
    assert own.config_subentry_id is None
    its = its_device(hass, f"{first_receiver(home)}_reached", "binary_sensor")
    assert its.config_entry_id == home.entry.entry_id
    assert its.config_subentry_id == first_receiver(home)
    assert (its.name, its.model) == ("Receiver 1", "Receiver")


async def test_button_without_a_device_gets_one_of_its_own(hass: HomeAssistant, home: Home) -> None:
    key = running_button(home, 1).subentry_id
    device = its_device(hass, f"{key}_answer_now")
    assert device.identifiers == {("kvarbo", key)}
    assert (device.config_entry_id, device.config_subentry_id) == (home.entry.entry_id, key)
    assert (device.name, device.model) == ("Help button 1", "Help button")


async def test_answer_joins_the_device_of_an_entity(
    hass: HomeAssistant,
    municipality: Municipality,
    cord_device: dr.DeviceEntry,
    start_home: StartHome,
) -> None:
    before = {device.id for device in dr.async_get(hass).devices}
    home = await start_home(
        make_entry(receiver(municipality.url), button(1, entity_source("binary_sensor", "cord")))
    )
    key = running_button(home, 1).subentry_id
    for domain, unique_id in (("sensor", f"{key}_answer_now"), ("event", f"{key}_answer")):
        assert its_device(hass, unique_id, domain).id == cord_device.id
        entry = er.async_get(hass).async_get(by_unique_id(hass, domain, unique_id))
        assert entry is not None
        assert entry.config_subentry_id == key
    _is_untouched(hass, cord_device)
    # New are the home and its receiver, and no second cord.
    new = {device.name for device in dr.async_get(hass).devices if device.id not in before}
    assert new == {"Home 4711", "Receiver 1"}


async def test_answer_joins_the_device_of_a_remote(
    hass: HomeAssistant,
    municipality: Municipality,
    maker: MockConfigEntry,
    start_home: StartHome,
) -> None:
    remote = dr.async_get(hass).async_get_or_create(
        config_entry_id=maker.entry_id, identifiers={("zha", REMOTE)}, name="Wall button"
    )
    home = await start_home(
        make_entry(receiver(municipality.url), button(3, {"type": "zha_event", "ieee": REMOTE}))
    )
    key = running_button(home, 3).subentry_id
    assert its_device(hass, f"{key}_answer_now").id == remote.id
    _is_untouched(hass, remote)


def _is_untouched(hass: HomeAssistant, device: dr.DeviceEntry) -> None:
    now = dr.async_get(hass).async_get(device.id)
    assert isinstance(now, dr.DeviceEntry)
    assert now.config_entry_id == device.config_entry_id
    assert now.config_subentry_id is None
    assert now.identifiers == device.identifiers
    assert now.name == device.name


async def test_home_outlives_the_device_it_joined(
    hass: HomeAssistant,
    municipality: Municipality,
    cord_device: dr.DeviceEntry,
    start_home: StartHome,
) -> None:
    home = await start_home(
        make_entry(receiver(municipality.url), button(1, entity_source("binary_sensor", "cord")))
    )
    dr.async_get(hass).async_remove_device(cord_device.id)
    await hass.async_block_till_done()
    assert running_button(home, 1).is_missing
    assert home.is_running
    # At the next start the answer has a place again.
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    key = running_button(again, 1).subentry_id
    assert its_device(hass, f"{key}_answer_now").identifiers == {("kvarbo", key)}


async def test_removed_button_takes_its_own_along_and_leaves_the_source(
    hass: HomeAssistant,
    municipality: Municipality,
    cord_device: dr.DeviceEntry,
    start_home: StartHome,
) -> None:
    home = await start_home(
        make_entry(receiver(municipality.url), button(1, entity_source("binary_sensor", "cord")))
    )
    key = running_button(home, 1).subentry_id
    hass.config_entries.async_remove_subentry(home.entry, key)
    await hass.async_block_till_done()
    left = {e.unique_id for e in er.async_get(hass).entities.values()}
    assert not any(unique_id.startswith(key) for unique_id in left)
    assert "cord" in left
    _is_untouched(hass, cord_device)


async def test_new_titles_are_shown_without_a_reload(hass: HomeAssistant, home: Home) -> None:
    hass.config_entries.async_update_entry(home.entry, title="Demo 12")
    hass.config_entries.async_update_subentry(home.entry, home.receivers()[0], title="Alarm centre")
    await hass.async_block_till_done()
    assert its_device(hass, f"{home.entry.entry_id}_answer").name == "Demo 12"
    key = f"{first_receiver(home)}_reached"
    assert its_device(hass, key, "binary_sensor").name == "Alarm centre"
    assert home.entry.runtime_data is home


async def test_new_number_is_told_to_the_receiver_without_a_reload(
    hass: HomeAssistant, home: Home, municipality: Municipality
) -> None:
    await until(lambda: municipality.state()["homes"] != [], what="the first sign of life")
    hass.config_entries.async_update_entry(
        home.entry, data={**home.entry.data, "controller": "4712"}
    )
    await hass.async_block_till_done()
    await until(
        lambda: {h["home"] for h in municipality.state()["homes"]} == {"4711", "4712"},
        what="the new number",
    )
    assert home.entry.runtime_data is home

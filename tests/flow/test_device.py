"""The dialog of a device: one source, named so that it outlives Home Assistant's ids."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from simulator.testing import until

from .talk import Talk

IEEE = "02:00:00:00:00:00:00:42"
PLACE = {"location": "bathroom", "resident": 1}


@pytest.fixture
def cord(hass: HomeAssistant) -> str:
    """A pull cord of another integration."""
    registry = er.async_get(hass)
    return registry.async_get_or_create(
        "binary_sensor", "other", "cord-1", suggested_object_id="cord"
    ).entity_id


@pytest.fixture
def bell(hass: HomeAssistant) -> str:
    """A wall button that is an event entity."""
    registry = er.async_get(hass)
    return registry.async_get_or_create(
        "event", "other", "bell-1", suggested_object_id="bell"
    ).entity_id


@pytest.fixture
def zigbee(hass: HomeAssistant) -> MockConfigEntry:
    """ZHA's entry. The real ZHA, which takes seconds, is in test_device_zigbee."""
    entry = MockConfigEntry(domain="zha")
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def stick(hass: HomeAssistant, zigbee: MockConfigEntry) -> dr.DeviceEntry:
    """ZHA's radio stick."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=zigbee.entry_id, identifiers={("zha", "02:00:00:00:00:00:00:01")}
    )


@pytest.fixture
def remote(hass: HomeAssistant, zigbee: MockConfigEntry, stick: dr.DeviceEntry) -> dr.DeviceEntry:
    """A remote behind it."""
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=zigbee.entry_id, identifiers={("zha", IEEE)}, via_device_id=stick.id
    )


async def begin(hass: HomeAssistant, home: ConfigEntry[Any]) -> Talk:
    """Say that it is a help button."""
    talk = await Talk.add(hass, home, "device")
    talk.at("user")
    return await talk.answer(role="help_button")


async def add(
    hass: HomeAssistant, home: ConfigEntry[Any], source: str, **answer: Any
) -> ConfigSubentry:
    """Add a device as a person would, and return what was saved."""
    talk = await begin(hass, home)
    if talk.page["type"] is FlowResultType.MENU:
        await talk.choose(source)
    await talk.answer(**PLACE, **answer)
    talk.at("ready")
    await talk.choose("finish")
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return list(home.subentries.values())[-1]


async def test_an_entity_becomes_a_help_button(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str
) -> None:
    talk = await begin(hass, demo_home)
    talk.at("entity")
    await talk.answer(entity_id=cord, location="bathroom", resident=1)
    talk.at("ready")
    assert not demo_home.subentries
    await talk.choose("finish")
    [subentry] = demo_home.subentries.values()
    assert (subentry.subentry_type, subentry.title) == ("device", "Help button 1")
    assert subentry.unique_id == "device-1"
    assert dict(subentry.data) == {
        "number": 1,
        "role": "help_button",
        "location": "bathroom",
        "resident": 1,
        "source": {
            "type": "entity",
            "domain": "binary_sensor",
            "platform": "other",
            "unique_id": "cord-1",
        },
    }
    assert demo_home.data["next_number"] == 2
    await hass.async_block_till_done()
    hass.states.async_set(cord, "off")
    hass.states.async_set(cord, "on")
    await until(
        lambda: hass.states.is_state("binary_sensor.flat_12_open_alarm", "on"),
        what="the home to hear it",
    )


async def test_a_device_is_titled_in_the_hubs_language(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str
) -> None:
    hass.config.language = "sv"
    subentry = await add(hass, demo_home, "entity", entity_id=cord)
    assert subentry.title == "Larmknapp 1"


async def test_a_remote_becomes_a_help_button(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], remote: dr.DeviceEntry
) -> None:
    talk = await begin(hass, demo_home)
    talk.at("heard_by")
    assert talk.page["menu_options"] == ["entity", "remote"]
    subentry = await add(hass, demo_home, "remote", device_id=remote.id)
    assert subentry.data["source"] == {"type": "zha_event", "ieee": IEEE}


async def test_a_number_is_given_once(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, bell: str
) -> None:
    first = await add(hass, demo_home, "entity", entity_id=cord)
    hass.config_entries.async_remove_subentry(demo_home, first.subentry_id)
    second = await add(hass, demo_home, "entity", entity_id=cord)
    assert (first.data["number"], second.data["number"]) == (1, 2)
    # An entry from a backup may count from an earlier day than its devices.
    hass.config_entries.async_update_entry(demo_home, data={**demo_home.data, "next_number": 1})
    third = await add(hass, demo_home, "entity", entity_id=bell)
    assert third.data["number"] == 3
    assert demo_home.data["next_number"] == 4


async def test_several_devices_can_be_added_in_one_go(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, bell: str
) -> None:
    talk = await begin(hass, demo_home)
    await talk.answer(entity_id=cord, **PLACE)
    await talk.choose("another")
    talk.at("user")
    await talk.answer(role="help_button")
    talk.at("entity")
    assert talk.filled_in() == {}, "nothing of the one before is left"
    await talk.answer(entity_id=cord, **PLACE)
    assert talk.errors == {"entity_id": "source_taken"}
    await talk.answer(entity_id=bell, location="hallway", resident=0)
    await talk.choose("finish")
    told = [(s.title, s.data["location"]) for s in demo_home.subentries.values()]
    assert told == [("Help button 1", "bathroom"), ("Help button 2", "hallway")]


# -- what cannot be a source -----------------------------------------------------------------------


NO_SOURCES = [
    ("camera.hall", "picture_refused"),
    ("image.hall", "picture_refused"),
    ("camera.never_seen", "picture_refused"),
    ("switch.lamp", "wrong_domain"),
    ("binary_sensor.never_seen", "unknown_entity"),
    ("binary_sensor.template", "not_in_registry"),
    ("binary_sensor.asleep", "disabled_entity"),
    ("0123456789abcdef0123456789abcdef", "unknown_entity"),
]


async def test_an_entity_that_cannot_be_a_source_is_told(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, subtests: pytest.Subtests
) -> None:
    """R03 among them: no picture comes in."""
    registry = er.async_get(hass)
    for domain, name in (("camera", "hall"), ("image", "hall"), ("switch", "lamp")):
        registry.async_get_or_create(domain, "other", name, suggested_object_id=name)
    registry.async_get_or_create(
        "binary_sensor",
        "other",
        "asleep",
        suggested_object_id="asleep",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    hass.states.async_set("binary_sensor.template", "off")
    talk = await begin(hass, demo_home)
    for entity_id, error in NO_SOURCES:
        with subtests.test(entity_id=entity_id):
            await talk.answer(entity_id=entity_id, **PLACE)
            assert talk.errors == {"entity_id": error}
            assert talk.filled_in()["location"] == "bathroom", "what was typed is not lost"
    await talk.answer(entity_id=cord, **PLACE)
    talk.at("ready")


async def test_kvarbos_own_entities_are_no_sources(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await begin(hass, demo_home)
    await talk.answer(entity_id="binary_sensor.flat_12_open_alarm", **PLACE)
    assert talk.errors == {"entity_id": "own_entity"}


async def test_an_entity_can_be_named_by_its_registry_id(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str
) -> None:
    entity = er.async_get(hass).async_get(cord)
    assert entity is not None
    subentry = await add(hass, demo_home, "entity", entity_id=entity.id)
    assert subentry.data["source"]["unique_id"] == "cord-1"


async def test_a_thing_that_is_no_remote_is_told(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    remote: dr.DeviceEntry,
    stick: dr.DeviceEntry,
) -> None:
    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "lamp")}
    )
    talk = await begin(hass, demo_home)
    await talk.choose("remote")
    for device_id, error in (
        ("unknown", "unknown_device"),
        ("x" * 100_000, "unknown_device"),
        (lamp.id, "not_zigbee"),
        (stick.id, "radio_stick"),
    ):
        await talk.answer(device_id=device_id, **PLACE)
        assert talk.errors == {"device_id": error}
    await talk.answer(device_id=remote.id, **PLACE)
    talk.at("ready")


async def test_a_resident_is_0_to_9(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, subtests: pytest.Subtests
) -> None:
    talk = await begin(hass, demo_home)
    for resident in (-1, 10, 0.5, float("nan"), float("inf")):
        with subtests.test(resident=resident):
            await talk.answer(entity_id="camera.hall", location="home", resident=resident)
            assert talk.errors == {"resident": "resident_range", "entity_id": "picture_refused"}
    await talk.answer(entity_id=cord, location="home", resident=9)
    talk.at("ready")


async def test_one_source_one_device(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, remote: dr.DeviceEntry
) -> None:
    await add(hass, demo_home, "entity", entity_id=cord)
    talk = await begin(hass, demo_home)
    await talk.choose("entity")
    await talk.answer(entity_id=cord, **PLACE)
    assert talk.errors == {"entity_id": "source_taken"}
    assert talk.told["number"] == "1"
    await add(hass, demo_home, "remote", device_id=remote.id)
    talk = await begin(hass, demo_home)
    await talk.choose("remote")
    await talk.answer(device_id=remote.id, **PLACE)
    assert talk.errors == {"device_id": "source_taken"}
    assert talk.told["number"] == "2"


async def test_a_remote_and_its_own_entity_are_one_source(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zigbee: MockConfigEntry,
    remote: dr.DeviceEntry,
) -> None:
    """One press would be heard twice."""
    entity = er.async_get(hass).async_get_or_create(
        "event", "zha", f"{IEEE}-1", config_entry=zigbee, device_id=remote.id
    )
    await add(hass, demo_home, "remote", device_id=remote.id)
    talk = await begin(hass, demo_home)
    await talk.choose("entity")
    await talk.answer(entity_id=entity.entity_id, **PLACE)
    assert talk.errors == {"entity_id": "source_taken"}
    # A remote that has left ZHA is no thing any more; its number and address stay.
    dr.async_get(hass).async_remove_device(remote.id)
    lamp = dr.async_get(hass).async_get_or_create(
        config_entry_id=zigbee.entry_id, identifiers={("zha", "lamp")}
    )
    other = er.async_get(hass).async_get_or_create(
        "event", "zha", "another", config_entry=zigbee, device_id=lamp.id
    )
    await talk.answer(entity_id=other.entity_id, **PLACE)
    talk.at("ready")


async def test_two_entities_of_one_thing_are_two_sources(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    zigbee: MockConfigEntry,
    remote: dr.DeviceEntry,
) -> None:
    """A double button may call for each of two residents."""
    registry = er.async_get(hass)
    left, right = (
        registry.async_get_or_create(
            "event", "zha", f"{IEEE}-{name}", config_entry=zigbee, device_id=remote.id
        ).entity_id
        for name in ("left", "right")
    )
    await add(hass, demo_home, "entity", entity_id=left)
    subentry = await add(hass, demo_home, "entity", entity_id=right)
    assert subentry.data["number"] == 2


@pytest.mark.parametrize("last", ["finish", "another"])
async def test_two_dialogs_cannot_take_the_same_source(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, last: str
) -> None:
    one = await begin(hass, demo_home)
    other = await begin(hass, demo_home)
    for talk in (one, other):
        await talk.answer(entity_id=cord, **PLACE)
    await one.choose("finish")
    await other.choose(last)
    assert other.reason == "source_taken"
    assert other.told["number"] == "1"
    assert len(demo_home.subentries) == 1
    assert demo_home.data["next_number"] == 2, "no number is lost on it"


# -- changing a device -----------------------------------------------------------------------------


async def test_a_device_can_be_moved(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str
) -> None:
    subentry = await add(hass, demo_home, "entity", entity_id=cord)
    before = dict(subentry.data)
    talk = await Talk.change(hass, demo_home, subentry)
    talk.at("reconfigure")
    assert talk.page["menu_options"] == ["place", "entity"], "no remote without ZHA"
    await talk.choose("place")
    assert talk.filled_in() == PLACE
    await talk.answer(location="kitchen", resident=10)
    assert talk.errors == {"resident": "resident_range"}
    assert talk.filled_in() == {"location": "kitchen", "resident": 10}
    await talk.answer(location="kitchen", resident=2)
    assert talk.reason == "reconfigure_successful"
    assert dict(subentry.data) == {**before, "location": "kitchen", "resident": 2}


async def test_a_broken_button_is_replaced_and_keeps_its_number(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    cord: str,
    bell: str,
    remote: dr.DeviceEntry,
) -> None:
    subentry = await add(hass, demo_home, "entity", entity_id=cord)
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("entity")
    assert talk.filled_in() == {"entity_id": cord, **PLACE}
    await talk.answer(entity_id=bell, **PLACE)
    assert talk.reason == "reconfigure_successful"
    assert subentry.data["source"]["unique_id"] == "bell-1"
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("remote")
    assert talk.filled_in() == PLACE, "what it listens to now is no remote"
    await talk.answer(device_id=remote.id, **PLACE)
    assert talk.reason == "reconfigure_successful"
    assert subentry.data["source"] == {"type": "zha_event", "ieee": IEEE}
    assert (subentry.data["number"], subentry.title) == (1, "Help button 1")
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("remote")
    assert talk.filled_in() == {"device_id": remote.id, **PLACE}
    await talk.close()
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("entity")
    assert talk.filled_in() == PLACE
    assert demo_home.data["next_number"] == 2


async def test_a_device_may_keep_its_own_source_and_not_take_anothers(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, bell: str
) -> None:
    first = await add(hass, demo_home, "entity", entity_id=cord)
    await add(hass, demo_home, "entity", entity_id=bell)
    before = dict(first.data)
    talk = await Talk.change(hass, demo_home, first)
    await talk.choose("entity")
    await talk.answer(entity_id=bell, location="kitchen", resident=1)
    assert talk.errors == {"entity_id": "source_taken"}
    assert talk.told["number"] == "2"
    assert dict(first.data) == before
    await talk.answer(entity_id=cord, location="kitchen", resident=1)
    assert talk.reason == "reconfigure_successful"
    assert dict(first.data) == {**before, "location": "kitchen"}


async def test_a_device_whose_source_is_gone_can_still_be_moved_and_mended(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, bell: str
) -> None:
    subentry = await add(hass, demo_home, "entity", entity_id=cord)
    er.async_get(hass).async_remove(cord)
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("place")
    await talk.answer(location="kitchen", resident=1)
    assert talk.reason == "reconfigure_successful"
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("entity")
    assert "entity_id" not in talk.filled_in()
    await talk.answer(entity_id=bell, **PLACE)
    assert talk.reason == "reconfigure_successful"

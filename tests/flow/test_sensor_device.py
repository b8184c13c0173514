"""The dialog of a sensor: its role first, then what fits it, then what it is taken to say now."""

from collections.abc import Callable
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.alarm.kinds import Role
from custom_components.kvarbo.devices.fitting import FITTING, REMOTE_ROLES, SENSOR_ROLES
from custom_components.kvarbo.flows.sources import SourceError, read_remote

from .talk import Talk

IEEE = "02:00:00:00:00:00:00:42"
PLACE = {"location": "kitchen", "resident": 0}

type Entity = Callable[..., str]


@pytest.fixture
def entity(hass: HomeAssistant) -> Entity:
    """Make an entity of another integration that says something."""

    def make(entity_id: str, state: str | None = None, **attributes: str) -> str:
        domain, name = entity_id.split(".")
        made = er.async_get(hass).async_get_or_create(
            domain, "other", name, suggested_object_id=name
        )
        if state is not None:
            hass.states.async_set(made.entity_id, state, attributes)
        return made.entity_id

    return make


@pytest.fixture
def remote(hass: HomeAssistant) -> dr.DeviceEntry:
    """A remote behind ZHA's radio stick."""
    zha = MockConfigEntry(domain="zha")
    zha.add_to_hass(hass)
    registry = dr.async_get(hass)
    stick = registry.async_get_or_create(
        config_entry_id=zha.entry_id, identifiers={("zha", "02:00:00:00:00:00:00:01")}
    )
    return registry.async_get_or_create(
        config_entry_id=zha.entry_id, identifiers={("zha", IEEE)}, via_device_id=stick.id
    )


def shows(talk: Talk) -> dict[str, str]:
    """What the page says of the source: its state, and what that is taken for."""
    return {key: talk.told[key] for key in ("state", "taken")}


async def begin(hass: HomeAssistant, home: ConfigEntry[Any], role: str) -> Talk:
    return await (await Talk.add(hass, home, "device")).answer(role=role)


async def finish(hass: HomeAssistant, home: ConfigEntry[Any], talk: Talk) -> ConfigSubentry:
    talk.at("sensor_ready")
    # How it is made to speak, in the words of its role.
    assert len(talk.told["speaks"]) > len("Press it.")
    await talk.choose("finish")
    assert talk.page["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    return list(home.subentries.values())[-1]


async def add(
    hass: HomeAssistant, home: ConfigEntry[Any], role: str, entity_id: str, **read: Any
) -> ConfigSubentry:
    talk = await begin(hass, home, role)
    await talk.answer(entity_id=entity_id, **PLACE)
    await talk.answer(inverted=False, **read)
    return await finish(hass, home, talk)


def numbers(home: ConfigEntry[Any]) -> list[int]:
    return [sensor.number for sensor in home.runtime_data.devices.sensors()]


# -- adding ----------------------------------------------------------------------------------------


async def test_a_contact_becomes_an_outer_door(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    contact = entity("binary_sensor.contact", "on")
    talk = await Talk.add(hass, demo_home, "device")
    talk.at("user")
    await talk.answer(role="exit_door")
    talk.at("entity")
    await talk.answer(entity_id=contact, location="hallway", resident=0)
    talk.at("says")
    assert shows(talk) == {"state": "on", "taken": "open"}
    await talk.answer(inverted=False)
    subentry = await finish(hass, demo_home, talk)
    assert subentry.title == "Outer door 1"
    assert dict(subentry.data) == {
        "number": 1,
        "role": "exit_door",
        "location": "hallway",
        "resident": 0,
        "inverted": False,
        "source": {
            "type": "entity",
            "domain": "binary_sensor",
            "platform": "other",
            "unique_id": "contact",
        },
    }
    assert numbers(demo_home) == [1]


async def test_the_roles_offered_are_those_of_devices_each_with_what_it_is_for(
    hass: HomeAssistant, demo_home: ConfigEntry[Any]
) -> None:
    talk = await Talk.add(hass, demo_home, "device")
    [selector] = talk.page["data_schema"].schema.values()
    assert selector.config["options"] == list(FITTING)
    assert set(selector.config["options"]) == set(Role) - {"hub", "rule"}


async def test_what_it_says_is_shown_live_and_can_be_turned_round(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    mat = entity("binary_sensor.mat", "off")
    talk = await begin(hass, demo_home, "bed")
    await talk.answer(entity_id=mat, location="bedroom", resident=1)
    assert shows(talk) == {"state": "off", "taken": "empty"}
    await talk.answer(inverted=False)
    talk.at("sensor_ready")
    hass.states.async_set(mat, "on")
    await talk.choose("sensor_ready")
    assert shows(talk) == {"state": "on", "taken": "occupied"}
    await talk.choose("says")
    assert talk.filled_in() == {"inverted": False}
    await talk.answer(inverted=True)
    assert shows(talk) == {"state": "on", "taken": "empty"}
    subentry = await finish(hass, demo_home, talk)
    assert subentry.data["inverted"] is True


@pytest.mark.parametrize("said", [None, "unavailable", "unknown"])
async def test_what_is_not_known_is_said_to_be_so(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity, said: str | None
) -> None:
    talk = await begin(hass, demo_home, "motion")
    await talk.answer(entity_id=entity("binary_sensor.hall", said), **PLACE)
    assert shows(talk) == {"state": said or "-", "taken": "not known"}


async def test_it_is_said_in_the_hubs_language(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    hass.config.language = "sv"
    talk = await begin(hass, demo_home, "check_in")
    await talk.answer(entity_id=entity("binary_sensor.fine", "off"), **PLACE)
    assert talk.told["taken"] == "inte tryckt"
    await talk.answer(inverted=False)
    assert (await finish(hass, demo_home, talk)).title == "Knapp för daglig kontroll 1"


async def test_a_device_in_a_hub_of_another_language_is_titled_in_english(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    hass.config.language = "fi"
    subentry = await add(hass, demo_home, "motion", entity("binary_sensor.hall", "off"))
    assert subentry.title == "Motion sensor 1"


async def test_a_number_needs_its_limit(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity, subtests: pytest.Subtests
) -> None:
    power = entity("sensor.kettle", "1200.5", unit_of_measurement="W")
    talk = await begin(hass, demo_home, "item")
    await talk.answer(entity_id=power, **PLACE)
    talk.at("says")
    assert shows(talk) == {"state": "1200.5 W", "taken": "not known"}
    for limit in (float("nan"), float("inf")):
        with subtests.test(limit=limit):
            await talk.answer(active_above=limit, inverted=False)
            assert talk.errors == {"active_above": "limit_range"}
    await talk.answer(active_above=20.5, inverted=False)
    assert shows(talk) == {"state": "1200.5 W", "taken": "in use"}
    subentry = await finish(hass, demo_home, talk)
    assert subentry.data["active_above"] == 20.5


async def test_an_event_is_not_asked_how_it_is_read(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    bell = entity("event.fine", "2026-01-01T08:00:00.000+00:00")
    talk = await begin(hass, demo_home, "check_in")
    await talk.answer(entity_id=bell, **PLACE)
    talk.at("sensor_ready")
    assert shows(talk) == {"state": "-", "taken": "not pressed"}
    assert "says" not in talk.page["menu_options"]
    subentry = await finish(hass, demo_home, talk)
    assert subentry.data.keys() == {"number", "role", "location", "resident", "source"}


async def test_a_remote_can_be_a_check_in_button(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], remote: dr.DeviceEntry
) -> None:
    talk = await begin(hass, demo_home, "check_in")
    talk.at("heard_by")
    await talk.choose("remote")
    await talk.answer(device_id=remote.id, **PLACE)
    talk.at("sensor_ready")
    assert shows(talk) == {"state": "-", "taken": "not pressed"}
    subentry = await finish(hass, demo_home, talk)
    assert subentry.data["source"] == {"type": "zha_event", "ieee": IEEE}


@pytest.mark.parametrize("role", sorted(set(FITTING) - REMOTE_ROLES))
async def test_a_remote_is_offered_only_where_a_press_tells_something(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], remote: dr.DeviceEntry, role: Role
) -> None:
    talk = await begin(hass, demo_home, role)
    talk.at("entity")
    with pytest.raises(SourceError, match="wrong_domain"):
        read_remote(hass, remote.id, role)


async def test_sensors_and_buttons_can_be_added_in_one_go(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    talk = await begin(hass, demo_home, "motion")
    await talk.answer(entity_id=entity("binary_sensor.hall", "off"), **PLACE)
    await talk.answer(inverted=True)
    await talk.choose("another")
    await talk.answer(role="help_button")
    assert talk.filled_in() == {}, "nothing of the one before is left"
    await talk.answer(entity_id=entity("binary_sensor.cord", "off"), **PLACE)
    talk.at("ready")
    await talk.choose("finish")
    sensor, button = demo_home.subentries.values()
    assert (sensor.title, button.title) == ("Motion sensor 1", "Help button 2")
    assert "inverted" not in button.data


# -- what does not fit -----------------------------------------------------------------------------

#: Every domain that may be chosen for something, and a few that may not.
DOMAINS = sorted(set().union(*FITTING.values()) | {"weather", "person", "media_player"})


@pytest.mark.parametrize("role", FITTING)
async def test_a_role_takes_what_fits_it_and_nothing_else(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity, role: Role
) -> None:
    """R03: a camera or image is refused for every role, whoever sends it."""
    talk = await begin(hass, demo_home, role)
    chooser = talk.page["data_schema"].schema["entity_id"]
    assert chooser.config["filter"] == [{"domain": sorted(FITTING[role])}]
    for domain in ("camera", "image"):
        await talk.answer(entity_id=entity(f"{domain}.x"), **PLACE)
        assert talk.errors == {"entity_id": "picture_refused"}, domain
    for domain in DOMAINS:
        if domain not in FITTING[role]:
            await talk.answer(entity_id=entity(f"{domain}.x"), **PLACE)
            assert talk.errors == {"entity_id": "wrong_domain"}, domain


@pytest.mark.parametrize("role", sorted(SENSOR_ROLES.keys() - {Role.ENTRY_LOCK}))
async def test_every_role_can_be_added_with_all_that_fits_it(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity, role: Role
) -> None:
    for domain in sorted(FITTING[role]):
        talk = await begin(hass, demo_home, role)
        await talk.answer(entity_id=entity(f"{domain}.x"), **PLACE)
        if domain != "event":
            talk.at("says")
            assert talk.told["taken"] == "not known"
            limit = {"active_above": 1} if domain == "sensor" else {}
            await talk.answer(inverted=False, **limit)
        subentry = await finish(hass, demo_home, talk)
        assert subentry.data["role"] == role
    assert len(numbers(demo_home)) == len(FITTING[role])


async def test_a_sensor_that_says_words_is_refused(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    talk = await begin(hass, demo_home, "dispenser")
    await talk.answer(entity_id=entity("sensor.dispenser", "dose taken"), **PLACE)
    assert talk.errors == {"entity_id": "not_a_number"}
    await talk.answer(entity_id=entity("sensor.power", "unavailable"), **PLACE)
    talk.at("says")


async def test_one_source_one_device_whatever_the_role(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    hall = entity("binary_sensor.hall", "off")
    await add(hass, demo_home, "motion", hall)
    talk = await begin(hass, demo_home, "help_button")
    await talk.answer(entity_id=hall, **PLACE)
    assert talk.errors == {"entity_id": "source_taken"}
    assert talk.told["number"] == "1"


async def test_the_power_of_a_plug_is_another_source_than_its_button(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], remote: dr.DeviceEntry
) -> None:
    power = er.async_get(hass).async_get_or_create(
        "sensor", "zha", f"{IEEE}-power", device_id=remote.id, suggested_object_id="power"
    )
    talk = await begin(hass, demo_home, "check_in")
    await talk.choose("remote")
    await talk.answer(device_id=remote.id, **PLACE)
    await finish(hass, demo_home, talk)
    talk = await begin(hass, demo_home, "heat")
    await talk.answer(entity_id=power.entity_id, **PLACE)
    talk.at("says")


# -- changing --------------------------------------------------------------------------------------


async def test_all_but_the_role_can_be_changed(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    power = entity("sensor.stove", "3", unit_of_measurement="W")
    subentry = await add(hass, demo_home, "heat", power, active_above=50)
    before = dict(subentry.data)
    talk = await Talk.change(hass, demo_home, subentry)
    assert talk.page["menu_options"] == ["place", "says", "entity"]
    await talk.choose("place")
    await talk.answer(location="living_room", resident=1)
    assert talk.reason == "reconfigure_successful"
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("says")
    assert shows(talk) == {"state": "3 W", "taken": "off"}
    assert talk.filled_in() == {"active_above": 50.0, "inverted": False}
    await talk.answer(active_above=2, inverted=False)
    assert talk.reason == "reconfigure_successful"
    assert dict(subentry.data) == {
        **before,
        "location": "living_room",
        "resident": 1,
        "active_above": 2.0,
    }


async def test_another_source_is_read_anew(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    subentry = await add(hass, demo_home, "item", entity("sensor.kettle", "3"), active_above=50)
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("entity")
    assert "role" not in talk.page["data_schema"].schema
    await talk.answer(entity_id=entity("switch.kettle", "on"), **PLACE)
    talk.at("says")
    assert shows(talk) == {"state": "on", "taken": "in use"}
    await talk.answer(inverted=True)
    assert talk.reason == "reconfigure_successful"
    assert subentry.data["inverted"] is True
    assert "active_above" not in subentry.data
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("entity")
    await talk.answer(entity_id=entity("event.kettle"), **PLACE)
    assert talk.reason == "reconfigure_successful"
    assert subentry.data.keys() == {"number", "role", "location", "resident", "source"}
    talk = await Talk.change(hass, demo_home, subentry)
    assert talk.page["menu_options"] == ["place", "entity"]


async def test_a_changed_sensor_is_heard_under_its_new_settings(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    subentry = await add(hass, demo_home, "motion", entity("binary_sensor.hall", "off"))
    devices = demo_home.runtime_data.devices
    assert devices.sensed[subentry.subentry_id].reading.name == "IDLE"
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("says")
    await talk.answer(inverted=True)
    await hass.async_block_till_done()
    assert devices.sensed[subentry.subentry_id].reading.name == "ACTIVE"

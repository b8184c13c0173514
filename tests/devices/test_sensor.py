"""A sensor of the home follows its source and says what that says, once for each change."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.alarm.kinds import Location, Role
from custom_components.kvarbo.devices.sensor import SensedDevice
from custom_components.kvarbo.supervision.sensing import Reading, Sensor

from .conftest import IEEE, REMOTE, Entity, Place, device, source_of

UNKNOWN, IDLE, ACTIVE = Reading

#: For each kind of source a role that it fits, an idle state and an active one.
SOURCES = [
    ("binary_sensor.x", "motion", "off", "on", {}),
    ("input_boolean.x", "chair", "off", "on", {}),
    ("switch.x", "plug", "off", "on", {}),
    ("light.x", "item", "off", "on", {}),
    ("lock.x", "exit_door", "locked", "unlocked", {}),
    ("cover.x", "exit_door", "closed", "open", {}),
    ("valve.x", "water", "closed", "open", {}),
    ("vacuum.x", "mover", "docked", "cleaning", {}),
    ("sensor.x", "item", "0.3", "1200", {"active_above": 20.0}),
]


def running(place: Place, number: int = 1) -> SensedDevice:
    return next(s for s in place.devices.sensed.values() if s.number == number)


@pytest.mark.parametrize(("source", "role", "idle", "active", "more"), SOURCES)
async def test_every_kind_of_source_is_followed(
    place: Place,
    entity: Entity,
    source: str,
    role: str,
    idle: str,
    active: str,
    more: dict[str, Any],
) -> None:
    entity(source)
    place.say(source, active)
    place.apply(device(role, source_of(source), **more))
    assert place.noted.take() == [UNKNOWN, ACTIVE], "the sensors first, then what it says now"
    place.say(source, idle)
    place.say(source, active)
    assert place.noted.take() == [IDLE, ACTIVE]
    place.say(source, "unavailable")
    place.say(source, "unknown")
    assert place.noted.take() == [UNKNOWN]
    place.say(source, idle)
    assert place.noted.take() == [IDLE]
    place.hass.states.async_remove(source)
    assert place.noted.take() == [UNKNOWN]
    place.devices.stop()
    place.say(source, active)
    assert place.noted.take() == []


@pytest.mark.parametrize(("source", "role", "idle", "active", "more"), SOURCES)
async def test_every_kind_of_source_can_be_turned_round(
    place: Place,
    entity: Entity,
    source: str,
    role: str,
    idle: str,
    active: str,
    more: dict[str, Any],
) -> None:
    entity(source)
    place.apply(device(role, source_of(source), inverted=True, **more))
    place.noted.take()
    for state in (active, idle, "unavailable"):
        place.say(source, state)
    assert place.noted.take() == [IDLE, ACTIVE, UNKNOWN]


async def test_a_sensor_is_what_its_settings_say(place: Place, entity: Entity) -> None:
    source = entity("binary_sensor.x")
    place.apply(device("bed", source_of(source), 7, location="bedroom", resident=2))
    assert place.devices.sensors() == [Sensor(7, Role.BED, Location.BEDROOM, 2)]
    sensor = running(place, 7)
    assert (sensor.entity_id, sensor.ieee, sensor.is_missing) == (source, None, False)


# -- what is news and what is not ------------------------------------------------------------------


async def test_an_attribute_that_changes_is_no_news(place: Place, entity: Entity) -> None:
    source = entity("binary_sensor.x")
    place.say(source, "on")
    place.apply(device("motion", source_of(source)))
    place.noted.take()
    place.say(source, "on", attributes={"battery": 40})
    assert place.noted.take() == []


async def test_what_is_reported_once_more_as_news_is_said_again(
    place: Place, entity: Entity
) -> None:
    source = entity("binary_sensor.x")
    place.say(source, "on")
    place.apply(device("motion", source_of(source)))
    place.noted.take()
    place.say(source, "on", force_update=True)
    assert place.noted.take() == [ACTIVE]
    place.say(source, "unavailable")
    place.say(source, "unavailable", force_update=True)
    assert place.noted.take() == [UNKNOWN]


async def test_a_number_that_does_not_cross_its_limit_is_no_news(
    place: Place, entity: Entity
) -> None:
    """A television that draws 80 W and then 81 W all night is no sign of life."""
    source = entity("sensor.x")
    place.say(source, "80")
    place.apply(device("item", source_of(source), active_above=20))
    place.noted.take()
    place.say(source, "81")
    place.say(source, "81", force_update=True)
    place.say(source, "20")
    place.say(source, "20.1")
    place.say(source, "off the scale")
    assert place.noted.take() == [IDLE, ACTIVE, UNKNOWN]


async def test_a_door_on_its_way_is_said_once(place: Place, entity: Entity) -> None:
    source = entity("cover.x")
    place.apply(device("exit_door", source_of(source)))
    place.noted.take()
    for state in ("closed", "opening", "open", "closing", "closed"):
        place.say(source, state)
    assert place.noted.take() == [IDLE, ACTIVE, IDLE]


# -- events ----------------------------------------------------------------------------------------

YESTERDAY = "2026-01-01T08:00:00.000+00:00"


def later(minutes: int = 1) -> str:
    return (dt_util.utcnow() + timedelta(minutes=minutes)).isoformat()


async def test_each_event_is_a_press(place: Place, entity: Entity) -> None:
    source = entity("event.x")
    place.say(source, YESTERDAY)
    place.apply(device("check_in", source_of(source)))
    assert place.noted.take() == [UNKNOWN, IDLE], "yesterday's press is none of today's"
    place.say(source, later(1))
    place.say(source, later(2))
    assert place.noted.take() == [ACTIVE, ACTIVE]


async def test_an_event_that_home_assistant_brings_back_is_no_press(
    place: Place, entity: Entity
) -> None:
    source = entity("event.x")
    place.say(source, "unavailable")
    place.apply(device("check_in", source_of(source)))
    place.say(source, YESTERDAY)
    assert place.noted.take() == [UNKNOWN, IDLE]
    pressed = later()
    place.say(source, pressed)
    place.say(source, "unavailable")
    place.say(source, pressed)
    assert place.noted.take() == [ACTIVE, UNKNOWN, IDLE]


async def test_a_button_that_was_silent_and_speaks_has_been_pressed(
    place: Place, entity: Entity
) -> None:
    source = entity("event.x")
    place.apply(device("check_in", source_of(source)))
    place.say(source, "unavailable")
    place.say(source, later())
    assert place.noted.take() == [UNKNOWN, ACTIVE]


async def test_a_button_that_was_never_pressed_is_idle(place: Place, entity: Entity) -> None:
    source = entity("event.x")
    place.say(source, "unknown")
    place.apply(device("check_in", source_of(source), inverted=True))
    assert place.noted.take() == [UNKNOWN, IDLE]
    place.say(source, YESTERDAY)
    assert place.noted.take() == [ACTIVE], "its first event, whatever its clock says"


# -- a remote's commands ---------------------------------------------------------------------------


@pytest.fixture
def remote(hass: HomeAssistant) -> dr.DeviceEntry:
    """A remote that ZHA knows."""
    zha = MockConfigEntry(domain="zha")
    zha.add_to_hass(hass)
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=zha.entry_id, identifiers={("zha", IEEE)}
    )


async def command(place: Place, ieee: str, words: object) -> None:
    place.hass.bus.async_fire("zha_event", {"device_ieee": ieee, "command": words})
    await place.hass.async_block_till_done()


async def test_a_remotes_commands_are_presses(place: Place, remote: dr.DeviceEntry) -> None:
    place.apply(device("check_in", REMOTE))
    assert place.noted.take() == [UNKNOWN, IDLE]
    await command(place, IEEE, "on")
    await command(place, IEEE, "on")
    assert place.noted.take() == [ACTIVE, ACTIVE]
    await command(place, IEEE, "checkin")
    await command(place, "another", "on")
    assert place.noted.take() == []
    assert (running(place).ieee, running(place).entity_id) == (IEEE, None)
    place.devices.stop()
    await command(place, IEEE, "on")
    assert place.noted.take() == []


async def test_a_remote_that_leaves_is_unknown_until_it_is_paired_again(
    hass: HomeAssistant, place: Place, remote: dr.DeviceEntry
) -> None:
    place.apply(device("check_in", REMOTE))
    await command(place, IEEE, "on")
    place.noted.take()
    registry = dr.async_get(hass)
    registry.async_remove_device(remote.id)
    await hass.async_block_till_done()
    assert place.noted.take() == [UNKNOWN]
    assert running(place).is_missing
    changed = place.noted.changed
    registry.async_get_or_create(
        config_entry_id=remote.config_entry_id, identifiers={("zha", IEEE)}
    )
    await hass.async_block_till_done()
    assert place.noted.take() == [IDLE]
    assert not running(place).is_missing
    assert place.noted.changed > changed, "whoever shows what is missing looks again"


# -- a source that goes and comes ------------------------------------------------------------------


async def test_a_missing_entity_is_unknown_until_it_is_there(
    hass: HomeAssistant, place: Place, entity: Entity
) -> None:
    place.apply(device("motion", source_of("binary_sensor.x")))
    assert place.noted.take() == [UNKNOWN], "the sensors have changed, and nothing is said"
    assert [sensor.number for sensor in place.devices.sensors()] == [1]
    assert running(place).is_missing
    changed = place.noted.changed
    source = entity("binary_sensor.x")
    await hass.async_block_till_done()
    assert place.noted.take() == [], "it is there and says nothing yet"
    place.say(source, "off")
    place.say(source, "on")
    assert place.noted.take() == [IDLE, ACTIVE]
    assert not running(place).is_missing
    assert place.noted.changed > changed
    er.async_get(hass).async_remove(source)
    await hass.async_block_till_done()
    assert place.noted.take() == [UNKNOWN]
    assert running(place).is_missing


async def test_a_renamed_entity_is_followed(
    hass: HomeAssistant, place: Place, entity: Entity
) -> None:
    source = entity("binary_sensor.x")
    place.say(source, "off")
    place.apply(device("motion", source_of(source)))
    place.noted.take()
    er.async_get(hass).async_update_entity(source, new_entity_id="binary_sensor.hall")
    place.say("binary_sensor.hall", "off")
    await hass.async_block_till_done()
    assert running(place).entity_id == "binary_sensor.hall"
    place.noted.take()
    place.say(source, "on")
    assert place.noted.take() == [], "the old name is nobody's"
    place.say("binary_sensor.hall", "on")
    assert place.noted.take() == [ACTIVE]

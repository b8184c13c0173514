"""The place of a device by the area it is in; the area's name itself goes nowhere (R07)."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.kvarbo.alarm.kinds import Location
from custom_components.kvarbo.flows.place import place_of

from .talk import Talk


@pytest.fixture
def cord(hass: HomeAssistant) -> str:
    entity = er.async_get(hass).async_get_or_create("binary_sensor", "other", "cord-1")
    hass.states.async_set(entity.entity_id, "off")
    return entity.entity_id


async def begin(hass: HomeAssistant, home: ConfigEntry[Any]) -> Talk:
    talk = await Talk.add(hass, home, "device")
    return await talk.answer(role="help_button")


@pytest.mark.parametrize(
    ("area", "aliases", "place"),
    [
        ("Mormors sovrum", set(), "bedroom"),
        ("Gretas kammare", {"Guest room"}, "bedroom"),
        ("Badrum 2", set(), "bathroom"),
    ],
)
async def test_the_area_tells_the_place(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    cord: str,
    area: str,
    aliases: set[str],
    place: str,
) -> None:
    made = ar.async_get(hass).async_create(area, aliases=aliases)
    er.async_get(hass).async_update_entity(cord, area_id=made.id)
    talk = await begin(hass, demo_home)
    await talk.answer(entity_id=cord, resident=1)
    talk.at("ready")
    await talk.choose("finish")
    [subentry] = demo_home.subentries.values()
    assert subentry.data["location"] == place
    assert area not in str(dict(subentry.data))
    # A person's own choice goes before the area, also later.
    change = await Talk.change(hass, demo_home, subentry)
    await change.choose("place")
    await change.answer(location="kitchen", resident=1)
    assert subentry.data["location"] == "kitchen"
    change = await Talk.change(hass, demo_home, subentry)
    await change.choose("place")
    await change.answer(resident=1)
    assert subentry.data["location"] == place


@pytest.mark.parametrize("area", ["Zon 7", "Vardagsrum/kök", None])
async def test_an_area_that_tells_nothing_asks_a_person(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], cord: str, area: str | None
) -> None:
    if area is not None:
        made = ar.async_get(hass).async_create(area)
        er.async_get(hass).async_update_entity(cord, area_id=made.id)
    talk = await begin(hass, demo_home)
    await talk.answer(entity_id=cord, resident=1)
    assert talk.errors == {"location": "location_unknown"}
    await talk.answer(entity_id=cord, location="hallway", resident=1)
    talk.at("ready")


async def test_the_area_of_the_thing_itself_counts_where_the_entity_has_none(
    hass: HomeAssistant,
) -> None:
    entry = MockConfigEntry(domain="other")
    entry.add_to_hass(hass)
    area = ar.async_get(hass).async_create("Köket")
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("other", "1")}
    )
    entity = er.async_get(hass).async_get_or_create(
        "binary_sensor", "other", "1", device_id=device.id, config_entry=entry, original_name="Cord"
    )
    assert place_of(hass, {"entity_id": entity.entity_id}) is None
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    assert place_of(hass, {"entity_id": entity.entity_id}) is Location.KITCHEN
    assert place_of(hass, {"device_id": device.id}) is Location.KITCHEN
    assert place_of(hass, {"device_id": "gone"}) is None
    other = ar.async_get(hass).async_create("Hall")
    er.async_get(hass).async_update_entity(entity.entity_id, area_id=other.id)
    assert place_of(hass, {"entity_id": entity.entity_id}) is Location.HALLWAY

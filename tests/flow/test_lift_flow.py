"""How a toilet lift's number is read: at rest up to one limit, raised or straining from another."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from .talk import Talk
from .test_sensor_device import PLACE, Entity, begin, entity, finish

__all__ = ["entity"]

HEIGHT = {"unit_of_measurement": "mm", "device_class": "distance"}
POWER = {"unit_of_measurement": "W", "device_class": "power"}


@pytest.mark.parametrize(
    ("measures", "field", "other"),
    [(HEIGHT, "raised_from", "strains_above"), (POWER, "strains_above", "raised_from")],
)
async def test_it_is_asked_for_the_limit_that_its_number_has(
    hass: HomeAssistant,
    demo_home: ConfigEntry[Any],
    entity: Entity,
    measures: dict[str, str],
    field: str,
    other: str,
) -> None:
    talk = await begin(hass, demo_home, "lift")
    await talk.answer(entity_id=entity("sensor.lift", "100", **measures), **PLACE)
    talk.at("says")
    assert field in talk.page["data_schema"].schema
    assert other not in talk.page["data_schema"].schema
    for wrong in (10, 5, float("nan"), float("inf")):
        await talk.answer(active_above=10, inverted=False, **{field: wrong})
        assert talk.errors == {field: "not_beyond"}
    await talk.answer(active_above=10, inverted=False, **{field: 400})
    subentry = await finish(hass, demo_home, talk)
    assert (subentry.data["active_above"], subentry.data[field]) == (10.0, 400.0)
    assert other not in subentry.data

    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("says")
    assert talk.filled_in() == {"active_above": 10.0, "inverted": False, field: 400.0}
    # The other way about its use lies below.
    await talk.answer(active_above=10, inverted=True, **{field: 400})
    assert talk.errors == {field: "not_beyond"}
    await talk.answer(active_above=10, inverted=True, **{field: 2})
    assert subentry.data[field] == 2.0

    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("says")
    await talk.answer(active_above=10, inverted=False)
    assert field not in subentry.data


async def test_another_source_of_two_words_has_no_limits(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity
) -> None:
    talk = await begin(hass, demo_home, "lift")
    await talk.answer(entity_id=entity("sensor.lift", "100", **HEIGHT), **PLACE)
    await talk.answer(active_above=10, inverted=False, raised_from=400)
    subentry = await finish(hass, demo_home, talk)
    talk = await Talk.change(hass, demo_home, subentry)
    await talk.choose("entity")
    await talk.answer(entity_id=entity("binary_sensor.lift", "off"), **PLACE)
    await talk.answer(inverted=False)
    assert not {"raised_from", "strains_above", "active_above"} & set(subentry.data)

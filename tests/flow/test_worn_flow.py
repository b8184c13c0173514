"""A worn alarm is added without a word of where it is (R07)."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import pytest

from .test_sensor_device import PLACE, Entity, begin, entity, finish, shows

__all__ = ["entity"]


@pytest.mark.parametrize(
    ("state", "taken"), [("home", "at home"), ("Kajplats 14", "out"), ("unknown", "not known")]
)
async def test_its_place_is_not_shown(
    hass: HomeAssistant, demo_home: ConfigEntry[Any], entity: Entity, state: str, taken: str
) -> None:
    talk = await begin(hass, demo_home, "worn")
    await talk.answer(entity_id=entity("device_tracker.watch", state), **PLACE)
    talk.at("says")
    assert shows(talk) == {"state": "-", "taken": taken}
    await talk.answer(inverted=False)
    subentry = await finish(hass, demo_home, talk)
    assert "Kajplats" not in str(subentry.data)

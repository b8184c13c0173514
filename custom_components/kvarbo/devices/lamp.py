"""A device's own lamp: put out where the device has a setting for it, since light in the night is disliked (R16)."""

from collections.abc import Mapping
from enum import StrEnum
import logging
from typing import Any, Final

from homeassistant.components.number.const import ATTR_MIN, ATTR_VALUE, SERVICE_SET_VALUE
from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from .states import read_number

_LOGGER = logging.getLogger(__name__)

#: What integrations call the settings of a device's own lamp, and the state in which it is dark.
_SWITCHES: Final[Mapping[str, str]] = {
    "led_indicator": STATE_OFF,
    "heartbeat_indicator": STATE_OFF,
    "trigger_indicator": STATE_OFF,
    "status_light": STATE_OFF,
    "turn_on_led_when_off": STATE_OFF,
    "turn_on_led_when_on": STATE_OFF,
    "disable_led": STATE_ON,
}
#: The same where it is a brightness: dark is the least of it.
_NUMBERS: Final = frozenset(
    {"led_brightness", "red_led_brightness", "on_led_intensity", "off_led_intensity"}
)


class Lamp(StrEnum):
    """What became of a device's own lamp."""

    #: It has no setting for one: a person has to look.
    UNKNOWN = "unknown"
    DARK = "dark"
    #: It has a setting, and has not taken it.
    REFUSED = "refused"


async def put_out(hass: HomeAssistant, device_id: str | None) -> Lamp:
    """Put out the lamps of a device in Home Assistant; tell what became of them."""
    found = Lamp.UNKNOWN
    if device_id is None:
        return found
    for entry in er.async_entries_for_device(er.async_get(hass), device_id):
        key = entry.translation_key or ""
        if (state := hass.states.get(entry.entity_id)) is None:
            continue
        if entry.domain == "switch" and key in _SWITCHES:
            done = await _switch(hass, state, _SWITCHES[key])
        elif entry.domain == "number" and key in _NUMBERS:
            done = await _dim(hass, state)
        else:
            continue
        found = Lamp.REFUSED if not done or found is Lamp.REFUSED else Lamp.DARK
    return found


async def _switch(hass: HomeAssistant, state: State, dark: str) -> bool:
    if state.state == dark:
        return True
    action = SERVICE_TURN_ON if dark == STATE_ON else SERVICE_TURN_OFF
    return await _act(hass, state, "switch", action, {})


async def _dim(hass: HomeAssistant, state: State) -> bool:
    least = state.attributes.get(ATTR_MIN, 0)
    if read_number(state.state) == least:
        return True
    return await _act(hass, state, "number", SERVICE_SET_VALUE, {ATTR_VALUE: least})


async def _act(
    hass: HomeAssistant, state: State, domain: str, action: str, what: dict[str, Any]
) -> bool:
    try:
        await hass.services.async_call(
            domain, action, {ATTR_ENTITY_ID: state.entity_id, **what}, blocking=True
        )
    except HomeAssistantError as err:
        _LOGGER.warning("A device's lamp was not put out: %s", type(err).__name__)
        return False
    return True

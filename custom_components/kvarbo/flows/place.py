"""Where a device is, by the area that Home Assistant has it in: the name stays here, the place may go."""

from typing import Any

from homeassistant.const import CONF_DEVICE_ID, CONF_ENTITY_ID
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar, device_registry as dr, entity_registry as er

from ..alarm.areas import location_of_area
from ..alarm.kinds import Location


def place_of(hass: HomeAssistant, picked: dict[str, Any]) -> Location | None:
    """Return the place that the area of a picked entity or device means, None where it means none.

    An entity's own area goes before its device's; an area's other names are read where its first
    one means nothing.
    """
    area_id = None
    device_id = picked.get(CONF_DEVICE_ID)
    entity = er.async_get(hass).async_get(str(picked.get(CONF_ENTITY_ID)))
    if entity is not None:
        area_id, device_id = entity.area_id, entity.device_id
    if area_id is None and device_id is not None:
        device = dr.async_get(hass).async_get(str(device_id))
        area_id = None if device is None else device.area_id
    area = None if area_id is None else ar.async_get(hass).async_get_area(area_id)
    if area is None:
        return None
    found = (location_of_area(name) for name in (area.name, *sorted(area.aliases)))
    return next((place for place in found if place is not None), None)

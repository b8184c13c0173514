"""What a device of the home tells of itself, from whichever radio it has and from its entities in Home Assistant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import sys
from typing import Any, Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from ..const import CONF_SOURCE_ADDRESS, CONF_SOURCE_IEEE
from .source import find_entity, find_remote
from .states import read_number
from .vitals import Signs
from .zigbee import BATTERY, BATTERY_DEFECT, TAMPER, TROUBLE, ZHA, is_zigbee_up, zigbee_signs

BLUETOOTH: Final = "bluetooth"
ZIGBEE: Final = "zigbee"

_BATTERY: Final = (SensorDeviceClass.BATTERY, BinarySensorDeviceClass.BATTERY)
_TAMPER: Final = (BinarySensorDeviceClass.TAMPER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a device is in Home Assistant now. `radio` is what it is heard by, None for neither of ours."""

    device_id: str | None
    entity_id: str | None
    radio: str | None = None
    address: str = ""


@callback
def find_device(hass: HomeAssistant, source: Mapping[str, str]) -> Whereabouts:
    """Return where the device behind a source is; nothing of it is known where it is not in the home."""
    if (ieee := source.get(CONF_SOURCE_IEEE)) is not None:
        return Whereabouts(
            device_id=find_remote(hass, ieee), entity_id=None, radio=ZIGBEE, address=ieee
        )
    if (address := source.get(CONF_SOURCE_ADDRESS)) is not None:
        return Whereabouts(device_id=None, entity_id=None, radio=BLUETOOTH, address=address)
    try:
        entity_id = find_entity(hass, source)
    except KeyError:
        # Stored by another release.
        entity_id = None
    entry = er.async_get(hass).async_get(entity_id) if entity_id else None
    device_id = None if entry is None else entry.device_id
    device = dr.async_get(hass).async_get(device_id) if device_id else None
    if isinstance(device, dr.DeviceEntry):
        for domain, name in device.identifiers:
            if domain == ZHA:
                return Whereabouts(
                    device_id=device_id, entity_id=entity_id, radio=ZIGBEE, address=name
                )
        for kind, address in device.connections:
            if kind == dr.CONNECTION_BLUETOOTH:
                return Whereabouts(
                    device_id=device_id, entity_id=entity_id, radio=BLUETOOTH, address=address
                )
    return Whereabouts(device_id=device_id, entity_id=entity_id)


@callback
def is_radio_up(hass: HomeAssistant, radio: str) -> bool:
    """Tell whether the radio is there by which devices are heard."""
    if radio == ZIGBEE:
        return is_zigbee_up(hass)
    if BLUETOOTH not in hass.config.components:
        return False
    return bool(_bluetooth().async_scanner_count(hass, connectable=False) > 0)


def _bluetooth() -> Any:
    # It is loaded by now. Not imported, as it is in no list of ours: no alarm waits for a radio at start.
    return sys.modules["homeassistant.components.bluetooth"]


@callback
def read_signs(
    hass: HomeAssistant, where: Whereabouts, *, since: float, before: float | None
) -> Signs:
    """Return what a device tells now.

    `since` is when the home began to listen, on the monotonic clock: Home Assistant replays adverts from before,
    and they are no hearing. `before` is the stamp of the last hearing.
    """
    state = hass.states.get(where.entity_id) if where.entity_id else None
    is_available = state is not None and state.state != STATE_UNAVAILABLE
    if where.entity_id is None:
        is_available = where.device_id is not None
    charge, low = _charge(hass, where.device_id)
    common = Signs(
        battery=charge, low=low, tamper=_is_opened(hass, where.device_id), is_available=is_available
    )
    if where.radio == ZIGBEE:
        return _by_zigbee(hass, where, common, before)
    if where.radio == BLUETOOTH:
        return _by_bluetooth(hass, where, common, since, before)
    return common


def _by_zigbee(
    hass: HomeAssistant, where: Whereabouts, common: Signs, before: float | None
) -> Signs:
    told = zigbee_signs(hass, where.address)
    if told is None:
        return common
    status = told.zone_status
    return Signs(
        heard=told.heard if told.heard is not None else before or 0.0,
        lqi=told.lqi,
        rssi=told.rssi,
        battery=common.battery,
        low=common.low or bool(status & (BATTERY | BATTERY_DEFECT)),
        tamper=common.tamper or bool(status & TAMPER),
        trouble=bool(status & TROUBLE),
        is_available=common.is_available,
    )


def _by_bluetooth(
    hass: HomeAssistant, where: Whereabouts, common: Signs, since: float, before: float | None
) -> Signs:
    if not is_radio_up(hass, BLUETOOTH):
        return common
    told = _bluetooth().async_last_service_info(hass, where.address, connectable=False)
    if told is None or told.time < since:
        return Signs(
            heard=before or 0.0,
            battery=common.battery,
            low=common.low,
            tamper=common.tamper,
            is_available=common.is_available,
        )
    return Signs(
        heard=told.time,
        rssi=float(told.rssi),
        battery=common.battery,
        low=common.low,
        tamper=common.tamper,
        is_available=common.is_available,
    )


def _charge(hass: HomeAssistant, device_id: str | None) -> tuple[float | None, bool]:
    """Return a device's lowest battery in percent, and whether one says that it is low."""
    charges: list[float] = []
    low = False
    for entity_id in _entities(hass, device_id, _BATTERY):
        state = hass.states.get(entity_id)
        if state is None:
            continue
        if entity_id.startswith("binary_sensor."):
            low = low or state.state == STATE_ON
        elif (number := read_number(state.state)) is not None:
            charges.append(number)
    return min(charges, default=None), low


def _is_opened(hass: HomeAssistant, device_id: str | None) -> bool:
    states = (hass.states.get(e) for e in _entities(hass, device_id, _TAMPER))
    return any(state is not None and state.state == STATE_ON for state in states)


def _entities(
    hass: HomeAssistant, device_id: str | None, classes: tuple[str, ...]
) -> Iterator[str]:
    if device_id is None:
        return
    for entry in er.async_entries_for_device(er.async_get(hass), device_id):
        if (entry.device_class or entry.original_device_class) in classes:
            yield entry.entity_id

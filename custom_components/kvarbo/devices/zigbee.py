"""What ZHA knows of a device's radio, through one guarded place.

These are no promised interfaces of ZHA's. What is not as expected here is told once in the log and read as not
known; tests/devices/test_zigbee_signs.py holds it against the real ZHA.
"""

from dataclasses import dataclass
import logging
import sys
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .source import ZHA

_LOGGER = logging.getLogger(__name__)

_IAS_ZONE: Final = 0x0500
#: Bits of an IAS zone's status (ZCL 8.2.2.2.1.3) that ZHA shows nobody.
TAMPER, BATTERY, TROUBLE, BATTERY_DEFECT = 0x0004, 0x0008, 0x0040, 0x0200


@dataclass(frozen=True, slots=True, kw_only=True)
class ZigbeeSigns:
    """What the radio says of one device. `heard` in seconds of the epoch, None before it was ever heard."""

    heard: float | None
    lqi: float | None
    rssi: float | None
    zone_status: int


class _Guard:
    """Says once that ZHA is not as expected."""

    told = False


@callback
def zigbee_signs(hass: HomeAssistant, ieee: str) -> ZigbeeSigns | None:
    """Return what ZHA's radio knows of a device by its address; None where it knows none."""
    if not is_zigbee_up(hass):
        return None
    try:
        return _read(hass, ieee)
    except (AttributeError, LookupError, TypeError, ValueError) as err:
        if not _Guard.told:
            _Guard.told = True
            _LOGGER.warning("ZHA is not as expected: %s: %s", type(err).__name__, err)
        return None


@callback
def is_zigbee_up(hass: HomeAssistant) -> bool:
    """Tell whether a Zigbee radio is connected."""
    entries = hass.config_entries.async_entries(ZHA)
    return any(entry.state is ConfigEntryState.LOADED for entry in entries)


def _read(hass: HomeAssistant, ieee: str) -> ZigbeeSigns | None:
    # It is loaded by now. Not imported, as it is in no list of ours: no alarm waits for a radio at start.
    helpers: Any = sys.modules["homeassistant.components.zha.helpers"]
    devices = helpers.get_zha_gateway(hass).devices
    device = next((found for key, found in devices.items() if str(key) == ieee), None)
    if device is None:
        return None
    status = 0
    for number, endpoint in device.device.endpoints.items():
        if number and (zone := endpoint.in_clusters.get(_IAS_ZONE)) is not None:
            status |= int(zone.get("zone_status") or 0)
    return ZigbeeSigns(
        heard=_number(device.last_seen),
        lqi=_number(device.lqi),
        rssi=_number(device.rssi),
        zone_status=status,
    )


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

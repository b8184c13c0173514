"""What Home Assistant's bluetooth hears, and whose it is.

It is loaded by now where it is asked. Not imported, as it is in no list of ours: no alarm waits for a radio at start.
"""

from dataclasses import dataclass
import sys
from typing import Any, Final

from homeassistant.config_entries import SOURCE_BLUETOOTH
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..dispensing.profile import SERVICE
from .signs import BLUETOOTH, is_radio_up

#: So many are shown at most, the nearest first.
MOST_SHOWN: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardDevice:
    """A device in the air. `rssi` in dBm.

    `is_dispenser`: it speaks our own profile. `owner` is the integration that has found it and can add it by its
    flow; `device_id` is it in Home Assistant, where it was added already.
    """

    address: str
    name: str
    rssi: int
    owner: str | None = None
    flow_id: str | None = None
    device_id: str | None = None
    is_dispenser: bool = False

    @property
    def is_usable(self) -> bool:
        """Whether anybody here knows its make."""
        return self.is_dispenser or self.device_id is not None or self.owner is not None


@callback
def is_bluetooth_up(hass: HomeAssistant) -> bool:
    """Tell whether there is a Bluetooth radio or proxy that hears."""
    return is_radio_up(hass, BLUETOOTH)


@callback
def heard_devices(hass: HomeAssistant) -> list[HeardDevice]:
    """Return what is heard: first what can be used, then by how well it is heard."""
    bluetooth: Any = sys.modules["homeassistant.components.bluetooth"]
    flows = {
        str(flow["context"].get("unique_id", "")).upper(): flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"].get("source") == SOURCE_BLUETOOTH
    }
    found = []
    for info in bluetooth.async_discovered_service_info(hass, connectable=False):
        address = str(info.address).upper()
        flow = flows.get(address)
        found.append(
            HeardDevice(
                address=address,
                name="" if info.name.upper() == address else str(info.name),
                rssi=int(info.rssi),
                owner=None if flow is None else str(flow["handler"]),
                flow_id=None if flow is None else str(flow["flow_id"]),
                device_id=bluetooth_device(hass, address),
                is_dispenser=SERVICE in info.service_uuids,
            )
        )
    found.sort(key=lambda one: (not one.is_usable, -one.rssi))
    return found[:MOST_SHOWN]


@callback
def bluetooth_device(hass: HomeAssistant, address: str) -> str | None:
    """Return the id that a Bluetooth address has as a device in Home Assistant, None where it has none."""
    wanted = (dr.CONNECTION_BLUETOOTH, address.upper())
    for device in dr.async_get(hass).devices:
        if isinstance(device, dr.DeviceEntry) and wanted in device.connections:
            return device.id
    return None

"""What operations may know of the hub's devices: how many there are and what ails them (R35, F10).

Counts alone, and nothing of what anybody does. They go to receivers for operations, with the heartbeat.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .alarm.kinds import AlarmKind
from .const import CONF_SOURCE, CONF_SOURCE_IEEE
from .devices.source import find_entity, find_remote
from .home import Home
from .transmission.receiver import Health

#: A battery with no more than this is told of, percent.
LOW: Final = 15.0
_BATTERY: Final = SensorDeviceClass.BATTERY


@callback
def read_health(home: Home) -> Health:
    """Return the state of the home's devices now."""
    devices = home.devices
    missing = sum(b.is_missing for b in devices.buttons.values())
    missing += sum(s.is_missing for s in devices.sensed.values())
    return Health(
        devices=len(devices.buttons) + len(devices.sensed) + len(devices.deaf),
        silent=len(
            {
                alarm.source.number
                for alarm in home.ledger.open_alarms()
                if alarm.kind is AlarmKind.DEVICE_SILENT and alarm.cleared_at is None
            }
        ),
        missing=missing + len(devices.deaf),
        low_batteries=sum(
            has_low_battery(home.hass, subentry) for subentry in home.device_subentries()
        ),
    )


@callback
def has_low_battery(hass: HomeAssistant, subentry: ConfigSubentry) -> bool:
    """Tell whether a device of the home says that its battery is low."""
    device_id = _device_of(hass, subentry.data.get(CONF_SOURCE, {}))
    return device_id is not None and any(_is_low(hass, e) for e in _batteries(hass, device_id))


def _device_of(hass: HomeAssistant, source: Mapping[str, str]) -> str | None:
    if (ieee := source.get(CONF_SOURCE_IEEE)) is not None:
        return find_remote(hass, ieee)
    try:
        entity_id = find_entity(hass, source)
    except KeyError:
        # Stored by another release: it is counted as missing already.
        return None
    entry = er.async_get(hass).async_get(entity_id) if entity_id else None
    return None if entry is None else entry.device_id


def _batteries(hass: HomeAssistant, device_id: str) -> Iterator[str]:
    for entry in er.async_entries_for_device(er.async_get(hass), device_id):
        if (entry.device_class or entry.original_device_class) == _BATTERY:
            yield entry.entity_id


def _is_low(hass: HomeAssistant, entity_id: str) -> bool:
    state = hass.states.get(entity_id)
    if state is None:
        return False
    try:
        return float(state.state) <= LOW
    except ValueError:
        return entity_id.startswith("binary_sensor.") and state.state == STATE_ON

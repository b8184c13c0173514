"""What ZHA knows of a device's radio, through one guarded place.

These are no promised interfaces of ZHA's. What is not as expected here is told once in the log and read as not
known; a canary in tests/home/test_rounds.py holds it against the real ZHA.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
import logging
import sys
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
import probatio

_LOGGER = logging.getLogger(__name__)

#: The integration whose radio it is.
ZHA: Final = "zha"

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


@callback
def watch_radio(hass: HomeAssistant, changed: Callable[[], None]) -> Callable[[], None]:
    """Call `changed` whenever a Zigbee radio may have gone or come back; return what ends it."""
    entries = hass.config_entries.async_entries(ZHA)
    stops = [entry.async_on_state_change(changed) for entry in entries]

    @callback
    def stop() -> None:
        for stop_one in stops:
            stop_one()

    return stop


@callback
def zha_device(hass: HomeAssistant, ieee: str) -> Any:
    """Return ZHA's own device of an address, None where it has none. Raises whatever a changed ZHA may lead to."""
    # It is loaded by now. Not imported, as it is in no list of ours: no alarm waits for a radio at start.
    helpers: Any = sys.modules["homeassistant.components.zha.helpers"]
    devices = helpers.get_zha_gateway(hass).devices
    return next((found for key, found in devices.items() if str(key) == ieee), None)


def _read(hass: HomeAssistant, ieee: str) -> ZigbeeSigns | None:
    device = zha_device(hass, ieee)
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


class BadCodeError(ValueError):
    """What was typed is no install code."""


class Joined(StrEnum):
    """How far a device has come into the network."""

    #: It has joined and says nothing of itself yet.
    JOINED = "joined"
    #: It has said what it is.
    INTERVIEWED = "interviewed"
    #: It has been told what to report, and to whom.
    CONFIGURED = "configured"
    #: Its entities are in Home Assistant.
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A device that comes into the network; `name` is its maker's and its model's, empty before it is known."""

    ieee: str
    stage: Joined
    name: str = ""


#: What ZHA says of each stage, as (type of the message, pairing status).
_STAGES: Final = {
    ("device_joined", "PAIRED"): Joined.JOINED,
    ("raw_device_initialized", "INTERVIEW_COMPLETE"): Joined.INTERVIEWED,
    ("device_fully_initialized", "CONFIGURED"): Joined.CONFIGURED,
    ("device_fully_initialized", "INITIALIZED"): Joined.READY,
}
#: The signal in which ZHA tells its own pages of them.
_SIGNAL: Final = "zha_gateway_message"


@callback
def follow_joins(hass: HomeAssistant, heard: Callable[[Joining], None]) -> Callable[[], None]:
    """Call `heard` for each step of each device that comes into the network; return what ends it."""

    @callback
    def told(message: Any) -> None:
        try:
            device = message["device_info"]
            stage = _STAGES.get((message["type"], device["pairing_status"]))
            if stage is None:
                return
            known = (device.get("manufacturer"), device.get("model"))
            name = " ".join(str(word) for word in known if word)
            joining = Joining(ieee=str(device["ieee"]), stage=stage, name=name)
        except (AttributeError, LookupError, TypeError) as err:
            # What it tells of groups, or tells otherwise than expected.
            _LOGGER.debug("A message of ZHA's is no join: %s", type(err).__name__)
            return
        heard(joining)

    return async_dispatcher_connect(hass, _SIGNAL, told)


async def open_network(hass: HomeAssistant, seconds: int, code: Mapping[str, str]) -> None:
    """Let devices join for so long, at most 254 seconds; 0 closes the network.

    `code` is empty, `qr_code`, or `source_ieee` with `install_code`: then only that device may.

    Raises:
        BadCodeError: the code is none.
        HomeAssistantError: the radio does not take it.
    """
    try:
        await hass.services.async_call(ZHA, "permit", {"duration": seconds, **code}, blocking=True)
    except (ValueError, probatio.Invalid) as err:
        raise BadCodeError(str(err)) from err

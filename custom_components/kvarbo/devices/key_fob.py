"""The emergency keys of a Zigbee alarm panel's remote control (IAS ACE, ZCL 8.3), through one guarded place.

ZHA fires no event for them. It shows an alarm panel that is *triggered* from the first press on and stays so: the
second call of a person would change nothing. So each press is heard at the radio itself; the panel's first turn to
*triggered* is heard besides, should ZHA have changed inside. Both at once are one call (A2).
"""

from collections.abc import Callable
import logging
from typing import Any, Final

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from .zigbee import Joined, Joining, follow_joins, is_zigbee_up, watch_radio, zha_device

_LOGGER = logging.getLogger(__name__)

_ACE: Final = 0x0501
#: Emergency, fire and panic: whichever key it is, somebody calls.
_CALLS: Final = frozenset({0x02, 0x03, 0x04})
_PANEL: Final = "alarm_control_panel"
_TRIGGERED: Final = "triggered"


class KeyFob:
    """Listens to one address, through restarts of ZHA and new joins of the device."""

    def __init__(
        self,
        hass: HomeAssistant,
        ieee: str,
        pressed: Callable[[], None],
        device: Callable[[], str | None],
    ) -> None:
        """Call `pressed` for every press; `device` returns its id in Home Assistant now."""
        self._hass = hass
        self._ieee = ieee
        self._pressed = pressed
        self._device = device
        self._clusters: list[Any] = []
        self._stop: list[CALLBACK_TYPE] = []
        self._stop_panel: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> None:
        """Begin to listen."""
        self._stop.append(follow_joins(self._hass, self._joined))
        self._stop.append(watch_radio(self._hass, self.attach))
        self.attach()

    @callback
    def stop(self) -> None:
        """Listen no more."""
        for stop in self._stop:
            stop()
        self._stop = []
        self._detach()

    @callback
    def attach(self) -> None:
        """Listen to the device as it is in the radio now. Safe to call again."""
        self._detach()
        if not is_zigbee_up(self._hass):
            return
        try:
            self._clusters = _ace_clusters(self._hass, self._ieee)
            for cluster in self._clusters:
                cluster.add_listener(self)
        except (AttributeError, LookupError, TypeError, ValueError) as err:
            _LOGGER.warning("ZHA is not as expected at a key fob: %s", type(err).__name__)
        device_id = self._device()
        if device_id is None:
            return
        entities = er.async_entries_for_device(er.async_get(self._hass), device_id)
        if panels := [entity.entity_id for entity in entities if entity.domain == _PANEL]:
            self._stop_panel = async_track_state_change_event(self._hass, panels, self._shown)

    def _detach(self) -> None:
        for cluster in self._clusters:
            cluster.remove_listener(self)
        self._clusters = []
        if self._stop_panel is not None:
            self._stop_panel()
        self._stop_panel = None

    # -- what is heard -------------------------------------------------------------------------

    @callback
    def cluster_command(self, _sequence: int, command_id: int, _args: object) -> None:
        """Take a command as the radio has it: zigpy's own way of telling listeners."""
        if command_id in _CALLS:
            self._pressed()

    @callback
    def _shown(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        silent = {STATE_UNAVAILABLE, STATE_UNKNOWN, _TRIGGERED}
        # One that was triggered before the hub slept is no press of now.
        is_turn = new is not None and new.state == _TRIGGERED
        if is_turn and old is not None and old.state not in silent:
            self._pressed()

    @callback
    def _joined(self, joining: Joining) -> None:
        if joining.ieee == self._ieee and joining.stage is Joined.READY:
            self.attach()


def _ace_clusters(hass: HomeAssistant, ieee: str) -> list[Any]:
    device = zha_device(hass, ieee)
    if device is None:
        return []
    endpoints = (e for number, e in device.device.endpoints.items() if number)
    found = (endpoint.out_clusters.get(_ACE) for endpoint in endpoints)
    return [cluster for cluster in found if cluster is not None]

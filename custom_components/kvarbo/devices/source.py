"""The one source that a device listens to, named so that it outlives Home Assistant's own ids."""

from collections.abc import Callable, Mapping
from typing import Final

from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from ..const import (
    CONF_SOURCE_ADDRESS,
    CONF_SOURCE_DOMAIN,
    CONF_SOURCE_IEEE,
    CONF_SOURCE_PLATFORM,
    CONF_SOURCE_TYPE,
    CONF_SOURCE_UNIQUE_ID,
    SourceType,
)
from .key_fob import KeyFob
from .reading import read_command
from .zigbee import ZHA

#: The bus event in which it passes on what a remote sends.
ZHA_EVENT: Final = "zha_event"


def checked_source(source: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of a stored source, known to have what its type needs.

    Raises KeyError, TypeError or ValueError for what this release cannot use.
    """
    needed = {
        SourceType.ENTITY: (CONF_SOURCE_DOMAIN, CONF_SOURCE_PLATFORM, CONF_SOURCE_UNIQUE_ID),
        SourceType.ZHA_EVENT: (CONF_SOURCE_IEEE,),
        SourceType.DISPENSER: (CONF_SOURCE_ADDRESS,),
        SourceType.TO_PAIR: (),
    }
    for key in needed[SourceType(source[CONF_SOURCE_TYPE])]:
        if not isinstance(source[key], str):
            raise TypeError(key)
    return dict(source)


def is_to_pair(source: Mapping[str, str]) -> bool:
    """Tell whether a device has no source yet: a home file has set it up, and it is to be paired."""
    return source.get(CONF_SOURCE_TYPE) == SourceType.TO_PAIR


def find_entity(hass: HomeAssistant, source: Mapping[str, str]) -> str | None:
    """Return the entity id that an entity source has now, None when it is not in the home."""
    return er.async_get(hass).async_get_entity_id(
        source[CONF_SOURCE_DOMAIN], source[CONF_SOURCE_PLATFORM], source[CONF_SOURCE_UNIQUE_ID]
    )


def find_remote(hass: HomeAssistant, ieee: str) -> str | None:
    """Return the id of the device that a Zigbee address has in Home Assistant, None when unpaired."""
    devices = dr.async_get(hass)
    for zha in hass.config_entries.async_entries(ZHA):
        device = devices.async_get_device_by_identifier((ZHA, ieee), zha.entry_id)
        if device is not None:
            return device.id
    return None


@callback
def listen_to_remote(
    hass: HomeAssistant, ieee: str, pressed: Callable[[], None]
) -> Callable[[], None]:
    """Call `pressed` for every press on a remote, an alarm panel's key fob too; returns what ends it."""

    @callback
    def heard(event: Event) -> None:
        if event.data.get("device_ieee") == ieee and read_command(event.data.get("command")):
            pressed()

    fob = KeyFob(hass, ieee, pressed, lambda: find_remote(hass, ieee))
    fob.start()
    unlisten = hass.bus.async_listen(ZHA_EVENT, heard)

    @callback
    def stop() -> None:
        unlisten()
        fob.stop()

    return stop


class FollowedEntity:
    """An entity that is followed through renames, removal and return.

    `attached` is called when it has another entity id than before, also when it has none now.
    `changed` takes Home Assistant's own event of each change of state.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        source: Mapping[str, str],
        attached: Callable[[], None],
        changed: Callable[[Event[EventStateChangedData]], None],
    ) -> None:
        """Follow nothing yet."""
        #: The entity id that it has now; None while it is not in the home, or not followed.
        self.entity_id: str | None = None
        self._hass = hass
        self._source = source
        self._attached = attached
        self._changed = changed
        self._stop: Callable[[], None] | None = None
        self._stop_entity: Callable[[], None] | None = None

    @property
    def state(self) -> State | None:
        """What it says now; None when it says nothing at all."""
        return None if self.entity_id is None else self._hass.states.get(self.entity_id)

    @callback
    def start(self) -> None:
        """Begin to follow; `attached` is called when it is there."""
        self._stop = self._hass.bus.async_listen(
            er.EVENT_ENTITY_REGISTRY_UPDATED, self._registry_changed
        )
        self._attach()

    @callback
    def stop(self) -> None:
        """Follow it no more."""
        if self._stop is not None:
            self._stop()
        self._stop = None
        self._detach()

    @callback
    def _registry_changed(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self._attach()

    @callback
    def _attach(self) -> None:
        entity_id = find_entity(self._hass, self._source)
        if entity_id == self.entity_id:
            return
        self._detach()
        self.entity_id = entity_id
        if entity_id is not None:
            self._stop_entity = async_track_state_change_event(self._hass, entity_id, self._changed)
        self._attached()

    @callback
    def _detach(self) -> None:
        if self._stop_entity is not None:
            self._stop_entity()
        self._stop_entity = None
        self.entity_id = None

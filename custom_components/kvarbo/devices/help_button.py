"""A help button in the home: it listens to its one source and turns a press into an alarm (A7, R12).

No automation, consent, quiet hour or ceiling stands between. Presses go to the chain in the same
turn of the event loop in which Home Assistant reports them.
"""

from collections.abc import Callable, Mapping
import hashlib
import json
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_LOCATION
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from ..alarm.alarm import Source
from ..alarm.kinds import Location, Role
from ..const import (
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_SOURCE_DOMAIN,
    CONF_SOURCE_IEEE,
    CONF_SOURCE_PLATFORM,
    CONF_SOURCE_TYPE,
    CONF_SOURCE_UNIQUE_ID,
    SourceType,
)
from .desk import Desk, Mark
from .reading import SAYS_NOTHING, Reading, read_binary, read_command, read_event

#: The bus event in which ZHA passes on what a remote sends.
ZHA_EVENT: Final = "zha_event"


class HelpButton:
    """One help button."""

    def __init__(self, hass: HomeAssistant, desk: Desk, subentry: ConfigSubentry) -> None:
        """Take the settings; `start` begins to listen.

        Raises KeyError, TypeError or ValueError for settings that this release cannot use.
        """
        data = subentry.data
        self.subentry_id = subentry.subentry_id
        self.number = int(data[CONF_NUMBER])
        self.role = Role(data[CONF_ROLE])
        location = data.get(CONF_LOCATION)
        self.location = Location(location) if location else None
        self.resident = int(data.get(CONF_RESIDENT, 0))
        self.source = _checked_source(data[CONF_SOURCE])
        self.entity_id: str | None = None
        self._hass = hass
        self._desk = desk
        self._data = dict(data)
        self._stop: list[Callable[[], None]] = []
        self._stop_entity: Callable[[], None] | None = None

    @property
    def marker(self) -> str:
        """The journal's name for what the source last said: of one length, whatever the source."""
        source = json.dumps(self.source, sort_keys=True).encode()
        return f"source:{self.number}:{hashlib.sha256(source).hexdigest()[:16]}"

    @property
    def ieee(self) -> str | None:
        """The Zigbee address of a remote that is listened to by its commands."""
        return self.source.get(CONF_SOURCE_IEEE)

    @property
    def is_missing(self) -> bool:
        """Whether the source entity is not in the home (removed, or never came)."""
        return self.source[CONF_SOURCE_TYPE] == SourceType.ENTITY and self.entity_id is None

    def matches(self, subentry: ConfigSubentry) -> bool:
        """Tell whether these are the settings it runs on."""
        return self._data == dict(subentry.data)

    @callback
    def start(self) -> None:
        """Begin to listen."""
        if self.source[CONF_SOURCE_TYPE] == SourceType.ZHA_EVENT:
            self._stop.append(self._hass.bus.async_listen(ZHA_EVENT, self._zha_event))
            return
        self._stop.append(
            self._hass.bus.async_listen(er.EVENT_ENTITY_REGISTRY_UPDATED, self._registry_changed)
        )
        self._attach()

    @callback
    def stop(self) -> None:
        """Stop listening."""
        for stop in self._stop:
            stop()
        self._stop = []
        self._detach()

    # -- an entity as source -------------------------------------------------------------------

    @callback
    def _attach(self) -> None:
        entity_id = er.async_get(self._hass).async_get_entity_id(
            self.source[CONF_SOURCE_DOMAIN],
            self.source[CONF_SOURCE_PLATFORM],
            self.source[CONF_SOURCE_UNIQUE_ID],
        )
        if entity_id == self.entity_id:
            return
        self._detach()
        self.entity_id = entity_id
        self._desk.changed()
        if entity_id is None:
            return
        self._stop_entity = async_track_state_change_event(
            self._hass, entity_id, self._state_changed
        )
        state = self._hass.states.get(entity_id)
        if self._desk.mark(self.marker) is None:
            # New in the home: what it says at this moment, if anything, is where it starts from.
            known = state is not None and state.state not in SAYS_NOTHING
            self._desk.keep(self.marker, state.state if state is not None and known else "")
        elif state is not None:
            self._read(state)

    @callback
    def _detach(self) -> None:
        if self._stop_entity is not None:
            self._stop_entity()
        self._stop_entity = None
        self.entity_id = None

    @callback
    def _registry_changed(self, _event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self._attach()

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        if (state := event.data["new_state"]) is not None:
            self._read(state)

    @callback
    def _read(self, state: State) -> None:
        mark = self._desk.mark(self.marker)
        if self.source[CONF_SOURCE_DOMAIN] == "event":
            self._take(read_event(mark, state.state), mark)
        else:
            self._take(read_binary(mark, state.state), mark)

    @callback
    def _take(self, reading: Reading, mark: str | None) -> None:
        if reading.mark is None:
            return
        if reading.pressed:
            self.press((self.marker, reading.mark))
        elif reading.mark != mark:
            self._desk.keep(self.marker, reading.mark)

    # -- a remote's commands as source ---------------------------------------------------------

    @callback
    def _zha_event(self, event: Event) -> None:
        if event.data.get("device_ieee") == self.source[CONF_SOURCE_IEEE] and read_command(
            event.data.get("command")
        ):
            self.press(None)

    # -- the press -----------------------------------------------------------------------------

    @callback
    def press(self, marked: Mark | None) -> None:
        """Hand a press to the desk."""
        self._hass.async_create_task(
            self._desk.press(Source(self.number, self.role), self.location, self.resident, marked),
            f"kvarbo press {self.number}",
        )


def _checked_source(source: Mapping[str, str]) -> dict[str, str]:
    """Return a copy of the source, known to have what its type needs."""
    needed = {
        SourceType.ENTITY: (CONF_SOURCE_DOMAIN, CONF_SOURCE_PLATFORM, CONF_SOURCE_UNIQUE_ID),
        SourceType.ZHA_EVENT: (CONF_SOURCE_IEEE,),
    }
    for key in needed[SourceType(source[CONF_SOURCE_TYPE])]:
        if not isinstance(source[key], str):
            raise TypeError(key)
    return dict(source)

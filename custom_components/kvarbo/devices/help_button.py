"""A help button in the home: it listens to its one source and turns a press into an alarm (A7, R12).

No automation, consent, quiet hour or ceiling stands between. Presses go to the chain in the same
turn of the event loop in which Home Assistant reports them.
"""

from collections.abc import Callable
import logging
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_LOCATION
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event

from ..alarm.alarm import Source
from ..alarm.kinds import Location, Role
from ..chain import Chain
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
from ..journal.changes import PutMarker
from .reading import SAYS_NOTHING, Reading, read_binary, read_command, read_event

_LOGGER = logging.getLogger(__name__)

#: The bus event in which ZHA passes on what a remote sends.
ZHA_EVENT: Final = "zha_event"


class HelpButton:
    """One help button."""

    def __init__(self, hass: HomeAssistant, chain: Chain, subentry: ConfigSubentry) -> None:
        """Take the settings; `start` begins to listen."""
        data = subentry.data
        self.subentry_id = subentry.subentry_id
        self.number = int(data[CONF_NUMBER])
        self.role = Role(data[CONF_ROLE])
        location = data.get(CONF_LOCATION)
        self.location = Location(location) if location else None
        self.resident = int(data.get(CONF_RESIDENT, 0))
        self.source: dict[str, str] = dict(data[CONF_SOURCE])
        self.entity_id: str | None = None
        self._hass = hass
        self._chain = chain
        self._data = dict(data)
        self._stop: list[Callable[[], None]] = []
        self._stop_entity: Callable[[], None] | None = None

    @property
    def marker(self) -> str:
        """The journal's name for what the source last said."""
        return f"source:{self.number}:{self.source_id}"

    @property
    def source_id(self) -> str:
        """What the source is, in one line that outlives entity ids."""
        return ":".join(str(v) for v in self.source.values())

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
        if entity_id is None:
            return
        self._stop_entity = async_track_state_change_event(
            self._hass, entity_id, self._state_changed
        )
        state = self._hass.states.get(entity_id)
        if self.marker not in self._chain.ledger.markers:
            # New in the home: what it says at this moment, if anything, is where it starts from.
            known = state is not None and state.state not in SAYS_NOTHING
            start = state.state if state is not None and known else ""
            self._chain.ledger.post(PutMarker(self.marker, start))
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
        mark = self._mark
        if self.source[CONF_SOURCE_DOMAIN] == "event":
            self._take(read_event(mark, state.state), mark)
        else:
            self._take(read_binary(mark, state.state), mark)

    @callback
    def _take(self, reading: Reading, mark: str | None) -> None:
        marker = PutMarker(self.marker, reading.mark)
        if reading.pressed:
            self.press(marker)
        elif reading.mark != mark:
            self._chain.ledger.post(marker)

    @property
    def _mark(self) -> str | None:
        mark = self._chain.ledger.markers.get(self.marker)
        return mark if isinstance(mark, str) else None

    # -- a remote's commands as source ---------------------------------------------------------

    @callback
    def _zha_event(self, event: Event) -> None:
        if event.data.get("device_ieee") == self.source[CONF_SOURCE_IEEE] and read_command(
            event.data.get("command")
        ):
            self.press(None)

    # -- the press -----------------------------------------------------------------------------

    @callback
    def press(self, marker: PutMarker | None) -> None:
        """Hand a press to the chain."""
        self._hass.async_create_task(
            self._chain.press(
                Source(self.number, self.role), self.location, self.resident, marker=marker
            ),
            f"kvarbo press {self.number}",
        )

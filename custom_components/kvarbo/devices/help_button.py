"""A help button in the home: it listens to its one source and turns a press into an alarm (A7, R12).

No automation, consent, quiet hour or ceiling stands between. Presses go to the chain in the same
turn of the event loop in which Home Assistant reports them.
"""

from collections.abc import Callable
import hashlib
import json

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_LOCATION
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback

from ..alarm.alarm import Source
from ..alarm.kinds import Location, Role
from ..const import (
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_SOURCE_DOMAIN,
    CONF_SOURCE_IEEE,
    CONF_SOURCE_TYPE,
    SourceType,
)
from .desk import Desk, Mark
from .reading import SAYS_NOTHING, Reading, read_binary, read_event
from .source import FollowedEntity, checked_source, is_to_pair, listen_to_remote


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
        self.source = checked_source(data[CONF_SOURCE])
        self._hass = hass
        self._desk = desk
        self._data = dict(data)
        self._entity: FollowedEntity | None = None
        self._stop_remote: Callable[[], None] | None = None
        if self.source[CONF_SOURCE_TYPE] == SourceType.ENTITY:
            self._entity = FollowedEntity(hass, self.source, self._attached, self._state_changed)

    @property
    def marker(self) -> str:
        """The journal's name for what the source last said: of one length, whatever the source."""
        source = json.dumps(self.source, sort_keys=True).encode()
        return f"source:{self.number}:{hashlib.sha256(source).hexdigest()[:16]}"

    @property
    def entity_id(self) -> str | None:
        """The entity id that its source has now."""
        return None if self._entity is None else self._entity.entity_id

    @property
    def ieee(self) -> str | None:
        """The Zigbee address of a remote that is listened to by its commands."""
        return self.source.get(CONF_SOURCE_IEEE)

    @property
    def is_missing(self) -> bool:
        """Whether the source entity is not in the home (removed, or never came)."""
        if is_to_pair(self.source):
            return True
        return self._entity is not None and self._entity.entity_id is None

    def matches(self, subentry: ConfigSubentry) -> bool:
        """Tell whether these are the settings it runs on."""
        return self._data == dict(subentry.data)

    @callback
    def start(self) -> None:
        """Begin to listen."""
        if self._entity is not None:
            self._entity.start()
        elif not is_to_pair(self.source):
            self._stop_remote = listen_to_remote(
                self._hass, self.source[CONF_SOURCE_IEEE], lambda: self.press(None)
            )

    @callback
    def stop(self) -> None:
        """Stop listening."""
        if self._entity is not None:
            self._entity.stop()
        if self._stop_remote is not None:
            self._stop_remote()
            self._stop_remote = None

    # -- an entity as source -------------------------------------------------------------------

    @callback
    def _attached(self) -> None:
        self._desk.changed()
        if self._entity is None or self._entity.entity_id is None:
            return
        state = self._entity.state
        if self._desk.mark(self.marker) is None:
            # New in the home: what it says at this moment, if anything, is where it starts from.
            known = state is not None and state.state not in SAYS_NOTHING
            self._desk.keep(self.marker, state.state if state is not None and known else "")
        elif state is not None:
            self._read(state)

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

    # -- the press -----------------------------------------------------------------------------

    @callback
    def press(self, marked: Mark | None) -> None:
        """Hand a press to the desk."""
        self._hass.async_create_task(
            self._desk.press(Source(self.number, self.role), self.location, self.resident, marked),
            f"kvarbo press {self.number}",
        )

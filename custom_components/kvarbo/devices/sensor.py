"""A sensor of the home: it follows its one source and says what that says, for rules to watch.

It decides nothing. What it says goes to the watchers in the same turn of the event loop in which
Home Assistant reports it. A help button is none of these (A7).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
import math
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_LOCATION
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from ..alarm.kinds import Location, Role
from ..const import (
    CONF_ACTIVE_ABOVE,
    CONF_FIELDS,
    CONF_INVERTED,
    CONF_NUMBER,
    CONF_RESIDENT,
    CONF_ROLE,
    CONF_SOURCE,
    CONF_SOURCE_ADDRESS,
    CONF_SOURCE_DOMAIN,
    CONF_SOURCE_IEEE,
    CONF_SOURCE_TYPE,
    SourceType,
)
from ..dispensing.fields import Field
from ..supervision.sensing import Reading, Sensor
from .desk import Desk
from .dispenser import Dispenser
from .dispenser_fields import FieldDispenser
from .dispensing import Dispensing
from .fitting import REMOTE_ROLES, SENSOR_ROLES
from .lift import Lift
from .source import FollowedEntity, checked_source, find_remote, is_to_pair, listen_to_remote
from .states import EVENT, NUMBER, READABLE, UNAVAILABLE, is_news, read_state
from .vitals import Signs


@dataclass(frozen=True, slots=True)
class SensorSettings:
    """What is stored of a sensor: what it is to the watchers, and how its source is read."""

    sensor: Sensor
    source: dict[str, str]
    inverted: bool
    active_above: float
    #: Of a dispenser: what other entities tell of it.
    fields: dict[Field, dict[str, str]] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The kind of entity that its source is; empty for a remote's commands."""
        return self.source.get(CONF_SOURCE_DOMAIN, "")


def read_sensor(data: Mapping[str, Any]) -> SensorSettings:
    """Return the settings of a sensor as a subentry holds them.

    Raises KeyError, TypeError or ValueError for what this release cannot use: the role of a help
    button, and a camera or an image as source, among them (A7, R03).
    """
    source = checked_source(data[CONF_SOURCE])
    fields = {Field(f): checked_source(one) for f, one in data.get(CONF_FIELDS, {}).items()}
    sensor = Sensor(
        number=int(data[CONF_NUMBER]),
        role=Role(data[CONF_ROLE]),
        room=Location(data[CONF_LOCATION]),
        resident=int(data.get(CONF_RESIDENT, 0)),
        tells_taken=source[CONF_SOURCE_TYPE] == SourceType.DISPENSER or Field.TAKEN in fields,
    )
    settings = SensorSettings(
        sensor=sensor,
        source=source,
        fields=fields,
        inverted=data.get(CONF_INVERTED, False) is True,
        active_above=float(data.get(CONF_ACTIVE_ABOVE, 0.0)),
    )
    if source[CONF_SOURCE_TYPE] == SourceType.ZHA_EVENT:
        fits = sensor.role in REMOTE_ROLES
    elif is_to_pair(source):
        fits = True
    elif source[CONF_SOURCE_TYPE] == SourceType.DISPENSER:
        fits = sensor.role is Role.DISPENSER
    else:
        fits = settings.domain in READABLE
    if sensor.role not in SENSOR_ROLES or not fits or not math.isfinite(settings.active_above):
        raise ValueError(sensor.role)
    return settings


class SensedDevice:
    """One sensor of the home."""

    def __init__(self, hass: HomeAssistant, desk: Desk, subentry: ConfigSubentry) -> None:
        """Take the settings; `start` begins to listen. Raises as `read_sensor` does."""
        self.subentry_id = subentry.subentry_id
        self.settings = read_sensor(subentry.data)
        #: What it said last; unknown until it says something.
        self.reading = Reading.UNKNOWN
        #: Not heard by its radio for far too long, whatever Home Assistant still shows of it.
        self._is_silent = False
        self._hass = hass
        self._desk = desk
        self._data = dict(subentry.data)
        #: A toilet lift's use, and how it stands; None for any other.
        self.lift: Lift | None = None
        if self.sensor.role is Role.LIFT:
            self.lift = Lift(hass, desk, self.number, subentry.data)
        self._entity: FollowedEntity | None = None
        #: Of an event entity: what it said last since `start`, None for nothing yet.
        self._last_event: str | None = None
        self._since = dt_util.utcnow()
        self._stop: list[Callable[[], None]] = []
        #: The dispenser itself, where it tells more than whether a dose waits.
        self.dispenser: Dispensing | None = None
        #: The same, where other entities of the home tell of it.
        self._told_of: FieldDispenser | None = None
        if (address := self.source.get(CONF_SOURCE_ADDRESS)) is not None:
            self.dispenser = Dispenser(hass, desk, address, self._say)
        elif self.source[CONF_SOURCE_TYPE] == SourceType.ENTITY:
            self._entity = FollowedEntity(hass, self.source, self._attached, self._state_changed)
            if fields := self.settings.fields:
                one = FieldDispenser(hass, desk, self.number, fields, self._pass_on)
                self.dispenser = self._told_of = one

    @property
    def sensor(self) -> Sensor:
        """What it is to the watchers."""
        return self.settings.sensor

    @property
    def source(self) -> dict[str, str]:
        """What it listens to."""
        return self.settings.source

    @property
    def number(self) -> int:
        """Its short number, given once."""
        return self.sensor.number

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
        """Whether its source is not in the home (removed, or never came)."""
        if self._entity is not None:
            return self._entity.entity_id is None
        if self.dispenser is not None:
            # One that is away is silent: its rule and its health say so.
            return False
        if is_to_pair(self.source):
            return True
        return find_remote(self._hass, self.source[CONF_SOURCE_IEEE]) is None

    def matches(self, subentry: ConfigSubentry) -> bool:
        """Tell whether these are the settings it runs on."""
        return self._data == dict(subentry.data)

    @callback
    def start(self) -> None:
        """Begin to listen, and say what the source says now. It is known to have been unknown."""
        self._since = dt_util.utcnow()
        if self.dispenser is not None:
            self.dispenser.start()
        if self._entity is not None:
            self._entity.start()
            return
        if self.dispenser is not None or is_to_pair(self.source):
            return
        self._stop = [
            listen_to_remote(self._hass, self.source[CONF_SOURCE_IEEE], self._pressed),
            self._hass.bus.async_listen(
                dr.EVENT_DEVICE_REGISTRY_UPDATED, self._device_registry_changed
            ),
        ]
        self._look_for_remote()

    @callback
    def stop(self) -> None:
        """Stop listening; nothing more is said."""
        for stop in self._stop:
            stop()
        self._stop = []
        if self._entity is not None:
            self._entity.stop()
        if self.dispenser is not None:
            self.dispenser.stop()
        if self.lift is not None:
            self.lift.stop()

    @callback
    def own_signs(self, signs: Signs) -> Signs:
        """Return what is told of it by its radio, with what it says of itself."""
        if self.sensor.role is Role.SCREEN_PLUG:
            return replace(signs, dark=self.reading is Reading.IDLE)
        return signs if self.dispenser is None else self.dispenser.own_signs(signs)

    @callback
    def set_silent(self, *, is_silent: bool) -> None:
        """Take that its radio hears it no more, or again: what was said before its silence is not known now (S4)."""
        if is_silent is self._is_silent:
            return
        self._is_silent = is_silent
        if is_silent:
            self._look(None, Reading.UNKNOWN)
            self._say(Reading.UNKNOWN)
        elif self._entity is not None:
            self._read(self._entity.state)
        elif self.dispenser is None:
            self._say(Reading.UNKNOWN if self.is_missing else Reading.IDLE)

    @callback
    def forget(self, *, is_for_good: bool = False) -> None:
        """Say that nothing is known any more, where its settings give way to others, or it has left the home."""
        self._pass_on(Reading.UNKNOWN)
        if self.lift is not None:
            self.lift.forget(is_for_good=is_for_good)
        if is_for_good and self.dispenser is not None:
            self.dispenser.erase()

    # -- an entity as source -------------------------------------------------------------------

    @callback
    def _attached(self) -> None:
        self._desk.changed()
        if self._entity is not None:
            self._read(self._entity.state)

    @callback
    def _state_changed(self, event: Event[EventStateChangedData]) -> None:
        old, new = event.data["old_state"], event.data["new_state"]
        # A source may report the same once more as news, and Home Assistant then says so. A number
        # that has not crossed its limit is none: it would be taken for life.
        again = (
            self.settings.domain != NUMBER
            and old is not None
            and new is not None
            and old.state == new.state
            and old.last_changed != new.last_changed
        )
        self._read(new, again=again)

    @callback
    def _read(self, state: State | None, *, again: bool = False) -> None:
        if state is None:
            self._look(None, Reading.UNKNOWN)
            self._say(Reading.UNKNOWN)
            return
        if self.settings.domain == EVENT:
            self._read_event(state.state)
            return
        settings = self.settings
        reading = read_state(
            settings.domain,
            state.state,
            inverted=settings.inverted,
            active_above=settings.active_above,
        )
        # First, so that a rule that hears it knows how it stands.
        self._look(state, reading)
        self._say(reading, again=again and reading is not Reading.UNKNOWN)

    @callback
    def _look(self, state: State | None, reading: Reading) -> None:
        if self.lift is not None:
            self.lift.look(state, reading)

    @callback
    def _read_event(self, state: str) -> None:
        if is_news(self._last_event, state, self._since, dt_util.parse_datetime):
            self._pressed()
        elif (reading := read_state(EVENT, state)) is Reading.UNKNOWN or (
            self.reading is Reading.UNKNOWN
        ):
            self._say(reading)
        if state != UNAVAILABLE:
            self._last_event = state

    # -- a remote's commands as source ---------------------------------------------------------

    @callback
    def _device_registry_changed(self, _event: Event[dr.EventDeviceRegistryUpdatedData]) -> None:
        self._look_for_remote()

    @callback
    def _look_for_remote(self) -> None:
        """A remote says nothing until it is pressed: while it is paired, that is idle."""
        if self.is_missing is not (self.reading is Reading.UNKNOWN):
            self._say(Reading.UNKNOWN if self.is_missing else Reading.IDLE)
            self._desk.changed()

    # -- what it says --------------------------------------------------------------------------

    @callback
    def _pressed(self) -> None:
        """Take a press: each is news, and nothing need follow it."""
        self._say(Reading.ACTIVE, again=True)

    @callback
    def _say(self, reading: Reading, *, again: bool = False) -> None:
        if reading is not Reading.UNKNOWN:
            # Whoever speaks is heard.
            self._is_silent = False
        if self._told_of is not None:
            self._told_of.waits(reading, again=again)
            if self._told_of.tells_taken:
                return
        self._pass_on(reading, again=again)

    @callback
    def _pass_on(self, reading: Reading, *, again: bool = False) -> None:
        if reading is not self.reading or again:
            self.reading = reading
            if self.lift is not None:
                self.lift.count(reading)
            self._desk.sense(self.sensor.number, reading)
